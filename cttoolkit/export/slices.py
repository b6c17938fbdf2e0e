"""Events in order of time, cut into slices that can be held one by one.

The engine could sort them all at once, and would need them all in memory for it: what it spills is not enough where rows are wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis
    import pyarrow

__all__ = ["ORDER", "slices"]

ORDER = ("event_time", "log_file", "record_index")
_MOST = 50_000
"""Events in one slice."""
_A_MINUTE_BUT_A_MOMENT = timedelta(seconds=59, microseconds=999_999)


@dataclass(frozen=True)
class _Cut:
    """One way to cut: ``by`` a value that grows with the order, and the events whose value lies between two, both included."""

    by: Callable[[ibis.Table], Any]
    between: Callable[[ibis.Table, Any, Any], Any]


def _cuts(most: int) -> tuple[_Cut, ...]:
    """From the coarsest; the last always leaves few enough, since an index stands in a log file once."""
    return (
        _Cut(
            lambda table: table.event_time.truncate("m"),
            # On the column itself, so that row groups of another time need not be read.
            lambda table, low, high: table.event_time.between(low, high + _A_MINUTE_BUT_A_MOMENT),
        ),
        _Cut(lambda table: table.event_time, lambda table, low, high: table.event_time.between(low, high)),
        _Cut(lambda table: table.log_file, lambda table, low, high: table.log_file.between(low, high)),
        _Cut(
            lambda table: table.record_index // most,
            lambda table, low, high: table.record_index.between(low * most, high * most + most - 1),
        ),
    )


def slices(table: ibis.Table, events: int) -> Iterator[pyarrow.Table]:
    """The rows of a table of so many events in order, those without a time last."""
    cuts = _cuts(_MOST)
    parts: list[Iterator[ibis.Table]] = [iter((table,))]
    if events > _MOST:
        timed, timeless = table.filter(table.event_time.notnull()), table.filter(table.event_time.isnull())
        parts = [_parts(timed, cuts), _parts(timeless, cuts[2:])]
    for part in parts:
        for one in part:
            found: pyarrow.Table = one.order_by(list(ORDER)).to_pyarrow()
            yield found


def _parts(table: ibis.Table, cuts: Sequence[_Cut]) -> Iterator[ibis.Table]:
    cut, *finer = cuts
    counted = table.group_by(value=cut.by(table)).aggregate(events=table.count()).order_by("value").to_pyarrow()
    held, low, high = 0, None, None
    for value, events in zip(counted["value"].to_pylist(), counted["events"].to_pylist(), strict=True):
        if held and held + events > _MOST:
            yield table.filter(cut.between(table, low, high))
            held = 0
        if events > _MOST:
            yield from _parts(table.filter(cut.between(table, value, value)), finer)
            continue
        low, high, held = (low if held else value), value, held + events
    if held:
        yield table.filter(cut.between(table, low, high))
