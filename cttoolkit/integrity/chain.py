"""Chains of digests, judged from the newest to the oldest.

How one digest is judged (the numbers stand again in the code):

1. An intact later digest that names this one overrules everything else: its hash, and its copy of the signature, must fit.
2. Else a signature that holds under a key of the ring proves the digest, wherever the signature was found: in its own
   metadata, or in a later digest that is itself not proved.
3. Else its own signature, where it is known and checkable, accuses it. A signature found in an unproven later digest accuses
   nobody: an edited newest digest must not frame the one before it.
4. Else it is UNLISTED where intact digests before and after link past it, and UNVERIFIABLE otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cttoolkit.integrity.digest import HASH_ALGORITHM, Digest, NotADigest
from cttoolkit.integrity.keyring import Keyring
from cttoolkit.integrity.signature import ALGORITHM, signature_holds, string_to_sign
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.key import DigestKey, last_part, parse_key
from cttoolkit.window import Window, written

__all__ = ["Chain", "ChainId", "JudgedDigest", "judge_chains"]

_HOUR = timedelta(hours=1)
_LONGEST_RUN = 24 * 400


@dataclass(frozen=True, order=True, slots=True)
class ChainId:
    """What makes digests one chain. Backfill digests, which list late files, link among themselves."""

    account: str
    region: str
    trail: str
    home_region: str
    organization: str = ""
    backfill: bool = False

    @classmethod
    def of(cls, key: DigestKey) -> ChainId:
        return cls(key.account, key.region, key.trail, key.home_region, key.organization or "", key.backfill)

    def __str__(self) -> str:
        return f"{self.account} {self.region} {self.trail}" + (" (backfill)" if self.backfill else "")


@dataclass(frozen=True, slots=True)
class JudgedDigest:
    """A digest with its verdict. ``proved`` is about its content: a proved one may lie in a damaged container."""

    key: DigestKey
    digest: Digest | None
    verdict: Verdict
    proved: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain: its digests by end time, and the verdicts on those that are named and not there."""

    id: ChainId
    digests: tuple[JudgedDigest, ...]
    missing: tuple[Verdict, ...] = ()
    missing_windows: tuple[Window, ...] = ()

    @property
    def proved(self) -> list[Digest]:
        return [judged.digest for judged in self.digests if judged.proved and judged.digest]

    @property
    def verdicts(self) -> list[Verdict]:
        return [judged.verdict for judged in self.digests] + list(self.missing)


@dataclass(slots=True)
class _Bench:
    """Digests of one chain while they are judged."""

    keyring: Keyring
    signatures: Callable[[str], str | None]
    by_name: dict[str, list[tuple[DigestKey, Digest | NotADigest]]] = field(default_factory=lambda: defaultdict(list))
    naming: dict[str, list[JudgedDigest]] = field(default_factory=lambda: defaultdict(list))


def judge_chains(
    digests: Sequence[tuple[DigestKey, Digest | NotADigest]],
    keyring: Keyring,
    metadata: Callable[[str], Mapping[str, str]],
    earliest_log: Mapping[tuple[str, str], datetime],
) -> list[Chain]:
    """Judge every digest of the evidence, and name those that are missing.

    ``earliest_log`` gives the first delivery time of a present log file by account and region: a chain's first digest always
    names a predecessor, which is only missing, rather than not collected, where log files of its time are there.
    """
    benches: dict[ChainId, _Bench] = {}

    def own_signature(key: str) -> str | None:
        return metadata(key).get("signature")

    for key, read in digests:
        bench = benches.setdefault(ChainId.of(key), _Bench(keyring, own_signature))
        bench.by_name[last_part(key.key)].append((key, read))
    return [
        _judge(chain, bench, earliest_log.get((chain.account, chain.region)))
        for chain, bench in sorted(benches.items())
    ]


def _judge(chain: ChainId, bench: _Bench, earliest_log: datetime | None) -> Chain:
    judged: list[JudgedDigest] = []
    newest_first = sorted(
        (entry for entries in bench.by_name.values() for entry in entries),
        key=lambda e: (e[0].ended_at, e[0].key),
        reverse=True,
    )
    for key, read in newest_first:
        done = _judge_one(chain, bench, key, read)
        judged.append(done)
        if done.digest and done.digest.previous_place:
            named = parse_key(done.digest.previous_place)
            # Only a pointer back in time within the chain is a link; anything else could be a cycle or another's digest.
            if isinstance(named, DigestKey) and _same_chain(named, chain) and named.ended_at < key.ended_at:
                bench.naming[last_part(named.key)].append(done)
    judged.reverse()
    judged = _unlist(judged)
    missing, windows = _missing(bench, judged, earliest_log)
    return Chain(chain, tuple(judged), tuple(missing), tuple(windows))


