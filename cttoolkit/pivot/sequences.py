"""Sequences: calls that seldom follow one another, and sessions that are unlike their principal.

Source of the measure: surprisal as in novelty, of pairs of calls (Markov 1913; smoothing after Krichevsky and Trofimov 1981).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
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

__all__ = ["rare_sequences", "unusual_sessions"]

_A = 0.5
_TOP = 5
_PAIR = ["principal", "before", "event_name"]


def rare_sequences(events: Events, *, since: Instant) -> Pivot:
    """One call after another that the principal seldom made in that order, the least expected first.

    A step leads from one call of a credential to the next; calls of one name in one second are one, and those of different names
    are put by name, for their order is not recorded. ``surprisal`` is -log2((n + 0.5) / (N + 0.5 V)) bits, with n such steps of
    the principal in the baseline, N of its steps there (``baseline_steps``; with none there is no surprisal) and V different
    steps that anybody made. ``events`` are the calls at the end of the steps, since the time that is asked about.
    """
    base = baseline_of(events, since)
    asked = acting(events).where(Match("with credential and name", _is_named))
    table = marked(asked, asked.table)
    recent = table.filter(table.event_time >= base.since)
    # The step into the time that is asked about begins before it.
    whole = table.filter(base.before(table) | (table.event_time >= base.since)).semi_join(recent, "credential")
    steps = _steps(asked, whole).filter(lambda t: t.event_time >= base.since)
    now = steps.group_by(_PAIR).aggregate(actor=steps.actor.min(), **regathered(asked, steps), steps=steps.count())
    rows = _surprising(now, _known(table.filter(base.before(table))))
    rows = rows.select(
        *(*_PAIR, "actor", "events", "first", "last", "standing"),
        *("steps", "surprisal", "known", "baseline_steps"),
    )
    order = [rows["first"].asc(), rows.principal.asc(), rows.before.asc(), rows.event_name.asc()]
    ordered = rows.order_by([rows.surprisal.desc(nulls_first=False), *order])
    drilled = partial(_at_the_end, steps=steps)
    return Pivot(
        "sequence", base.after(asked), ordered, tuple(_PAIR), asked=events, notes=(base.note,), drilled=drilled
    )


def unusual_sessions(events: Events) -> Pivot:
    """Credentials whose calls are the least expected of their principals.

    ``surprisal`` is the mean of the five highest among the credential's different calls, each as in rare; a mean and no sum, so
    that a long session is no stranger than a short one. ``names`` is how many different calls there are, ``rarest`` the least
    expected, and ``of`` the principal's number of events: where that is not much more than ``events``, it says little.
    """
    import ibis

    asked = acting(events).where(Match("with credential and name", _is_named))
    table = marked(asked, asked.table)
    pairs = table.group_by(["principal", "credential", "event_name"]).aggregate(
        actor=table.actor.min(), **gathered(asked, table)
    )
    values = pairs.aggregate(values=pairs.event_name.nunique())
    counted = pairs.mutate(
        of=pairs.events.sum().over(ibis.window(group_by="principal")),
        known=pairs.events.sum().over(ibis.window(group_by=["principal", "event_name"])),
    ).cross_join(values)
    rated = counted.mutate(expected=-((counted.known + _A) / (counted.of + _A * counted["values"])).log2().round(9))
    by_surprise = ibis.window(group_by="credential", order_by=[rated.expected.desc(), rated.event_name.asc()])
    placed = rated.mutate(place=ibis.row_number().over(by_surprise))
    rows = placed.group_by("credential").aggregate(
        principal=placed.principal.min(),
        actor=placed.actor.min(),
        **regathered(asked, placed),
        surprisal=placed.expected.mean(where=placed.place < _TOP).round(6),
        names=placed.event_name.nunique(),
        rarest=placed.event_name.min(where=placed.place == 0),
        of=placed.of.max(),
    )
    ordered = rows.order_by([rows.surprisal.desc(), rows["first"].asc(), rows.credential.asc()])
    return Pivot("credential", asked, ordered, asked=events)


def _is_named(table: ibis.Table) -> Any:
    return table.credential.notnull() & table.event_name.notnull()


def _steps(events: Events, table: ibis.Table) -> ibis.Table:
    """A row for each name that a credential called in a second, with the name that came before it."""
    import ibis

    calls = table.group_by(["principal", "credential", "event_time", "event_name"]).aggregate(
        actor=table.actor.min(), **gathered(events, table)
    )
    in_order = ibis.window(group_by=["principal", "credential"], order_by=["event_time", "event_name"])
    steps = calls.mutate(before=calls.event_name.lag().over(in_order))
    return steps.filter(steps.before.notnull())


def _known(table: ibis.Table) -> ibis.Table:
    """How often each principal made each step. Only what is needed is put in order, for this goes over the whole baseline."""
    import ibis

    in_order = ibis.window(group_by=["principal", "credential"], order_by=["event_time", "event_name"])
    narrow = table.select("principal", "credential", "event_time", "event_name")
    placed = narrow.mutate(before=narrow.event_name.lag().over(in_order), at=narrow.event_time.lag().over(in_order))
    is_again = (placed.before == placed.event_name) & (placed["at"] == placed.event_time)
    steps = placed.filter(placed.before.notnull() & ~is_again)
    return steps.group_by(_PAIR).aggregate(known=steps.count())


def _surprising(now: ibis.Table, known: ibis.Table) -> ibis.Table:
    import ibis

    different = now.select("before", "event_name").union(known.select("before", "event_name"), distinct=True)
    values = different.aggregate(values=different.count())
    of = known.group_by("principal").aggregate(baseline_steps=known.known.sum())
    rows = now.left_join(known, _PAIR).drop(*(f"{name}_right" for name in _PAIR))
    rows = rows.left_join(of, "principal").drop("principal_right").cross_join(values)
    rows = rows.mutate(known=rows.known.coalesce(0), baseline_steps=rows.baseline_steps.coalesce(0))
    # Rounded, so that every engine ranks alike.
    surprisal = (-((rows.known + _A) / (rows.baseline_steps + _A * rows["values"])).log2()).round(6)
    return rows.mutate(surprisal=(rows.baseline_steps > 0).ifelse(surprisal, ibis.null("float64")))


def _at_the_end(events: Events, row: Mapping[str, Any], steps: ibis.Table) -> Events:
    """The calls that end such a step: a credential and a second, which are put together to be looked up as one."""
    there = steps.filter((steps.principal == row["principal"]) & (steps.before == row["before"]))
    there = there.filter(there.event_name == row["event_name"])
    ends = there.select(end=_end(there))
    followed = Match(f"after {row['before']}", lambda table: _end(table).isin(ends.end))
    return events.where(principal=row["principal"], event_name=row["event_name"]).where(followed)


def _end(table: ibis.Table) -> Any:
    return table.credential + " " + table.event_time.epoch_seconds().cast("int64").cast("string")
