"""What came last before something of the same key: over whole columns, and bounded, however often a key is used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from cttoolkit.session.columns import Column, compute

__all__ = ["BEFORE_ALL", "Found", "Ints", "Timeline", "codes_of", "micros", "ranked", "texts"]

Ints: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
BEFORE_ALL = -(2**62)
"""Earlier than any time of the calendar, in microseconds."""


@dataclass(frozen=True)
class Found:
    """Pairs of an asking row and a row found for it, in order of time, and how many there were for that asking row."""

    asking: Ints
    row: Ints
    of: Ints

    def where(self, kept: Ints) -> Found:
        return Found(self.asking[kept], self.row[kept], self.of[kept])


class Timeline:
    """Rows of a table by a key and then by time; rows without a key are left out."""

    def __init__(self, keys: Column, times: Ints, ties: Column) -> None:
        pc = compute()
        self._keys = pc.unique(_named(keys)).drop_null()
        codes = codes_of(_named(keys), self._keys)
        tie = ranked(ties)
        order = np.lexsort((tie, times, codes))
        self._rows: Ints = order[codes[order] >= 0]
        self._codes, self._times = codes[self._rows], times[self._rows]

    def latest(self, keys: Column, first: Ints, last: Ints, most: int) -> Found:
        """Of the rows with the key of each asking one, at times from ``first`` to ``last``, the latest ``most``."""
        asked = codes_of(_named(keys), self._keys)
        moments = np.unique(np.concatenate([self._times, first, last]))
        span = len(moments) + 1

        def place(codes: Ints, times: Ints) -> Ints:
            return codes * span + np.searchsorted(moments, times)

        held = place(self._codes, self._times)
        low = np.searchsorted(held, place(asked, first), "left")
        high = np.searchsorted(held, place(asked, last), "right")
        of = np.where((asked >= 0) & (high > low), high - low, 0)
        kept = np.minimum(of, most)
        asking = np.repeat(np.arange(len(asked)), kept)
        within = np.arange(len(asking)) - np.repeat(np.cumsum(kept) - kept, kept)
        return Found(asking, self._rows[(high - kept)[asking] + within], of[asking])


def codes_of(values: Column, known: Column) -> Ints:
    """The place of each value among the known ones; -1 where it is none of them."""
    pc = compute()
    found: Ints = pc.index_in(values, value_set=known).fill_null(-1).to_numpy().astype(np.int64)
    return found


def ranked(values: Column) -> Ints:
    """Texts as numbers of the same order."""
    pc = compute()
    found: Ints = pc.rank(pc.fill_null(values, ""), sort_keys="ascending", tiebreaker="dense").to_numpy()
    return found


def micros(times: Column) -> Ints:
    """Times as microseconds since 1970; those that are not there lie before all."""
    import pyarrow as pa

    found: Ints = times.cast(pa.int64()).fill_null(BEFORE_ALL).to_numpy()
    return found


def texts(values: Sequence[str | None]) -> Column:
    """A column of texts."""
    import pyarrow as pa

    return pa.chunked_array([pa.array(values, pa.string())])


def _named(keys: Column) -> Column:
    import pyarrow as pa

    pc = compute()
    return pc.if_else(pc.equal(keys, ""), pa.scalar(None, pa.string()), keys)
