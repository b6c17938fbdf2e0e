"""Sliding windows over the events that rules match: which of them meet a condition, and where such windows overlap.

Each event is the end of one window, which holds the events of its group from a timespan before it, both ends included. Windows
that meet the condition and overlap are one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import SigmaError

if TYPE_CHECKING:
    import ibis

__all__ = ["COMPARED", "counted", "distinct_values", "in_order", "measured", "overlapping", "steps_seen"]

COMPARED: dict[str, Callable[[Any, float], Any]] = {
    "lt": lambda found, wanted: found < wanted,
    "lte": lambda found, wanted: found <= wanted,
    "gt": lambda found, wanted: found > wanted,
    "gte": lambda found, wanted: found >= wanted,
    "eq": lambda found, wanted: found == wanted,
    "neq": lambda found, wanted: found != wanted,
}


def _before(span: int, keys: Sequence[str]) -> Any:
    import ibis

    return ibis.range_window(group_by=list(keys) or None, order_by="at", preceding=span, following=0)


def counted(rows: ibis.Table, span: int, keys: Sequence[str]) -> ibis.Table:
    """``found``: how many events the window that ends with each one holds. Each event is there once in a group."""
    return rows.mutate(found=rows.count().over(_before(span, keys)), low=rows["at"] - span)


def distinct_values(rows: ibis.Table, span: int, keys: Sequence[str]) -> ibis.Table:
    """``found``: how many different values."""
    window = _before(span, keys)
    if rows.get_backend().name == "duckdb":
        found = rows["value"].nunique().over(window)
    else:
        # Others count no distinct values in windows.
        found = rows["value"].collect().over(window).unique().length()
    return rows.mutate(found=found, low=rows["at"] - span)


def measured(rows: ibis.Table, span: int, keys: Sequence[str], measure: str, percentile: int | None) -> ibis.Table:
    """``found``: sum, avg, median or percentile of the values that are numbers; null in a window without any."""
    window = _before(span, keys)
    numbers = rows["value"].try_cast("float64")
    if measure in {"median", "percentile"} and rows.get_backend().name != "duckdb":
        raise SigmaError(f"value_{measure}", "it is computed in DuckDB only", "run the rule on one machine")
    made = {
        "sum": numbers.sum,
        "avg": numbers.mean,
        "median": numbers.median,
        "percentile": lambda: numbers.quantile((percentile or 0) / 100),
    }[measure]()
    return rows.mutate(found=made.over(window), low=rows["at"] - span)


def steps_seen(
    rows: ibis.Table, span: int, keys: Sequence[str], steps: int, meets: Callable[[list[Any]], Any] | None
) -> ibis.Table:
    """``found``: of how many rules the window holds an event; with ``meets``, 1 or 0 as it says of the rules seen."""
    window = _before(span, keys)
    seen = [(rows["step"] == step).cast("int64").max().over(window) for step in range(steps)]
    flagged = rows.mutate(**{f"seen_{step}": made for step, made in enumerate(seen)}, low=rows["at"] - span)
    each = [flagged[f"seen_{step}"] for step in range(steps)]
    found = reduce(add, each) if meets is None else meets([one == 1 for one in each]).cast("int64")
    return flagged.mutate(found=found).drop(*(f"seen_{step}" for step in range(steps)))


def in_order(rows: ibis.Table, span: int, keys: Sequence[str], steps: int) -> ibis.Table:
    """The events of the last rule that end a chain of events, one of each rule in order, within the timespan.

    ``low`` is where the latest such chain begins. Times are whole seconds, and which of two events in one came first is not
    recorded: they are in order either way.
    """
    import ibis

    up_to_now = ibis.range_window(group_by=list(keys) or None, order_by="at", preceding=None, following=0)
    chained = rows.mutate(since=ibis.cases((rows["step"] == 0, rows["at"]), else_=ibis.null("int64")))
    for step in range(1, steps):
        # The latest beginning among events of the rule before, up to now.
        latest = chained["since"].max(where=chained["step"] == step - 1).over(up_to_now)
        chained = chained.mutate(latest=latest)
        begun = ibis.cases((chained["step"] == step, chained["latest"]), else_=chained["since"])
        chained = chained.mutate(since=begun).drop("latest")
    ends = chained.filter((chained["step"] == steps - 1) & (chained["at"] - chained["since"] <= span))
    return ends.mutate(found=ibis.literal(steps), low=ends["since"]).drop("since")


def overlapping(met: ibis.Table, keys: Sequence[str], *, least: bool) -> ibis.Table:
    """Windows that overlap as one: ``low`` and ``high`` in seconds, and ``peak``, the most that was found (or the least)."""
    import ibis

    group = list(keys)
    ends = met.group_by([*group, "at"]).aggregate(
        low=met.low.min(), found=met.found.min() if least else met.found.max()
    )
    in_time = ibis.window(group_by=group or None, order_by="at")
    last = ends["at"].lag().over(in_time)
    begun = ends.mutate(is_new=(last.isnull() | (ends.low > last)).cast("int64"))
    running = ibis.cumulative_window(group_by=group or None, order_by="at")
    numbered = begun.mutate(number=begun.is_new.sum().over(running))
    found = numbered.found.min() if least else numbered.found.max()
    return (
        numbered.group_by([*group, "number"])
        .aggregate(low=numbered.low.min(), high=numbered["at"].max(), peak=found)
        .drop("number")
    )
