"""Judging digests, from the newest of a chain to the oldest.

How one digest is judged (the numbers stand again in the code):

1. An intact later digest that names this one overrules everything else: its hash, and its copy of the signature, must fit.
2. Else a signature that holds under a key of the ring proves the digest, wherever the signature was found: in its own
   metadata, or in a later digest that is itself not proved.
3. Else its own signature, where it can be checked, accuses it. A signature found in an unproven later digest accuses nobody:
   an edited newest digest must not frame the one before it.
4. Else nothing speaks for it. It is UNLISTED where intact digests around it link past it, and UNVERIFIABLE otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cttoolkit.integrity.chain import (
    Chain,
    ChainId,
    JudgedDigest,
    missing_digests,
    predecessor,
)
from cttoolkit.integrity.digest import HASH_ALGORITHM, Digest, NotADigest
from cttoolkit.integrity.keyring import SLACK, Keyring, PublicKey
from cttoolkit.integrity.listing import Listings
from cttoolkit.integrity.signature import ALGORITHM, signature_holds, string_to_sign
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.key import DigestKey, last_part

__all__ = ["judge_chain", "newest_first"]


@dataclass(slots=True)
class _Bench:
    """One chain while it is judged: the names that are there, and the judged digests that name each of them."""

    keyring: Keyring
    metadata: Callable[[str], Mapping[str, str]]
    names: frozenset[str]
    naming: dict[str, list[JudgedDigest]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one step came to."""

    status: Status
    reason: str
    vouchers: tuple[str, ...] = ()
    expected: str | None = None
    note: str | None = None


def judge_chain(
    chain: ChainId,
    keys: Iterable[DigestKey],
    read: Callable[[DigestKey], Digest | NotADigest | None],
    listings: Listings,
    keyring: Keyring,
    metadata: Callable[[str], Mapping[str, str]],
    *,
    earliest_log: datetime | None = None,
    since: datetime | None = None,
) -> Chain:
    """Judge every digest of one chain, name those that are missing, and enter into ``listings`` what they list.

    One digest is held at a time, since an attacker decides how much each of them lists. ``read`` gives None where an object
    cannot be read, which is no verdict; ``metadata`` gives an object's user metadata; ``earliest_log`` is the first
    delivery time of a present log file of the chain's account and region. Digests that ended before ``since`` were not
    asked for, so they are not missing.
    """
    ordered = newest_first(keys)
    bench = _Bench(keyring, metadata, frozenset(map(_name, ordered)))
    judged: list[JudgedDigest] = []
    for key in ordered:
        found = read(key)
        if found is None:
            continue
        done = _judge_one(bench, key, found)
        listings.add(done)
        if done.digest is not None:
            done = replace(done, digest=replace(done.digest, listings=()))
        judged.append(done)
        named = predecessor(done.digest)
        # Only what lies under its own name links: a copy in another's place must not speak twice.
        if named is not None and done.digest is not None and _name(done.digest.place) == _name(key):
            bench.naming[_name(named)].append(done)
    judged.reverse()
    judged = _unlist(_twins(judged))
    listings.settle(judged)
    present = {name + ending for name in bench.names for ending in ("", ".gz")}
    return Chain(chain, tuple(judged), tuple(missing_digests(judged, present, earliest_log, since)))


def newest_first(keys: Iterable[DigestKey]) -> list[DigestKey]:
    """The order in which the digests of a chain are read."""
    return sorted(keys, key=lambda key: (key.ended_at, key.key), reverse=True)


def _name(key: DigestKey) -> str:
    # A digest that was kept decompressed may have lost its ending.
    return last_part(key.key).removesuffix(".gz")


