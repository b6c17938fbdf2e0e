"""What S3 lists of a stretch of keys: the objects, or all their versions and delete markers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from cttoolkit.collection.wanted import Stretch
from cttoolkit.sources.clients import telling
from cttoolkit.window import written

__all__ = ["Lister", "Version"]


class Version(NamedTuple):
    """One object as it is listed; with ``version_id`` None S3 was not asked for versions. A delete marker has no ETag."""

    key: str
    size: int
    etag: str
    last_modified: str
    version_id: str | None = None
    is_latest: bool = True
    storage_class: str | None = None

    @property
    def is_marker(self) -> bool:
        return not self.etag


@dataclass
class Lister:
    """Asks S3 for folders and keys of one bucket, some stretches at a time."""

    client: Any
    bucket: str
    workers: int = 8

    def folders(self, prefix: str) -> list[str]:
        """The folders directly below a prefix."""
        found: list[str] = []
        with telling(f"s3://{self.bucket}/{prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                found.extend(entry["Prefix"] for entry in page.get("CommonPrefixes", ()))
        return found

    def objects(self, stretches: list[Stretch]) -> Iterator[list[Version]]:
        """Every object, each stretch in one piece and in order."""
        return self._spread(self._objects, stretches)

    def versions(self, stretches: list[Stretch]) -> Iterator[list[Version]]:
        """Every version and delete marker, those of one key together and the newest first."""
        return self._spread(self._versions, stretches)

    def _spread(self, one: Callable[[Stretch], list[Version]], stretches: list[Stretch]) -> Iterator[list[Version]]:
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(one, stretches)

    def _objects(self, stretch: Stretch) -> list[Version]:
        found: list[Version] = []
        more = {"StartAfter": stretch.after} if stretch.after else {}
        with telling(f"s3://{self.bucket}/{stretch.prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=stretch.prefix, **more
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    if stretch.is_beyond(entry["Key"]):
                        return found
                    found.append(_version(entry))
        return found

    def _versions(self, stretch: Stretch) -> list[Version]:
        found: list[Version] = []
        more = {"KeyMarker": stretch.after} if stretch.after else {}
        with telling(f"s3://{self.bucket}/{stretch.prefix}"):
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket, Prefix=stretch.prefix, **more
            )
            for page in pages:
                entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                found.extend(_version(entry) for entry in entries if not stretch.is_beyond(entry["Key"]))
                if entries and stretch.is_beyond(max(entry["Key"] for entry in entries)):
                    break
        found.sort(key=lambda one: (one.last_modified, one.is_latest), reverse=True)
        found.sort(key=lambda one: one.key)
        return found


def _version(entry: dict[str, Any]) -> Version:
    return Version(
        entry["Key"],
        entry.get("Size", 0),
        entry.get("ETag", ""),
        written(entry["LastModified"]),
        entry.get("VersionId"),
        entry.get("IsLatest", True),
        entry.get("StorageClass"),
    )
