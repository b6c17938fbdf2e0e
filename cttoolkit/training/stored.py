"""An object as a simulated bucket holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cttoolkit.packed import packed

__all__ = ["COMPRESSION", "StoredObject", "pack"]

COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the bucket holds it; ``metadata`` is S3 user metadata."""

    body: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


def pack(document: Any) -> bytes:
    """Compact JSON in one gzip member without a time of its own."""
    return packed(json.dumps(document, separators=(",", ":")).encode(), COMPRESSION)
