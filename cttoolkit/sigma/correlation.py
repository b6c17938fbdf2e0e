"""Correlations: rules on several events of one group within a timespan, after Sigma's specification of correlation rules 2.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial, reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.measures import marked, worth
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.sigma.condition import exists
from cttoolkit.sigma.fields import Field
from cttoolkit.sigma.functions import values
from cttoolkit.sigma.rule import Described
from cttoolkit.sigma.windows import COMPARED, counted, distinct_values, in_order, measured, overlapping, steps_seen
from cttoolkit.text import visible

if TYPE_CHECKING:
    import ibis

__all__ = ["Correlation", "Step"]

_KEPT = ("event_time", "status", "actor", "recipient_account_id")
_OWN = frozenset({"actor", "recipient_account_id", "events", "first", "last", "found", "standing"})
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, eq=False)
class Step:
    """One rule that a correlation refers to, and where its events hold what they are grouped by, and the value that is counted."""

    rule: Described
    keys: tuple[Field, ...]
    value: Field | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Correlation(Described):
    """A rule on events of other rules, which share the values of ``keys`` and lie within ``span`` seconds.

    ``operator`` and ``count`` are the condition on what a window holds; ``meets`` stands for them where the condition is an
    expression of rules. Another correlation among the rules stands for the events of its
    """

    type: str = field(kw_only=True)
    steps: tuple[Step, ...] = field(kw_only=True)
    keys: tuple[str, ...] = field(kw_only=True)
    span: int = field(kw_only=True)
    operator: str = field(kw_only=True)
    count: float = field(kw_only=True)
    percentile: int | None = field(default=None, kw_only=True)
    meets: Callable[[list[Any]], Any] | None = field(default=None, kw_only=True)

    def holds(self, table: ibis.Table) -> Any:
        """Whether an event lies in a window that meets the condition; never null, as ``is_unsure`` has its own answer."""
        rows = self._rows(table)
        found = self._within(rows, self._windows(rows))
        return _place(table).isin(found.place)

    def is_unsure(self, table: ibis.Table) -> Any:
        """Whether an event may belong to a window that was not seen: it may match, or its group, time or value cannot be told."""
        return reduce(or_, (self._step_unsure(table, step) for step in self.steps))

    def find(self, events: Events) -> Pivot:
        """A row for each stretch of windows, in order of time: ``found`` is the most that one of them held, or the least."""
        table = marked(events, events.table)
        rows = self._rows(table)
        within = self._within(rows, self._windows(rows))
        named = self._names
        grouped = within.group_by([*self._columns, "low", "high", "peak"]).aggregate(
            actor=_only(within.actor),
            recipient_account_id=_only(within.recipient_account_id),
            events=within.count(),
            first=within.event_time.min(),
            last=within.event_time.max(),
            standing=worth(events, within),
        )
        shown = grouped.select(
            **{named[column]: grouped[column] for column in self._columns},
            **{name: grouped[name] for name in ("actor", "recipient_account_id", "events", "first", "last")},
            found=grouped.peak,
            standing=grouped.standing,
        )
        ordered = shown.order_by([shown["first"].asc(), *(shown[named[column]].asc() for column in self._columns)])
        keys = (*(named[column] for column in self._columns), "first")
        notes = (f"{self.type} within {timedelta(seconds=self.span)}: {visible(self.title)}",)
        return Pivot("window", events, ordered, keys, notes=notes, drilled=self._drilled)

    # Its parts -------------------------------------------------------------------------------------------------------------

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return tuple(f"key_{number}" for number in range(len(self.keys)))

    @property
    def _names(self) -> Mapping[str, str]:
        """What the columns of the keys are called in the pivot: as the rule spells them."""
        return {
            column: f"by {name}" if name in _OWN else name
            for column, name in zip(self._columns, self.keys, strict=True)
        }

    def _rows(self, table: ibis.Table) -> ibis.Table:
        """A row for each event, rule that it matches and group that it is in; those without a time or a group are left out."""
        made = reduce(lambda one, other: one.union(other), [self._of_step(table, at) for at in range(len(self.steps))])
        if self.type in {"temporal", "temporal_ordered"}:
            return made
        # An event counts once, however many of the rules it matches.
        return made.drop("step").distinct()

    def _of_step(self, table: ibis.Table, at: int) -> ibis.Table:
        import ibis

        step = self.steps[at]
        timed = table.filter(step.rule.holds(table))
        timed = timed.filter(timed.event_time.notnull())
        rows = timed.mutate(place=_place(timed), at=timed.event_time.epoch_seconds().cast("int64"))
        for column, place in zip(self._columns, step.keys, strict=True):
            rows = _valued(rows, column, place)
        if step.value is not None:
            rows = _valued(rows, "value", step.value)
        extra = [name for name in rows.columns if name == "value" or name.startswith("is_contradicted")]
        return rows.select("place", "at", *_KEPT, *self._columns, *extra, step=ibis.literal(at, "int64"))

    def _windows(self, rows: ibis.Table) -> ibis.Table:
        """The windows that meet the condition, those that overlap as one."""
        if self.type == "temporal_ordered":
            met = in_order(rows, self.span, self._columns, len(self.steps))
            return overlapping(met, self._columns, least=False)
        if self.type == "event_count":
            found = counted(rows, self.span, self._columns)
        elif self.type == "value_count":
            found = distinct_values(rows, self.span, self._columns)
        elif self.type == "temporal":
            found = steps_seen(rows, self.span, self._columns, len(self.steps), self.meets)
        else:
            measure = self.type.removeprefix("value_")
            found = measured(rows, self.span, self._columns, measure, self.percentile)
        met = found.filter(COMPARED[self.operator](found.found, self.count))
        return overlapping(met, self._columns, least=self.operator in {"lt", "lte"})

    def _within(self, rows: ibis.Table, spans: ibis.Table) -> ibis.Table:
        """The events in the windows, each once in a group."""
        once = rows.drop(*(name for name in ("step", "value") if name in rows.columns)).distinct()
        alike = [once[column] == spans[column] for column in self._columns]
        joined = once.inner_join(spans, [*alike, once["at"] >= spans.low, once["at"] <= spans.high])
        return joined.drop(*(f"{column}_right" for column in self._columns if f"{column}_right" in joined.columns))

    def _step_unsure(self, table: ibis.Table, step: Step) -> Any:
        unsure = step.rule.is_unsure(table)
        asked = [*step.keys, *([step.value] if step.value is not None else [])]
        untold = [table.event_time.isnull(), *(exists(place).exact(table).cast("int8").isnull() for place in asked)]
        return unsure | (step.rule.holds(table).fill_null(False) & reduce(or_, untold))

    def _drilled(self, events: Events, row: Mapping[str, Any]) -> Events:
        """The events behind one row: of its rules, its group and its time."""
        wanted = [row[self._names[column]] for column in self._columns]
        told = f"in a window of the Sigma rule {visible(self.title)!r}"
        found = events.where(Match(told, partial(self._of_group, wanted=wanted)))
        return found.between(row["first"], row["last"] + _SECOND)

    def _of_group(self, table: ibis.Table, wanted: Sequence[Any]) -> Any:
        def of_step(step: Step) -> Any:
            same = [_has(table, place, value) for place, value in zip(step.keys, wanted, strict=True)]
            held = step.rule.holds(table).fill_null(False)
            return reduce(and_, [held, *same])

        return reduce(or_, (of_step(step) for step in self.steps))


def _place(table: ibis.Table) -> Any:
    """What tells one event from all others."""
    return table.log_file + "#" + table.record_index.cast("string")


def _valued(rows: ibis.Table, column: str, place: Field) -> ibis.Table:
    """A row for each value that the field has; none for an event without one."""
    import ibis

    if place.kind == "absent":
        return rows.filter(ibis.literal(False)).mutate(**{column: ibis.null("string")})
    made = rows[place.column]
    if place.parts:
        made = values(made, place.parts).unnest()
    with_value = rows.mutate(**{column: made.cast("string") if not place.parts else made})
    return with_value.filter(with_value[column].notnull())


def _has(table: ibis.Table, place: Field, value: Any) -> Any:
    if place.parts:
        return values(table[place.column], place.parts).contains(value).fill_null(False)
    return (table[place.column].cast("string") == value).fill_null(False)


def _only(column: Any) -> Any:
    """The value that all have; null where there are several."""
    return (column.nunique() == 1).ifelse(column.min(), None)
