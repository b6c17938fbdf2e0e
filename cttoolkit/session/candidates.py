"""Candidates for joins as a table of columns, a row for each event that a join cites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.session.columns import Rows
from cttoolkit.session.edges import Grade

if TYPE_CHECKING:
    import pyarrow

__all__ = ["candidates", "schema"]


def schema() -> pyarrow.Schema:
    """``sound`` is the rank of a status, ``cited`` the id of an event."""
    import pyarrow as pa

    columns: dict[str, pyarrow.DataType] = {
        "parent": pa.string(),
        "child": pa.string(),
        "kind": pa.string(),
        "grade": pa.int8(),
        "enables": pa.bool_(),
        "at": pa.timestamp("us", tz="UTC"),
        "sound": pa.int8(),
        "note": pa.string(),
        "cited": pa.string(),
    }
    return pa.schema(columns)


def candidates(
    acts: Rows,
    child: Any,
    kind: str,
    grade: Any,
    note: Any = "",
    *,
    parent: Any = None,
    enables: bool = False,
) -> Rows:
    """A candidate for each row of acts, which it cites. What is said of all at once may be one value, or one a row."""
    import pyarrow as pa

    def column(name: str, value: Any) -> Any:
        kind = schema().field(name).type
        if isinstance(value, Grade):
            value = value.value
        if isinstance(value, str | int | bool):
            return pa.repeat(pa.scalar(value, kind), acts.num_rows)
        return (value if isinstance(value, pa.ChunkedArray | pa.Array) else pa.array(value)).cast(kind)

    values = {
        "parent": acts["by"] if parent is None else parent,
        "child": child,
        "kind": kind,
        "grade": grade,
        "enables": enables,
        "at": acts["at"],
        "sound": acts["sound"],
        "note": note,
        "cited": acts["cited"],
    }
    return pa.table([column(name, value) for name, value in values.items()], schema=schema())
