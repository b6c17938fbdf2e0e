"""How long all detections take over verified events in Parquet, and which take longest.

    .venv/bin/python benchmarks/detections.py [--events 1000000,10000000] [--folder DIR] [--slowest 10]

The world is that of benchmarks/pivots.py; --folder keeps it for another run. Each detection is then asked on its own too, in which
those that look for calls do not share one reading of the events.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from pivots import opened

from cttoolkit.detected import detect
from cttoolkit.detections import CATALOGUE, GROUPS
from cttoolkit.events import Events


def measure(events: Events, slowest: int) -> None:
    print(f"{len(events):,} events, {len(CATALOGUE)} detections")
    for told, only in (("all of the catalogue", None), ("the conditions of CIS", "cis")):
        start = time.perf_counter()
        found = detect(events, only=only)
        print(f"  {told:34} {time.perf_counter() - start:8.2f} s  {len(found):,} sightings", flush=True)
    taken = []
    for one in (*CATALOGUE, *GROUPS["cis"]):
        start = time.perf_counter()
        found = detect(events, only=one)
        taken.append((time.perf_counter() - start, one.name, len(found)))
    print(f"  one by one, the {slowest} slowest:")
    for seconds, name, sightings in sorted(taken, reverse=True)[:slowest]:
        print(f"    {name:32} {seconds:8.2f} s  {sightings:,} sightings")
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", default="1000000", help="sizes, with commas between")
    options.add_argument("--folder", help="where to keep the evidence")
    options.add_argument("--slowest", type=int, default=10, help="how many to name")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for events in map(int, given.events.split(",")):
            measure(opened(Path(given.folder or scratch), events), given.slowest)


if __name__ == "__main__":
    main()
