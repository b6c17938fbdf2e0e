"""How fast a signed world is made: records taken, and buckets sealed, a second; or a whole sample written, by name.

.venv/bin/python benchmarks/simulate.py [--events 100000] [--world leaked-key --days 5]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time

from cttoolkit.training.simulator import Simulator
from cttoolkit.training.worlds import write_sample


def simulate(events: int) -> None:
    """Records of one size in one region, without a story."""
    sim = Simulator(seed=1)
    trail = sim.trail(
        "trail", account="111122223333", home="us-east-1", regions=("us-east-1",), bucket="example-logs",
        start="2026-03-01T00:00:00Z", end="2026-03-03T00:00:00Z",
    )  # fmt: skip
    start = time.perf_counter()
    for number in range(events):
        at = f"2026-03-01T{number % 24:02d}:{number // 24 % 60:02d}:00Z"
        trail.record(
            "us-east-1",
            {"eventTime": at, "eventID": f"{number:032x}", "eventName": "DescribeInstances", "filler": "x" * 800},
        )
    recorded = time.perf_counter()
    bucket = sim.seal()
    sealed = time.perf_counter()
    print(f"{events:,} events, {len(bucket.objects):,} objects")
    print(f"  recorded {events / (recorded - start):10,.0f} a second")
    print(f"  sealed   {events / (sealed - recorded):10,.0f} a second")


def write(name: str, events: int, days: int | None) -> None:
    """What `cttoolkit sample` does, with finding the volume."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        write_sample(name, folder, days=days, events=events)
        taken = time.perf_counter() - start
    print(f"{name}, about {events:,} events: {taken:.1f} s, {events / taken:,.0f} a second")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--world")
    options.add_argument("--days", type=int)
    given = options.parse_args()
    if given.world:
        write(given.world, given.events, given.days)
    else:
        simulate(given.events)
    print(f"  at most  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:10,} MiB")


if __name__ == "__main__":
    main()
