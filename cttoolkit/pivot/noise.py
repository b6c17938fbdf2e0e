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
from cttoolkit.param import Match
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis

__all__ = ["folded"]

_SECOND = timedelta(seconds=1)
_CHATTER, _BURST, _EVENT = "service chatter", "console burst", "event"
_KEYS = ("line", "who", "call", "source", "region", "number", "file", "record")


def folded(events: Events, *, idle: int = 10) -> Pivot:
    """The events in order of time, reads of AWS services and of consoles folded.

    A line is one event; or ``service chatter``, all reads of one call in one region by one service, its role or its onward calls; or a
    ``console burst``, reads of one console session with at most ``idle`` seconds between them. ``calls`` counts the different
    calls of a line, ``denied`` those that were refused. Lines of events without a time come last.
    """
    table = marked(events, events.table)
    table = table.mutate(line=_kind(table))
    parts = (_chatter(events, table), _bursts(events, table, idle), _singles(events, table))
    rows = parts[0].union(*parts[1:])
    rows = rows.order_by([rows["first"].asc(nulls_first=False), *(rows[name].asc() for name in _KEYS)])
    return Pivot("line", events, rows, _KEYS, drilled=_drilled, is_long=True)


def _kind(table: ibis.Table) -> Any:
    import ibis

    is_read = table.read_only.fill_null(False)
    credential = table.credential.fill_null("")
    is_service = (
        (table.actor_rung == Rung.SERVICE.value)
        | table.role.contains(":role/aws-service-role/").fill_null(False)
        | credential.startswith("fas:")
    )
    is_console = credential.startswith("con:") & table.event_time.notnull()
    return ibis.cases((is_read & is_service, _CHATTER), (is_read & is_console, _BURST), else_=_EVENT)


def _measures(events: Events, table: ibis.Table) -> dict[str, Any]:
    return {
        **brief(table),
        "calls": (table.event_source + ":" + table.event_name).nunique(),
        "denied": is_denied(table.error_code).sum(),
        "standing": worth(events, table),
    }


def _chatter(events: Events, table: ibis.Table) -> ibis.Table:
    import ibis

    own = table.filter(table.line == _CHATTER)
    own = own.select(*_needed(own), who=own.actor, call=own.event_name, source=own.event_source, region=own.aws_region)
    rows = own.group_by(["line", "who", "call", "source", "region"]).aggregate(**_measures(events, own))
    return _shown(rows.mutate(number=ibis.literal(0, "int64"), file=ibis.literal(""), record=ibis.literal(0, "int32")))


def _bursts(events: Events, table: ibis.Table, idle: int) -> ibis.Table:
    import ibis

    own = table.filter(table.line == _BURST)
    own = own.select(*_needed(own), who=own.credential, second=own.event_time.epoch_seconds())
    since = own.second - own.second.lag().over(ibis.window(group_by="who", order_by=own.second))
    own = own.mutate(begins=(since > idle).fill_null(True).cast("int64"))
    so_far = ibis.range_window(preceding=None, following=0, group_by="who", order_by=own.second)
    own = own.mutate(number=own.begins.sum().over(so_far))
    rows = own.group_by(["line", "who", "number"]).aggregate(call=own.event_name.min(), **_measures(events, own))
    empty = ibis.literal("")
    return _shown(rows.mutate(source=empty, region=empty, file=empty, record=ibis.literal(0, "int32")))


def _singles(events: Events, table: ibis.Table) -> ibis.Table:
    import ibis

    # Each is a group of its own, and what is an aggregate elsewhere is itself here.
    own = table.filter(table.line == _EVENT)
    one = {"events": ibis.literal(1, "int64"), "calls": ibis.literal(1, "int64")}
    return _shown(
        own.mutate(
            who=own.actor,
            call=own.event_name,
            source=own.event_source,
            region=own.aws_region,
            number=ibis.literal(0, "int64"),
            file=own.log_file,
            record=own.record_index,
            first=own.event_time,
            last=own.event_time,
            denied=is_denied(own.error_code).cast("int64"),
            standing=worth(events, own, is_aggregate=False),
            **one,
        )
    )


def _needed(table: ibis.Table) -> list[str]:
    marks = [name for name in table.columns if name.startswith("is_contradicted")]
    return ["line", "event_time", "event_name", "event_source", "error_code", "status", *marks]


def _shown(rows: ibis.Table) -> ibis.Table:
    shown = ("line", "events", "first", "last", "who", "call", "calls", "source", "region", "denied", "standing")
    return rows.select(*shown, "number", "file", "record")


def _drilled(events: Events, row: Mapping[str, Any]) -> Events:
    if row["line"] == _EVENT:
        return events.where(log_file=row["file"], record_index=row["record"])
    kind = events.where(Match(row["line"], lambda table: _kind(table) == row["line"]))
    if row["line"] == _CHATTER:
        where = {
            "event_name": row["call"],
            "event_source": row["source"],
            "aws_region": row["region"],
            "actor": row["who"],
        }
        return kind.where(**where)
    return kind.where(credential=row["who"]).between(row["first"], later(row["last"], _SECOND))
