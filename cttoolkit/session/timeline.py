"""Rows by a key and then by time, so that looking for what came shortly before stays quick where one key has many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

__all__ = ["Row", "Timeline"]

Row = Mapping[str, Any]
_at = itemgetter("event_time")


class Timeline:
    """Rows of a table by the value of one column; rows without one, or without a time, are left out."""

    def __init__(self, rows: Iterable[Row], column: str) -> None:
        self._rows: dict[str, list[Row]] = {}
        for row in rows:
            if row[column] and row["event_time"] is not None:
                self._rows.setdefault(row[column], []).append(row)
        for held in self._rows.values():
            held.sort(key=lambda row: (row["event_time"], row["event_id"] or ""))

    def of(self, key: str | None) -> list[Row]:
        return self._rows.get(key or "", [])

    def during(self, key: str | None, first: datetime, last: datetime) -> list[Row]:
        """Rows from ``first`` to ``last``, both with them."""
        held = self.of(key)
        return held[bisect_left(held, first, key=_at) : bisect_right(held, last, key=_at)]
