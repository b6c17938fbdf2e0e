"""What is new and what is rare, for each principal.

Source of the measure: surprisal, -log2 of a smoothed relative frequency (Shannon 1948; additive smoothing with 0.5 after Krichevsky
and Trofimov 1981), beside the inverse document frequency of Spärck Jones 1972 over principals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import GLOBAL_SERVICES
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import Baseline, acting, baseline_of
from cttoolkit.pivot.derived import DERIVED, check_column, column_of, from_addresses, has_value, with_derived
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked, rounded
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Instant, Window, later

if TYPE_CHECKING:
    import ibis

__all__ = ["first_seen", "new_agents", "new_regions", "rare"]

_A = 0.5
_CENSORED = 0.1


def rare(events: Events, axis: str = "event_name", *, by: str = "principal") -> Pivot:
    """Pairs of a principal and a value, the least expected first.

    ``surprisal`` is -log2((n + 0.5) / (N + 0.5 V)) bits, with n events of the pair, N of the principal and V values that anybody
    has; ``idf`` is log2(P / (1 + p)), with p of P principals having the value. A principal with few events is never surprising:
    look at ``of``, which is N.
    """
    asked, table = _acting(events, axis, by)
    pairs = _pairs(asked, table, axis, by)
    return _ranked(events, asked, _rated(pairs, axis, by), axis, by)


def first_seen(
    events: Events,
    axis: str = "event_name",
    *,
    since: Instant | None = None,
    by: str = "principal",
    baseline: Window | None = None,
) -> Pivot:
    """When each principal had a value of ``axis`` for the first time; new ones first where ``since`` is given.

    ``axis`` is a column, ``network`` or ``agent_family``. With ``since``, only pairs without an event before it are rows, ranked by
    surprisal against the baseline (see rare); ``baseline_events`` is the principal's number of events in it: with none, everything
    is new, which says nothing and has no surprisal. Without ``since``, rows are in order of time, and ``is_censored`` marks first
    events in the first tenth of the time: what came before the evidence is not known.
    """
    asked, table = _acting(events, axis, by)
    if since is None:
        return _firsts(events, asked, table, axis, by)
    base = baseline_of(events, since, baseline)
    pairs = _pairs(asked, table, axis, by, base)
    return _ranked(events, asked, _new(pairs, axis, by, base), axis, by, base)


def new_regions(events: Events, *, since: Instant, by: str = "principal", baseline: Window | None = None) -> Pivot:
    """Regions that a principal had never called before, without global services, which always say the same region.

    ``is_new_to_account`` weighs more: nobody in the account had called there in the baseline.
    """
    found = first_seen(
        events.where(Match("without global services", _is_regional)),
        "aws_region",
        since=since,
        by=by,
        baseline=baseline,
    )
    rows = found.expression.order_by(
        [found.expression.is_new_to_all.desc(), *_order(found.expression, by, "aws_region")]
    )
    return Pivot(found.axis, found.events, rows, found.keys, asked=events, notes=found.notes)


def new_agents(events: Events, *, since: Instant, by: str = "principal", baseline: Window | None = None) -> Pivot:
    """Families of user agents that a principal had never shown before. A new version of a known family is none."""
    return first_seen(events, "agent_family", since=since, by=by, baseline=baseline)


def _acting(events: Events, axis: str, by: str) -> tuple[Events, ibis.Table]:
    """Events by somebody that have both values, and their table."""
    for name in (axis, by):
        check_column(name)
    asked = acting(events)
    if axis == "network":
        asked = from_addresses(asked)
    told = f"with {axis.replace('_', ' ')} and {by.replace('_', ' ')}"
    asked = asked.where(Match(told, lambda table: has_value(table, axis) & has_value(table, by)))
    return asked, marked(asked, asked.table)


def _is_regional(table: ibis.Table) -> Any:
    return ~table.event_source.isin(GLOBAL_SERVICES).fill_null(False)


def _pairs(events: Events, table: ibis.Table, axis: str, by: str, base: Baseline | None = None) -> ibis.Table:
    """A row for each pair, with the counts that its measures need; the baseline's apart where there is one."""
    counts: dict[str, Any] = gathered(events, table)
    if by == "principal":
        counts["actor"] = table.actor.min()
    if base is not None:
        counts |= {"earlier": (table.event_time < base.since).sum(), "known": base.before(table).sum()}
    written = table.group_by([column_of(by), column_of(axis)]).aggregate(**counts)
    if axis not in DERIVED and by not in DERIVED:
        return written
    written = with_derived(written, axis, by)
    again = regathered(events, written)
    again |= {name: written[name].min() for name in ("actor",) if name in counts}
    again |= {name: written[name].sum() for name in ("earlier", "known") if name in counts}
    return written.group_by([by, axis]).aggregate(**again)


