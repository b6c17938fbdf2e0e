"""Axes that are no columns: what they are computed from, and how events are narrowed to one of their values.

Addresses and agents repeat: what costs something is computed once for each that there is, and joined.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.address import is_address, network
from cttoolkit.pivot.agent import NO_AGENT, family
from cttoolkit.schema import column_names

if TYPE_CHECKING:
    import ibis

__all__ = ["DERIVED", "check_column", "column_of", "from_addresses", "has_value", "narrowed_to", "with_derived"]

DERIVED: dict[str, tuple[str, Callable[[ibis.Table], Any], str | None]] = {
    "network": ("source_ip_address", network, None),
    "agent_family": ("user_agent", family, NO_AGENT),
}
"""By name: the column, what is made of it, and what stands for its null."""


def check_column(name: str) -> None:
    """ColumnError where there is no such column, derived or not."""
    if name not in column_names() and name not in DERIVED:
        raise ColumnError(name, "no such column", f"look at docs/columns.md; there are {', '.join(DERIVED)} too")


def column_of(name: str) -> str:
    """The column that it is computed from; a column is itself."""
    return DERIVED[name][0] if name in DERIVED else name


def has_value(table: ibis.Table, name: str) -> Any:
    """Whether there is a value to regroup on."""
    if name not in DERIVED:
        return table[name].notnull()
    column, _, absent = DERIVED[name]
    return table[column].notnull() if absent is None else table[column].notnull() | table[column].isnull()


def with_derived(table: ibis.Table, *names: str) -> ibis.Table:
    """The table, with those of the names that are computed."""
    for name in names:
        if name in DERIVED:
            column, _, absent = DERIVED[name]
            found = _each(table, name)
            table = table.left_join(found, column).drop(f"{column}_right")
            if absent is not None:
                table = table.mutate(**{name: table[name].fill_null(absent)})
    return table


def _each(table: ibis.Table, name: str) -> ibis.Table:
    """Every value of the column that an axis is computed from, with what comes of it."""
    column, made, _ = DERIVED[name]
    each = table.filter(table[column].notnull()).select(column).distinct()
    made_of = each.mutate(**{name: made(each)})
    return made_of.filter(made_of[name].notnull())


def narrowed_to(events: Events, name: str, value: Any) -> Events:
    """Events that have a value there; null stands for none."""
    if name not in DERIVED:
        return events.where(**{name: value})
    column, _, absent = DERIVED[name]

    def holds(table: ibis.Table) -> Any:
        each = _each(table, name)
        if value is None:
            return ~table[column].isin(each[column]).fill_null(False)
        found = table[column].isin(each.filter(each[name] == value)[column])
        return found | table[column].isnull() if value == absent else found

    return events.where(Match(f"{name.replace('_', ' ')} = {value!r}", holds))


def from_addresses(events: Events) -> Events:
    """Events from an address, and not from an AWS service that stands there by name."""

    def holds(table: ibis.Table) -> Any:
        each = table.select("source_ip_address").distinct()
        return table.source_ip_address.isin(each.filter(is_address(each.source_ip_address)).source_ip_address)

    return events.where(Match("from an address", holds))
