"""How memory grows with what a bucket lists: while it is collected, and opened as evidence in place.

    .venv/bin/python benchmarks/listing_memory.py [--keys 500000,1000000]

The listing is made up and no object is read or written: what is measured is what is held of each key. Each number of keys is a process
of its own, with its peak; the growth is the difference between the first and the last.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

DAY = 288 * 4


def keys(count: int) -> Iterator[str]:
    for number in range(count):
        day, minute = number // DAY, number % DAY
        moment = f"{2020 + day // 336:04d}{1 + day // 28 % 12:02d}{1 + day % 28:02d}T{minute // 60 % 24:02d}{minute % 60:02d}Z"
        folder = f"AWSLogs/111122223333/CloudTrail/us-east-1/{moment[:4]}/{moment[4:6]}/{moment[6:8]}"
        yield f"{folder}/111122223333_CloudTrail_us-east-1_{moment}_{number:016d}.json.gz"


def collect(count: int, folder: Path) -> None:
    """All that a collection does with a listing, but for having the objects."""
    from cttoolkit.collection.copying import Copying, _Kept
    from cttoolkit.collection.listing import Version
    from cttoolkit.collection.spool import Spool
    from cttoolkit.custody.folder import EvidenceFolder
    from cttoolkit.custody.journal import Journal
    from cttoolkit.custody.manifest import Manifest

    class Listing(Copying):
        def _one(self, _: object) -> _Kept:
            return _Kept(None)

    files = EvidenceFolder(folder)
    with Spool(folder / ".partial" / "listed") as spool, Journal(folder) as journal:
        spool.add(Version(key, 2000, f'"{hash(key):032x}"', "2026-03-01T00:00:00Z") for key in keys(count))
        copying = Listing(files, journal, None, "s3://b", 1, Manifest(), 8)
        copying.copy(spool, versions=False)
        assert copying.kept == count


def manifest(count: int, _: Path) -> None:
    """The entries of what was collected, which the manifest is written from."""
    from cttoolkit.custody.manifest import Collected, Manifest

    held = Manifest()
    for key in keys(count):
        held.objects[key] = Collected(
            key, key, 2000, f"{hash(key):064x}", f"{hash(key):032x}", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "etag",
            "s3://b", 1,
        )  # fmt: skip


def open_in_place(count: int, _: Path) -> None:
    """ct.open_evidence() of a bucket."""
    from datetime import UTC, datetime

    from cttoolkit.evidence import catalogue
    from cttoolkit.sources.bucket import Bucket

    class Pages:
        def paginate(self, **_: object) -> Iterator[dict[str, object]]:
            when = datetime(2026, 3, 1, tzinfo=UTC)
            page = []
            for key in keys(count):
                page.append({"Key": key, "Size": 2000, "ETag": f'"{hash(key):032x}"', "LastModified": when})
                if len(page) == 1000:
                    yield {"Contents": page}
                    page = []

    class Client:
        def get_paginator(self, _: str) -> Pages:
            return Pages()

    class Getter:
        client = Client()

    source = Bucket("s3://example-logs")
    source._asking = Getter()
    assert len(catalogue(source).logs) == count


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--keys", default="500000,1000000")
    options.add_argument("--one", nargs=2)
    given = options.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            {"collect": collect, "manifest": manifest, "open": open_in_place}[given.one[0]](
                int(given.one[1]), Path(folder)
            )
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    counts = [int(number) for number in given.keys.split(",")]
    for what in ("collect", "manifest", "open"):
        peaks = []
        for count in counts:
            command = [sys.executable, __file__, "--one", what, str(count)]
            peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(f"{what:9} {count:10,} keys, at most {peaks[-1] >> 10:6,} MiB", flush=True)
        if len(counts) > 1:
            print(f"{what:9} {(peaks[-1] - peaks[0]) * 1024 / (counts[-1] - counts[0]):10.0f} bytes a key")


if __name__ == "__main__":
    main()
