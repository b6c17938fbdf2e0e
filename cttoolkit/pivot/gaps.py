"""The time between calls: stretches of activity with silence around them, and calls that come like a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cttoolkit.calls import is_denied
from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.bins import bin_number
from cttoolkit.pivot.derived import check_column, has_value, narrowed_to, with_derived
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import brief, marked, rounded, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import later

__all__ = ["beacons", "stretches"]

_SECOND = timedelta(seconds=1)


def stretches(events: Events, by: str = "credential", *, idle: int = 30) -> Pivot:
    """Stretches of activity, in order of time: events of one value of ``by`` with less than ``idle`` minutes between any two.

    ``idle_before`` is the silence before a stretch, in minutes; null for the first, since what came before is not known.
    WindowError where ``idle`` is under a minute.
    """
    import ibis

    if idle < 1:
        raise WindowError("idle", f"{idle} is less than a minute", "give one minute or more")
    check_column(by)
    asked = acting(events).where(Match(f"with {by.replace('_', ' ')}", lambda table: has_value(table, by)))
    table = with_derived(marked(asked, asked.table), by)
    table = table.mutate(second=table.event_time.epoch_seconds(), minute=bin_number(table.event_time, 60))
    # A silence of minutes lies between two minutes that have events, and those are far fewer than events.
    minutes = table.group_by([by, "minute"]).aggregate(
        **({} if by == "actor" else {"actor": table.actor.min()}),
        **gathered(asked, table),
        writes=(~table.read_only).sum().coalesce(0),
        denied=is_denied(table.error_code).sum(),
        begin=table.second.min(),
        end=table.second.max(),
    )
    in_order = ibis.window(group_by=by, order_by=minutes.minute)
    minutes = minutes.mutate(silence=(minutes.begin - minutes.end.lag().over(in_order)) / 60)
    minutes = minutes.mutate(begins=(minutes.silence >= idle).fill_null(True).cast("int64"))
    so_far = ibis.window(group_by=by, order_by=minutes.minute, following=0)
    minutes = minutes.mutate(number=minutes.begins.sum().over(so_far))
    rows = minutes.group_by([by, "number"]).aggregate(
        **({} if by == "actor" else {"actor": minutes.actor.min()}),
        **regathered(asked, minutes),
        minutes=(minutes.end.max() - minutes.begin.min()) / 60,
        idle_before=minutes.silence.max(where=minutes.begins == 1),
        writes=minutes.writes.sum(),
        denied=minutes.denied.sum(),
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
    table = table.mutate(second=table.event_time.epoch_seconds())
    often = table.group_by(pair).aggregate(n=table.count(), seconds=table.second.nunique())
    # Every gap of nothing is off by the mean itself: where a part of ``within`` squared are, nothing can make up for it.
    steady = often.filter((often.n >= least) & (often.n - often.seconds <= within**2 * often.n))
    table = table.semi_join(steady, pair)
    table = table.mutate(gap=table.second - table.second.lag().over(ibis.window(group_by=pair, order_by=table.second)))
    rows = table.group_by(pair).aggregate(
        **brief(table), every=table.gap.mean(), spread=table.gap.std(how="pop"), standing=worth(asked, table)
    )
    rows = rows.mutate(variation=rounded((rows.every > 0).ifelse(rows.spread / rows.every, ibis.null("float64")))).drop(
        "spread"
    )
    rows = rows.filter(rows.variation < within)
    rows = rows.order_by([rows.variation.asc(), rows.events.desc(), rows[by].asc(), rows.event_name.asc()])
    return Pivot("event_name", asked, rows, tuple(pair), asked=events, notes=(f"variation under {within}",))
