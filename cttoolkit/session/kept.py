"""Tables that the engine makes once, to be asked several times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cttoolkit.session.columns import Rows

if TYPE_CHECKING:
    import ibis

__all__ = ["kept", "rows_of"]


@contextmanager
def kept(table: ibis.Table) -> Iterator[ibis.Table]:
    """The table's rows, held as long as this lasts: by a cluster itself, on one machine in columns that DuckDB reads in place."""
    import ibis

    if table.get_backend().name == "duckdb":
        yield ibis.memtable(table.to_pyarrow())
        return
    with table.cache() as cached:
        yield cached


def rows_of(table: ibis.Table) -> Rows:
    """The rows of such a table, without a second copy where they are held here already."""
    import ibis.expr.operations as ops

    held = table.op()
    return held.data.to_pyarrow(held.schema) if isinstance(held, ops.InMemoryTable) else table.to_pyarrow()
