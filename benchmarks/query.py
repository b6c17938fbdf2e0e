"""How long pivots and plots take over verified events in Parquet, and how that grows, beside pandas in the same run.

    .venv/bin/python benchmarks/query.py [--events 1000000,10000000]

pandas gets the same table in memory where it has at most a million events; beyond that it would not fit.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from evidence import make

RECORDS = 780
LOAD = """
import resource, sys, time
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify
folder = sys.argv[1]
start = time.perf_counter()
done = verify(open_evidence(folder), load_keys(folder + "-keys.json"), workspace=folder + "-workspace")
taken = time.perf_counter() - start
assert done.is_whole, done
who = resource.getrusage
print(taken, who(resource.RUSAGE_SELF).ru_maxrss >> 10, who(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, done.completeness.rows)
"""


def timed(work: Callable[[], object]) -> float:
    """Milliseconds, the median of three."""
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken) * 1e3


def measure(base: Path, events: int) -> None:
    import cttoolkit as ct

    folder = base / f"evidence-{events}"
    make(folder, hours=24, logs_an_hour=max(1, events // RECORDS // 24), records=RECORDS)
    done = subprocess.run([sys.executable, "-c", LOAD, folder], check=True, capture_output=True, text=True)
    seconds, own, worker, rows = map(float, done.stdout.split())
    print(f"{rows:,.0f} events verified and loaded in {seconds:.1f} s, {seconds / rows * 1e6:.2f} µs an event")
    print(f"  peak {own:,.0f} MiB, and {worker:,.0f} MiB in the larger of its workers")
    start = time.perf_counter()
    keys = ct.load_keys(f"{folder}-keys.json")
    verification = ct.verify(ct.open_evidence(folder), keys, workspace=f"{folder}-workspace")
    admitted = ct.admit(verification, ct.RequireIntact())
    print(f"  opened again from its workspace in {time.perf_counter() - start:.1f} s")
    questions: dict[str, Callable[[], object]] = {
        "actors": lambda: ct.pivot.actors(admitted).frame(),
        "regions": lambda: ct.pivot.regions(admitted).frame(),
        "addresses": lambda: ct.pivot.addresses(admitted).frame(),
        "roles": lambda: ct.pivot.roles(admitted).frame(),
        "hours": lambda: ct.pivot.hours(admitted).frame(),
        "one actor, one call": lambda: len(admitted.by("role/role-7").named("RunInstances")),
        "inside the parameters": lambda: len(
            admitted.where(ct.param("requestParameters.instancesSet.items[].instanceId") == "i-0")
        ),
        "credential chains": lambda: ct.session.chains(admitted),
        "timeline, drawn": lambda: ct.plot.timeline(admitted),
    }
    frame = admitted.frame("event_time", "actor", "aws_region", "source_ip_address") if rows <= 1.1e6 else None
    others: dict[str, Callable[[], object]] = {}
    if frame is not None:
        others = {
            "actors": lambda: frame.groupby("actor").event_time.agg(["size", "min", "max"]),
            "regions": lambda: frame.groupby("aws_region").event_time.agg(["size", "min", "max"]),
            "addresses": lambda: frame.groupby("source_ip_address").event_time.agg(["size", "min", "max"]),
        }
    for name, question in questions.items():
        peer = f"   pandas, in memory already: {timed(others[name]):7,.0f} ms" if name in others else ""
        print(f"  {name:24} {timed(question):7,.0f} ms{peer}")
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", default="1000000", help="sizes, with commas between")
    given = options.parse_args()
    for events in map(int, given.events.split(",")):
        with tempfile.TemporaryDirectory() as base:
            measure(Path(base), events)


if __name__ == "__main__":
    main()
