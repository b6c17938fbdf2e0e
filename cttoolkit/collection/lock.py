"""One collection at a time writes into a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from cttoolkit.custody.path import LOCK
from cttoolkit.custody.regular import why
from cttoolkit.errors import EvidenceError

__all__ = ["locked"]


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """No other collection into the folder meanwhile, which is made if need be.

    EvidenceError where there is one, and where no lock can lie there. Nothing of the folder is to be touched before.
    """
    place = root / LOCK
    lock = FileLock(place, timeout=0)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if place.is_symlink() or (place.exists() and not place.is_file()):
            raise EvidenceError(place, "a link or not a regular file", "move it out of the folder, and collect again")
        lock.acquire()
    except Timeout as error:
        raise EvidenceError(root, "another collection is writing there", "wait for its end") from error
    except OSError as error:
        if os.path.lexists(place):
            raise EvidenceError(place, why(error), "look at it, and move it out of the folder") from error
        raise EvidenceError(root, why(error), "choose a folder that can be written") from error
    try:
        yield
    finally:
        # While it is held: after that it may be another's already. Where no open file can be removed, an empty one may stay.
        with suppress(OSError):
            place.unlink(missing_ok=True)
        lock.release()
