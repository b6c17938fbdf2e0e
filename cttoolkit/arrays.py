"""Columns of Arrow without a Python object a cell, where there would be most of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from cttoolkit.errors import WindowError
from cttoolkit.window import instant

if TYPE_CHECKING:
    import pyarrow

__all__ = ["hex_array", "json_array", "spread", "time_array"]

_NULL = b"null"


def json_array(raws: Sequence[msgspec.Raw]) -> pyarrow.Array[Any]:
    """One column of JSON text, gathered into one buffer without a Python object a cell; JSON null becomes null."""
    import numpy as np
    import pyarrow as pa

    lengths = np.fromiter(map(len, raws), np.int64, len(raws))
    # Only what is as long as the word null has to be looked at.
    nulls = lengths == len(_NULL)
    nulls[nulls] = [bytes(raws[at]) == _NULL for at in np.flatnonzero(nulls).tolist()]
    offsets = np.zeros(len(raws) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    valid = np.packbits(~nulls, bitorder="little")
    data = b"".join(raws)
    large = pa.LargeStringArray.from_buffers(
        len(raws), pa.py_buffer(offsets.data), pa.py_buffer(data), pa.py_buffer(valid.data)
    )
    return large.cast(pa.string())


def time_array(texts: Sequence[str | None]) -> pyarrow.Array[Any]:
    """Times as UTC; null where a text is no time with an offset."""
    import pyarrow as pa

    utc = pa.timestamp("us", tz="UTC")
    try:
        return pa.array(texts, pa.string()).cast(utc)
    except pa.ArrowInvalid:
        return pa.array([_time(text) for text in texts], utc)


def _time(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return instant(text)
    except WindowError:
        return None


def hex_array(digests: Sequence[bytes]) -> pyarrow.Array[Any]:
    """SHA-256 digests as lower-case hexadecimal text, without an object for each."""
    import numpy as np
    import pyarrow as pa

    text = b"".join(digests).hex().encode()
    offsets = np.arange(len(digests) + 1, dtype=np.int32) * 64
    return pa.Array.from_buffers(pa.string(), len(digests), [None, pa.py_buffer(offsets.data), pa.py_buffer(text)])


def spread(
    names: Sequence[str], values: Sequence[tuple[str | None, ...]], numbers: Any
) -> Iterator[tuple[str, pyarrow.Array[Any]]]:
    """Text columns of which each row is one of ``values``, by its number."""
    import pyarrow as pa

    rows = pa.array(numbers, pa.int32())
    for name, column in zip(names, zip(*values, strict=True) if values else [()] * len(names), strict=True):
        yield name, pa.array(column, pa.string()).take(rows)
