"""Events regrouped on one axis: who, from where, with what, how often. Each row drills back to its events.

Every function takes Events and returns a Pivot, sorted by count and then by name. Nothing is computed until it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table, text_table
from cttoolkit.errors import ActorError, ColumnError
from cttoolkit.events import Events
from cttoolkit.schema import column_names
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = [
    "Pivot",
    "access_keys",
    "actors",
    "addresses",
    "agents",
    "errors",
    "hours",
    "names",
    "on",
    "regions",
    "roles",
    "services",
    "sessions",
    "widest_key_owner",
]

_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Pivot:
    """Events regrouped on ``axis``, one row a value.

    Rows say how many events, the first and last, how many of them failed and how many change something, and how many
    distinct actors, addresses and regions stand behind. ``events`` are what was regrouped.
    """

    axis: str
    events: Events = field(repr=False)
    expression: ibis.Table = field(repr=False)

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.expression.to_pyarrow().to_pylist()
        return rows

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own."""
        import pandas as pd

        return pd.DataFrame(self._rows, columns=list(self.expression.columns))

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def values(self) -> list[Any]:
        """The values on the axis, most events first."""
        return [row[self.axis] for row in self._rows]

    def drill(self, value: Any) -> Events:
        """The events behind one row. ColumnError where there is no such row."""
        if value not in self.values:
            raise ColumnError(value, f"no such {self.axis} in this pivot", "take a value from its first column")
        if self.axis == "hour":
            return self.events.between(value, later(value, timedelta(hours=1)))
        return self.events.where(**{self.axis: value})

    def _table(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        shown = self._rows[:_SHOWN]
        return list(self.expression.columns), [tuple(row.values()) for row in shown]

    def __repr__(self) -> str:
        return f"{len(self):,} by {self.axis}\n{text_table(*self._table())}"

    def _repr_html_(self) -> str:
        steps = " ▸ ".join(self.events.steps)
        more = f"; the first {_SHOWN} shown" if len(self) > _SHOWN else ""
        return html_table(*self._table(), f"{steps}: {len(self):,} by {self.axis.replace('_', ' ')}{more}")


def on(events: Events, axis: str) -> Pivot:
    """Regroup on any column of Events."""
    if axis not in column_names():
        raise ColumnError(axis, "no such column", "look at docs/columns.md")
    return _regroup(events, axis, events.table)


def _regroup(events: Events, axis: str, table: ibis.Table, *, by_time: bool = False) -> Pivot:
    import ibis

    failed = table.error_code.notnull() & (table.error_code != "")
    measures = {
        "events": table.count(),
        "first": table.event_time.min(),
        "last": table.event_time.max(),
        "failed": failed.sum(),
        "writes": (~table.read_only).sum().coalesce(0),
    }
    for other in ("actor", "source_ip_address", "aws_region"):
        if other != axis:
            measures[{"actor": "actors", "source_ip_address": "addresses", "aws_region": "regions"}[other]] = table[
                other
            ].nunique()
    grouped = table.group_by(axis).aggregate(**measures)
    order = [ibis.asc(axis)] if by_time else [ibis.desc("events"), ibis.asc(axis)]
    return Pivot(axis, events, grouped.order_by(order))


def actors(events: Events) -> Pivot:
    """By actor: the person or workload that a principal resolves to."""
    return on(events, "actor")


def roles(events: Events) -> Pivot:
    """By role, of the events made in role sessions."""
    return _regroup(events, "role", events.table.filter(events.table.role.notnull()))


def sessions(events: Events) -> Pivot:
    """By principal id, which for a role session is the role's id and the session's name."""
    return _regroup(events, "user_identity_principal_id", events.table.filter(events.table.role.notnull()))


def access_keys(events: Events) -> Pivot:
    """By access key. A long-lived key (AKIA…) with many addresses is the one to ask about."""
    return _regroup(events, "access_key_id", events.table.filter(events.table.access_key_id.notnull()))


def addresses(events: Events) -> Pivot:
    """By source address; AWS services stand there by name."""
    return on(events, "source_ip_address")


def agents(events: Events) -> Pivot:
    """By user agent, as the caller chose to write it."""
    return on(events, "user_agent")


def regions(events: Events) -> Pivot:
    """By region. Global services (IAM, sign-in, CloudFront) record in us-east-1."""
    return on(events, "aws_region")


def services(events: Events) -> Pivot:
    """By the service that was called."""
    return on(events, "event_source")


def names(events: Events) -> Pivot:
    """By event name."""
    return on(events, "event_name")


def errors(events: Events) -> Pivot:
    """By error code, of the events that failed."""
    return _regroup(events, "error_code", events.failed().table)


def hours(events: Events) -> Pivot:
    """By hour, UTC, in order of time; hours without an event have no row. Events without a time are left out."""
    table = events.table.filter(events.table.event_time.notnull())
    return _regroup(
        events, "hour", table.mutate(hour=table.event_time.truncate("h").cast(table.event_time.type())), by_time=True
    )


def widest_key_owner(events: Events) -> str:
    """The actor whose long-lived access key came from the most addresses; by name where two are alike.

    Where no long-lived key was used, the actor with the most addresses at all. A place to begin where no suspect is known, and
    no more than that. ActorError where there are no events.
    """
    known = events.table.filter(events.table.actor.notnull())
    for table, keys in ((known.filter(known.access_key_id.startswith("AKIA")), ["access_key_id"]), (known, [])):
        counted = table.group_by(["actor", *keys]).aggregate(addresses=table.source_ip_address.nunique())
        rows = counted.to_pyarrow().to_pylist()
        if rows:
            return str(min(rows, key=lambda row: (-row["addresses"], row["actor"]))["actor"])
    raise ActorError("events", "there are none", "widen the steps, or name a suspect")