def _rated(pairs: ibis.Table, axis: str, by: str) -> ibis.Table:
    """Pairs of all the time with their surprisal and idf."""
    import ibis

    by_principal, by_value = ibis.window(group_by=by), ibis.window(group_by=axis)
    values, principals = _distincts(pairs, axis, by)
    counted = pairs.mutate(of=pairs.events.sum().over(by_principal), holders=pairs.count().over(by_value))
    return (
        counted.cross_join(values)
        .cross_join(principals)
        .mutate(
            surprisal=_surprisal(counted.events, counted.of, values.values),
            idf=rounded((principals.principals / (1 + counted.holders)).log2()),
        )
        .drop("values", "principals", "holders")
    )


def _distincts(pairs: ibis.Table, axis: str, by: str) -> tuple[ibis.Table, ibis.Table]:
    values = pairs.aggregate(values=pairs[axis].nunique())
    return values, pairs.aggregate(principals=pairs[by].nunique())


def _surprisal(count: Any, of: Any, values: Any) -> Any:
    return rounded(-((count + _A) / (of + _A * values)).log2())


def _new(pairs: ibis.Table, axis: str, by: str, base: Baseline) -> ibis.Table:
    """Pairs that nobody saw before the time that is asked about."""
    import ibis

    by_principal, by_value = ibis.window(group_by=by), ibis.window(group_by=axis)
    values, principals = _distincts(pairs, axis, by)
    counted = pairs.mutate(
        baseline_events=pairs.known.sum().over(by_principal),
        holders=(pairs.known > 0).sum().over(by_value),
        is_new_to_all=pairs.earlier.sum().over(by_value) == 0,
    )
    whole = counted.cross_join(values).cross_join(principals)
    rated = whole.mutate(
        surprisal=(whole.baseline_events > 0).ifelse(
            _surprisal(whole.known, whole.baseline_events, whole["values"]), ibis.null("float64")
        ),
        idf=rounded((whole.principals / (1 + whole.holders)).log2()),
    )
    return rated.filter((rated.earlier == 0) & (rated.last >= base.since)).drop(
        "values", "principals", "holders", "earlier", "known"
    )


def _order(table: ibis.Table, by: str, axis: str) -> list[Any]:
    return [
        *(table[name].desc(nulls_first=False) for name in ("surprisal", "idf")),
        table.first.asc(),
        table[by].asc(),
        table[axis].asc(),
    ]


def _ranked(
    asked: Events,
    events: Events,
    rows: ibis.Table,
    axis: str,
    by: str,
    base: Baseline | None = None,
) -> Pivot:
    ordered = rows.order_by(_order(rows, by, axis))
    kept = events if base is None else base.after(events)
    notes = () if base is None else (base.note,)
    return Pivot(axis, kept, ordered, (by, axis), asked=asked, notes=notes)


def _firsts(asked: Events, events: Events, table: ibis.Table, axis: str, by: str) -> Pivot:
    import ibis

    pairs = _pairs(events, table, axis, by)
    span = events.root.span
    edge = later(span.start, span.length * _CENSORED) if span is not None else None
    rows = pairs.mutate(is_censored=ibis.literal(value=True) if edge is None else pairs["first"] < edge)
    rows = rows.order_by([rows["first"].asc(), rows[by].asc(), rows[axis].asc()])
    return Pivot(axis, events, rows, (by, axis), asked=asked)
