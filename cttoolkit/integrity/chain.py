"""A chain of digests: those that are there, each with its verdict, and those that are named and not there."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cttoolkit.integrity.digest import Digest
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.key import DigestKey, last_part, parse_key
from cttoolkit.window import Window, written

__all__ = ["Chain", "ChainId", "JudgedDigest", "missing_digests", "predecessor"]

_HOUR = timedelta(hours=1)
_LONGEST_RUN = 24 * 400


@dataclass(frozen=True, order=True, slots=True)
class ChainId:
    """What makes digests one chain. Backfill digests, which list late files, link among themselves."""

    account: str
    region: str
    trail: str
    home_region: str
    backfill: bool = False

    @classmethod
    def of(cls, key: DigestKey) -> ChainId:
        # The organization's folder is left out: a flat copy has lost it, and names are unique without it.
        return cls(key.account, key.region, key.trail, key.home_region, key.backfill)

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

    @property
    def proved(self) -> list[Digest]:
        """The proved digests, each once, wherever else in the evidence a copy of it lies."""
        once = {one.digest.sha256: one.digest for one in self.digests if one.proved and one.digest}
        return list(once.values())

    def ends(self) -> Chain:
        """The same chain with its first and last proved digest and those that start it anew.

        What holds a chain's ends is asked after everything else is known; the rest of the digests weighs too much to be kept.
        """
        proved = sorted((one for one in self.digests if one.proved and one.digest), key=_window)
        kept = [
            one for n, one in enumerate(proved) if n in (0, len(proved) - 1) or (one.digest and one.digest.starts_chain)
        ]
        return Chain(self.id, tuple(kept))

    @property
    def verdicts(self) -> list[Verdict]:
        return [judged.verdict for judged in self.digests] + list(self.missing)


def _window(judged: JudgedDigest) -> Window:
    assert judged.digest is not None
    return judged.digest.window


def predecessor(digest: Digest | None) -> DigestKey | None:
    """The digest that this one names as the one before it, where that is a digest of the same chain and of earlier time.

    Any other pointer could be a cycle, or lead into somebody else's chain.
    """
    if digest is None or digest.previous_place is None:
        return None
    named = parse_key(digest.previous_place)
    if not isinstance(named, DigestKey) or ChainId.of(named) != ChainId.of(digest.place):
        return None
    return named if named.ended_at < digest.place.ended_at else None


def missing_digests(
    judged: Sequence[JudgedDigest], present: Container[str], earliest_log: datetime | None, since: datetime | None
) -> Iterator[Verdict]:
    """Digests that a proved one names and that are not there, each run of them hour by hour.

    A chain's first digest names one that was perhaps never collected; it is missing only where log files of its time are there.
    """
    ends = sorted(one.key.ended_at for one in judged)
    for one in judged:
        named = predecessor(one.digest) if one.proved else None
        if one.digest is None or named is None or last_part(named.key) in present:
            continue
        if since is not None and named.ended_at <= since:
            continue
        before = [end for end in ends if end < named.ended_at]
        if before:
            yield _missing(named.key, one, "the digest after it names it")
            # Backfill digests come as they are needed, not by the hour.
            if not named.backfill:
                yield from _run_before(named, one, Window(before[-1], max(before[-1], one.digest.window.start)))
        elif earliest_log is not None and earliest_log < _collected_from(one.digest, named):
            yield _missing(named.key, one, "the digest after it names it, and log files of its time are there")


def _collected_from(digest: Digest, named: DigestKey) -> datetime:
    """The time before which a log file shows that the predecessor's hour was collected too."""
    return named.ended_at if named.backfill else digest.window.start - timedelta(minutes=1)


def _run_before(named: DigestKey, by: JudgedDigest, gap: Window) -> Iterator[Verdict]:
    """The rest of a run that ends with ``named``: nothing points at these, but a chain has a digest for every hour."""
    hours, rest = divmod(gap.length, _HOUR)
    if rest or not 1 < hours <= _LONGEST_RUN:
        return
    run = f"one of {hours} in a row between {written(gap.start)} and {written(gap.end)}, its name inferred"
    for back in range(1, hours):
        yield _missing(_hours_before(named, back), by, run)


def _hours_before(key: DigestKey, hours: int) -> str:
    """The key of the digest some hours earlier in the same chain, in the grammar of names."""
    now, then = key.ended_at, key.ended_at - hours * _HOUR
    moved = key.key.replace(now.strftime("/%Y/%m/%d/"), then.strftime("/%Y/%m/%d/"))
    return moved.replace(now.strftime("%Y%m%dT%H%M%SZ"), then.strftime("%Y%m%dT%H%M%SZ"))


def _missing(key: str, by: JudgedDigest, reason: str) -> Verdict:
    stated = by.digest.previous_sha256 if by.digest and by.digest.previous_place == key else None
    return Verdict(key, Kind.DIGEST, Status.MISSING, f"not there: {reason}", None, stated, (by.verdict.key,))
