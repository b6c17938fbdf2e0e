"""The windows of delivery time for which verified digests vouch, chain by chain.

Only inside covered windows is silence evidence. A chain that starts again is a gap in which validation or logging was off;
it does not say that no log files were delivered there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from cttoolkit.integrity.chain import Chain, ChainId, JudgedDigest
from cttoolkit.integrity.digest import Digest
from cttoolkit.integrity.verdict import Status
from cttoolkit.key import DigestKey, parse_key
from cttoolkit.window import Window, joined, written

if TYPE_CHECKING:
    import pandas

__all__ = ["ChainCoverage", "Coverage", "Interval", "State", "chain_coverage"]

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class State(StrEnum):
    """What verified digests say of a stretch of one chain."""

    COVERED = "covered"
    DIGEST_MISSING = "digest missing"
    DIGEST_ALTERED = "digest altered"
    DIGEST_UNVERIFIABLE = "digest unverifiable"
    NO_CHAIN = "no chain"
    BEFORE_FIRST = "before first"
    AFTER_LAST = "after last"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of delivery time in one state."""

    window: Window
    state: State
    reason: str

    def __str__(self) -> str:
        return f"{self.window}: {self.state} ({self.reason})"


@dataclass(frozen=True, slots=True)
class ChainCoverage:
    """The intervals of one chain, in order and without overlap; ``digests`` are the proved windows they came from."""

    chain: ChainId
    intervals: tuple[Interval, ...]
    digests: tuple[Window, ...] = field(repr=False)

    @property
    def covered(self) -> tuple[Window, ...]:
        """Covered intervals, joined where they touch."""
        return joined(self.digests)

    def covers(self, window: Window) -> bool:
        return any(one.covers(window) for one in self.covered)

    def uncovered(self, window: Window) -> list[Interval]:
        """The parts of a window that are not covered, each with its state; what lies outside of the chain included."""
        left: list[Interval] = []
        at = window.start
        for interval in self.intervals:
            part = interval.window.intersection(window)
            if part is None:
                continue
            if part.start > at:
                left.append(Interval(Window(at, part.start), State.NO_CHAIN, "no digest speaks of it"))
            if interval.state is not State.COVERED:
                left.append(Interval(part, interval.state, interval.reason))
            at = max(at, part.end)
        if at < window.end:
            beyond = State.AFTER_LAST if self.intervals and at >= self.intervals[-1].window.end else State.BEFORE_FIRST
            left.append(Interval(Window(at, window.end), beyond, "no digest of this chain reaches there"))
        return left

    def within(self, window: Window) -> ChainCoverage:
        """The same, cut to a window; what no interval speaks of counts as before the first or after the last digest."""
        parts = [(one.window.intersection(window), one) for one in self.intervals]
        kept = [Interval(part, one.state, one.reason) for part, one in parts if part is not None]
        held = [
            Window(max(one.start, window.start), min(one.end, window.end))
            for one in self.digests
            if one.overlaps(window)
        ]
        kept.extend(gap for gap in self.uncovered(window) if not any(gap.window.overlaps(one.window) for one in kept))
        return ChainCoverage(self.chain, tuple(sorted(kept, key=lambda one: one.window)), tuple(held))

    def would_list(self, delivered_at: datetime) -> bool:
        """Whether a log file named for this minute would be listed in a proved digest, if CloudTrail had delivered it.

        A late file is listed in the next digest, so the hour's digest and the one after it must both be proved. Names tell
        the minute only: the window that holds the end of that minute counts as the file's own.
        """
        latest = delivered_at + _MINUTE - timedelta(seconds=1)
        at = bisect_right(self.digests, latest, key=lambda window: window.start) - 1
        if at < 0 or latest not in self.digests[at] or at + 1 >= len(self.digests):
            return False
        first = self.digests[at]
        if delivered_at < first.start and (at == 0 or self.digests[at - 1].end < first.start):
            return False
        return self.digests[at + 1].start <= first.end + _MINUTE


