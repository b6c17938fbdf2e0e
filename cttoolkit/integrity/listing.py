"""What proved digests list of each log file, and the judgement of one log file against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from sys import intern

import msgspec

from cttoolkit.errors import WindowError
from cttoolkit.integrity.chain import JudgedDigest
from cttoolkit.integrity.coverage import Coverage
from cttoolkit.integrity.digest import HASH_ALGORITHM, Listing
from cttoolkit.integrity.inflate import Inflated
from cttoolkit.integrity.scope import Scope
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.key import AnswerKey, LogKey, OtherKey, last_part, parse_key
from cttoolkit.window import Window, instant

__all__ = ["Expectation", "Listings", "Voucher", "judge_log"]


_MOST_UNPROVED = 10_000
UNVOUCHED = {
    "EventHistory": "by its name an answer of LookupEvents: AWS signs no digests of Event history, which keeps management "
    "events of the last 90 days and no others",
    "CloudWatchLogs": "by its name an answer of FilterLogEvents: AWS signs no digests of CloudWatch Logs, which gets no record "
    "of more than 256 KB",
    "Export": "by its place an export of CloudWatch Logs, of which AWS signs no digests and which got no record of more than 256 KB",
}
"""Why nothing vouches for what came another way than from a bucket, and what does not come that way (AWS CloudTrail User Guide)."""


class Voucher(msgspec.Struct, frozen=True, gc=False):
    """One digest's entry for a log file, as small as it can be, since there are millions of them.

    ``digest`` is the digest's key; ``folder`` and ``name`` together are the log file's.
    """

    digest: str
    bucket: str
    folder: str
    name: str
    sha256: str
    algorithm: str
    oldest: str | None
    newest: str | None

    @classmethod
    def of(cls, digest: str, listing: Listing, name: str) -> Voucher:
        oldest, newest = listing.oldest_event_time, listing.newest_event_time
        return cls(
            digest,
            intern(listing.s3_bucket),
            intern(listing.s3_object[: -len(name)] if name else listing.s3_object),
            name,
            listing.hash_value.lower(),
            intern(listing.hash_algorithm),
            oldest,
            oldest if oldest == newest else newest,
        )

    @property
    def key(self) -> str:
        return self.folder + self.name

    @property
    def usable(self) -> bool:
        return self.algorithm == HASH_ALGORITHM


@dataclass(frozen=True, slots=True)
class Expectation:
    """All that is known of a log file before its bytes are read; small, since it travels to the worker that reads it.

    ``listed`` are (hash, digest) of proved digests; ``otherwise`` is the status, with its reason, where there are none.
    """

    listed: tuple[tuple[str, str], ...]
    otherwise: Status = Status.UNVERIFIABLE
    reason: str = ""
    note: str | None = None


class Listings:
    """Entries of all digests by the last part of the log file's key, which is unique in CloudTrail."""

    def __init__(self) -> None:
        self._proved: dict[str, tuple[Voucher, ...] | Voucher] = {}
        self._unproved: dict[str, str] = {}

        self._doubtful: dict[str, Status] = {}

    def add(self, judged: JudgedDigest) -> None:
        """Take what a digest lists; the digest itself is not kept."""
        if judged.digest is None:
            return
        if not judged.proved:
            # Only for the words of a reason: nothing that an attacker lists may fill the memory.
            for listing in judged.digest.listings[:_MOST_UNPROVED]:
                self._unproved.setdefault(last_part(listing.s3_object), judged.key.key)
            return
        for listing in judged.digest.listings:
            name = last_part(listing.s3_object)
            voucher = Voucher.of(judged.key.key, listing, name)
            held = self._proved.setdefault(name, voucher)
            if held is not voucher:
                self._proved[name] = (*_all(held), voucher)

    def settle(self, chain: Iterable[JudgedDigest]) -> None:
        """Take the last word on the digests of a chain, which is said only when all of them were judged."""
        self._doubtful.update((one.key.key, one.verdict.status) for one in chain if not one.proved)

    def __len__(self) -> int:
        return len(self._proved)

    def vouchers(self, key: str) -> tuple[Voucher, ...]:
        """Entries of proved digests for the file with this name. A file kept decompressed lost its ``.gz``."""
        name = last_part(key)
        return _all(self._proved.get(name) or self._proved.get(name + ".gz") or ())

    def expect(self, key: LogKey | AnswerKey | OtherKey, coverage: Coverage) -> Expectation:
        """What to hold a present log file against."""
        vouchers = self.vouchers(key.key)
        if vouchers:
            usable = tuple((v.sha256, v.digest) for v in vouchers if v.usable)
            if usable:
                return Expectation(usable, note=_moved(key.key, vouchers))
            return Expectation((), reason=f"listed with an unknown hash algorithm: {vouchers[0].algorithm}")
        name = last_part(key.key)
        unproved = self._unproved.get(name) or self._unproved.get(name + ".gz")
        if isinstance(key, LogKey):
            chains = coverage.of(key.account, key.region)
            if any(chain.would_list(key.delivered_at) for chain in chains):
                reason = "verified digests cover its delivery time, and none lists it: planted, or from another trail"
                return Expectation((), Status.UNLISTED, reason)
            if not unproved:
                if not chains:
                    return Expectation((), reason="no digest of its account and region is in the evidence")
                return Expectation((), reason="no verified digest covers its delivery time")
        if unproved:
            status = self._doubtful[unproved].value
            return Expectation((), reason=f"only a digest that is not proved lists it ({status}: {unproved})")
        if isinstance(key, AnswerKey):
            return Expectation((), reason=UNVOUCHED[key.kind])
        if isinstance(key, OtherKey) and key.is_exported:
            return Expectation((), reason=UNVOUCHED["Export"])
        return Expectation((), reason="its name tells no account, region or time, and no digest lists it")

    def times(self, key: str) -> Window | None:
        """The event times of a log file; None where no digest states any that can be read."""
        vouchers = self.vouchers(key)
        return stated_window(vouchers[0].oldest, vouchers[0].newest) if vouchers else None

    def missing(self, present: Iterable[str], scope: Scope) -> list[Verdict]:
        """Verdicts on listed log files that were asked about and are not there."""
        there = {vouchers[0].name for vouchers in map(self.vouchers, present) if vouchers}
        found: list[Verdict] = []
        for name, held in self._proved.items():
            if name in there:
                continue
            vouchers = _all(held)
            first = vouchers[0]
            if not scope.holds_log(parse_key(first.key)):
                continue
            digests = tuple(dict.fromkeys(voucher.digest for voucher in vouchers))
            reason = "not there: a verified digest lists it"
            found.append(Verdict(first.key, Kind.LOG, Status.MISSING, reason, None, first.sha256, digests))
        return found


