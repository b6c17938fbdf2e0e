"""What an investigation presupposes of its evidence, and whether the evidence has it: asked before any question, and never assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cttoolkit.display import Table
from cttoolkit.events import Events
from cttoolkit.param import param
from cttoolkit.standing import Condition, Met, absent
from cttoolkit.text import number_of, shortened
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    import ibis

__all__ = ["preconditions"]

_MOST = 8
_PLACES = ("bucketName", "functionName", "tableName")
_DATA = "data events"
_FOLLOWS = {
    "time": "what was before or after is not known",
    "coverage": "that something did not happen is unproven",
    "regions": "what was done in other regions is not known",
    "listed log files": "what they held is lost, and absences are contradicted",
    "records read": "what could not be read may be what is asked about",
    "event selectors": "calls that were not selected left no event",
    "the trail was left as it was": "what was selected may have been less at another hour",
    "provenance of the keys": "whoever rewrote the files could have signed them anew",
    _DATA: "of what is not named here, neither reads nor writes of objects, tables or functions can be told",
}
"""What follows where a condition is not met, or not known to be."""


def preconditions(events: Events, window: Window | None = None) -> Table:
    """Each thing that claims on a window presuppose: whether it is met (yes, no, unknown), what was found, and what follows if not.

    ``window`` is the time that is asked about (default: that of all admitted events). Selectors are asked about for management
    events. Of data events it is told which resources they name: a trail is told which ones to record, and others leave none.
    """
    whole = events.root
    asked = window if window is not None else whole.window
    conditions = [_time(whole, asked), *absent(whole.named(""), asked, "Management").conditions, _data(whole)]
    rows = [
        (one.name, one.met.value, shortened(one.found, 1000), "" if one.met is Met.YES else _FOLLOWS.get(one.name, ""))
        for one in conditions
    ]
    accounts, regions = (_counted(whole.table, name) for name in ("recipient_account_id", "aws_region"))
    held = ((len(whole), "event"), (accounts, "account"), (regions, "region"))
    told = f"What claims on {asked} rest on: {', '.join(number_of(count, what) for count, what in held)}"
    return Table(("condition", "met", "found", "what follows"), tuple(rows), told)


def _time(whole: Events, asked: Window) -> Condition:
    span = whole.window
    is_within = span.start <= asked.start and asked.end <= span.end
    return Condition(
        "time", Met.YES if is_within else Met.NO, f"events from {written(span.start)} to {written(span.end)}"
    )


def _data(whole: Events) -> Condition:
    """Which resources have data events, as far as their parameters name them in a way that is known."""
    import ibis

    data = whole.where(event_category="Data").table
    named = ibis.coalesce(*(param(f"requestParameters.{place}").value(data) for place in _PLACES))
    counted = data.group_by(service=data.event_source, resource=named).aggregate(events=data.count())
    rows = counted.order_by([counted.events.desc(), "service", "resource"]).to_pyarrow().to_pylist()
    if not rows:
        return Condition(_DATA, Met.NO, "none of any resource")
    shown = [
        f"{number_of(row['events'], 'event')} of {row['resource'] or 'resources not named'} ({row['service']})"
        for row in rows[:_MOST]
    ]
    more = [f"{len(rows) - _MOST} more"] if len(rows) > _MOST else []
    # That some are recorded says nothing of the others.
    return Condition(_DATA, Met.UNKNOWN, "; ".join([*shown, *more]))


def _counted(table: ibis.Table, name: str) -> int:
    return int(table[name].nunique().to_pyarrow().as_py())
