"""How fast a signed world is made: records taken, and buckets sealed, a second.

.venv/bin/python benchmarks/simulate.py [--events 100000]
"""

from __future__ import annotations

import argparse
import time

from cttoolkit.training.simulator import Simulator


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=100_000)
    events = options.parse_args().events
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


if __name__ == "__main__":
    main()
