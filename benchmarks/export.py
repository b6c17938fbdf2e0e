"""How many events a second each format takes, and what the process that writes it peaks at.

    .venv/bin/python benchmarks/export.py [--events 200000] [--case FOLDER]

FOLDER is evidence that benchmarks/evidence.py made, with its workspace beside it, so that it need not be made again. Each format is
written by a process of its own, twice, and the two files must be the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from evidence import make
from query import LOAD, RECORDS

FORMATS = {"timesketch": "jsonl", "csv": "csv", "parquet": "parquet", "ocsf": "jsonl"}
WRITE = """
import resource, sys, time
import cttoolkit as ct
folder, name, path, again = sys.argv[1:]
keys = ct.load_keys(folder + "-keys.json")
verification = ct.verify(ct.open_evidence(folder), keys, workspace=folder + "-workspace")
events = ct.admit(verification, ct.RequireIntact())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
start, cpu = time.perf_counter(), time.process_time()
made = getattr(ct.export, name)(events, path)
taken, worked = time.perf_counter() - start, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
assert made.rows == len(events), made
assert getattr(ct.export, name)(events, again).sha256 == made.sha256, "two runs, two files"
print(made.rows, taken, worked, before, peak, made.path.stat().st_size)
"""


def measure(folder: Path, out: Path) -> None:
    for name, suffix in FORMATS.items():
        paths = [str(out / f"{time}.{suffix}") for time in ("once", "again")]
        done = subprocess.run(
            [sys.executable, "-c", WRITE, folder, name, *paths], check=True, stdout=subprocess.PIPE, text=True
        )
        rows, taken, worked, before, peak, size = map(float, done.stdout.split())
        print(
            f"  {name:12} {rows / taken:9,.0f} events/s: {taken:6.1f} s ({worked:.1f} of processor time) for {rows:,.0f},"
            f" {size / 1e6:8,.1f} MB, peak {peak:,.0f} MiB ({before:,.0f} before)"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=200_000)
    options.add_argument("--case", type=Path, help="evidence made before, with its workspace")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = given.case or Path(base) / "evidence"
        if given.case is None:
            make(folder, hours=24, logs_an_hour=max(1, given.events // RECORDS // 24), records=RECORDS)
            subprocess.run([sys.executable, "-c", LOAD, folder], check=True, stdout=subprocess.DEVNULL)
        measure(folder, Path(base))


if __name__ == "__main__":
    main()
