"""How an export comes to stand in its place: whole or not at all, and never in the evidence."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from cttoolkit.errors import EvidenceError
from cttoolkit.events import Events
from cttoolkit.integrity.verification import Verification
from cttoolkit.report.basis import paragraph
from cttoolkit.text import visible

__all__ = ["Export", "bodies", "finished", "place", "writing"]


@dataclass(frozen=True)
class Export:
    """A file that was written. ``rows`` counts its events or techniques, ``left_out`` what it does not hold, by reason.

    ``sha256`` is the file's. ``basis`` says what the rows rest on, a paragraph for each body of evidence; formats that have no
    place for it leave it to the analyst to hand it over with the file.
    """

    path: Path
    format: str
    rows: int
    left_out: Mapping[str, int]
    sha256: str
    basis: tuple[str, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        noun = "technique" if self.format == "navigator" else "row"
        told = f"{self.rows:,} {noun}{'' if self.rows == 1 else 's'}"
        left = "; ".join(f"{count:,} left out: {reason}" for reason, count in self.left_out.items())
        return f"{visible(self.path)}: {told}, {self.format}{'; ' + left if left else ''}"


def place(path: str | os.PathLike[str], suffix: str, cited: Iterable[Events]) -> Path:
    """The path, if a file may be written there.

    EvidenceError where it ends in something else than ``suffix``, is a folder, lies in the evidence, or is a file of keys or of
    the workspace that the events rest on.
    """
    asked = Path(path)
    if asked.suffix.lower() != suffix:
        raise EvidenceError(path, "its name does not say what it holds", f"end it in {suffix}")
    if asked.is_dir():
        raise EvidenceError(path, "it is a folder", "name a file")
    for verification in (events.verification for events in bodies(cited)):
        if verification.evidence.holds(asked):
            raise EvidenceError(path, "it lies inside the evidence, which is never written to", "choose another place")
        if asked.resolve() in _used(verification):
            raise EvidenceError(path, "the verification rests on this very file", "choose another place")
    return asked


def _used(verification: Verification) -> set[Path]:
    shards = verification.shards
    kept = () if shards is None else (*shards.events, *shards.quarantine, shards.duplicates, shards.conflicts)
    keys = (Path(file.path) for file in verification.keyring.files)
    return {path.resolve() for path in (*kept, *keys) if path is not None}


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file beside the place, which becomes it when all is written; EvidenceError where that cannot be."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with unfinished.open("wb") as file:
                yield file
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise EvidenceError(path, wrong, "choose a place that can be written") from error


def finished(path: Path, name: str, rows: int, left_out: Mapping[str, int], cited: Iterable[Events]) -> Export:
    """What was written to the path."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    bases = tuple(paragraph(events.verification, [events.policy]) for events in bodies(cited))
    left = MappingProxyType({reason: count for reason, count in left_out.items() if count})
    return Export(path, name, rows, left, digest, bases)


def bodies(cited: Iterable[Events]) -> list[Events]:
    """Some Events of each body of evidence, and of each policy that it was admitted by."""
    return list({(id(events.verification), events.policy.sentence): events for events in cited}.values())
