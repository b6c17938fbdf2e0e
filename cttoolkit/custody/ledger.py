"""The ledger of a run: all that is known of a collection while it goes on, which the manifest is written from in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from cttoolkit.custody.manifest import Collected, Described, Marker, manifest_lines, open_manifest
from cttoolkit.custody.scratch import Scratch

__all__ = ["Ledger"]

_TABLES = """
    CREATE TABLE objects (path TEXT PRIMARY KEY, body BLOB, is_described INTEGER) WITHOUT ROWID;
    CREATE TABLE markers (key TEXT, version_id TEXT, body BLOB, PRIMARY KEY (key, version_id)) WITHOUT ROWID;
    BEGIN;
"""
_DECODER = msgspec.json.Decoder(Collected)


class Ledger(Scratch):
    """Objects and delete markers lie in a file, since a bucket may have ten million; what is told of a run is in memory.

    ``path in ledger``, ``find()``, ``note()`` and ``note_first()`` may be called by several threads at once. EvidenceError where the file
    cannot be written.
    """

    def __init__(self, place: Path) -> None:
        super().__init__(place, _TABLES)
        self._turn = threading.Lock()
        self.runs: list[dict[str, Any]] = []
        self.files: list[Described] = []
        self.not_collected: dict[str, str] = {}
        """Objects and answers that were asked for and are not here, with the reason."""
        self.left_out: dict[str, str] = {}
        """Prefixes that were seen and not asked for, with the reason."""

    def read(self, folder: Path) -> str | None:
        """Take what earlier runs told in the folder's manifest; its SHA-256, or None where there is none of ours."""
        with open_manifest(folder) as manifest:
            if manifest is None:
                return None
            for entry in manifest.entries():
                if isinstance(entry, Collected):
                    self.note(entry)
                elif isinstance(entry, Marker):
                    self.mark([entry])
                elif isinstance(entry, Described):
                    self.files.append(entry)
                elif isinstance(entry, dict):
                    self.runs.append(entry)
                else:
                    (self.not_collected if entry[0] == "not_collected" else self.left_out)[entry[1]] = entry[2]
            return manifest.sha256

    def note(self, one: Collected) -> None:
        """Take an object, in the place of what was known of its path."""
        self._put("INSERT OR REPLACE", one)

    def note_first(self, one: Collected) -> None:
        """Take an object unless one is known of its path."""
        self._put("INSERT OR IGNORE", one)

    def _put(self, how: str, one: Collected) -> None:
        row = (one.path, msgspec.json.encode(one), bool(one.metadata))
        with self._turn, self._telling():
            self._connection.execute(f"{how} INTO objects VALUES (?, ?, ?)", row)

    def find(self, path: str) -> Collected | None:
        with self._turn, self._telling():
            row = self._connection.execute("SELECT body FROM objects WHERE path = ?", (path,)).fetchone()
        return None if row is None else _DECODER.decode(row[0])

    def __contains__(self, path: str) -> bool:
        with self._turn, self._telling():
            return self._connection.execute("SELECT 1 FROM objects WHERE path = ?", (path,)).fetchone() is not None

    def __iter__(self) -> Iterator[Collected]:
        """Every object, by its path; nothing may be noted meanwhile."""
        return map(_DECODER.decode, self._bodies("SELECT body FROM objects ORDER BY path"))

    def described(self) -> Iterator[Collected]:
        """The objects that have metadata, by their paths."""
        return map(_DECODER.decode, self._bodies("SELECT body FROM objects WHERE is_described ORDER BY path"))

    def mark(self, markers: Iterable[Marker]) -> None:
        """Take delete markers; one that is known already is told anew."""
        rows = ((one.key, one.version_id, msgspec.json.encode(one)) for one in markers)
        with self._turn, self._telling():
            self._connection.executemany("INSERT OR REPLACE INTO markers VALUES (?, ?, ?)", rows)

    def manifest(self) -> Iterator[bytes]:
        """The manifest in pieces."""
        return manifest_lines(
            runs=self.runs,
            files=sorted(self.files, key=lambda one: one.path),
            not_collected=self.not_collected,
            left_out=self.left_out,
            delete_markers=self._bodies("SELECT body FROM markers ORDER BY key, version_id"),
            objects=self._bodies("SELECT body FROM objects ORDER BY path"),
        )

    def _bodies(self, query: str) -> Iterator[bytes]:
        with self._telling():
            for (body,) in self._connection.execute(query):
                yield body
