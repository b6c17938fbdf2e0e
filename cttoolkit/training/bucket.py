"""A simulated bucket: what the trails of one world wrote, ready to be tampered with or written to disk."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cttoolkit.errors import EvidenceError
from cttoolkit.integrity.signature import SigningKey
from cttoolkit.progress import progress
from cttoolkit.training.stored import COMPRESSION, StoredObject, pack
from cttoolkit.window import Window, written

__all__ = ["COMPRESSION", "Bucket", "StoredObject", "pack", "refuse_evidence"]

_KEY_LIFE = timedelta(days=30)


@dataclass
class Bucket:
    """What the trails wrote, with the keys they signed with and what a collector would have noted of them."""

    objects: MutableMapping[str, StoredObject]
    keys: dict[str, SigningKey]
    span: Window
    configuration: dict[str, Any]
    events: int = 0
    """Records that the trails delivered; tampering leaves the number as it is."""
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
        beside: dict[str, bytes] = {}
        if sidecar:
            beside["objects-metadata.jsonl"] = "".join(self._metadata()).encode()
        if keys:
            beside["public-keys.json"] = _legible(self.public_keys())
        if configuration:
            beside["trail-configuration.json"] = _legible(self.configuration)
        self._clear(root, [*self.objects, *beside])
        folders: set[Path] = set()
        names = [*self.objects, *beside]
        for name in progress(names, desc="writing", unit="file"):
            path = root / name
            if path.parent not in folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                folders.add(path.parent)
            path.write_bytes(beside[name] if name in beside else self.objects[name].body)
            self._written.add(path)

    def _metadata(self) -> Iterator[str]:
        for key in sorted(self.objects):
            metadata = self.objects[key].metadata
            if metadata:
                yield json.dumps({"key": key, "metadata": dict(metadata)}) + "\n"

    def _clear(self, root: Path, files: Iterable[str]) -> None:
        """Remove what an earlier write left, and refuse to go on over anything else."""
        tops = {name.partition("/")[0] for name in files} | {"AWSLogs"}
        places = {path for top in tops for path in (root / top, *(root / top).rglob("*"))}
        found = {path for path in places | {path for path in self._written if root in path.parents} if path.is_file()}
        _refuse(root, found - self._written)
        for path in found:
            path.unlink()


def refuse_evidence(folder: str | Path) -> None:
    """Say at once what writing would say in the end: a folder that holds log files already is an EvidenceError."""
    root = Path(folder).resolve()
    _refuse(root, {path for path in (root / "AWSLogs").rglob("*") if path.is_file()})


def _refuse(root: Path, strange: set[Path]) -> None:
    if strange:
        wrong = f"{len(strange)} files that are not of this world lie there, such as {min(strange).relative_to(root)}"
        raise EvidenceError(root, wrong, "choose an empty folder")


def _legible(document: Any) -> bytes:
    return f"{json.dumps(document, indent=2)}\n".encode()