def _same_chain(key: DigestKey, chain: ChainId) -> bool:
    # A flat copy lost the organization folder, so it cannot be asked for.
    found = ChainId.of(key)
    return (found.account, found.region, found.trail, found.home_region, found.backfill) == (
        chain.account,
        chain.region,
        chain.trail,
        chain.home_region,
        chain.backfill,
    )


def _judge_one(chain: ChainId, bench: _Bench, key: DigestKey, read: Digest | NotADigest) -> JudgedDigest:
    name = last_part(key.key)
    later = bench.naming.get(name, [])
    proved_later = [j for j in later if j.proved and j.digest and _hash_usable(j.digest)]

    def done(
        status: Status,
        reason: str,
        *vouchers: str,
        proved: bool = False,
        expected: str | None = None,
        note: str | None = None,
    ) -> JudgedDigest:
        digest = read if isinstance(read, Digest) else None
        notes = [n for n in (note, _whereabouts(key, digest)) if n]
        if proved and digest and digest.flaw:
            status, reason = Status.ALTERED, f"{digest.flaw}; its signed content still holds"
        verdict = Verdict(
            key.key, Kind.DIGEST, status, reason, read.sha256, expected, vouchers, "; ".join(notes) or None
        )
        return JudgedDigest(key, digest, verdict, proved)

    # (1) what an intact later digest says
    for judge in proved_later:
        assert judge.digest is not None
        if judge.digest.previous_sha256 and judge.digest.previous_sha256.lower() != read.sha256:
            expected = judge.digest.previous_sha256.lower()
            reason = "the intact digest after it states another hash"
            if isinstance(read, NotADigest):
                reason = f"{read.reason}; {reason}"
            elif last_part(read.place.key) != name:
                reason = f"another digest lies in its place: {last_part(read.place.key)}"
            return done(Status.ALTERED, reason, judge.verdict.key, expected=expected)
    if isinstance(read, NotADigest):
        return done(Status.UNVERIFIABLE, read.reason)
    if last_part(read.place.key) != name:
        if last_part(read.place.key) in bench.by_name or not _same_chain(read.place, chain):
            return done(Status.UNLISTED, f"a copy of another digest in a digest's place: {last_part(read.place.key)}")
        return done(Status.UNVERIFIABLE, f"its name is not the one it claims: {last_part(read.place.key)}")
    public_key = bench.keyring.find(read.fingerprint)
    checkable = _why_uncheckable(read, public_key is not None)
    der = public_key.der if public_key else b""
    valid = public_key is not None and public_key.valid_at(read.window.end)
    for judge in proved_later:
        assert judge.digest is not None
        repeated = judge.digest.previous_signature
        if not checkable and repeated and not _holds(der, read, repeated):
            return done(
                Status.ALTERED, "the signature that the intact digest after it repeats does not hold", judge.verdict.key
            )
    own = bench.signatures(key.key)
    own_holds = bool(own) and not checkable and _holds(der, read, own or "")
    if proved_later:
        note = (
            "the signature beside it does not hold; the digest after it proves it"
            if own and not checkable and not own_holds
            else None
        )
        expected = read.sha256
        return done(
            Status.INTACT,
            "its hash is in the intact digest after it",
            proved_later[0].verdict.key,
            proved=True,
            expected=expected,
            note=note,
        )
    # (2) a signature that holds, wherever it was found
    elsewhere = [
        (j.verdict.key, j.digest.previous_signature) for j in later if j.digest and j.digest.previous_signature
    ]
    if not checkable and not valid:
        checkable = "its key was not valid at its time"
        own_holds = False
    if own_holds:
        return done(Status.INTACT, "its signature holds", f"key {read.fingerprint}", proved=True)
    if not checkable:
        for place, signature in elsewhere:
            if _holds(der, read, signature):
                return done(
                    Status.INTACT,
                    "its signature, repeated in the digest after it, holds",
                    f"key {read.fingerprint}",
                    place,
                    proved=True,
                )
    # (3) its own signature accuses
    if own and not checkable:
        if _unhex(own) is None:
            return done(Status.UNVERIFIABLE, "the signature beside it is not hexadecimal")
        return done(
            Status.ALTERED, "its signature does not hold: the digest, or the signature kept with it, was changed"
        )
    # (4) nothing speaks for it
    if checkable:
        return done(Status.UNVERIFIABLE, checkable)
    if elsewhere:
        return done(Status.UNVERIFIABLE, "the digest after it is not proved, and the signature in there does not hold")
    return done(
        Status.UNVERIFIABLE,
        "its signature was not kept (it is in the S3 object's metadata), and no digest after it repeats it",
    )


def _hash_usable(digest: Digest) -> bool:
    return digest.previous_hash_algorithm in (None, HASH_ALGORITHM)


