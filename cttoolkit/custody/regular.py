"""Files of a collected folder, opened so that no link is followed and no pipe is waited for."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

__all__ = ["open_regular", "sha256_of", "why"]

_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_CHUNK = 1 << 20


def open_regular(path: Path, flags: int = os.O_RDONLY) -> BinaryIO:
    """A regular file, open. OSError as it comes, and where a link, a folder, a pipe or a device lies there."""
    descriptor = os.open(path, flags | _FLAGS, 0o644)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "r+b")


def sha256_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of one regular file, read in pieces. OSError as for open_regular()."""
    taken = hashlib.sha256()
    size = 0
    with open_regular(path) as file:
        while chunk := file.read(_CHUNK):
            taken.update(chunk)
            size += len(chunk)
    return size, taken.hexdigest()


def why(error: OSError) -> str:
    """What is wrong, in words for an error's sentence."""
    if error.errno == errno.ELOOP:
        return "a symbolic link, which is not followed"
    return (error.strerror or str(error)).lower()
