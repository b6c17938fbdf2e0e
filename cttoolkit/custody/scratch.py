"""Tables in a file that lasts as long as a run: what grows with a bucket is held there and not in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cttoolkit.errors import EvidenceError

__all__ = ["Scratch"]

# Nothing of it outlives the run, so neither a journal nor the disk is waited for.
_SETTINGS = (
    "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
)


class Scratch:
    """A database of SQLite, made anew and removed in the end. Whoever uses it from several threads takes turns."""

    def __init__(self, place: Path, tables: str) -> None:
        self._place = place
        place.unlink(missing_ok=True)
        self._connection = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
        with self._telling():
            self._connection.executescript(_SETTINGS + tables)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._place.unlink(missing_ok=True)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the disk refuses, as our own error."""
        try:
            yield
        except sqlite3.Error as error:
            remedy = "make room and see that the folder can be written"
            raise EvidenceError(self._place, str(error), remedy) from error