@dataclass(frozen=True)
class Coverage:
    """Coverage of all chains of one body of evidence."""

    chains: tuple[ChainCoverage, ...]

    def of(self, account: str, region: str) -> list[ChainCoverage]:
        return [one for one in self.chains if (one.chain.account, one.chain.region) == (account, region)]

    def within(self, window: Window) -> Coverage:
        """The same, cut to a window. A digest that straddles an end counts for what it covers of it."""
        return Coverage(tuple(chain.within(window) for chain in self.chains))

    def rows(self) -> list[dict[str, str]]:
        """One plain row an interval: account, region, trail, start, end, state, reason."""
        return [
            {
                "account": one.chain.account,
                "region": one.chain.region,
                "trail": one.chain.trail + (" (backfill)" if one.chain.backfill else ""),
                "start": written(interval.window.start),
                "end": written(interval.window.end),
                "state": interval.state.value,
                "reason": interval.reason,
            }
            for one in self.chains
            for interval in one.intervals
        ]

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame."""
        import pandas as pd

        columns = ["account", "region", "trail", "start", "end", "state", "reason"]
        return pd.DataFrame(self.rows(), columns=columns)

    def __repr__(self) -> str:
        gaps = sum(interval.state is not State.COVERED for one in self.chains for interval in one.intervals)
        return f"Coverage of {len(self.chains)} chains: {gaps} stretches not covered"


def chain_coverage(chain: Chain, latest_log: datetime | None, earliest_log: datetime | None) -> ChainCoverage:
    """Lay out one chain's intervals; the log files' delivery times tell what lies before its first and after its last digest."""
    proved = sorted(chain.proved, key=lambda digest: digest.window)
    others = [j for j in chain.digests if not j.proved]
    if chain.id.backfill:
        return _sparse(chain, proved, others)
    intervals: list[Interval] = []
    at: datetime | None = None
    for digest in proved:
        window = digest.window
        if at is not None and window.start > at:
            intervals.extend(_gap(Window(at, window.start), others, restarts=digest.starts_chain))
        start = window.start if at is None else max(at, window.start)
        if start < window.end:
            intervals.append(Interval(Window(start, window.end), State.COVERED, "verified digests"))
        at = window.end if at is None else max(at, window.end)
    if not proved:
        claimed = [_claimed(j) for j in others]
        if not claimed:
            return ChainCoverage(chain.id, (), ())
        span = Window(min(w.start for w in claimed), max(w.end for w in claimed))
        return ChainCoverage(chain.id, tuple(_gap(span, others, restarts=False)), ())
    assert at is not None
    head = proved[0]
    before = _head(head.window.start, others, earliest_log, starts=head.starts_chain)
    return ChainCoverage(
        chain.id,
        tuple(_merged([*before, *intervals, *_tail(at, others, latest_log)])),
        _windows(proved),
    )


def _windows(proved: Sequence[Digest]) -> tuple[Window, ...]:
    """The windows in order, each once: the same digest may lie in the evidence twice."""
    return tuple(dict.fromkeys(digest.window for digest in proved))


def _sparse(chain: Chain, proved: Sequence[Digest], others: Sequence[JudgedDigest]) -> ChainCoverage:
    """A backfill chain has digests where late files had to be listed, and none in between: only what is wrong is a gap."""
    intervals = [Interval(digest.window, State.COVERED, "verified digests") for digest in proved]
    for judged in others:
        state = _UNPROVED.get(judged.verdict.status)
        if state is not None:
            intervals.append(Interval(_claimed(judged), state, judged.verdict.reason))
    for verdict in chain.missing:
        named = parse_key(verdict.key)
        if isinstance(named, DigestKey):
            window = Window(named.ended_at - _HOUR, named.ended_at)
            intervals.append(Interval(window, State.DIGEST_MISSING, verdict.reason))
    intervals.sort(key=lambda interval: interval.window)
    return ChainCoverage(chain.id, tuple(_merged(intervals)), _windows(proved))


def _head(
    start: datetime, others: Sequence[JudgedDigest], earliest_log: datetime | None, *, starts: bool
) -> list[Interval]:
    earlier = [_claimed(j) for j in others if j.key.ended_at <= start and j.verdict.status in _UNPROVED]
    first = min([w.start for w in earlier] + ([earliest_log] if earliest_log else []), default=start)
    if first >= start:
        return []
    if earlier:
        return _gap(
            Window(first, start),
            [j for j in others if j.key.ended_at <= start],
            restarts=starts,
            outer=State.BEFORE_FIRST,
        )
    reason = (
        "the chain starts here, and log files lie before it: validation was off until then"
        if starts
        else "the chain goes on before what was collected"
    )
    return [Interval(Window(first, start), State.BEFORE_FIRST, reason)]


def _tail(end: datetime, others: Sequence[JudgedDigest], latest_log: datetime | None) -> list[Interval]:
    later = [j for j in others if j.key.ended_at > end and j.verdict.status in _UNPROVED]
    last = max([j.key.ended_at for j in later] + ([latest_log + _MINUTE] if latest_log else []), default=end)
    if last <= end:
        return []
    if later:
        reach = max(j.key.ended_at for j in later)
        stretches = _gap(Window(end, reach), later, restarts=False, outer=State.AFTER_LAST)
        return stretches + (
            [Interval(Window(reach, last), State.AFTER_LAST, _tail_reason(last - reach))] if last > reach else []
        )
    return [Interval(Window(end, last), State.AFTER_LAST, _tail_reason(last - end))]


def _tail_reason(length: timedelta) -> str:
    if length <= _HOUR:
        return "log files lie there, and their digest may not have been due"
    return "log files lie there, and the hourly digests are gone: the newest digests were removed or not collected"


def _claimed(judged: JudgedDigest) -> Window:
    """The window of an unproved digest: its own word where it can be read and agrees with its name, else one hour."""
    if judged.digest and judged.digest.window.end == judged.key.ended_at:
        return judged.digest.window
    return Window(judged.key.ended_at - _HOUR, judged.key.ended_at)


_UNPROVED = {Status.ALTERED: State.DIGEST_ALTERED, Status.UNVERIFIABLE: State.DIGEST_UNVERIFIABLE}


def _gap(
    gap: Window, others: Sequence[JudgedDigest], *, restarts: bool, outer: State = State.DIGEST_MISSING
) -> list[Interval]:
    """Fill a stretch that no proved digest covers with what lies there instead."""
    rest = State.NO_CHAIN if restarts else outer
    why = {
        State.NO_CHAIN: "the chain starts again after it: validation or logging was off, or the digests before were removed",
        State.DIGEST_MISSING: "the digest after it names a digest that is not there",
    }.get(rest, "no digest speaks of it")
    found: list[Interval] = []
    at = gap.start
    for judged in sorted(others, key=lambda j: (j.key.ended_at, j.key.key)):
        state = _UNPROVED.get(judged.verdict.status)
        part = _claimed(judged).intersection(gap)
        if state is None or part is None or part.end <= at:
            continue
        if part.start > at:
            found.append(Interval(Window(at, part.start), rest, why))
        found.append(Interval(Window(max(at, part.start), part.end), state, judged.verdict.reason))
        at = part.end
    if at < gap.end:
        found.append(Interval(Window(at, gap.end), rest, why))
    return found


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for interval in intervals:
        last = merged[-1] if merged else None
        if (
            last
            and last.window.end == interval.window.start
            and (last.state, last.reason) == (interval.state, interval.reason)
        ):
            merged[-1] = Interval(Window(last.window.start, interval.window.end), last.state, last.reason)
        else:
            merged.append(interval)
    return merged
