"""Arrow's columns and the functions over them, typed loosely: its stubs take scalars and expressions apart, and plain values not at all."""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["Column", "Rows", "compute"]

Column: TypeAlias = Any
"""One column, a pyarrow.ChunkedArray."""
Rows: TypeAlias = Any
"""Several columns of one length, a pyarrow.Table."""


def compute() -> Any:
    """Arrow's functions over columns."""
    import pyarrow.compute

    return pyarrow.compute
