"""A collected folder held against its manifest: what is missing, altered, or was added since."""

from __future__ import annotations

import heapq
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from cttoolkit.custody.manifest import Collected, Described, Entry, open_manifest
from cttoolkit.custody.path import JOURNAL, LOCK, MANIFEST, SIGNATURE
from cttoolkit.custody.regular import sha256_of, why
from cttoolkit.custody.seal import load_public, seal_holds
from cttoolkit.errors import EvidenceError
from cttoolkit.text import number_of

__all__ = ["Custody", "Seal", "check_custody"]


class Seal(StrEnum):
    """What the signature beside a manifest is worth."""

    HOLDS = "holds"
    FAILS = "does not hold"
    ABSENT = "absent"
    UNCHECKED = "could not be checked: no public key was given"


@dataclass(frozen=True, slots=True)
class Custody:
    """What became of a collection since it was made; all paths are below its folder."""

    manifest_sha256: str
    files: int
    missing: tuple[str, ...]
    altered: tuple[str, ...]
    added: tuple[str, ...]
    seal: Seal
    is_unfinished: bool
    recovered: int
    """Objects whose bytes are those of an older version, which a digest lists."""
    runs: tuple[dict[str, Any], ...]
    """What the manifest tells of each run: who collected what, from where, when, with which tool."""

    @property
    def is_whole(self) -> bool:
        """Whether the folder is as the manifest says. An absent or unchecked signature does not tell against it."""
        return not (self.missing or self.altered or self.added or self.seal is Seal.FAILS or self.is_unfinished)

    @property
    def sentence(self) -> str:
        """One sentence, with the hash of the manifest that it was held against."""
        found = [
            f"{len(paths):,} {word}"
            for word, paths in (("missing", self.missing), ("altered", self.altered), ("added", self.added))
            if paths
        ]
        state = " · ".join(found) if found else f"all {number_of(self.files, 'file')} as they were collected"
        unfinished = " · a collection that was broken off" if self.is_unfinished else ""
        return f"Custody: {state}{unfinished} · signature {self.seal} · manifest sha256 {self.manifest_sha256}"

    def __repr__(self) -> str:
        return self.sentence


def check_custody(folder: str | os.PathLike[str], public_key: str | os.PathLike[str] | None = None) -> Custody | None:
    """Hash every file of a collected folder and compare it with ``manifest.json``; None where there is no manifest of ours.

    ``public_key`` is a PEM file of the collector's Ed25519 key. A manifest that agrees proves only that nobody changed files and not
    the manifest: compare its hash with the one that was noted when it was made. Raises EvidenceError where a file cannot be read.
    """
    root = Path(folder)
    with open_manifest(root) as manifest:
        if manifest is None:
            if public_key is not None:
                raise EvidenceError(root, f"no {MANIFEST} of a collection", "give the folder that was collected into")
            return None
        held = _Held(root)
        held.compare(manifest.entries())
        return Custody(
            manifest.sha256,
            held.files,
            tuple(sorted(held.missing)),
            tuple(sorted(held.altered)),
            tuple(sorted(held.added)),
            _seal(root, manifest.file, public_key),
            (root / JOURNAL).exists(),
            held.recovered,
            tuple(held.runs),
        )


class _Held:
    """A folder and a manifest, both in the order of their paths, walked side by side: neither is held in memory."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files = self.recovered = 0
        self.missing: list[str] = []
        self.altered: list[str] = []
        self.added: list[str] = []
        self.runs: list[dict[str, Any]] = []
        self._described: list[Described] = []

    def compare(self, entries: Iterator[Entry]) -> None:
        walked = _Walk(self._root)
        for one in self._expected(entries):
            self.files += 1
            self.added.extend(walked.before(one.path))
            is_plain = walked.take(one.path)
            if is_plain is None:
                self.missing.append(one.path)
            elif not is_plain or _hashed(self._root / one.path, one.size) != (one.size, one.sha256):
                self.altered.append(one.path)
        self.added.extend(walked.before(None))

    def _expected(self, entries: Iterator[Entry]) -> Iterator[Described | Collected]:
        objects = self._objects(entries)
        # What describes the objects stands before them, so that it is all known with the first of them.
        first = list(itertools.islice(objects, 1))
        described = sorted(self._described, key=_path)
        return heapq.merge(described, itertools.chain(first, objects), key=_path)

    def _objects(self, entries: Iterator[Entry]) -> Iterator[Collected]:
        for entry in entries:
            if isinstance(entry, Collected):
                self.recovered += entry.recovered_from is not None
                yield entry
            elif isinstance(entry, Described):
                self._described.append(entry)
            elif isinstance(entry, dict):
                self.runs.append(entry)


class _Walk:
    """The files of a folder in the order of their paths, but for those that are custody's own."""

    def __init__(self, root: Path) -> None:
        self._files = ((path, is_plain) for path, is_plain in _walk(root) if not _is_own(root, path, is_plain=is_plain))
        self._next = next(self._files, None)

    def before(self, path: str | None) -> Iterator[str]:
        """The paths that come before this one, or all that are left."""
        while self._next is not None and (path is None or self._next[0] < path):
            yield self._next[0]
            self._next = next(self._files, None)

    def take(self, path: str) -> bool | None:
        """Whether a regular file lies at this path; None where nothing does."""
        if self._next is None or self._next[0] != path:
            return None
        is_plain = self._next[1]
        self._next = next(self._files, None)
        return is_plain


def _path(one: Described | Collected) -> str:
    return one.path


def _is_own(root: Path, path: str, *, is_plain: bool) -> bool:
    return is_plain and (path in (MANIFEST, SIGNATURE, JOURNAL) or (path == LOCK and not _size(root / path)))


def _seal(root: Path, manifest: BinaryIO, public_key: str | os.PathLike[str] | None) -> Seal:
    place = root / SIGNATURE
    if not place.is_file() or place.is_symlink():
        # A key was given to check with, so that a signature should be there.
        return Seal.ABSENT if public_key is None else Seal.FAILS
    if public_key is None:
        return Seal.UNCHECKED
    return Seal.HOLDS if seal_holds(load_public(Path(public_key)), manifest, place.read_bytes()) else Seal.FAILS


def _hashed(path: Path, size: int) -> tuple[int, str] | None:
    try:
        # A file of another length need not be read to its end, which an attacker may have put far away.
        return sha256_of(path) if _size(path) == size else None
    except OSError as error:
        raise EvidenceError(path, why(error), "make it readable for this user") from error


def _size(path: Path) -> int:
    return path.lstat().st_size


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Every file below by its path, in the order of these, links not followed, and whether it is a regular one."""
    waiting = [("", True, False)]
    while waiting:
        path, is_folder, is_plain = waiting.pop()
        if not is_folder:
            yield path, is_plain
            continue
        try:
            with os.scandir(root / path) as entries:
                found = [
                    (f"{path}{entry.name}/", True, False)
                    if entry.is_dir(follow_symlinks=False)
                    else (path + entry.name, False, entry.is_file(follow_symlinks=False))
                    for entry in entries
                ]
        except OSError as error:
            raise EvidenceError(root / path, why(error), "make it readable for this user") from error
        # With its stroke, a folder's name has its place among the others that its files' paths have.
        waiting.extend(sorted(found, reverse=True))
