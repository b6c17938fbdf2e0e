"""Opening moves: what somebody asks first who holds a credential and does not know what it is good for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import network
from cttoolkit.pivot.baseline import Baseline, acting, baseline_of
from cttoolkit.pivot.bins import bin_number
from cttoolkit.pivot.gathered import gathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, written

if TYPE_CHECKING:
    import ibis

__all__ = ["openings"]

_CALLS = 20
_MINUTES = 600
_WHO = "GetCallerIdentity"
_MOVES = (
    _WHO,
    "GetUser",
    "GetAccountSummary",
    "ListAttachedUserPolicies",
    "ListAttachedRolePolicies",
    "ListAttachedGroupPolicies",
    "ListBuckets",
    "DescribeRegions",
    "GetSendQuota",
    "ListFoundationModels",
    "GetServiceQuota",
)


def openings(events: Events, *, since: Instant | None = None) -> Pivot:
    """Credentials whose first twenty calls hold opening moves, those with most that are new to the principal first.

    ``moves`` counts different ones among GetCallerIdentity, GetUser, GetAccountSummary, ListAttached*, ListBuckets,
    DescribeRegions, GetSendQuota, ListFoundationModels and GetServiceQuota; ``new_moves`` those that the principal never used in
    the baseline, or before this credential where no ``since`` is given. SDKs and Terraform ask GetCallerIdentity all the time: it
    counts only where the principal had never asked it from that network. With no ``baseline_events`` every move is new.

    The twenty calls go to the end of the second in which the twentieth came. With ``since``, credentials are rows that were first
    used at that time or after.
    """
    base = baseline_of(events, since) if since is not None else None
    asked = acting(events).where(Match("with a credential", lambda table: table.credential.notnull()))
    table = marked(asked, asked.table)
    calls = _opening(table, base)
    whole = calls.group_by("credential").aggregate(
        actor=calls.actor.min(), principal=calls.principal.min(), **gathered(asked, calls), failed=_failed(calls)
    )
    rows = whole.inner_join(_moves(calls, table, base), "credential")
    if base is not None:
        known = table.filter(base.before(table)).group_by("principal").aggregate(baseline_events=lambda t: t.count())
        rows = rows.left_join(known, "principal")
        rows = rows.mutate(baseline_events=rows.baseline_events.coalesce(0)).drop("principal_right")
    by_count = [rows[name].desc() for name in ("new_moves", "moves")]
    ordered = rows.order_by([*by_count, rows["first"].asc(), rows.credential.asc()])
    note = (
        base.note if base is not None else "no baseline named: a move is new where the principal had not made it before"
    )
    return Pivot("credential", asked, ordered, asked=events, notes=(note,), drilled=_to_the_last)


def _failed(calls: ibis.Table) -> Any:
    return is_failed(calls).sum()


def _opening(table: ibis.Table, base: Baseline | None) -> ibis.Table:
    """The first twenty calls of each credential that has an opening move."""
    import ibis

    starts = table.group_by("credential").aggregate(
        start=table.event_time.min(), has_any=table.event_name.isin(_MOVES).any()
    )
    able = starts.filter(starts.has_any.fill_null(False))
    if base is not None:
        able = able.filter(able.start >= base.since)
    narrow = table.select("credential", "event_time").semi_join(able, "credential")
    narrow = narrow.mutate(stretch=bin_number(narrow.event_time, _MINUTES))
    # By stretch first, which there are few of, and only what is left by second.
    for unit in ("stretch", "event_time"):
        counted = narrow.group_by(["credential", unit]).aggregate(calls=narrow.count())
        so_far = ibis.window(group_by="credential", order_by=unit, preceding=(None, 0))
        placed = counted.mutate(before=counted.calls.sum().over(so_far) - counted.calls)
        within = placed.filter(placed.before < _CALLS)
        if unit == "stretch":
            narrow = narrow.semi_join(within, ["credential", unit])
    ends = within.group_by("credential").aggregate(until=within.event_time.max())
    limits = able.select("credential", "start").inner_join(ends, "credential")
    calls = table.inner_join(limits, "credential")
    return calls.filter(calls.event_time <= calls.until).drop("until")


def _moves(calls: ibis.Table, table: ibis.Table, base: Baseline | None) -> ibis.Table:
    """How many different opening moves each credential made, and how many of them the principal had not made before."""
    made = calls.filter(calls.event_name.isin(_MOVES)).mutate(network=lambda t: network(t).fill_null(""))
    ever = table.filter(table.event_name.isin(_MOVES))
    used = ever.group_by(["principal", "event_name"]).aggregate(
        first_used=ever.event_time.min(),
        known=(base.before(ever) if base is not None else ever.event_time.isnull()).sum(),
    )
    who = ever.filter(ever.event_name == _WHO).mutate(network=lambda t: network(t).fill_null(""))
    asked = who.group_by(["principal", "network"]).aggregate(first_asked=who.event_time.min())
    made = made.select("credential", "principal", "event_name", "event_time", "network", "start")
    made = made.left_join(used, ["principal", "event_name"]).drop("principal_right", "event_name_right")
    made = made.left_join(asked, ["principal", "network"])
    is_who = made.event_name == _WHO
    made = made.filter(~is_who | (made.event_time == made.first_asked))
    is_new = (made.known == 0) if base is not None else (made.first_used >= made.start)
    made = made.mutate(new_name=((made.event_name == _WHO) | is_new).ifelse(made.event_name, None))
    return made.group_by("credential").aggregate(
        moves=made.event_name.nunique(),
        new_moves=made.new_name.nunique(),
    )


def _to_the_last(events: Events, row: Mapping[str, Any]) -> Events:
    until = Match(f"until {written(row['last'])}", lambda table: table.event_time <= row["last"])
    return events.where(credential=row["credential"]).where(until)
