"""Rule files below a path, and their bytes: bounded in number and size, and never from outside of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cttoolkit.errors import SigmaError
from cttoolkit.sigma.problem import Problem

__all__ = ["MOST_BYTES", "MOST_FILES", "rule_files", "text_of"]

MOST_BYTES = 1 << 20
"""In one file. The largest published rule files hold some ten kilobytes."""
MOST_FILES = 20_000
_ENDINGS = (".yml", ".yaml")


def rule_files(path: Path) -> Iterator[tuple[str, Path] | Problem]:
    """Names and places of the rule files, in the order of their names; what is left out comes as a Problem.

    A path that is a file is taken whatever its ending. Below a folder links are not followed: what they lead to inside of it is
    found without them, and what lies outside is none of its rules. SigmaError where there is no such path.
    """
    if path.is_file():
        yield path.name, path.resolve()
        return
    if not path.is_dir():
        raise SigmaError(path, "there is no such file or folder", "name a Sigma rule, or a folder of them")
    count = 0
    inside = path.resolve()
    for folder, folders, names in os.walk(inside):
        folders.sort()
        here = Path(folder)
        for name in [one for one in folders if (here / one).is_symlink()]:
            yield from _link(inside, here / name)
        for name in sorted(name for name in names if name.endswith(_ENDINGS)):
            place = here / name
            if place.is_symlink():
                yield from _link(inside, place)
                continue
            count += 1
            if count > MOST_FILES:
                raise SigmaError(path, f"more than {MOST_FILES:,} rule files", "name a folder with fewer")
            yield place.relative_to(inside).as_posix(), place


def _link(inside: Path, place: Path) -> Iterator[Problem]:
    try:
        leads = place.resolve()
    except (OSError, RuntimeError):
        leads = Path("/")
    if not leads.is_relative_to(inside):
        name = place.relative_to(inside).as_posix()
        yield Problem(name, "", "symbolic link", "it leads out of the folder", "put the rules themselves there")


def text_of(place: Path) -> str:
    """The text of a rule file. SigmaError where it is no plain file, too large, or not UTF-8."""
    # A link or a pipe may have come in its place meanwhile: neither is followed nor waited for.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(place, flags | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SigmaError("file", "it is no plain file", "put the rule itself there")
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SigmaError("file", f"it cannot be read ({error.strerror})", "see to its permissions") from error
    if len(content) > MOST_BYTES:
        raise SigmaError("file", f"it is larger than {MOST_BYTES:,} bytes", "split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SigmaError("file", "it is not UTF-8", "save it as UTF-8") from error