def _all(held: tuple[Voucher, ...] | Voucher) -> tuple[Voucher, ...]:
    return (held,) if isinstance(held, Voucher) else held


def stated_window(oldest: str | None, newest: str | None) -> Window | None:
    """A digest's two times as a window. Both are times of events, to the second; the window holds the newest too."""
    if oldest is None or newest is None:
        return None
    try:
        return Window(instant(oldest), instant(newest) + timedelta(seconds=1))
    except (WindowError, OverflowError):
        return None


def _moved(key: str, vouchers: tuple[Voucher, ...]) -> str | None:
    for voucher in vouchers:
        listed = voucher.key
        if key.removesuffix(".gz") == listed.removesuffix(".gz") or key.removesuffix(".gz").endswith(
            "/" + listed.removesuffix(".gz")
        ):
            return None
        if listed.endswith("/" + key):
            return None
    return f"moved from {vouchers[0].bucket}/{vouchers[0].key}"


def judge_log(key: str, inflated: Inflated, sha256: str, expectation: Expectation) -> Verdict:
    """Judge the bytes of one log file. The hash is over the content: another compression of it stays intact."""
    vouchers = tuple(dict.fromkeys(digest for _, digest in expectation.listed))
    notes = [expectation.note, "kept decompressed" if inflated.plain else None]

    def verdict(status: Status, reason: str, expected: str | None = None) -> Verdict:
        note = "; ".join(n for n in notes if n) or None
        return Verdict(key, Kind.LOG, status, reason, sha256, expected, vouchers, note)

    if not expectation.listed:
        flaw = f"; {inflated.flaw}" if inflated.flaw else ""
        return verdict(expectation.otherwise, expectation.reason + flaw)
    agreeing = [digest for hashed, digest in expectation.listed if hashed == sha256]
    expected = expectation.listed[-1][0]
    if not agreeing:
        if inflated.flaw:
            return verdict(Status.ALTERED, inflated.flaw, expected)
        return verdict(Status.ALTERED, "its content is not what the verified digest lists", expected)
    if inflated.flaw:
        return verdict(Status.ALTERED, f"{inflated.flaw}; the listed content stands before it", sha256)
    if len(agreeing) < len(expectation.listed):
        notes.append("verified digests list more than one hash for it, and this is one of them")
    return verdict(Status.INTACT, "its content is what a verified digest lists", sha256)
