"""The folder of a collection: every file is written whole and once, read-only, or is not there."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from urllib.parse import quote

from cttoolkit.custody.manifest import sha256_of
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.sidecar import SIDECAR, is_sidecar

__all__ = ["PARTIAL", "EvidenceFolder", "path_of", "version_path_of"]

PARTIAL = ".partial"
_DOCUMENTS = (SIDECAR, "public-keys.json", "trail-configuration.json")
_LONGEST_NAME = 255
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NOWHERE = frozenset({"", ".", ".."})


def path_of(key: str) -> str | None:
    """Where an object's bytes lie below the folder; None for a key that no file can bear.

    An object that would be taken for the metadata of another, as whoever can write to the bucket may name one, gets another ending.
    """
    parts = key.split("/")
    is_hostile = (
        "\0" in key or "\\" in key or any(part in _NOWHERE or len(part.encode()) > _LONGEST_NAME - 8 for part in parts)
    )
    if is_hostile or parts[0] == PARTIAL:
        return None
    return f"{key}.object" if is_sidecar(key) else key


def version_path_of(key: str, version_id: str) -> str | None:
    """Where an older version lies: apart from the evidence, and with an ending that no log file has."""
    path = path_of(key)
    if path is None:
        return None
    above, _, name = path.rpartition("/")
    ending = f".{quote(version_id, safe='')}.version"
    whole = f"versions/{above}/{name}{ending}"
    return whole if len(name.encode()) + len(ending) <= _LONGEST_NAME else None


class EvidenceFolder:
    """Writes and never overwrites."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._partial = root / PARTIAL
        self._numbers = itertools.count()
        self._made: set[Path] = set()
        try:
            root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir()
        except OSError as error:
            raise EvidenceError(root, _why(error), "choose a folder that can be written") from error

    def write(self, path: str, body: bytes) -> bool:
        """Put a file there, whole and on the disk; False where one lies there already, which is left as it is."""
        target = self.root / path
        partial = self._partial / str(next(self._numbers))
        try:
            self._make(target.parent)
            if os.path.lexists(target):
                return False
            descriptor = os.open(partial, _NEW, 0o444)
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(descriptor)
            partial.rename(target)
        except OSError as error:
            raise EvidenceError(target, _why(error), "make room and see that the folder can be written") from error
        return True

    def replace(self, name: str, body: bytes, run: int) -> None:
        """Write a file that describes the collection; one that an earlier run wrote is kept under ``custody/``."""
        place = self.root / name
        if place.exists() and place.read_bytes() == body:
            return
        self.set_aside(name, run)
        self.write(name, body)

    def set_aside(self, name: str, run: int) -> None:
        """Keep the file of an earlier run under ``custody/``, if there is one."""
        place = self.root / name
        if not place.exists():
            return
        kept = self.root / "custody" / f"before-run-{run}" / name
        if kept.exists():
            # A run that was broken off has kept it already, and wrote what lies there now.
            place.unlink()
            return
        try:
            self._make(kept.parent)
            place.rename(kept)
        except OSError as error:
            raise EvidenceError(place, _why(error), "see that the folder can be written") from error

    def remove_empty(self, folder: str) -> None:
        """Remove the folders below one, and itself, that hold nothing any more."""
        place = self.root / folder
        for path in sorted(
            (one for one in (place, *place.rglob("*")) if one.is_dir() and not one.is_symlink()), reverse=True
        ):
            if not any(path.iterdir()):
                path.rmdir()
                self._made.discard(path)

    def keep_copy(self, name: str, run: int) -> None:
        """Keep what a file says now under ``custody/``, before it is exchanged."""
        place = self.root / name
        if place.exists():
            self.write(f"custody/before-run-{run}/{name}", place.read_bytes())

    def exchange(self, name: str, body: bytes) -> None:
        """Write a file in the place of another in one step, so that a kill leaves the one or the other."""
        partial = f"{PARTIAL}/{next(self._numbers)}"
        self.write(partial, body)
        try:
            (self.root / partial).replace(self.root / name)
        except OSError as error:
            raise EvidenceError(name, _why(error), "see that the folder can be written") from error

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def beside(self, objects: set[str]) -> list[str]:
        """The files of the collection that are no objects, where collect() puts them; a stranger's file is none of them."""
        places = [self.root / name for name in _DOCUMENTS]
        for folder in ("custody", "configuration"):
            places.extend((self.root / folder).rglob("*"))
        found = {path.relative_to(self.root).as_posix() for path in places if path.is_file() and not path.is_symlink()}
        return sorted(found - objects)

    def holds(self, path: str, size: int, sha256: str) -> bool:
        """Whether the file is there with these very bytes."""
        try:
            return (self.root / path).stat().st_size == size and sha256_of(self.root / path) == (size, sha256)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise EvidenceError(path, _why(error), "make it readable for this user") from error

    def close(self) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)

    def _make(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            # A folder that somebody replaced by a link would lead the evidence elsewhere.
            if not folder.resolve().is_relative_to(self.root.resolve()):
                raise EvidenceError(
                    folder, "leads out of the collection's folder", "remove the link, and collect again"
                )
            self._made.add(folder)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
