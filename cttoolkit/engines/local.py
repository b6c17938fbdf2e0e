"""One machine: worker processes for files, DuckDB for tables."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import ibis

__all__ = ["Local"]

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_SMALL = 8 << 20
"""Below this many bytes of evidence, starting processes costs more than they save."""


_ENOUGH_TO_SAVE = "600MB"

_KEEPING_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
"""For glibc in the workers: a buffer that goes back to the system comes anew page by page, which took a tenth of the loading."""


class Local:
    """The default engine.

    ``workers`` is the number of processes (default: the processors this process may use); ``memory_limit`` bounds
    DuckDB, which spills to disk beyond it where it can, in its own notation ("2GB").
    """

    def __init__(self, workers: int | None = None, memory_limit: str | None = None) -> None:
        self.workers = max(1, workers if workers is not None else _processors())
        self._memory_limit = memory_limit
        self._connection: Any = None
        self._names = itertools.count()

    def __repr__(self) -> str:
        return f"Local({self.workers} workers)"

    def map_files(
        self,
        work: Callable[[Task], Outcome],
        tasks: Iterable[Task],
        total: int,
        *,
        is_native: bool = False,
    ) -> Iterator[Outcome]:
        if self.workers == 1 or (not is_native and total < _SMALL):
            yield from map(work, tasks)
            return
        # Typed loosely: the two kinds of pools share their methods, and no base class.
        pool: Any
        if is_native:
            pool = ThreadPoolExecutor(max_workers=self.workers)
            abandon = {"cancel_futures": True}
        else:
            # loky's workers do not import __main__ again, so a plain script needs no guard, and a killed worker is an error.
            from loky import ProcessPoolExecutor

            pool = ProcessPoolExecutor(max_workers=self.workers, env=_KEEPING_MEMORY)
            abandon = {"kill_workers": True}
        pending: deque[Any] = deque()
        waiting = iter(tasks)
        try:
            for task in itertools.islice(waiting, self.workers * 2):
                pending.append(pool.submit(work, task))
            while pending:
                outcome = pending.popleft().result()
                for task in itertools.islice(waiting, 1):
                    pending.append(pool.submit(work, task))
                yield outcome
        finally:
            pool.shutdown(wait=not pending, **(abandon if pending else {}))

    def table(self, shards: Iterable[Path]) -> ibis.Table:
        connection = self._connect()
        return connection.read_parquet([str(path) for path in shards], table_name=f"shards_{next(self._names)}")

    def named(self, table: ibis.Table) -> ibis.Table:
        connection, name = self._connect(), f"events_{next(self._names)}"
        connection.raw_sql(f'CREATE TEMP VIEW "{name}" AS {connection.compile(table)}')
        return connection.table(name)

    def save(self, table: ibis.Table, path: Path) -> None:
        import duckdb

        connection = self._connect()
        if not self._memory_limit:
            # What is written goes through in pieces, so it can spill; what is shown has to be held, and is not bounded here.
            connection.raw_sql(f"SET memory_limit = '{_ENOUGH_TO_SAVE}'")
        try:
            connection.to_parquet(table, path)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise OSError(str(error).splitlines()[0]) from error
        finally:
            if not self._memory_limit:
                connection.raw_sql("RESET memory_limit")

    def _connect(self) -> Any:
        if self._connection is None:
            from cttoolkit.engines.compiled import connect

            # Its own default for spilling is a folder where the process happens to stand, which may be the evidence.
            spill = Path(tempfile.mkdtemp(prefix="cttoolkit-spill-"))
            weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
            settings: dict[str, Any] = {
                "autoinstall_known_extensions": False,
                "threads": self.workers,
                "temp_directory": str(spill),
                "preserve_insertion_order": False,
            }
            if self._memory_limit:
                settings["memory_limit"] = self._memory_limit
            self._connection = connect(**settings)
            self._connection.raw_sql("SET TimeZone = 'UTC'")
            self._connection.raw_sql("SET enable_progress_bar = false")
        return self._connection


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
