"""Bins of time in which a principal did much more than it does at that hour of the week.

Sources: Iglewicz and Hoaglin 1993 for the modified z-score, 0.6745 (c - median) / MAD, notable above 3.5; Mitzenmacher and Upfal
2005, theorem 4.4, for the bound on a Poisson tail, P(X >= c) <= exp(-(c ln(c / L) - c + L)).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cttoolkit.events import Events
from cttoolkit.pivot.baseline import Baseline, acting, baseline_of
from cttoolkit.pivot.bins import bin_number, bin_start, during_bin, hour_of_week, hours_held
from cttoolkit.pivot.measures import brief, marked, rounded, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, Window

if TYPE_CHECKING:
    import ibis

__all__ = ["bursts"]

_NOTABLE_Z = 3.5
_NOTABLE_BITS = 20
_MAD = 0.6745
_LN2 = 0.6931471805599453


def bursts(
    events: Events, *, since: Instant | None = None, minutes: int = 10, baseline: Window | None = None, least: int = 10
) -> Pivot:
    """Bins with ``least`` events or more of one principal, the least expected first.

    ``expected`` is the mean of its bins at the same hour of the week, empty ones counted; where the baseline does not hold that hour,
    of all its bins; never less than one event in all of them. ``bits``: that many or more come about with a chance of at most
    2 ** -bits, if calls are independent of each other. ``z`` is against the median, where more than half of the bins are not
    alike. Both are null for who has no baseline. Without ``since`` a bin is part of its own baseline. ``is_lead``: z over 3.5, or 20 bits.
    """
    import ibis

    asked = acting(events)
    base = baseline_of(events, since, baseline) if since is not None else _all_the_time(events)
    kept = asked if since is None else base.after(asked)
    table = marked(kept, kept.table)
    table = table.mutate(bin=bin_number(table.event_time, minutes * 60))
    rows = table.group_by(["principal", "bin"]).aggregate(
        actor=table.actor.min(), **brief(table), names=table.event_name.nunique(), standing=worth(kept, table)
    )
    rows = rows.filter(rows.events >= least)
    rows = rows.mutate(start=bin_start(rows.bin, minutes * 60)).drop("bin").relocate("start", after="principal")
    rows = rows.mutate(hour_of_week=hour_of_week(rows.start))
    if base.window is not None:
        usual = _usual(asked.table.filter(base.before(asked.table)), base.window, minutes)
        rows = rows.left_join(usual[0], ["principal", "hour_of_week"]).drop("principal_right", "hour_of_week_right")
        rows = rows.left_join(usual[1], "principal").drop("principal_right")
        bins = 60 // minutes
        in_all = base.window.length.total_seconds() / 60 / minutes
        held = hours_held(base.window, rows.hour_of_week) * bins
        expected = ibis.cases((held > 0, rows.at_hour.coalesce(0) / held), else_=rows.in_all.coalesce(0) / in_all)
        rows = rows.mutate(expected=ibis.greatest(expected, 1 / in_all), baseline_events=rows.in_all.coalesce(0))
        excess = rows.events * (rows.events / rows.expected).ln() - rows.events + rows.expected
        z = (rows.mad > 0).ifelse(_MAD * (rows.events - rows.median) / rows.mad, ibis.null("float64"))
        bits = (rows.events > rows.expected).ifelse(excess / _LN2, 0.0)
        rows = rows.mutate(bits=rounded((rows.baseline_events > 0).ifelse(bits, ibis.null("float64"))), z=z)
        rows = rows.mutate(
            is_lead=(rows.z > _NOTABLE_Z).fill_null(False) | (rows.bits >= _NOTABLE_BITS).fill_null(False)
        )
        rows = rows.drop("at_hour", "in_all", "median", "mad")
        order = [rows.bits.desc(nulls_first=False), rows.start.asc(), rows.principal.asc()]
    else:
        order = [rows.events.desc(), rows.start.asc(), rows.principal.asc()]
    notes = (f"{minutes} minutes a bin", base.note)
    drilled = during_bin("principal", minutes)
    return Pivot(
        "start", kept, rows.order_by(order), ("principal", "start"), asked=events, notes=notes, drilled=drilled
    )


def _all_the_time(events: Events) -> Baseline:
    span = events.root.span
    if span is None:
        return baseline_of(events, "0001-01-01T00:00:00Z")
    return baseline_of(events, span.end)


def _usual(before: ibis.Table, window: Window, minutes: int) -> tuple[ibis.Table, ibis.Table]:
    """What a principal does in a bin: by hour of the week, with median and MAD; and in all."""
    import ibis

    binned = before.mutate(bin=bin_number(before.event_time, minutes * 60))
    counts = binned.group_by(["principal", "bin"]).aggregate(n=binned.count())
    counts = counts.mutate(start=bin_start(counts.bin, minutes * 60))
    counts = counts.mutate(hour_of_week=hour_of_week(counts.start))
    place = ["principal", "hour_of_week"]
    # Empty bins have no rows, and count all the same: those of the hour less those that are there.
    all_bins = hours_held(window, counts.hour_of_week) * (60 // minutes)
    counts = counts.mutate(of=all_bins, empty=all_bins - counts.count().over(ibis.window(group_by=place)))
    ranked = counts.mutate(
        rank=ibis.row_number().over(ibis.window(group_by=place, order_by=[counts.n, counts.start])) + 1
    )
    is_middle = (ranked.empty + ranked["rank"]) * 2 >= ranked.of
    with_median = ranked.mutate(
        median=(ranked.empty * 2 >= ranked.of).ifelse(
            0, ranked.n.min(where=is_middle).over(ibis.window(group_by=place))
        )
    )
    off = with_median.mutate(off=(with_median.n - with_median.median).abs())
    # An empty bin is off by the median itself.
    off = off.mutate(rank=ibis.row_number().over(ibis.window(group_by=place, order_by=[off.off, off.start])) + 1)
    up_to = off["rank"] + off.empty * (off.median <= off.off).cast("int64")
    found = off.group_by(place).aggregate(
        at_hour=off.n.sum(),
        median=off.median.max(),
        observed=off.off.min(where=up_to * 2 >= off.of),
        is_empty_enough=((off.off <= off.median).sum() + off.empty.max()) * 2 >= off.of.max(),
    )
    mad = found.is_empty_enough.ifelse(ibis.least(found.observed.coalesce(found.median), found.median), found.observed)
    return (
        found.mutate(mad=mad).drop("observed", "is_empty_enough"),
        counts.group_by("principal").aggregate(in_all=counts.n.sum()),
    )
