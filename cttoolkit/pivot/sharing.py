"""Events that have something in common with others: an actor, an address, a key."""

from __future__ import annotations

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.schema import column_names
from cttoolkit.text import number_of, shortened

__all__ = ["sharing"]

_MOST = 10_000
_TOLD = 80
"""Their own steps are told in full where they were taken."""


def sharing(events: Events, others: Events, column: str) -> Events:
    """Of some events, those that have a value of a column which one of the others has too; nulls are nobody's.

    ``sharing(events, stops, "actor")`` is all that is known of who stopped a trail, ``sharing(events, theirs, "source_ip_address")``
    all that came from where they came from, their own events included. None where the others are none. ColumnError where there is no
    such column, or they have more than 10,000 values.
    """
    if column not in column_names():
        raise ColumnError(column, "no such column", "look at docs/columns.md")
    found = others.table.select(column).distinct().limit(_MOST + 2).to_pyarrow()[column].to_pylist()
    values = [value for value in found if value is not None]
    if len(values) > _MOST:
        raise ColumnError(column, f"the others have more than {_MOST:,} values of it", "narrow them")
    told = f"with {column} of {number_of(len(others), 'event')} ({shortened(' ▸ '.join(others.steps[1:]) or 'all', _TOLD)})"
    return events.where(Match(told, lambda table: table[column].isin(values)))
