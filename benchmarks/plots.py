"""How long every chart takes over verified events in Parquet, drawn and written as PNG, and what the process peaked at.

    .venv/bin/python benchmarks/plots.py [--events 10000000] [--case FOLDER]

FOLDER is evidence that benchmarks/evidence.py made, with its workspace beside it, so that it need not be made again.
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
from query import LOAD, RECORDS

SECONDS = 3.0


def timed(draw: Callable[[], object]) -> tuple[float, float]:
    """Seconds that passed and seconds of processor time, the median of three, which differ where a machine is busy otherwise."""
    passed, worked = [], []
    for _ in range(3):
        start, cpu = time.perf_counter(), time.process_time()
        draw()
        passed.append(time.perf_counter() - start)
        worked.append(time.process_time() - cpu)
    return median(passed), median(worked)


def measure(folder: Path) -> list[str]:
    """Draw everything. Returns what took longer than it may."""
    import pandas as pd
    from networkx import DiGraph

    import cttoolkit as ct

    verification = ct.verify(
        ct.open_evidence(folder), ct.load_keys(f"{folder}-keys.json"), workspace=f"{folder}-workspace"
    )
    plot = ct.plot
    over_events: dict[str, Callable[[ct.Events], object]] = {
        name: getattr(plot, name)
        for name in """timeline by_actor by_role by_region by_account actors roles regions names services addresses agents
        access_keys errors hours weekdays heat matrix denied first_seen""".split()
    }
    print(f"{verification.completeness.rows:,} events")
    slow = []
    for name, draw in over_events.items():
        # Admitted anew, so that nothing counted before is at hand.
        passed, worked = timed(lambda draw=draw: draw(ct.admit(verification, ct.RequireIntact()))._repr_png_())
        print(f"  {name:16} {passed:6.2f} s, {worked:6.2f} s of processor time")
        if passed > SECONDS:
            slow.append(name)
    graph = DiGraph((f"hub{number % 50}", f"leaf{number}") for number in range(100_000))
    changes = pd.DataFrame(
        {
            "event_name": [f"Call{number}" for number in range(100_000)],
            "change": ["new", "gone"] * 50_000,
            **dict.fromkeys(["incident", "incident_rate", "baseline", "baseline_rate"], 1.0),
        }
    )
    events = ct.admit(verification, ct.RequireIntact())
    others: dict[str, Callable[[], object]] = {
        "coverage": lambda: plot.coverage(verification)._repr_png_(),
        "coverage_grid": lambda: plot.coverage_grid(verification)._repr_png_(),
        "sessions, of 100,000 credentials": lambda: plot.sessions(graph)._repr_png_(),
        "compare, of 100,000 values": lambda: plot.compare(Changes(events, changes))._repr_png_(),
    }
    for name, work in others.items():
        passed, worked = timed(work)
        print(f"  {name:32} {passed:6.2f} s, {worked:6.2f} s of processor time")
        if passed > SECONDS:
            slow.append(name)
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")
    return slow


class Changes:
    """A comparison of many values, as a pivot would give it."""

    axis = "event_name"

    def __init__(self, events: object, rows: object) -> None:
        self.events, self.rows = events, rows

    def frame(self) -> object:
        return self.rows


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--case", type=Path, help="evidence made before, with its workspace")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = given.case or Path(base) / "evidence"
        if given.case is None:
            make(folder, hours=24, logs_an_hour=max(1, given.events // RECORDS // 24), records=RECORDS)
            subprocess.run([sys.executable, "-c", LOAD, folder], check=True, stdout=subprocess.DEVNULL)
        slow = measure(folder)
    if slow:
        sys.exit(f"more than {SECONDS:.0f} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
