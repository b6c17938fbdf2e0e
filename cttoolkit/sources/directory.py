"""A folder on disk that holds a copy of a CloudTrail bucket.

Object keys are paths below the folder with forward slashes.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.sources.sidecar import ENDS, LARGEST, SIDECAR, is_sidecar, read_entry, read_lines
from cttoolkit.text import is_text, visible

__all__ = ["Directory"]

_LARGEST_OBJECT = 2 << 30
_LARGEST_DOCUMENT = 64 * LARGEST
_NOWHERE = frozenset({"", ".", ".."})
# Not blocking: a pipe that took the place of a file would be waited for without end.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})


class Directory:
    """The evidence in one folder. Links are never followed: a copied bucket has none, and one could lead anywhere."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._root = Path(path)
        try:
            mode = self._root.stat().st_mode
        except FileNotFoundError as error:
            raise EvidenceError(path, "no such folder", "give the folder that holds the copied AWSLogs/") from error
        except OSError as error:
            raise EvidenceError(path, _why(error), "give a folder that this user may read") from error
        if not stat.S_ISDIR(mode):
            raise EvidenceError(
                path, "no folder and no archive", "give the folder, zip or tar that holds the copied AWSLogs/"
            )
        self._real = self._root.resolve()
        self._refused: dict[str, str] = {}
        self._lines: dict[str, int] | None = None
        self._base = str(self._real)
        self._unlinked: set[str] = set()

    def __getstate__(self) -> dict[str, Any]:
        # Workers read bytes only: what was learnt here about metadata stays here.
        return {**self.__dict__, "_lines": None, "_refused": {}, "_unlinked": set()}

    @property
    def name(self) -> str:
        return str(self._root)

    def objects(self) -> list[StoredObject]:
        self._refused = {}
        found = list(self._walk(self._real, ""))
        found.sort(key=lambda stored: stored.key)
        return found

    def refused(self) -> Mapping[str, str]:
        return dict(sorted(self._refused.items()))

    def _walk(self, folder: Path, prefix: str) -> Iterator[StoredObject]:
        waiting = [(folder, prefix)]
        while waiting:
            here, above = waiting.pop()
            try:
                entries = list(os.scandir(here))
            except OSError as error:
                raise EvidenceError(here, _why(error), "make the folder readable for this user") from error
            for entry in entries:
                key = above + entry.name
                if not is_text(entry.name):
                    self._refused[visible(key)] = "its name is not UTF-8, as S3's are"
                elif entry.is_symlink():
                    self._refused[key] = "a symbolic link, which is not followed"
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), key + "/"))
                elif not entry.is_file(follow_symlinks=False):
                    self._refused[key] = "not a regular file"
                elif not is_sidecar(key):
                    info = entry.stat(follow_symlinks=False)
                    yield StoredObject(key, info.st_size, _stamp(info))

    def _path(self, key: str) -> Path:
        return Path(self._place(key))

    def _place(self, key: str) -> str:
        """Where an object lies. Plain text, since this is done for every object and a Path takes longer than the reading."""
        parts = key.split("/")
        if not key or "\0" in key or any(part in _NOWHERE for part in parts):
            raise EvidenceError(key, "not a key inside the evidence folder", "use a key that the evidence lists")
        return f"{self._base}{os.sep}{key.replace('/', os.sep)}"

    def _refuse_links(self, key: str, folder: str) -> None:
        if folder not in self._unlinked:
            if os.path.realpath(folder) != folder:
                raise EvidenceError(key, "a folder on its way became a link", "collect the evidence again")
            self._unlinked.add(folder)

    def read(self, stored: StoredObject) -> bytes:
        path = self._place(stored.key)
        self._refuse_links(stored.key, path.rpartition(os.sep)[0])
        try:
            descriptor = os.open(path, _READ)
        except OSError as error:
            raise EvidenceError(
                stored.key, _why(error), "make the file readable for this user, or copy it again"
            ) from error
        try:
            before = os.fstat(descriptor)
            if _stamp(before) != stored.stamp or before.st_size != stored.size:
                raise EvidenceChangedError(
                    stored.key,
                    "changed since the evidence was opened",
                    "stop what writes there, and open the evidence again",
                )
            if before.st_size > _LARGEST_OBJECT:
                raise EvidenceError(
                    stored.key, f"{before.st_size} bytes are more than any log file", "move it out of the folder"
                )
            body = _read_all(descriptor, before.st_size)
            after = os.fstat(descriptor)
        except OSError as error:
            raise EvidenceError(stored.key, _why(error), "copy the file again") from error
        finally:
            os.close(descriptor)
        if _stamp(after) != stored.stamp or len(body) != before.st_size:
            raise EvidenceChangedError(
                stored.key, "changed while it was being read", "stop what writes there, and verify again"
            )
        return body

    def metadata(self, key: str) -> Mapping[str, str]:
        for end in ENDS:
            path = self._path(key + end)
            with _reading(path) as file:
                if file is not None:
                    return read_entry(file.read(LARGEST + 1), path)
        if self._lines is None:
            self._lines = self._index()
        place = self._lines.get(key)
        if place is None:
            return {}
        path = self._real / SIDECAR
        found: str = ""
        held: Mapping[str, str] = {}
        with _reading(path) as file:
            if file is not None:
                file.seek(place)
                found, held, _ = next(read_lines([file.readline(LARGEST)], path), ("", {}, 0))
        if found != key:
            raise EvidenceChangedError(
                path, "changed since it was first read", "stop what writes there, and verify again"
            )
        return held

    def _index(self) -> dict[str, int]:
        """Where each key's line starts in the sidecar: metadata of a million objects would weigh too much to be kept."""
        path = self._real / SIDECAR
        found: dict[str, int] = {}
        at = 0
        with _reading(path) as file:
            lines = iter(lambda: file.readline(LARGEST), b"") if file is not None else iter(())
            for key, _, length in read_lines(lines, path):
                if key:
                    found[key] = at
                at += length
        return found

    def document(self, name: str) -> bytes | None:
        path = self._path(name)
        with _reading(path) as file:
            body = file.read(_LARGEST_DOCUMENT + 1) if file is not None else None
        if body is not None and len(body) > _LARGEST_DOCUMENT:
            raise EvidenceError(path, "too large for what it should hold", "look at it, and move it out of the folder")
        return body


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO | None]:
    """A regular file, open; None where there is none, or something else is in its place. EvidenceError where it cannot be read."""
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise EvidenceError(path, _why(error), "make the file readable for this user") from error
        yield None
        return
    with os.fdopen(descriptor, "rb") as file:
        try:
            yield file if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        except OSError as error:
            raise EvidenceError(path, _why(error), "make the file readable for this user") from error


def _read_all(descriptor: int, size: int) -> bytes:
    """The file from its start, and one byte more than it should have, if there is one."""
    parts = []
    missing = size + 1
    while missing:
        part = os.read(descriptor, missing)
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _stamp(info: os.stat_result) -> str:
    # The time of the last change of state cannot be set back, as the time of modification can.
    return f"{info.st_mtime_ns}-{info.st_ctime_ns}-{info.st_size}"


def _why(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied"
    if error.errno == errno.ELOOP:
        return "a symbolic link, which is not followed"
    return (error.strerror or "cannot be read").lower()
