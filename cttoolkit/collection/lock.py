"""One collection at a time writes into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cttoolkit.custody.path import LOCK
from cttoolkit.custody.regular import why
from cttoolkit.errors import EvidenceError

__all__ = ["locked"]


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """No other collection into the folder meanwhile. EvidenceError where there is one, and where no lock can lie there."""
    place = root / LOCK
    lock = FileLock(place, timeout=0)
    try:
        if place.is_symlink() or (place.exists() and not place.is_file()):
            raise EvidenceError(place, "a link or not a regular file", "move it out of the folder, and collect again")
        lock.acquire()
    except Timeout as error:
        raise EvidenceError(root, "another collection is writing there", "wait for its end") from error
    except OSError as error:
        raise EvidenceError(place, why(error), "look at it, and move it out of the folder") from error
    try:
        yield
    finally:
        lock.release()
        place.unlink(missing_ok=True)
