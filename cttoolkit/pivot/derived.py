"""Axes that are no columns: what they are computed from, and how events are narrowed to one of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import network
from cttoolkit.pivot.agent import family
from cttoolkit.pivot.regrouped import Derived
from cttoolkit.schema import column_names

if TYPE_CHECKING:
    import ibis

__all__ = ["DERIVED", "check_column", "narrowed_to", "value_of", "with_derived"]

DERIVED: dict[str, Derived] = {"network": network, "agent_family": family}


def check_column(name: str) -> None:
    """ColumnError where there is no such column, derived or not."""
    if name not in column_names() and name not in DERIVED:
        raise ColumnError(name, "no such column", f"look at docs/columns.md; there are {', '.join(DERIVED)} too")


def value_of(table: ibis.Table, name: str) -> Any:
    return DERIVED[name](table) if name in DERIVED else table[name]


def with_derived(table: ibis.Table, *names: str) -> ibis.Table:
    """The table, with those of the names that are computed."""
    return table.mutate(**{name: DERIVED[name](table) for name in names if name in DERIVED})


def narrowed_to(events: Events, name: str, value: Any) -> Events:
    """Events that have a value there; null stands for none."""
    if name not in DERIVED:
        return events.where(**{name: value})
    made = DERIVED[name]
    told = f"{name.replace('_', ' ')} = {value!r}"
    return events.where(Match(told, lambda t: made(t).isnull() if value is None else made(t) == value))
