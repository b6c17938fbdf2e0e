"""The notebooks and samples that come with the package, laid out in a folder to work in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cttoolkit.errors import PlaybookError

__all__ = ["FIRST", "Lab", "lay_out"]

FIRST = "notebooks/00-start-here.ipynb"
_PARTS = (("notebooks", ("notebooks",)), ("samples", ("data", "samples")))
"""Where a wheel carries them inside of the package, and where they lie in a checkout and in a folder that was laid out."""


@dataclass(frozen=True)
class Lab:
    """A folder that was laid out. ``kept`` are files that were there and differ: somebody's work, and left as they were."""

    folder: Path
    copied: int
    kept: tuple[Path, ...]

    @property
    def first(self) -> Path:
        """The notebook to begin with."""
        return self.folder / FIRST

    def __str__(self) -> str:
        told = f"{self.folder}: {self.copied} files copied"
        return told + (f", {len(self.kept)} of yours kept as they are" if self.kept else "")


def lay_out(folder: str | Path) -> Lab:
    """Copy notebooks and samples, so that the paths in the notebooks hold. What is there is never written over.

    PlaybookError where the installation has none, or where a link stands in the way.
    """
    home = Path(folder).absolute()
    copied = 0
    kept: list[Path] = []
    for source, place in _files():
        target = home / place
        inside = home
        for part in place.parts:
            inside = inside / part
            if inside.is_symlink():
                raise PlaybookError(inside, "a link, which would lead out of the folder", "name another folder")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            copied += 1
        elif not target.is_file() or target.read_bytes() != source.read_bytes():
            kept.append(place)
    return Lab(home, copied, tuple(kept))


def _files() -> Iterator[tuple[Path, Path]]:
    here = Path(__file__).resolve().parent
    for name, place in _PARTS:
        root = next((one for one in (here / name, here.parent.joinpath(*place)) if one.is_dir()), None)
        if root is None:
            raise PlaybookError(
                name, "none came with this installation", "install cttoolkit from its wheel, or run from a checkout"
            )
        for path in sorted(root.rglob("*")):
            within = path.relative_to(root)
            if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in within.parts):
                yield path, Path(*place) / within
