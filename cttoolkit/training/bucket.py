"""A simulated bucket: what the trails of one world wrote, ready to be tampered with or written to disk."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cttoolkit.integrity.signature import SigningKey
from cttoolkit.window import Window, written

__all__ = ["COMPRESSION", "Bucket", "StoredObject", "pack"]

COMPRESSION = 6
_KEY_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the bucket holds it; ``metadata`` is S3 user metadata."""

    body: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


def pack(document: Any) -> bytes:
    """Compact JSON in one gzip member without a time of its own."""
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), COMPRESSION, mtime=0)


@dataclass
class Bucket:
    """What the trails wrote, with the keys they signed with and what a collector would have noted of them."""

    objects: dict[str, StoredObject]
    keys: dict[str, SigningKey]
    span: Window
    configuration: dict[str, Any]

    @property
    def logs(self) -> list[str]:
        return sorted(key for key in self.objects if "/CloudTrail/" in key)

    @property
    def digests(self) -> list[str]:
        """In order of region and time."""
        return sorted(key for key in self.objects if "/CloudTrail-Digest/" in key)

    def public_keys(self) -> dict[str, Any]:
        """What ListPublicKeys would answer for all regions together."""
        listed = {}
        for key in self.keys.values():
            listed[key.fingerprint] = {
                "Value": base64.b64encode(key.public_der).decode(),
                "ValidityStartTime": written(self.span.start - _KEY_LIFE / 2),
                "ValidityEndTime": written(self.span.end + _KEY_LIFE / 2),
                "Fingerprint": key.fingerprint,
            }
        return {"PublicKeyList": [listed[name] for name in sorted(listed)]}

    def write(self, folder: str | Path, *, sidecar: bool = True, keys: bool = True, configuration: bool = True) -> None:
        """Write the bucket as a collector would copy it. Objects of an earlier write that are no longer held are removed."""
        root = Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        self._remove_stale(root)
        for key, stored in self.objects.items():
            path = root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stored.body)
        if sidecar:
            kept = ({"key": key, "metadata": dict(self.objects[key].metadata)} for key in sorted(self.objects))
            lines = (json.dumps(entry) + "\n" for entry in kept if entry["metadata"])
            (root / "objects-metadata.jsonl").write_text("".join(lines))
        if keys:
            (root / "public-keys.json").write_text(json.dumps(self.public_keys(), indent=2) + "\n")
        if configuration:
            (root / "trail-configuration.json").write_text(json.dumps(self.configuration, indent=2) + "\n")

    def _remove_stale(self, root: Path) -> None:
        for top in {key.split("/")[0] for key in self.objects} | {"AWSLogs"}:
            for path in (root / top).rglob("*"):
                if path.is_file() and path.relative_to(root).as_posix() not in self.objects:
                    path.unlink()