def _judge_one(bench: _Bench, key: DigestKey, read: Digest | NotADigest) -> JudgedDigest:
    later = bench.naming.get(_name(key), [])
    proved_later = [one for one in later if one.proved]
    opinion = _by_hash(read, key, proved_later)
    if opinion is None and isinstance(read, NotADigest):
        opinion = _Opinion(Status.UNVERIFIABLE, read.reason)
    if opinion is None and isinstance(read, Digest):
        opinion = _out_of_place(bench, key, read) or _by_signature(bench, key, read, later, proved_later)
    assert opinion is not None
    digest = read if isinstance(read, Digest) else None
    proved = opinion.status is Status.INTACT
    if proved and digest and digest.flaw:
        opinion = replace(opinion, status=Status.ALTERED, reason=f"{digest.flaw}; its signed content still holds")
    note = "; ".join(n for n in (opinion.note, _whereabouts(key, digest)) if n) or None
    verdict = Verdict(
        key.key, Kind.DIGEST, opinion.status, opinion.reason, read.sha256, opinion.expected, opinion.vouchers, note
    )
    return JudgedDigest(key, digest, verdict, proved)


def _by_hash(read: Digest | NotADigest, key: DigestKey, proved_later: Sequence[JudgedDigest]) -> _Opinion | None:
    """(1) An intact later digest that states another hash."""
    for one in proved_later:
        stated = _stated_hash(one)
        if stated is None or stated == read.sha256:
            continue
        reason = "the intact digest after it states another hash"
        if isinstance(read, NotADigest):
            reason = f"{read.reason}; {reason}"
        elif _name(read.place) != _name(key):
            reason = f"another digest lies in its place: {last_part(read.place.key)}"
        return _Opinion(Status.ALTERED, reason, (one.verdict.key,), stated)
    return None


def _stated_hash(later: JudgedDigest) -> str | None:
    digest = later.digest
    if digest is None or digest.previous_sha256 is None or digest.previous_hash_algorithm not in (None, HASH_ALGORITHM):
        return None
    return digest.previous_sha256.lower()


def _out_of_place(bench: _Bench, key: DigestKey, read: Digest) -> _Opinion | None:
    """A digest under another's name, whatever its signature says: replayed where its own place is taken, else misnamed."""
    if _name(read.place) == _name(key):
        return None
    own = last_part(read.place.key)
    if ChainId.of(read.place) != ChainId.of(key) or _name(read.place) in bench.names:
        return _Opinion(Status.UNLISTED, f"another digest, copied into a digest's place: {own}")
    return _Opinion(Status.UNVERIFIABLE, f"its name is not the one that it claims: {own}")


def _by_signature(
    bench: _Bench, key: DigestKey, read: Digest, later: Sequence[JudgedDigest], proved_later: Sequence[JudgedDigest]
) -> _Opinion:
    public_key = bench.keyring.find(read.fingerprint)
    own = bench.metadata(key.key).get("signature")
    obstacle = _obstacle(read, public_key)
    known = public_key if obstacle is None else None

    # (1) An intact later digest that names this one.
    held: str | None = None
    for one in proved_later:
        repeated = one.digest.previous_signature if one.digest else None
        if known and repeated and repeated != held and not _holds(known, read, repeated):
            reason = "the signature that the intact digest after it repeats does not hold"
            return _Opinion(Status.ALTERED, reason, (one.verdict.key,))
        held = repeated
    vouching = [one.verdict.key for one in proved_later if _stated_hash(one) == read.sha256]
    if vouching:
        odd = bool(own and known) and own != held and not _holds(known, read, own)
        note = "the signature kept with it does not hold; the digest after it proves it" if odd else None
        return _Opinion(Status.INTACT, "its hash is in the intact digest after it", tuple(vouching), read.sha256, note)

    # (2) A signature that holds, wherever it was found.
    if known and not _valid(known, read):
        return _Opinion(Status.UNVERIFIABLE, f"the key that it names was not valid at its time: {read.fingerprint}")
    if known and own and _holds(known, read, own):
        return _Opinion(Status.INTACT, "its signature holds", (f"key {read.fingerprint}",))
    elsewhere = [(one.verdict.key, one.digest.previous_signature) for one in later if one.digest]
    for place, signature in elsewhere:
        if known and signature and _holds(known, read, signature):
            reason = "its signature, repeated in the digest after it, holds"
            return _Opinion(Status.INTACT, reason, (f"key {read.fingerprint}", place))

    # (3) Its own signature accuses it.
    if known and own:
        if _unhex(own) is None:
            return _Opinion(Status.UNVERIFIABLE, "the signature kept with it is not hexadecimal")
        return _Opinion(
            Status.ALTERED, "its signature does not hold: the digest, or the signature kept with it, was changed"
        )

    # (4) Nothing speaks for it.
    if obstacle:
        return _Opinion(Status.UNVERIFIABLE, obstacle)
    if elsewhere:
        reason = "its signature was not kept, and the digest after it, which repeats one, is not proved"
        return _Opinion(Status.UNVERIFIABLE, reason)
    reason = "its signature was not kept (it is in the S3 object's metadata), and no digest after it repeats it"
    return _Opinion(Status.UNVERIFIABLE, reason)


