"""Events gathered in two steps: by second or hour first, which there are few of, and then into the rows of a pivot.

eventTime is written to the second, and nothing in a record says which of two calls in one second came first. So what depends on
the order of calls goes from second to second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.pivot.measures import brief, worth
from cttoolkit.standing import Word, word_of_keys

if TYPE_CHECKING:
    import ibis

__all__ = ["gathered", "once", "regathered", "weaker"]


def gathered(events: Events, table: ibis.Table) -> dict[str, Any]:
    """How many events, the first, the last and what a claim on them is worth, over what ``marked`` gave."""
    return brief(table) | {"standing": worth(events, table)}


def regathered(events: Events, table: ibis.Table, where: Any = None) -> dict[str, Any]:
    """The same over rows that were gathered before, of those ``where`` it holds."""
    words = (Word.REPORTED_PRESENT.value, Word.CONTRADICTED.value)
    return {
        "events": table.events.sum(where=where),
        "first": table["first"].min(where=where),
        "last": table["last"].max(where=where),
        "standing": _weakest(events, [((table.standing == word).any(where=where), word) for word in words]),
    }


def weaker(events: Events, one: Any, other: Any) -> Any:
    """What a claim is worth that rests on two rows."""
    words = (Word.REPORTED_PRESENT.value, Word.CONTRADICTED.value)
    return _weakest(events, [((one == word) | (other == word), word) for word in words])


def _weakest(events: Events, cases: list[tuple[Any, str]]) -> Any:
    import ibis

    return ibis.cases(*cases, else_=word_of_keys(events.verification).value)


def once(table: ibis.Table, column: str, **made: Callable[[ibis.Table], Any]) -> ibis.Table:
    """The table with columns made from one of its own, each computed once for each different value: patterns are slow."""
    distinct = table.select(column).distinct()
    looked_up = distinct.select(
        distinct[column].name("looked_up"), **{name: make(distinct) for name, make in made.items()}
    )
    return table.left_join(looked_up, table[column] == looked_up.looked_up).drop("looked_up")
