"""Tables that the engine makes once, to be asked several times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis

__all__ = ["kept"]


@contextmanager
def kept(table: ibis.Table) -> Iterator[ibis.Table]:
    """The table's rows, held by its engine as long as this lasts."""
    backend = table.get_backend()
    if backend.name != "duckdb":
        with table.cache() as cached:
            yield cached
        return
    # Ibis' own way to let go of such a table writes SQL that DuckDB does not take, and one in memory outlives its use.
    made = backend.made(table)
    try:
        yield made
    finally:
        backend.raw_sql(f'DROP TABLE IF EXISTS "{made.get_name()}"')
