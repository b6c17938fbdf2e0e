"""The manifest: what a collection holds, file by file, where each came from, and who collected it when.

``manifest.json`` is canonical JSON (sorted names, no spaces, UTF-8), so the same content always has the same hash. It is a note of the
collector's and no proof by itself: whoever can change the evidence can write another. What binds it is its hash, kept elsewhere, or
a signature.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from cttoolkit.custody.path import MANIFEST
from cttoolkit.custody.regular import read_regular, why
from cttoolkit.errors import EvidenceError

__all__ = ["FORMAT", "Collected", "Manifest", "Marker", "read_manifest"]

FORMAT = "cttoolkit manifest 1"
_Told: TypeAlias = str | int | float | bool | list[str] | dict[str, str] | None
_REMEDY = "restore the manifest that the collector wrote"


class Collected(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One object of a bucket as it was collected.

    ``path`` is where its bytes lie below the folder, ``collected_at`` the time that S3's own answer gave, ``checked_by`` what S3 said
    of the bytes that they were held against: a checksum, the ETag, or their length alone. ``is_current`` is false for an older
    version; ``recovered_from`` names the version whose bytes lie at ``path`` because a digest lists their hash and not the newest's.
    """

    path: str
    key: str
    size: int
    sha256: str
    etag: str
    last_modified: str
    collected_at: str
    checked_by: str
    source: str
    run: int
    version_id: str | None = None
    metadata: dict[str, str] = {}
    checksums: dict[str, str] = {}
    storage_class: str | None = None
    is_current: bool = True
    recovered_from: str | None = None


class Marker(msgspec.Struct, frozen=True):
    """A delete marker: when a key was deleted, and whether it still is."""

    key: str
    version_id: str
    last_modified: str
    is_latest: bool


class _Described(msgspec.Struct, frozen=True):
    path: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """All that is known of one collection. ``files`` are those that describe objects: keys, configuration, metadata."""

    objects: dict[str, Collected] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Size and SHA-256 by path."""
    delete_markers: list[Marker] = field(default_factory=list)
    not_collected: dict[str, str] = field(default_factory=dict)
    """Objects and answers that were asked for and are not here, with the reason."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Prefixes that were seen and not asked for, with the reason."""
    runs: list[dict[str, Any]] = field(default_factory=list)

    def encoded(self) -> bytes:
        document = {
            "format": FORMAT,
            "objects": [msgspec.to_builtins(self.objects[path]) for path in sorted(self.objects)],
            "files": [
                {"path": path, "size": size, "sha256": sha256} for path, (size, sha256) in sorted(self.files.items())
            ],
            "delete_markers": [
                msgspec.to_builtins(one)
                for one in sorted(self.delete_markers, key=lambda one: (one.key, one.version_id))
            ],
            "not_collected": self.not_collected,
            "left_out": self.left_out,
            "runs": self.runs,
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"

    def expected(self) -> dict[str, tuple[int, str]]:
        """Size and SHA-256 of every file that the manifest speaks of."""
        return {**{path: (one.size, one.sha256) for path, one in self.objects.items()}, **self.files}


def read_manifest(folder: Path) -> tuple[Manifest, bytes] | None:
    """The manifest of a folder with its own bytes; None where there is none, or one of another tool's.

    EvidenceError where it is damaged.
    """
    place = folder / MANIFEST
    try:
        body = read_regular(place)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EvidenceError(place, why(error), _REMEDY) from error
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceError(place, "not JSON", _REMEDY) from error
    if not isinstance(document, dict) or not str(document.get("format", "")).startswith("cttoolkit manifest"):
        return None
    if document["format"] != FORMAT:
        raise EvidenceError(place, "of another version of the format", "check it with the version that wrote it")
    return _manifest(document, place), body


def _manifest(document: Mapping[str, Any], place: Path) -> Manifest:
    try:
        objects = msgspec.convert(document["objects"], list[Collected])
        files = msgspec.convert(document["files"], list[_Described])
        return Manifest(
            {one.path: one for one in objects},
            {one.path: (one.size, one.sha256) for one in files},
            msgspec.convert(document["delete_markers"], list[Marker]),
            msgspec.convert(document["not_collected"], dict[str, str]),
            msgspec.convert(document["left_out"], dict[str, str]),
            msgspec.convert(document["runs"], list[dict[str, _Told]]),
        )
    except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
        raise EvidenceError(place, f"not a manifest: {error}", _REMEDY) from error
