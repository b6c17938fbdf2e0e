"""Calls at hours that a principal does not keep, by its own habit and never by a general day from nine to five.

Source of the estimate: circular kernel density, Fisher 1993, "Statistical Analysis of Circular Data", section 2.2, over the 168 hours
of a week, with a Gaussian kernel of 1.5 hours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.bins import WEEK, hour_of_week
from cttoolkit.pivot.measures import brief, marked, rounded, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, Window

if TYPE_CHECKING:
    import ibis

__all__ = ["off_hours"]

_WIDTH = 1.5
_REACH = 6
_RARE = 0.005
_ENOUGH = 200
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def off_hours(events: Events, *, since: Instant, baseline: Window | None = None) -> Pivot:
    """Hours of the week since then in which a principal called, against how often it called around that hour before.

    ``density`` is that of the hour over that of its busiest, from the baseline's ``baseline_events``. ``is_lead``: under 0.005,
    with 200 events or more in a baseline of a week or more. Hours are UTC: what is night to the principal is not known.
    """
    import ibis

    asked = acting(events)
    base = baseline_of(events, since, baseline)
    kept = base.after(asked)
    table = marked(kept, kept.table)
    table = table.mutate(hour_of_week=hour_of_week(table.event_time))
    rows = table.group_by(["principal", "hour_of_week"]).aggregate(
        actor=table.actor.min(), **brief(table), names=table.event_name.nunique(), standing=worth(kept, table)
    )
    density, known = _habit(asked.table.filter(base.before(asked.table)))
    rows = rows.left_join(density, ["principal", "hour_of_week"]).drop("principal_right", "hour_of_week_right")
    rows = rows.left_join(known, "principal").drop("principal_right")
    rows = rows.mutate(
        density=(rows.baseline_events > 0).ifelse(rows.density.coalesce(0.0), rows.density),
        baseline_events=rows.baseline_events.coalesce(0),
        when=_told(rows.hour_of_week),
    )
    is_enough = (rows.baseline_events >= _ENOUGH) & ibis.literal(not base.is_short)
    rows = rows.mutate(is_lead=(rows.density < _RARE).fill_null(False) & is_enough)
    order = [rows.is_lead.desc(), rows.density.asc(nulls_first=False), rows["first"].asc(), rows.principal.asc()]
    derived = {"hour_of_week": lambda t: hour_of_week(t.event_time)}
    keys = ("principal", "hour_of_week")
    return Pivot("hour_of_week", kept, rows.order_by(order), keys, derived, events, (base.note,))


def _told(hour: Any) -> Any:
    import ibis

    days = [((hour / 24).floor().cast("int64") == number, name) for number, name in enumerate(_DAYS)]
    return ibis.cases(*days, else_="?") + " " + (hour % 24).cast("string").lpad(2, "0") + ":00"


def _habit(before: ibis.Table) -> tuple[ibis.Table, ibis.Table]:
    """The density around each hour of the week, of a principal's busiest hour; and the events that it was made from."""
    import ibis
    import pyarrow as pa

    before = before.mutate(hour_of_week=hour_of_week(before.event_time))
    counts = before.group_by(["principal", "hour_of_week"]).aggregate(n=before.count())
    # Beyond four widths a kernel adds nothing that is seen.
    offsets = range(-_REACH, _REACH + 1)
    weights = [math.exp(-((offset / _WIDTH) ** 2) / 2) for offset in offsets]
    kernel = ibis.memtable(pa.table({"offset": list(offsets), "weight": weights}))
    spread = counts.cross_join(kernel)
    spread = spread.mutate(hour_of_week=(spread.hour_of_week + spread.offset + WEEK) % WEEK)
    summed = spread.group_by(["principal", "hour_of_week"]).aggregate(p=(spread.n * spread.weight).sum())
    share = summed.p / summed.p.max().over(ibis.window(group_by="principal"))
    density = summed.mutate(density=rounded(share)).drop("p")
    return density, counts.group_by("principal").aggregate(baseline_events=counts.n.sum())