def _valid(key: PublicKey, digest: Digest) -> bool:
    """Whether the key was valid when the digest was signed. A backfill digest is signed some time after its window."""
    if digest.place.backfill:
        return key.valid_until + SLACK >= digest.window.end
    return key.valid_at(digest.window.end)


def _obstacle(digest: Digest, public_key: PublicKey | None) -> str | None:
    """Why no signature of this digest can be checked at all, or None where one could."""
    if digest.signature_algorithm != ALGORITHM:
        return f"its signature algorithm is unknown: {digest.signature_algorithm}"
    if public_key is None:
        return f"the key that it names is not in the keyring: {digest.fingerprint}"
    return None


def _unhex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _holds(key: PublicKey | None, digest: Digest, signature: str | None) -> bool:
    raw = _unhex(signature or "")
    if key is None or not raw:
        return False
    message = string_to_sign(
        digest.ended_at_text, digest.bucket, digest.place.key, digest.sha256, digest.previous_signature
    )
    return signature_holds(key.der, message, raw)


def _whereabouts(key: DigestKey, digest: Digest | None) -> str | None:
    if digest is None:
        return None
    if digest.plain:
        return "kept decompressed"
    claimed = digest.place.key
    if key.key != claimed and not key.key.endswith("/" + claimed) and not claimed.endswith("/" + key.key):
        return f"moved from {digest.bucket}/{claimed}"
    return None


def _twins(judged: list[JudgedDigest]) -> list[JudgedDigest]:
    """A second copy of a proved digest is proved by its content, whatever was kept with it."""
    proved = {(_name(one.key), one.verdict.sha256): one.key.key for one in judged if one.proved}
    told = "the same digest is proved where it lies a second time"
    return [
        replace(one, proved=True, verdict=replace(one.verdict, status=Status.INTACT, reason=told, vouched_by=(twin,)))
        if one.verdict.status is Status.UNVERIFIABLE
        and one.digest is not None
        and one.digest.flaw is None
        and (twin := proved.get((_name(one.key), one.verdict.sha256)))
        else one
        for one in judged
    ]


def _unlist(judged: list[JudgedDigest]) -> list[JudgedDigest]:
    """Step 4: what lies between two digests, the later of them proved and linking past it, was never part of the chain."""
    links = [(named, one.key) for one in judged if one.proved and (named := predecessor(one.digest))]
    linked = {_name(named) for named, _ in links}
    return [
        replace(one, verdict=_unlisted(one.verdict))
        if one.verdict.status is Status.UNVERIFIABLE
        and _name(one.key) not in linked
        and any(before.ended_at < one.key.ended_at <= after.ended_at for before, after in links)
        else one
        for one in judged
    ]


def _unlisted(verdict: Verdict) -> Verdict:
    reason = f"no chain leads to it: the intact digests around it link past it ({verdict.reason})"
    return replace(verdict, status=Status.UNLISTED, reason=reason)
