"""Hours in which AWS services, which always have something to record, recorded nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.integrity.uncovered import is_covered
from cttoolkit.param import Match
from cttoolkit.pivot.measures import rounded
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Window, later

if TYPE_CHECKING:
    import ibis
    import pyarrow

__all__ = ["silences"]

_HOUR = timedelta(hours=1)
_SURE = 13.815510557964274
"""-ln of one in a million."""
_LN2 = 0.6931471805599453
_MOST_HOURS = 200_000


def silences(events: Events) -> Pivot:
    """Hours without a service's event in an account and region where many were to be expected, the least likely first.

    ``expected`` is the mean of the place's other hours of the same number of the day, L; no event at all comes about with a
    chance of exp(-L), if they are independent of each other: rows are under one in a million. ``is_covered`` says whether verified
    digests cover the hour: then CloudTrail itself says that nothing was delivered, and the question is why nothing happened; else records
    may be missing. The first and the last hour of the evidence are cut off somewhere, and left out.
    """
    asked = events.where(
        Match(
            "by AWS services",
            lambda t: (
                ((t.actor_rung == Rung.SERVICE.value) | t.role.contains(":role/aws-service-role/").fill_null(False))
                & t.event_time.notnull()
                & t.recipient_account_id.notnull()
                & t.aws_region.notnull()
            ),
        )
    )
    span = asked.span
    hours = _hours(span) if span is not None else []
    rows = _expected(asked.table, hours)
    rows = rows.filter((rows.events == 0) & (rows.expected > _SURE)).mutate(bits=rounded(rows.expected / _LN2))
    place = ["recipient_account_id", "aws_region"]
    covered = _covered(events, rows, place, hours)
    rows = rows.left_join(covered, [*place, "hour"]).select(*rows.columns, "is_covered")
    rows = rows.order_by([rows.bits.desc(), rows.hour.asc(), *(rows[name].asc() for name in place)])

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        where = {name: row[name] for name in place}
        return events.where(**where).between(row["hour"], later(row["hour"], _HOUR))

    return Pivot("hour", asked, rows, (*place, "hour"), asked=events, drilled=drilled)


def _hours(span: Window) -> list[datetime]:
    """The whole hours within a span; none where a record claims a time that makes them too many to be listed."""
    first = later(span.start.replace(minute=0, second=0, microsecond=0), _HOUR)
    count = int((span.end - first) / _HOUR)
    return [first + _HOUR * number for number in range(count)] if 0 < count <= _MOST_HOURS else []


def _expected(table: ibis.Table, hours: list[datetime]) -> ibis.Table:
    """Every whole hour of every place, with its number of events and that of the place's other hours like it."""
    import ibis
    import pyarrow as pa

    place = ["recipient_account_id", "aws_region"]
    grid = ibis.memtable(pa.table({"hour": pa.array(hours, pa.timestamp("us", tz="UTC"))}))
    table = table.mutate(hour=table.event_time.truncate("h").cast("timestamp('UTC', 6)"))
    counts = table.group_by([*place, "hour"]).aggregate(n=table.count())
    whole = counts.select(place).distinct().cross_join(grid)
    rows = whole.left_join(counts, [*place, "hour"]).select(*place, whole.hour, events=counts.n.coalesce(0))
    alike = ibis.window(group_by=[*place, rows.hour.hour()])
    others = rows.count().over(alike) - 1
    return rows.mutate(expected=((rows.events.sum().over(alike) - rows.events) / others.nullif(0)).coalesce(0.0))


def _covered(events: Events, rows: ibis.Table, place: list[str], hours: list[datetime]) -> ibis.Table:
    """Which of the silent hours verified digests cover."""
    import ibis
    import pyarrow as pa

    verification = events.verification
    found = rows.select(*place, "hour").to_pyarrow() if hours else _nothing(place)
    told = [
        is_covered(verification, row[place[0]], row[place[1]], Window(row["hour"], later(row["hour"], _HOUR)))
        for row in found.to_pylist()
    ]
    return ibis.memtable(found.append_column("is_covered", pa.array(told, pa.bool_())))


def _nothing(place: list[str]) -> pyarrow.Table:
    import pyarrow as pa

    columns = {name: pa.array([], pa.string()) for name in place}
    return pa.table({**columns, "hour": pa.array([], pa.timestamp("us", tz="UTC"))})
