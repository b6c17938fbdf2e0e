"""Refused calls: who was refused more than usual, in which runs, and who tried one call after the other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_denied
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.bins import bin_number, bin_start, during_bin
from cttoolkit.pivot.measures import brief, marked, rounded, worth
from cttoolkit.pivot.proportion import lower_end
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, Window, later

if TYPE_CHECKING:
    import ibis

__all__ = ["denied_runs", "enumerations", "refusals"]

_TIMES = 3
_LEAST = 10
_SECOND = timedelta(seconds=1)
_LOOKS = r"^(Get|List|Describe)"


def refusals(events: Events, *, since: Instant | None = None, baseline: Window | None = None) -> Pivot:
    """Principals that were refused, the highest certain rate first; a row drills to what was refused.

    ``rate`` is refused of all ``calls``, ``lower`` the lower bound of its 95 % Wilson interval. ``entropy`` is that of the refused
    names, in bits: a tool that tries everything is high, a broken job that repeats one call is near 0. With ``since``, only what
    came after it counts, and ``is_lead`` is whether ``lower`` is over three times the baseline's rate with ten refusals or more; null
    for who has no baseline.
    """
    asked = acting(events)
    base = baseline_of(events, since, baseline) if since is not None else None
    kept = asked if base is None else base.after(asked)
    table = marked(kept, kept.table)
    table = table.mutate(is_denied=is_denied(table.error_code))
    calls = table.group_by("principal").aggregate(calls=table.count())
    refused = table.filter(table.is_denied)
    rows = refused.group_by("principal").aggregate(
        actor=refused.actor.min(), **brief(refused), names=refused.event_name.nunique(), standing=worth(kept, refused)
    )
    rows = rows.join(_entropy(refused), "principal").join(calls, "principal")
    rows = rows.mutate(rate=rows.events / rows.calls, lower=lower_end(rows.events, rows.calls))
    notes: tuple[str, ...] = ()
    if base is not None:
        before = asked.table.filter(base.before(asked.table))
        known = before.group_by("principal").aggregate(
            baseline_events=before.count(), baseline_rate=is_denied(before.error_code).mean()
        )
        rows = rows.left_join(known, "principal").drop("principal_right")
        rows = rows.mutate(baseline_events=rows.baseline_events.coalesce(0))
        is_more = rows.lower > _TIMES * rows.baseline_rate
        rows = rows.mutate(is_lead=is_more.notnull().ifelse(is_more & (rows.events >= _LEAST), is_more))
        notes = (base.note,)
    rows = rows.order_by([rows.lower.desc(), rows.events.desc(), rows.principal.asc()])
    return Pivot("principal", kept.denied(), rows, ("principal",), asked=events, notes=notes)


def _entropy(refused: ibis.Table) -> ibis.Table:
    """Shannon's entropy of the refused names of each principal: log2 N - sum(n log2 n) / N."""
    names = refused.group_by(["principal", "event_name"]).aggregate(n=refused.count())
    summed = names.group_by("principal").aggregate(total=names.n.sum(), weighted=(names.n * names.n.log2()).sum())
    entropy = rounded(summed.total.log2() - summed.weighted / summed.total)
    return summed.select("principal", entropy=entropy)


def denied_runs(events: Events, *, least: int = 3) -> Pivot:
    """Runs of refused calls by one credential with no other call between them, the longest first.

    The order within one second is not known: refused calls count as the first in theirs. ``names`` and ``services`` tell a search
    for what is allowed from a job that repeats itself.
    """
    import ibis

    asked = acting(events)
    asked = asked.where(Match("signed with a credential", lambda table: table.credential.notnull()))
    table = marked(asked, asked.table)
    table = table.mutate(is_denied=is_denied(table.error_code))
    # Whoever was never refused has no runs, and need not be put in order.
    refused = table.filter(table.is_denied).select("credential").distinct()
    table = table.semi_join(refused, "credential")
    order = ibis.window(
        group_by="credential",
        order_by=[table.event_time, table.is_denied.desc(), table.log_file, table.record_index],
        following=0,
    )
    table = table.mutate(run=(~table.is_denied).cast("int64").sum().over(order))
    runs = table.filter(table.is_denied)
    rows = runs.group_by(["credential", "run"]).aggregate(
        actor=runs.actor.min(), **brief(runs), names=runs.event_name.nunique(), services=runs.event_source.nunique(),
        standing=worth(asked, runs),
    )  # fmt: skip
    rows = rows.filter(rows.events >= least).drop("run")
    rows = rows.order_by([rows.events.desc(), rows["first"].asc(), rows.credential.asc()])

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        own = events.where(credential=row["credential"])
        return own.between(row["first"], later(row["last"], _SECOND))

    return Pivot("run", asked.denied(), rows, ("credential", "first"), asked=events, drilled=drilled)


def enumerations(events: Events, *, minutes: int = 10, least: int = 10) -> Pivot:
    """Who looked at most different things in a short time: distinct calls that get, list or describe, per credential and bin.

    Consoles do that too, with every page that they open: see ``is_console``.
    """
    asked = acting(events).where(
        Match("signed with a credential", lambda table: table.credential.notnull()),
        Match("gets, lists or describes", lambda table: table.event_name.re_search(_LOOKS)),
    )
    table = marked(asked, asked.table)
    table = table.mutate(bin=bin_number(table.event_time, minutes * 60))
    rows = table.group_by(["credential", "bin"]).aggregate(
        actor=table.actor.min(), **brief(table), calls=(table.event_source + ":" + table.event_name).nunique(),
        denied=is_denied(table.error_code).sum(), regions=table.aws_region.nunique(),
        is_console=table.is_console.any().coalesce(False), standing=worth(asked, table),
    )  # fmt: skip
    rows = rows.filter(rows.calls >= least)
    rows = rows.mutate(start=bin_start(rows.bin, minutes * 60)).drop("bin").relocate("start", after="credential")
    rows = rows.order_by([rows.calls.desc(), rows.start.asc(), rows.credential.asc()])
    note = f"at least {least} distinct calls within {minutes} minutes"
    drilled = during_bin("credential", minutes)
    return Pivot("start", asked, rows, ("credential", "start"), asked=events, notes=(note,), drilled=drilled)