def _why_uncheckable(digest: Digest, has_key: bool) -> str | None:
    """Why no signature of this digest can be checked at all, or None where one could."""
    if digest.signature_algorithm != ALGORITHM:
        return f"its signature algorithm is unknown: {digest.signature_algorithm}"
    if not has_key:
        return f"the key that it names is not in the keyring: {digest.fingerprint}"
    return None


def _unhex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _holds(der: bytes, digest: Digest, signature: str) -> bool:
    raw = _unhex(signature)
    if not raw:
        return False
    message = string_to_sign(
        digest.ended_at_text, digest.bucket, digest.place.key, digest.sha256, digest.previous_signature
    )
    return signature_holds(der, message, raw)


def _whereabouts(key: DigestKey, digest: Digest | None) -> str | None:
    if digest is None:
        return None
    if digest.plain:
        return "kept decompressed"
    claimed = digest.place.key
    if key.key != claimed and not key.key.endswith("/" + claimed) and not claimed.endswith("/" + key.key):
        return f"moved from {digest.bucket}/{claimed}"
    return None


def _unlist(judged: list[JudgedDigest]) -> list[JudgedDigest]:
    """Step 4: what lies between two proved digests that link past it was never part of the chain."""
    spans: list[tuple[datetime, datetime]] = []
    for one in judged:
        if one.proved and one.digest and one.digest.previous_place:
            named = parse_key(one.digest.previous_place)
            if isinstance(named, DigestKey):
                spans.append((named.ended_at, one.key.ended_at))
    names_linked = {
        last_part(j.digest.previous_place) for j in judged if j.proved and j.digest and j.digest.previous_place
    }

    def stray(one: JudgedDigest) -> bool:
        if one.proved or one.verdict.status is not Status.UNVERIFIABLE or last_part(one.key.key) in names_linked:
            return False
        return any(start < one.key.ended_at <= end for start, end in spans)

    return [
        JudgedDigest(one.key, one.digest, _unlisted(one.verdict), proved=False) if stray(one) else one for one in judged
    ]


def _unlisted(verdict: Verdict) -> Verdict:
    reason = f"no chain leads to it: the intact digests around it link past it ({verdict.reason})"
    return Verdict(verdict.key, verdict.kind, Status.UNLISTED, reason, verdict.sha256, note=verdict.note)


def _missing(
    bench: _Bench, judged: list[JudgedDigest], earliest_log: datetime | None
) -> tuple[list[Verdict], list[Window]]:
    """Digests that a proved one names and that are not there, each run of them hour by hour."""
    verdicts: list[Verdict] = []
    windows: list[Window] = []
    ends = sorted(one.key.ended_at for one in judged)
    for one in judged:
        if not (one.proved and one.digest and one.digest.previous_place):
            continue
        named = parse_key(one.digest.previous_place)
        if not isinstance(named, DigestKey) or last_part(named.key) in bench.by_name:
            continue
        before = [end for end in ends if end < named.ended_at]
        if not before:
            if earliest_log is None or earliest_log >= one.digest.window.start:
                continue
            windows.append(Window(min(earliest_log, named.ended_at), one.digest.window.start))
            verdicts.append(
                _named_missing(named.key, one, "it is named by the digest after it; log files of its time are there")
            )
            continue
        gap = Window(before[-1], one.digest.window.start) if before[-1] <= one.digest.window.start else None
        if gap is None:
            continue
        windows.append(gap)
        verdicts.append(_named_missing(named.key, one, "it is named by the digest after it"))
        hours, rest = divmod(gap.length, _HOUR)
        if hours > 1 and not rest and hours <= _LONGEST_RUN:
            run = f"the run of {hours} digests missing between {written(gap.start)} and {written(gap.end)}"
            verdicts.extend(
                _named_missing(_hours_before(named, back), one, f"its name is inferred from {run}")
                for back in range(1, hours)
            )
    return verdicts, windows


def _hours_before(key: DigestKey, hours: int) -> str:
    """The key of the digest some hours earlier in the same chain, in the grammar of names."""
    moment = key.ended_at - hours * _HOUR
    now, then = key.ended_at, moment
    return key.key.replace(now.strftime("/%Y/%m/%d/"), then.strftime("/%Y/%m/%d/")).replace(
        now.strftime("%Y%m%dT%H%M%SZ"), then.strftime("%Y%m%dT%H%M%SZ")
    )


def _named_missing(key: str, by: JudgedDigest, reason: str) -> Verdict:
    assert by.digest is not None
    expected = by.digest.previous_sha256 if by.digest.previous_place == key else None
    return Verdict(key, Kind.DIGEST, Status.MISSING, f"not there: {reason}", None, expected, (by.verdict.key,))
