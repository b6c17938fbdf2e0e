"""A list of events in which chatter takes one line: what services read over and over, and what a console reads to draw a page.

Only reads are folded. Whatever changes something has a line of its own, and every line leads back to its events.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_denied
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis

__all__ = ["folded"]

_SECOND = timedelta(seconds=1)
_CHATTER, _BURST, _EVENT = "service chatter", "console burst", "event"
_OF_A_LINE = ("line", "name", "source", "region", "who", "number")


def folded(events: Events, *, idle: int = 10) -> Pivot:
    """The events in order of time, reads of AWS services and of consoles folded.

    A line is one event; or ``service chatter``, all reads of one call in one region by one service, its role or its onward calls; or a
    ``console burst``, reads of one console session with at most ``idle`` seconds between them. ``calls`` counts the different
    calls of a line, ``denied`` those that were refused. Lines of events without a time come last.
    """
    import ibis

    table = marked(events, events.table)
    table = table.mutate(line=_kind(table))
    in_order = ibis.window(
        group_by=["line", "credential"], order_by=[table.event_time, table.log_file, table.record_index]
    )
    since = table.event_time.epoch_seconds() - table.event_time.epoch_seconds().lag().over(in_order)
    table = table.mutate(begins=(since > idle).fill_null(True).cast("int64"))
    so_far = ibis.window(
        group_by=["line", "credential"], order_by=[table.event_time, table.log_file, table.record_index], following=0
    )
    chatter, burst = table.line == _CHATTER, table.line == _BURST
    single = ~chatter & ~burst
    table = table.mutate(
        name=burst.ifelse("", table.event_name),
        source=burst.ifelse("", table.event_source),
        region=burst.ifelse("", table.aws_region),
        who=burst.ifelse(table.credential, table.actor),
        number=burst.ifelse(table.begins.sum().over(so_far), 0),
        file=single.ifelse(table.log_file, ""),
        record=single.ifelse(table.record_index, -1),
    )
    rows = table.group_by([*_OF_A_LINE, "file", "record"]).aggregate(
        actor=table.actor.min(),
        **brief(table),
        call=table.event_name.min(),
        calls=(table.event_source + ":" + table.event_name).nunique(),
        denied=is_denied(table.error_code).sum(),
        standing=worth(events, table),
    )
    rows = rows.order_by(
        [rows["first"].asc(nulls_first=False), *(rows[name].asc() for name in (*_OF_A_LINE, "file", "record"))]
    )
    shown = ("line", "events", "first", "last", "actor", "call", "calls", "region", "denied", "standing")
    rows = rows.select(*shown, *(name for name in (*_OF_A_LINE, "file", "record") if name not in shown))
    keys = (*_OF_A_LINE, "file", "record")
    return Pivot("line", events, rows, keys, drilled=_drilled, is_long=True)


def _kind(table: ibis.Table) -> Any:
    import ibis

    is_read = table.read_only.fill_null(False)
    credential = table.credential.fill_null("")
    is_service = (
        (table.actor_rung == Rung.SERVICE.value)
        | table.role.contains(":role/aws-service-role/").fill_null(False)
        | credential.startswith("fas:")
    )
    return ibis.cases((is_read & is_service, _CHATTER), (is_read & credential.startswith("con:"), _BURST), else_=_EVENT)


def _drilled(events: Events, row: Mapping[str, Any]) -> Events:
    from cttoolkit.param import Match

    if row["line"] == _EVENT:
        return events.where(log_file=row["file"], record_index=row["record"])
    kind = events.where(Match(row["line"], lambda table: _kind(table) == row["line"]))
    if row["line"] == _CHATTER:
        own = {
            "event_name": row["name"],
            "event_source": row["source"],
            "aws_region": row["region"],
            "actor": row["who"],
        }
        return kind.where(**own)
    own_burst = kind.where(credential=row["who"])
    return own_burst if row["first"] is None else own_burst.between(row["first"], later(row["last"], _SECOND))
