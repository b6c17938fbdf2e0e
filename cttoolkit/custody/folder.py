"""The folder of a collection: every file is written whole and once, read-only, or is not there."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from cttoolkit.custody.path import DOCUMENTS, FOLDERS, PARTIAL
from cttoolkit.custody.regular import open_regular, sha256_of, why
from cttoolkit.errors import EvidenceError
from cttoolkit.text import is_text

__all__ = ["EvidenceFolder"]

_OUTSIDE = "leads out of the collection's folder", "remove the link, and collect again"
_BUFFER = 1 << 20
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class EvidenceFolder:
    """Writes and never overwrites."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._partial = root / PARTIAL
        self._numbers = itertools.count()
        self._made: set[str] = set()
        self._base = f"{root}{os.sep}"
        try:
            root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir()
        except OSError as error:
            raise EvidenceError(root, why(error), "choose a folder that can be written") from error
        for name in FOLDERS:
            if (root / name).is_symlink():
                raise EvidenceError(root / name, *_OUTSIDE)

    def write(self, path: str, body: bytes) -> bool:
        """Put a file there, whole and on the disk; False where one lies there already, which is left as it is."""
        # In plain text, since this is done for every object, and a Path takes longer than the writing.
        target = f"{self._base}{path}"
        partial = f"{self._base}{PARTIAL}{os.sep}{next(self._numbers)}"
        try:
            self._make(target.rpartition("/")[0])
            if os.path.lexists(target):
                return False
            descriptor = os.open(partial, _NEW, 0o444)
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(descriptor)
            os.rename(partial, target)  # noqa: PTH104
        except OSError as error:
            raise EvidenceError(target, why(error), "make room and see that the folder can be written") from error
        return True

    def replace(self, name: str, pieces: Iterable[bytes], run: int) -> None:
        """Write a file that describes the collection; one that an earlier run wrote is kept under ``custody/``."""
        partial, size, sha256 = self._write_partial(pieces)
        try:
            if self._is_own(name) and sha256_of(self.root / name) == (size, sha256):
                partial.unlink()
                return
            self.set_aside(name, run)
            self._make(str((self.root / name).parent))
            partial.rename(self.root / name)
        except OSError as error:
            raise EvidenceError(name, why(error), "see that the folder can be written") from error

    def set_aside(self, name: str, run: int) -> None:
        """Keep the file of an earlier run under ``custody/``, if there is one."""
        place = self.root / name
        if not os.path.lexists(place):
            return
        self._stay_inside(place)
        kept = self.root / "custody" / f"before-run-{run}" / name
        try:
            if os.path.lexists(kept):
                # A run that was broken off has kept it already, and wrote what lies there now.
                place.unlink()
                return
            self._make(str(kept.parent))
            place.rename(kept)
        except OSError as error:
            raise EvidenceError(place, why(error), "see that the folder can be written") from error

    def remove_empty(self, folder: str) -> None:
        """Remove the folders below one, and itself, that hold nothing any more."""
        place = self.root / folder
        if place.is_symlink():
            raise EvidenceError(place, *_OUTSIDE)
        for path in sorted(
            (one for one in (place, *place.rglob("*")) if one.is_dir() and not one.is_symlink()), reverse=True
        ):
            if not any(path.iterdir()):
                path.rmdir()
                self._made.discard(str(path))

    def keep_copy(self, name: str, run: int) -> None:
        """Keep what a file says now under ``custody/``, before it is exchanged."""
        if self._is_own(name):
            kept = self.root / "custody" / f"before-run-{run}" / name
            partial, _, _ = self._write_partial(self._pieces(name))
            try:
                self._make(str(kept.parent))
                if os.path.lexists(kept):
                    partial.unlink()
                else:
                    partial.rename(kept)
            except OSError as error:
                raise EvidenceError(kept, why(error), "see that the folder can be written") from error
        elif os.path.lexists(self.root / name):
            raise EvidenceError(self.root / name, "not a regular file", "look at it, and move it out of the folder")

    def exchange(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write a file in the place of another in one step, so that a kill leaves the one or the other; its SHA-256."""
        partial, _, sha256 = self._write_partial(pieces)
        try:
            partial.replace(self.root / name)
        except OSError as error:
            raise EvidenceError(name, why(error), "see that the folder can be written") from error
        return sha256

    def _write_partial(self, pieces: Iterable[bytes]) -> tuple[Path, int, str]:
        """A file on the disk that has no place yet, with its size and SHA-256."""
        partial = self._partial / str(next(self._numbers))
        taken = hashlib.sha256()
        size = 0
        try:
            descriptor = os.open(partial, _NEW, 0o444)
            with os.fdopen(descriptor, "wb", _BUFFER) as file:
                for piece in pieces:
                    file.write(piece)
                    taken.update(piece)
                    size += len(piece)
                file.flush()
                os.fsync(descriptor)
        except OSError as error:
            raise EvidenceError(partial, why(error), "make room and see that the folder can be written") from error
        return partial, size, taken.hexdigest()

    def remove(self, name: str) -> None:
        try:
            (self.root / name).unlink(missing_ok=True)
        except OSError as error:
            raise EvidenceError(self.root / name, why(error), "see that the folder can be written") from error

    def beside(self, is_object: Callable[[str], bool]) -> list[str]:
        """The files of the collection that are no objects, where collect() puts them; a stranger's file is none of them."""
        places = [self.root / name for name in DOCUMENTS]
        for folder in ("custody", "configuration"):
            self._stay_inside(self.root / folder / "any")
            places.extend((self.root / folder).rglob("*"))
        found = {path.relative_to(self.root).as_posix() for path in places if path.is_file() and not path.is_symlink()}
        return sorted(path for path in found if is_text(path) and not is_object(path))

    def hashed(self, path: str) -> tuple[int, str]:
        """Size and SHA-256 of a file that is there."""
        try:
            return sha256_of(self.root / path)
        except OSError as error:
            raise EvidenceError(self.root / path, why(error), "make it readable for this user") from error

    def is_blocked(self, path: str) -> bool:
        """Whether a folder lies where the file belongs, or a file where a folder on its way does."""
        target = f"{self._base}{path}"
        if target.rpartition("/")[0] not in self._made:
            for folder in Path(path).parents:
                if os.path.lexists(self.root / folder) and not (self.root / folder).is_dir():
                    return True
        try:
            return stat.S_ISDIR(os.lstat(target).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise EvidenceError(target, why(error), "see that the folder can be read") from error

    def holds(self, path: str, size: int, sha256: str) -> bool:
        """Whether the file is there with these very bytes."""
        try:
            return (self.root / path).lstat().st_size == size and sha256_of(self.root / path) == (size, sha256)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise EvidenceError(path, why(error), "make it readable for this user") from error

    def close(self) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)

    def _make(self, folder: str) -> None:
        if folder not in self._made:
            place = Path(folder)
            place.mkdir(parents=True, exist_ok=True)
            self._stay_inside(place / "any")
            self._made.add(folder)

    def _stay_inside(self, place: Path) -> None:
        """EvidenceError where a folder on the way was replaced by a link, which would lead the evidence elsewhere."""
        if not place.parent.resolve().is_relative_to(self.root.resolve()):
            raise EvidenceError(place.parent, *_OUTSIDE)

    def _is_own(self, name: str) -> bool:
        """Whether a regular file of the collection's own lies there: no link, and nothing else in its place."""
        place = self.root / name
        self._stay_inside(place)
        return place.is_file() and not place.is_symlink()

    def _pieces(self, name: str) -> Iterator[bytes]:
        place = self.root / name
        try:
            with open_regular(place) as file:
                while piece := file.read(_BUFFER):
                    yield piece
        except OSError as error:
            raise EvidenceError(place, why(error), "make it readable for this user") from error
