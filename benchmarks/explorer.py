"""How long each step of the explorer takes over verified events in Parquet: choosing, brushing, sorting, paging, looking.

    .venv/bin/python benchmarks/explorer.py [--events 10000000] [--case FOLDER]

FOLDER is evidence that benchmarks/evidence.py made, with its keys and workspace beside it, so that it need not be made again.
A step is what one click asks for: the counts and the histogram, and the rows of the page. Opening, which counts all events once, and
tracing credentials are told and not bounded. The program fails where a step took longer than it may, the median of three.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from evidence import make
from query import LOAD, RECORDS

import cttoolkit as ct
from cttoolkit.widgets.basket import Basket, Place
from cttoolkit.widgets.detail import detail
from cttoolkit.widgets.exploration import Exploration, explored
from cttoolkit.widgets.histogram import histogram
from cttoolkit.window import Window

SECONDS = 0.5


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that passed and seconds of processor time, the median of three, which differ where a machine is busy otherwise."""
    passed, worked = [], []
    for _ in range(3):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        passed.append(time.perf_counter() - start)
        worked.append(time.process_time() - cpu)
    return median(passed), median(worked)


def step(make_one: Callable[[], Exploration]) -> Callable[[], object]:
    """What one click asks for, made anew each time, since what was counted is kept."""

    def done() -> object:
        at = make_one()
        return at.tally, histogram(at), at.rows

    return done


def steps(start: Exploration) -> Iterator[tuple[str, Callable[[], object]]]:
    values = {name: [value for value, _ in found] for name, found in start.tally.values.items()}
    bins = start.bins
    half = Window(bins.cell(len(bins) // 4).start, bins.cell(3 * len(bins) // 4).start)
    pages = start.pages
    yield "nothing chosen", step(lambda: start.turned_to(0).choosing("call"))
    yield "an actor", step(lambda: start.choosing("actor", values["actor"][0]))
    yield "half of all calls", step(lambda: start.choosing("call", *values["call"][: len(values["call"]) // 2]))
    yield (
        "an address and a call",
        step(lambda: start.choosing("address", values["address"][0]).choosing("call", values["call"][0])),
    )
    yield "half of the time", step(lambda: start.during(half))
    yield "half of the time, an actor", step(lambda: start.during(half).choosing("actor", values["actor"][0]))
    for name in ("time", "address", "call"):
        for is_descending in (False, True):
            way = "descending" if is_descending else "ascending"
            for told, page in (("first", 0), ("middle", pages // 2), ("last", pages - 1)):
                yield (
                    f"{told} page by {name}, {way}",
                    step(lambda n=name, d=is_descending, p=page: start.sorted_by(n, is_descending=d).turned_to(p)),
                )
    row = start.turned_to(pages // 2).rows[0]
    yield "one event in full", lambda: detail(start.base, row)
    basket = Basket().with_places(map(Place.of, start.rows))
    yield "a finding of fifty", lambda: ct.finding("Fifty events.", basket.narrow(start.base))


def measure(folder: Path) -> list[str]:
    """Take every step. Returns those that took longer than they may."""
    keys = ct.load_keys(f"{folder}-keys.json")
    verification = ct.verify(ct.open_evidence(folder), keys, workspace=f"{folder}-workspace")
    events = ct.admit(verification, ct.RequireIntact())
    print(f"{len(events):,} events")
    begun = time.perf_counter()
    start = explored(events)
    print(f"  {'opening':40} {(time.perf_counter() - begun) * 1e3:8,.0f} ms, {len(start.cube):,} cells")
    slow = []
    for name, work in steps(start):
        passed, worked = timed(work)
        print(f"  {name:40} {passed * 1e3:8,.0f} ms, {worked * 1e3:8,.0f} ms of processor time", flush=True)
        if passed > SECONDS:
            slow.append(name)
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")
    return slow


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--case", type=Path, help="evidence made before, with its keys and workspace")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = given.case or Path(base) / "evidence"
        if given.case is None:
            make(folder, hours=24, logs_an_hour=max(1, given.events // RECORDS // 24), records=RECORDS)
            subprocess.run([sys.executable, "-c", LOAD, folder], check=True, stdout=subprocess.DEVNULL)
        slow = measure(folder)
    if slow:
        sys.exit(f"more than {SECONDS} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
