"""A simulated bucket: what the trails of one world wrote, ready to be tampered with or written to disk."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cttoolkit.errors import EvidenceError
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
    _written: set[Path] = field(default_factory=set, init=False, repr=False, compare=False)

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
        """Write the bucket as a collector would copy it.

        Written again to the same folder, objects that are no longer held go. Other evidence there is an EvidenceError: what
        is made up must never be mixed into what is real.
        """
        root = Path(folder).resolve()
        files = {key: stored.body for key, stored in self.objects.items()}
        if sidecar:
            kept = ({"key": key, "metadata": dict(self.objects[key].metadata)} for key in sorted(self.objects))
            files["objects-metadata.jsonl"] = "".join(
                json.dumps(one) + "\n" for one in kept if one["metadata"]
            ).encode()
        if keys:
            files["public-keys.json"] = _legible(self.public_keys())
        if configuration:
            files["trail-configuration.json"] = _legible(self.configuration)
        self._clear(root, files)
        for name, body in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            self._written.add(path)

    def _clear(self, root: Path, files: Iterable[str]) -> None:
        """Remove what an earlier write left, and refuse to go on over anything else."""
        tops = {name.partition("/")[0] for name in files} | {"AWSLogs"}
        places = {path for top in tops for path in (root / top, *(root / top).rglob("*"))}
        found = {path for path in places | {path for path in self._written if root in path.parents} if path.is_file()}
        strange = sorted(found - self._written)
        if strange:
            wrong = f"{len(strange)} files that are not of this world lie there, such as {strange[0].relative_to(root)}"
            raise EvidenceError(root, wrong, "choose an empty folder")
        for path in found:
            path.unlink()


def _legible(document: Any) -> bytes:
    return f"{json.dumps(document, indent=2)}\n".encode()
