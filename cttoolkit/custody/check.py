"""A collected folder held against its manifest: what is missing, altered, or was added since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cttoolkit.custody.manifest import Manifest, read_manifest
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
    manifest: Manifest

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
    found = read_manifest(root)
    if found is None:
        if public_key is not None:
            raise EvidenceError(root, f"no {MANIFEST} of a collection", "give the folder that was collected into")
        return None
    manifest, body = found
    expected = manifest.expected()
    seal = _seal(root, body, public_key)
    missing, altered, added = set(expected), [], []
    for path, is_plain in _walk(root):
        if is_plain and (path in (MANIFEST, SIGNATURE, JOURNAL) or (path == LOCK and not _size(root / path))):
            continue
        if path not in expected:
            added.append(path)
            continue
        missing.discard(path)
        if not is_plain or _hashed(root / path, expected[path][0]) != expected[path]:
            altered.append(path)
    return Custody(
        hashlib.sha256(body).hexdigest(),
        len(expected),
        tuple(sorted(missing)),
        tuple(sorted(altered)),
        tuple(sorted(added)),
        seal,
        (root / JOURNAL).exists(),
        manifest,
    )


def _seal(root: Path, body: bytes, public_key: str | os.PathLike[str] | None) -> Seal:
    place = root / SIGNATURE
    if not place.is_file() or place.is_symlink():
        # A key was given to check with, so that a signature should be there.
        return Seal.ABSENT if public_key is None else Seal.FAILS
    if public_key is None:
        return Seal.UNCHECKED
    return Seal.HOLDS if seal_holds(load_public(Path(public_key)), body, place.read_bytes()) else Seal.FAILS


def _hashed(path: Path, size: int) -> tuple[int, str] | None:
    try:
        # A file of another length need not be read to its end, which an attacker may have put far away.
        return sha256_of(path) if _size(path) == size else None
    except OSError as error:
        raise EvidenceError(path, why(error), "make it readable for this user") from error


def _size(path: Path) -> int:
    return path.lstat().st_size


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Every file below, links not followed, and whether it is a regular one."""
    waiting = [(root, "")]
    while waiting:
        here, above = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            raise EvidenceError(here, why(error), "make it readable for this user") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), f"{above}{entry.name}/"))
            else:
                yield above + entry.name, entry.is_file(follow_symlinks=False)
