"""What S3 lists of a stretch of keys: the objects, or all their versions and delete markers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
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

    def objects(self, stretches: Iterable[Stretch]) -> Iterator[list[Version]]:
        """Every object, page by page, those of different stretches in no certain order."""
        return self._pages(stretches, "list_objects_v2", "StartAfter", ("Contents",))

    def versions(self, stretches: Iterable[Stretch]) -> Iterator[list[Version]]:
        """Every version and delete marker, page by page."""
        return self._pages(stretches, "list_object_versions", "KeyMarker", ("Versions", "DeleteMarkers"))

    def _pages(
        self, stretches: Iterable[Stretch], operation: str, after: str, parts: tuple[str, ...]
    ) -> Iterator[list[Version]]:
        """Some stretches at a time, and of each one page at a time, so that few pages are held."""
        waiting = iter(stretches)
        pool = ThreadPoolExecutor(self.workers)
        under_way: dict[Future[list[Version] | None], Callable[[], list[Version] | None]] = {}
        try:
            while True:
                for stretch in itertools.islice(waiting, self.workers - len(under_way)):
                    turn: Callable[[], list[Version] | None] = partial(
                        self._turn, stretch, self._paginate(stretch, operation, after), parts
                    )
                    under_way[pool.submit(turn)] = turn
                if not under_way:
                    return
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for one in done:
                    turn, page = under_way.pop(one), one.result()
                    if page is not None:
                        under_way[pool.submit(turn)] = turn
                        yield page
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _paginate(self, stretch: Stretch, operation: str, after: str) -> Iterator[dict[str, Any]]:
        more = {after: stretch.after} if stretch.after else {}
        pages = self.client.get_paginator(operation).paginate(Bucket=self.bucket, Prefix=stretch.prefix, **more)
        return iter(pages)

    def _turn(self, stretch: Stretch, pages: Iterator[dict[str, Any]], parts: tuple[str, ...]) -> list[Version] | None:
        """The next page of a stretch; None where it has ended."""
        with telling(f"s3://{self.bucket}/{stretch.prefix}"):
            page = next(pages, None)
        if page is None:
            return None
        entries = [entry for part in parts for entry in page.get(part, ())]
        found = [_version(entry) for entry in entries if not stretch.is_beyond(entry["Key"])]
        # Every later page lies beyond as well.
        return None if entries and not found else found


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
