"""What the table of events runs on: workers over files, tables over shards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    import ibis

__all__ = ["Engine"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")


class Engine(Protocol):
    """An engine does the same on one machine as on many; what is asked of it is written once."""

    def map_files(
        self,
        work: Callable[[Task], Outcome],
        tasks: Iterable[Task],
        total: int,
        *,
        is_native: bool = False,
    ) -> Iterator[Outcome]:
        """Do the work for every task and yield the outcomes in the tasks' order.

        Tasks are taken as workers become free. ``total`` is the size of all of them in bytes, for the choice of where they
        run. ``is_native`` says that the work is done outside of the interpreter for the most part, so that threads do as
        well as processes.
        """
        ...

    def save(self, table: ibis.Table, path: Path) -> None:
        """Write a table's rows to one Parquet file, without holding them. OSError where the disk refuses."""
        ...

    def table(self, shards: Iterable[Path]) -> ibis.Table:
        """One lazy table over Parquet shards of the same schema."""
        ...

    def named(self, table: ibis.Table) -> ibis.Table:
        """The same table under a name of the engine's own: lazy still, and what is asked of it is a short query."""
        ...
