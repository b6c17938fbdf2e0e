"""S3 user metadata as collectors write it beside the objects, since a plain copy loses it.

``objects-metadata.jsonl`` at the root has one ``{"key", "metadata"}`` a line; ``<file>.metadata.json`` and
``<file>.head.json`` (an answer of HeadObject) stand beside one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from cttoolkit.errors import EvidenceError

__all__ = ["ENDS", "LARGEST", "SIDECAR", "is_sidecar", "read_entry", "read_lines"]

SIDECAR = "objects-metadata.jsonl"
ENDS = (".metadata.json", ".head.json")
LARGEST = 1 << 20
"""The most bytes that the metadata of one object may take; S3 itself allows 2 kB."""
_REMEDY = "restore the sidecar, or move it out of the folder"


def is_sidecar(key: str) -> bool:
    return key == SIDECAR or key.endswith(ENDS)


def read_entry(body: bytes, where: object) -> Mapping[str, str]:
    """The metadata in a file that stands beside one object, with lower-case names."""
    if len(body) > LARGEST:
        raise EvidenceError(where, "too large for a sidecar", "look at it, and move it out of the folder")
    try:
        return _lower(msgspec.json.decode(body), where)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise EvidenceError(where, "not JSON", _REMEDY) from error


def read_lines(lines: Iterable[bytes], where: object, number: int = 1) -> Iterator[tuple[str, Mapping[str, str], int]]:
    """Key, metadata and length in bytes of each line; an empty key for an empty line. ``number`` is the first line's."""
    for at, line in enumerate(lines, number):
        if not line.strip():
            yield "", {}, len(line)
            continue
        place = f"{where} line {at}"
        try:
            found = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise EvidenceError(place, "not JSON", _REMEDY) from error
        if not isinstance(found, dict) or not isinstance(found.get("key"), str):
            raise EvidenceError(place, 'no {"key", "metadata"}', _REMEDY)
        yield found["key"], _lower(found, place), len(line)


def _lower(found: Any, where: object) -> Mapping[str, str]:
    """Metadata of one object, from ours (``metadata``) or HeadObject's answer (``Metadata``), or bare."""
    if isinstance(found, dict):
        held = found.get("metadata", found.get("Metadata", found))
        if isinstance(held, dict):
            return {str(n).lower().removeprefix("x-amz-meta-"): v for n, v in held.items() if isinstance(v, str)}
    raise EvidenceError(where, "no metadata in it", _REMEDY)
