"""Events chosen by what stands beside them: others of the same name, from the same address, shortly before or after."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match

if TYPE_CHECKING:
    import ibis

__all__ = ["chosen"]


def chosen(events: Events, told: str, choose: Callable[[ibis.Table], ibis.Table]) -> Events:
    """The events that ``choose`` keeps of their table, told apart by where they lie.

    What looks at other rows has to see all of them: as a plain condition it would be asked after those that follow, among the
    rows that these left.
    """

    def holds(table: ibis.Table) -> Any:
        kept = choose(table)
        return _place(table).isin(_place(kept).name("place").as_table().place)

    return events.where(Match(told, holds))


def _place(table: ibis.Table) -> Any:
    return table.log_file + "#" + table.record_index.cast("string")
