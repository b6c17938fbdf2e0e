"""A folder on disk that holds a copy of a CloudTrail bucket.

Object keys are paths below the folder with forward slashes. S3 user metadata, lost by a plain copy, is taken from what a
collector wrote beside the objects: ``objects-metadata.jsonl`` at the root (one ``{"key", "metadata"}`` a line),
``<file>.metadata.json`` or ``<file>.head.json`` (an answer of HeadObject).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.text import visible

__all__ = ["Directory"]

SIDECAR = "objects-metadata.jsonl"
_SIDECAR_ENDS = (".metadata.json", ".head.json")
_LARGEST_SIDECAR = 1 << 20
_LARGEST_OBJECT = 2 << 30
_NOWHERE = frozenset({"", ".", ".."})
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


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
            raise EvidenceError(path, "not a folder", "give the folder that holds the copied AWSLogs/")
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
                if not _is_text(entry.name):
                    self._refused[visible(key)] = "its name is not UTF-8, as S3's are"
                elif entry.is_symlink():
                    self._refused[key] = "a symbolic link, which is not followed"
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), key + "/"))
                elif not entry.is_file(follow_symlinks=False):
                    self._refused[key] = "not a regular file"
                elif not (key == SIDECAR or key.endswith(_SIDECAR_ENDS)):
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
        for end in _SIDECAR_ENDS:
            path = self._path(key + end)
            if path.is_file() and not path.is_symlink():
                return self._lower(self._json(path, path.stat().st_size), path)
        if self._lines is None:
            self._lines = {entry: start for entry, _, start in self._sidecar(0)}
        start = self._lines.get(key)
        if start is None:
            return {}
        found, held, _ = next(self._sidecar(start), (None, {}, 0))
        if found != key:
            raise EvidenceChangedError(
                self._real / SIDECAR, "changed since it was first read", "stop what writes there, and verify again"
            )
        return held

    def document(self, name: str) -> bytes | None:
        path = self._path(name)
        if path.is_symlink() or not path.is_file():
            return None
        if path.stat().st_size > _LARGEST_SIDECAR * 64:
            raise EvidenceError(path, "too large for what it should hold", "look at it, and move it out of the folder")
        try:
            return path.read_bytes()
        except OSError as error:
            raise EvidenceError(path, _why(error), "make the file readable for this user") from error

    def _json(self, path: Path, size: int) -> Any:
        if size > _LARGEST_SIDECAR:
            raise EvidenceError(path, "too large for a sidecar", "look at it, and move it out of the folder")
        try:
            return msgspec.json.decode(path.read_bytes())
        except OSError as error:
            raise EvidenceError(path, _why(error), "make the file readable for this user") from error
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise EvidenceError(path, "not JSON", "restore the sidecar, or move it out of the folder") from error

    def _sidecar(self, start: int) -> Iterator[tuple[str, Mapping[str, str], int]]:
        """Entries of the sidecar from a line's start on: key, metadata, and where its line starts."""
        path = self._real / SIDECAR
        if path.is_symlink() or not path.is_file():
            return
        try:
            with path.open("rb") as file:
                file.seek(start)
                for line in iter(lambda: file.readline(_LARGEST_SIDECAR), b""):
                    here, start = start, start + len(line)
                    if not line.strip():
                        continue
                    key, metadata = self._entry(line, path, here)
                    yield key, metadata, here
        except OSError as error:
            raise EvidenceError(path, _why(error), "make the file readable for this user") from error

    def _entry(self, line: bytes, path: Path, start: int) -> tuple[str, Mapping[str, str]]:
        def broken(wrong: str) -> EvidenceError:
            number = path.read_bytes()[:start].count(b"\n") + 1
            return EvidenceError(f"{path} line {number}", wrong, "restore the sidecar, or move it out of the folder")

        try:
            entry = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise broken("not JSON") from error
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise broken('no {"key", "metadata"}')
        return entry["key"], self._lower(entry, path)

    @staticmethod
    def _lower(entry: Any, where: object) -> Mapping[str, str]:
        """Metadata of one object, from ours (``metadata``) or HeadObject's answer (``Metadata``), or bare."""
        if isinstance(entry, dict):
            held = entry.get("metadata", entry.get("Metadata", entry))
            if isinstance(held, dict):
                return {str(n).lower().removeprefix("x-amz-meta-"): v for n, v in held.items() if isinstance(v, str)}
        raise EvidenceError(where, "no metadata in it", "restore the sidecar, or move it out of the folder")


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


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(info: os.stat_result) -> str:
    # The time of the last change of state cannot be set back, as the time of modification can.
    return f"{info.st_mtime_ns}-{info.st_ctime_ns}-{info.st_size}"


def _why(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "permission denied"
    if error.errno == errno.ELOOP:
        return "a symbolic link, which is not followed"
    return (error.strerror or "cannot be read").lower()
