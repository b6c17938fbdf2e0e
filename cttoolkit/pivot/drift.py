"""Drift: how far a principal's calls have moved from what they were, and from what its peers call.

Source: Jensen–Shannon divergence, Lin 1991 (IEEE Transactions on Information Theory 37).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting, baseline_of
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant

if TYPE_CHECKING:
    import ibis

__all__ = ["drift"]

_LEAST = 10
_GROUP = ["user_identity_type", "account"]


def drift(events: Events, *, since: Instant) -> Pivot:
    """How far each principal's event names since a time are from its own in the baseline and from its peers', the farthest first.

    ``from_itself`` and ``from_peers`` are Jensen–Shannon divergences in bits: H((P + Q) / 2) - (H(P) + H(Q)) / 2, which is 0 for
    shares that are alike and 1 where no name is shared. Peers are the other principals of one type in one account, since the same
    time. A change of one among peers that stayed is worth a look; a change of all is a change of the work.

    Fewer than ten calls are no distribution: such principals are no rows, and such a baseline or such peers give no divergence.
    ``baseline_events`` and ``peer_events`` say how many there were.
    """
    base = baseline_of(events, since)
    asked = acting(events).where(Match("with a name", lambda table: table.event_name.notnull()))
    table = marked(asked, asked.table)
    table = table.filter(base.before(table) | (table.event_time >= base.since))
    table = table.mutate(account=table.user_identity_account_id, is_after=table.event_time >= base.since)
    counts = table.group_by(["principal", *_GROUP, "event_name", "is_after"]).aggregate(
        actor=table.actor.min(), **gathered(asked, table)
    )
    names = _names(asked, counts)
    rows = _rows(asked, names)
    ranked = [rows[name].desc(nulls_first=False) for name in ("from_itself", "from_peers")]
    ordered = rows.order_by([*ranked, rows.principal.asc()])
    notes = (base.note, f"principals with at least {_LEAST} calls")
    return Pivot("principal", base.after(asked), ordered, asked=events, notes=notes)


def _names(events: Events, counts: ibis.Table) -> ibis.Table:
    """A row for each principal and name, with the numbers of calls: since the time, before it, and by peers."""
    import ibis

    is_after = counts.is_after
    # A principal has one type and one account; where records say otherwise, one of them is taken.
    owner = counts.group_by("principal").aggregate(**{name: counts[name].min() for name in _GROUP})
    own = counts.group_by(["principal", "event_name"]).aggregate(
        actor=counts.actor.min(),
        **regathered(events, counts, where=is_after),
        now=counts.events.sum(where=is_after).coalesce(0),
        then=counts.events.sum(where=~is_after).coalesce(0),
    )
    own = own.inner_join(owner, "principal")
    own = own.mutate(**{name: own[name].fill_null("") for name in _GROUP})
    by_name, by_group = ibis.window(group_by=[*_GROUP, "event_name"]), ibis.window(group_by=_GROUP)
    by_principal = ibis.window(group_by="principal")
    totals = own.mutate(
        all_now=own.now.sum().over(by_principal),
        all_then=own.then.sum().over(by_principal),
        peers=own.now.sum().over(by_name) - own.now,
    )
    return totals.mutate(all_peers=totals.now.sum().over(by_group) - totals.all_now)


def _rows(events: Events, names: ibis.Table) -> ibis.Table:
    import ibis

    nothing = ibis.null("float64")
    now = names.now / ibis.greatest(names.all_now, 1)
    then = names.then / ibis.greatest(names.all_then, 1)
    peers = names.peers / ibis.greatest(names.all_peers, 1)
    # What peers call and the principal does not is in none of its rows: it is what is left of their shares.
    rows = names.group_by("principal").aggregate(
        actor=names.actor.min(),
        **regathered(events, names),
        from_itself=_apart(now, then),
        from_peers=_apart(now, peers),
        baseline_events=names.all_then.max(),
        peer_events=names.all_peers.max(),
        all_now=names.all_now.max(),
    )
    rows = rows.filter(rows.all_now >= _LEAST)
    return rows.mutate(
        from_itself=(rows.baseline_events >= _LEAST).ifelse(rows.from_itself, nothing),
        from_peers=(rows.peer_events >= _LEAST).ifelse(rows.from_peers, nothing),
    ).drop("all_now")


def _apart(one: Any, other: Any) -> Any:
    """The divergence of two columns of shares, the first of which is complete."""
    middle = (one + other) / 2
    own = _term(one, middle).sum() / 2
    others = _term(other, middle).sum() / 2
    # Where only the other has a share, its term is that share times one bit.
    return (own + others + (1 - other.sum()) / 2).round(6)


def _term(share: Any, middle: Any) -> Any:
    import ibis

    # Greatest keeps the logarithm of nothing from being taken where the engine computes both branches.
    least = ibis.literal(1e-300)
    return (share > 0).ifelse(share * (ibis.greatest(share, least) / ibis.greatest(middle, least)).log2(), 0.0)
