"""How memory grows with what a bucket lists: while it is collected, held against its manifest, and opened as evidence in place.

    .venv/bin/python benchmarks/listing_memory.py [--keys 500000,1000000]

The listing is made up and no object is read or written: what is measured is what is held of each key. Each number of keys is a process
of its own, with its peak; the growth is the difference between the first and the last.
"""

from __future__ import annotations

import argparse
import hashlib
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


def collect(count: int, folder: Path, *, deleted: bool = False) -> None:
    """All that a collection does with a listing, but for having the objects."""
    from cttoolkit.collection.copying import Copying, _Kept
    from cttoolkit.collection.listing import Version
    from cttoolkit.collection.spool import Spool
    from cttoolkit.custody.folder import EvidenceFolder
    from cttoolkit.custody.journal import Journal
    from cttoolkit.custody.ledger import Ledger

    class Listing(Copying):
        def _one(self, _: object) -> _Kept:
            return _Kept(None)

    def listed() -> Iterator[Version]:
        for key in keys(count):
            yield Version(key, 2000, f'"{hash(key):032x}"', "2026-03-01T00:00:00Z", "1" * 32, not deleted)
            if deleted:
                yield Version(key, 0, "", "2026-03-02T00:00:00Z", "2" * 32)

    files = EvidenceFolder(folder)
    partial = folder / ".partial"
    with (
        Ledger(partial / "ledger") as ledger,
        Spool(partial / "listed") as spool,
        Journal(folder, ledger.note_first) as journal,
    ):
        spool.add(listed())
        copying = Listing(files, journal, None, "s3://b", 1, ledger, 8)
        copying.copy(spool, versions=deleted)
        assert copying.kept == count


def all_deleted(count: int, folder: Path) -> None:
    """The same where every object was deleted, so that there are as many keys of several versions as objects."""
    collect(count, folder, deleted=True)


def manifest(count: int, folder: Path) -> None:
    """Entries of what was collected, the manifest written from them, and read again by the next run."""
    from cttoolkit.custody.folder import EvidenceFolder
    from cttoolkit.custody.ledger import Ledger
    from cttoolkit.custody.manifest import Collected

    files = EvidenceFolder(folder)
    with Ledger(folder / ".partial" / "ledger") as ledger:
        for key in keys(count):
            ledger.note(
                Collected(
                    key, key, 2000, f"{hash(key):064x}", f"{hash(key):032x}", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z",
                    "etag", "s3://b", 1,
                )
            )  # fmt: skip
        sha256 = files.exchange("manifest.json", ledger.manifest())
    with Ledger(folder / ".partial" / "again") as again:
        assert again.read(folder) == sha256


def custody(count: int, folder: Path) -> None:
    """A folder of a tenth as many files held against its manifest."""
    from cttoolkit.custody.check import check_custody
    from cttoolkit.custody.folder import EvidenceFolder
    from cttoolkit.custody.ledger import Ledger
    from cttoolkit.custody.manifest import Collected

    files = EvidenceFolder(folder)
    sha256 = hashlib.sha256(b"x").hexdigest()
    with Ledger(folder / ".partial" / "ledger") as ledger:
        for key in keys(count // 10):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(b"x")
            ledger.note(Collected(key, key, 1, sha256, "e", "t", "t", "etag", "s3://b", 1))
        files.exchange("manifest.json", ledger.manifest())
    files.close()
    assert check_custody(folder).is_whole


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


PARTS = {
    "collect": collect, "all deleted": all_deleted, "manifest": manifest, "custody": custody, "open": open_in_place,
}  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--keys", default="500000,1000000")
    options.add_argument("--one", nargs=2)
    given = options.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[given.one[0]](int(given.one[1]), Path(folder))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    counts = [int(number) for number in given.keys.split(",")]
    for what in PARTS:
        peaks = []
        for count in counts:
            command = [sys.executable, __file__, "--one", what, str(count)]
            peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
            print(f"{what:11} {count:10,} keys, at most {peaks[-1] >> 10:6,} MiB", flush=True)
        if len(counts) > 1:
            print(f"{what:11} {(peaks[-1] - peaks[0]) * 1024 / (counts[-1] - counts[0]):10.0f} bytes a key")


if __name__ == "__main__":
    main()
