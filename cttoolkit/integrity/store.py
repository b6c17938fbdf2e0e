"""The folder that keeps what was verified: files that are there are whole, and one process at a time writes them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WorkspaceError

if TYPE_CHECKING:
    import pyarrow

    from cttoolkit.evidence import Evidence

__all__ = ["hold", "open_folder", "shard", "trouble", "whole", "write_whole"]

_PART = ".part"
_ROW_GROUP = 1 << 17


class _Keeper:
    """Whoever holds this holds the temporary folder."""


def open_folder(evidence: Evidence, workspace: str | os.PathLike[str] | None) -> tuple[object, Path]:
    """A folder for shards, and what keeps it. Raises WorkspaceError where it cannot be written or would be in the evidence."""
    if workspace is None:
        folder = Path(tempfile.mkdtemp(prefix="cttoolkit-"))
        keeper = _Keeper()
        weakref.finalize(keeper, shutil.rmtree, folder, ignore_errors=True)
        return keeper, folder
    if evidence.holds(workspace):
        raise WorkspaceError(
            workspace, "it lies inside the evidence, which is never written to", "choose another folder"
        )
    folder = Path(workspace) / "shards"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise WorkspaceError(workspace, wrong, "choose a folder that can be written") from error
    return None, folder


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep other processes out for a while, and clear away what one that was killed left unfinished.

    The operating system gives the lock back when its holder ends, however it ends.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkspaceError(
            folder, "another process is verifying into it", "wait for that one, or choose another folder"
        ) from error
    except OSError as error:
        raise trouble(folder, error) from error
    try:
        for unfinished in folder.glob(f"*{_PART}"):
            unfinished.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def write_whole(path: Path, what: bytes) -> None:
    """Write a file so that it is whole where it is there."""
    with whole(path) as unfinished:
        unfinished.write_bytes(what)


@contextmanager
def shard(path: Path, **parquet: Any) -> Iterator[Callable[[pyarrow.Table], None]]:
    """A way to write a shard table by table. Without any table no file comes of it."""
    import pyarrow.parquet as pq

    with ExitStack() as stack:
        writers: list[pq.ParquetWriter] = []

        def write(rows: pyarrow.Table) -> None:
            if not writers:
                unfinished = stack.enter_context(whole(path))
                writers.append(
                    stack.enter_context(pq.ParquetWriter(unfinished, rows.schema, compression="zstd", **parquet))
                )
            writers[0].write_table(rows, row_group_size=_ROW_GROUP)

        yield write


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside the path to write to; what was written moves to the path at the end. WorkspaceError where that fails."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{_PART}")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise trouble(path.parent, error) from error
    finally:
        unfinished.unlink(missing_ok=True)


def trouble(folder: Path, error: OSError) -> WorkspaceError:
    """An error of the disk, with the disk's name and what room it has."""
    wrong = (error.strerror or str(error)).lower()
    try:
        free = f" ({shutil.disk_usage(folder).free >> 20:,} MB free on {_mount(folder)})"
    except OSError:
        free = ""
    return WorkspaceError(
        folder, wrong + free, "see that it can be written and has room, and verify again: what is done already is kept"
    )


def _mount(folder: Path) -> Path:
    place = folder.resolve()
    while not place.is_mount() and place != place.parent:
        place = place.parent
    return place
