"""What a pivot is: Events regrouped into rows, each of which leads back to the events behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table, text_table
from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.derived import narrowed_to
from cttoolkit.text import number_of, shortened
from cttoolkit.window import later

if TYPE_CHECKING:
    import ibis
    import pandas
    import pyarrow

__all__ = ["Derived", "Pivot"]

_SHOWN = 20
_HOUR = timedelta(hours=1)

Derived = Callable[["ibis.Table"], Any]
"""A key that is computed from the table of events and costs little, such as the hour of a time."""


@dataclass(frozen=True, eq=False)
class Pivot:
    """Events regrouped, one row for each value of ``axis``, or for each combination of ``keys`` where there are several.

    ``events`` are what was regrouped; what was asked about and left out of that (calls of AWS services, say) is counted in the
    caption. ``notes`` say what the rows rest on: the baseline, a threshold. The rows rank leads, and none is a verdict. Where a pivot
    ``is_long``, it may have a row an event, and only what is shown is read.
    """

    axis: str
    events: Events = field(repr=False)
    expression: ibis.Table = field(repr=False)
    keys: tuple[str, ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict, repr=False)
    asked: Events | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    drilled: Callable[[Events, Mapping[str, Any]], Events] | None = field(default=None, repr=False)
    is_long: bool = field(default=False, repr=False)

    @cached_property
    def _held(self) -> pyarrow.Table:
        held: pyarrow.Table = self.expression.to_pyarrow()
        return held

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own."""
        frame: pandas.DataFrame = self._held.to_pandas()
        return frame

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows as dicts by column, each of which drill() takes."""
        yield from self._held.to_pylist()

    @cached_property
    def _length(self) -> int:
        return int(_unordered(self.expression).count().to_pyarrow().as_py() if self.is_long else self._held.num_rows)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that tell the rows apart."""
        return self.keys or (self.axis,)

    @property
    def values(self) -> list[Any]:
        """What tells the rows apart, in their order: values of the axis, or tuples where there are several keys."""
        columns = [self._held[name].to_pylist() for name in self.key_columns]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {value: place for place, value in enumerate(self.values)}

    def drill(self, row: Any) -> Events:
        """The events behind one row.

        The row is named by its value on the axis (a tuple where there are several keys), or given as it is, a dict or a Series.
        ColumnError where there is no such row.
        """
        try:
            value = self._named(row)
            place = self._places[value]
        except (KeyError, TypeError) as error:
            wanted = " and ".join(self.key_columns)
            raise ColumnError(row, f"no such {self.axis} in this pivot", f"give a row, or its {wanted}") from error
        found = self._held.slice(place, 1).to_pylist()[0]
        if self.drilled is not None:
            return self.drilled(self.events, found)
        narrowed = self.events
        for name in self.key_columns:
            narrowed = self._equal(narrowed, name, found[name])
        return narrowed

    def _named(self, row: Any) -> Any:
        # A dict or a Series: what has names has keys.
        if not hasattr(row, "keys"):
            return row
        named = tuple(_plain(row[name]) for name in self.key_columns)
        return named[0] if len(named) == 1 else named

    def _equal(self, events: Events, name: str, value: Any) -> Events:
        if name == "hour":
            return events.between(value, later(value, _HOUR))
        if name in self.derived:
            made = self.derived[name]
            told = f"{name.replace('_', ' ')} = {value!r}"
            return events.where(Match(told, lambda t: made(t).isnull() if value is None else made(t) == value))
        return narrowed_to(events, name, value)

    def _table(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        first = self.expression.limit(_SHOWN).to_pyarrow() if self.is_long else self._held.slice(0, _SHOWN)
        shown = first.to_pylist()
        return list(self.expression.columns), [tuple(row.values()) for row in shown]

    @property
    def caption(self) -> str:
        """What was regrouped, how many rows came of it, and what they rest on."""
        return self.captioned(_SHOWN)

    def captioned(self, shown: int) -> str:
        """The caption over the first rows, this many of them."""
        steps = " ▸ ".join(self.events.steps)
        more = f"; the first {shown:,} shown" if len(self) > shown else ""
        told = [f"{steps}: {len(self):,} by {self.axis.replace('_', ' ')}{more}"]
        if self.asked is not None and (left := len(self.asked) - len(self.events)):
            told.append(f"{number_of(left, 'event')} left out")
        return " · ".join([*told, *self.notes])

    def __repr__(self) -> str:
        notes = "".join(f"\n{shortened(note, 2000)}" for note in self.notes)
        return f"{len(self):,} by {shortened(self.axis, 200)}\n{text_table(*self._table())}{notes}"

    def _repr_html_(self) -> str:
        return html_table(*self._table(), self.caption)


def _unordered(table: ibis.Table) -> ibis.Table:
    """The same rows in any order: engines sort even what is only counted."""
    from ibis.expr.operations import Sort

    made = table.op()
    return made.parent.to_expr() if isinstance(made, Sort) else table


def _plain(value: Any) -> Any:
    """What pandas shows for a null is a null."""
    if isinstance(value, float) and isnan(value):
        return None
    return None if type(value).__name__ in ("NaTType", "NAType") else value
