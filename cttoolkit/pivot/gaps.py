"""The time between calls: stretches of activity with silence around them, and calls that come like a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cttoolkit.calls import is_denied
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.derived import check_column, has_value, narrowed_to, with_derived
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

__all__ = ["beacons", "stretches"]

_SECOND = timedelta(seconds=1)


def stretches(events: Events, by: str = "credential", *, idle: int = 30) -> Pivot:
    """Stretches of activity, in order of time: events of one value of ``by`` with less than ``idle`` minutes between any two.

    ``idle_before`` is the silence before a stretch, in minutes; null for the first, since what came before is not known.
    """
    import ibis

    check_column(by)
    asked = acting(events).where(Match(f"with {by.replace('_', ' ')}", lambda table: has_value(table, by)))
    table = with_derived(marked(asked, asked.table), by)
    # Within a second the order is not known, and what counts as silence does not depend on it.
    table = table.mutate(second=table.event_time.epoch_seconds())
    silence = (table.second - table.second.lag().over(ibis.window(group_by=by, order_by=table.second))) / 60
    table = table.mutate(silence=silence, begins=(silence >= idle).fill_null(True).cast("int64"))
    so_far = ibis.range_window(preceding=None, following=0, group_by=by, order_by=table.second)
    table = table.mutate(number=table.begins.sum().over(so_far))
    lasted = table.event_time.max().epoch_seconds() - table.event_time.min().epoch_seconds()
    rows = table.group_by([by, "number"]).aggregate(
        **({} if by == "actor" else {"actor": table.actor.min()}),
        **brief(table),
        minutes=lasted / 60,
        idle_before=table.silence.max(where=table.begins == 1),
        names=table.event_name.nunique(),
        writes=(~table.read_only).sum().coalesce(0),
        denied=is_denied(table.error_code).sum(),
        addresses=table.source_ip_address.nunique(),
        standing=worth(asked, table),
    )
    rows = rows.drop("number")
    rows = rows.order_by([rows["first"].asc(), rows[by].asc()])

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        return narrowed_to(events, by, row[by]).between(row["first"], later(row["last"], _SECOND))

    note = f"idle for {idle} minutes ends a stretch"
    return Pivot("stretch", asked, rows, (by, "first"), asked=events, notes=(note,), drilled=drilled)


def beacons(events: Events, *, by: str = "principal", least: int = 20, within: float = 0.1) -> Pivot:
    """Calls of one name that come at even intervals, the steadiest first: a schedule, and mostly a harmless one.

    ``variation`` is the standard deviation of the gaps over their mean, which is ``every`` seconds. Look here to explain, and not
    to accuse.
    """
    import ibis

    check_column(by)
    asked = acting(events).where(Match(f"with {by.replace('_', ' ')}", lambda table: has_value(table, by)))
    table = with_derived(marked(asked, asked.table), by)
    pair = [by, "event_name"]
    often = table.group_by(pair).aggregate(n=table.count())
    table = table.semi_join(often.filter(often.n >= least), pair)
    seconds = table.event_time.epoch_seconds()
    table = table.mutate(gap=seconds - seconds.lag().over(ibis.window(group_by=pair, order_by=[table.event_time])))
    rows = table.group_by(pair).aggregate(
        **brief(table), every=table.gap.mean(), spread=table.gap.std(how="pop"), standing=worth(asked, table)
    )
    rows = rows.mutate(variation=(rows.every > 0).ifelse(rows.spread / rows.every, ibis.null("float64"))).drop("spread")
    rows = rows.filter(rows.variation < within)
    rows = rows.order_by([rows.variation.asc(), rows.events.desc(), rows[by].asc(), rows.event_name.asc()])
    return Pivot("event_name", asked, rows, tuple(pair), asked=events, notes=(f"variation under {within}",))
