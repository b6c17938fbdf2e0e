"""What S3 lists, on the disk and not in memory: a bucket may hold ten million objects, and whoever writes to it decides how many."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cttoolkit.collection.listing import Version
from cttoolkit.custody.scratch import Scratch

__all__ = ["Spool", "Task"]

_AT_ONCE = 1000
_MOST_STRETCHES = 4096
_TABLES = """
    CREATE TABLE listed (key TEXT, number INTEGER, size INTEGER, etag TEXT, last_modified TEXT, version_id TEXT, is_latest INTEGER,
        storage_class TEXT, PRIMARY KEY (key, number)) WITHOUT ROWID;
    CREATE TABLE todo (rank INTEGER, number INTEGER, key TEXT, size INTEGER, etag TEXT, last_modified TEXT, version_id TEXT,
        is_latest INTEGER, storage_class TEXT, path TEXT, is_current INTEGER, PRIMARY KEY (rank, number)) WITHOUT ROWID;
"""


class Task(NamedTuple):
    """An object to be had, and where its file lies."""

    listed: Version
    path: str
    is_current: bool = True


class Spool(Scratch):
    """Lists in a file that lasts as long as the collection is under way. EvidenceError where the file cannot be written."""

    def __init__(self, place: Path) -> None:
        super().__init__(place, _TABLES)
        self._numbers = itertools.count()
        self.clear()

    def add(self, listed: Iterable[Version]) -> None:
        """Take what was listed, in whatever order."""
        rows = ((one.key, next(self._numbers), *one[1:]) for one in listed)
        with self._telling():
            self._connection.executemany("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM listed").fetchone()[0])

    def __iter__(self) -> Iterator[Version]:
        """All that was listed, by the bytes of their keys."""
        return map(_version, self._connection.execute("SELECT * FROM listed ORDER BY key, number"))

    def versions(self, key: str) -> list[Version]:
        """All that was listed of one key."""
        return [*map(_version, self._connection.execute("SELECT * FROM listed WHERE key = ? ORDER BY number", (key,)))]

    def markers(self) -> Iterator[Version]:
        """The delete markers among them."""
        return map(_version, self._connection.execute("SELECT * FROM listed WHERE etag = '' ORDER BY key, number"))

    def clear(self) -> None:
        """Begin another line of tasks."""
        self._connection.execute("DELETE FROM todo")
        self._counts = [0, 0]
        self._folder, self._first = "", 0
        self._middles: list[tuple[int, int]] = []
        self._seen, self._step = 0, 1
        self._known: tuple[int, int] | None = None

    def put(self, tasks: Iterable[tuple[Task, bool, bool]]) -> None:
        """Put tasks in line, each with whether it comes before the others, and whether an earlier run collected it."""
        with self._telling():
            while rows := [self._row(*one) for one in itertools.islice(tasks, _AT_ONCE)]:
                self._connection.executemany("INSERT INTO todo VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _row(self, task: Task, is_first: bool, is_known: bool) -> tuple[object, ...]:  # noqa: FBT001
        rank = 0 if is_first else 1
        number = self._counts[rank]
        self._counts[rank] += 1
        folder = f"{rank}{task.path.rpartition('/')[0]}"
        if folder != self._folder:
            self._end_folder()
            self._folder, self._first = folder, number
        if is_known and self._known is None:
            self._known = (rank, number)
        return (rank, number, *task.listed, task.path, task.is_current)

    def _end_folder(self) -> None:
        """Note a task from the middle of a folder, of every second, fourth… only where there are many folders."""
        if not self._folder:
            return
        rank = int(self._folder[0])
        if self._seen % self._step == 0:
            self._middles.append((rank, (self._first + self._counts[rank] - 1) // 2))
        self._seen += 1
        if len(self._middles) > _MOST_STRETCHES:
            self._middles, self._step = self._middles[::2], self._step * 2

    @property
    def waiting(self) -> int:
        return sum(self._counts)

    def tasks(self, probes: int) -> Iterator[Task]:
        """The tasks in line, and before them so many from all over the bucket.

        What cannot be read in one place says nothing of the rest. One half of the probes are evenly spread over all objects, the other
        over the folders, so that neither many objects in few folders nor many folders with few objects are all that is tried before the
        collection gives up. One that an earlier run collected comes before them.
        """
        self._end_folder()
        self._folder = ""
        chosen: dict[tuple[int, int], None] = {}
        if self.waiting > probes:
            half = probes // 2
            known = [self._known] if self._known is not None else []
            folders = [self._middles[at] for at in spread_over(len(self._middles), half)]
            chosen = dict.fromkeys([*known, *folders, *self._places(half)])
            # Where both halves meet in the same objects, others make up the number.
            chosen |= dict.fromkeys(self._places(probes))
        for place in chosen:
            yield from map(
                _task, self._connection.execute("SELECT * FROM todo WHERE rank = ? AND number = ?", place).fetchall()
            )
        for row in self._connection.execute("SELECT * FROM todo ORDER BY rank, number"):
            if (row[0], row[1]) not in chosen:
                yield _task(row)

    def _places(self, count: int) -> list[tuple[int, int]]:
        first = self._counts[0]
        return [(0, at) if at < first else (1, at - first) for at in spread_over(self.waiting, count)]


def spread_over(length: int, count: int) -> list[int]:
    """At most so many places in a line, evenly spread, from the middle of each part."""
    count = min(count, length)
    return [(2 * at + 1) * length // (2 * count) for at in range(count)]


def _version(row: tuple[object, ...]) -> Version:
    key, _, size, etag, last_modified, version_id, is_latest, storage_class = row
    return Version(key, size, etag, last_modified, version_id, bool(is_latest), storage_class)  # type: ignore[arg-type]


def _task(row: tuple[object, ...]) -> Task:
    return Task(_version((row[2], None, *row[3:9])), str(row[9]), bool(row[10]))
