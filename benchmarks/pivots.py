"""How long every pivot takes over verified events in Parquet.

    .venv/bin/python benchmarks/pivots.py [--events 1000000,10000000] [--folder DIR]

The world is ten days long, from some forty principals; --folder keeps it for another run.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from evidence import make

from cttoolkit import pivot
from cttoolkit.arguments import AXES
from cttoolkit.events import Events, admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import RequireIntact
from cttoolkit.integrity.verify import verify

RECORDS, HOURS = 780, 240
SINCE = "2025-01-08T00:00:00Z"


def opened(base: Path, events: int) -> Events:
    folder = base / f"evidence-{events}"
    if not folder.exists():
        make(folder, hours=HOURS, logs_an_hour=max(1, events // RECORDS // HOURS), records=RECORDS)
    keys = load_keys(f"{folder}-keys.json")
    return admit(verify(open_evidence(folder), keys, workspace=f"{folder}-workspace"), RequireIntact())


def questions(events: Events) -> dict[str, Callable[[], pivot.Pivot]]:
    before = events.between("2025-01-01T00:00:00Z", SINCE)
    after = events.between(SINCE, "2025-01-12T00:00:00Z")
    axes = {name: (lambda name=name: getattr(pivot, name)(events)) for name in AXES if name != "keys"}
    return axes | {
        "compare": lambda: pivot.compare(after, before),
        "compare networks": lambda: pivot.compare(after, before, "network"),
        "rare": lambda: pivot.rare(events),
        "first_seen": lambda: pivot.first_seen(events, "source_ip_address", since=SINCE),
        "new_regions": lambda: pivot.new_regions(events, since=SINCE),
        "new_agents": lambda: pivot.new_agents(events, since=SINCE),
        "refusals": lambda: pivot.refusals(events, since=SINCE),
        "denied_runs": lambda: pivot.denied_runs(events),
        "enumerations": lambda: pivot.enumerations(events, least=2),
        "bursts": lambda: pivot.bursts(events, since=SINCE),
        "off_hours": lambda: pivot.off_hours(events, since=SINCE),
        "stretches": lambda: pivot.stretches(events),
        "beacons": lambda: pivot.beacons(events),
        "silences": lambda: pivot.silences(events),
        "history": lambda: pivot.history(events, "i-0123456789abcdef0"),
        "namesakes": lambda: pivot.namesakes(events),
        "unusual_sessions": lambda: pivot.unusual_sessions(events),
        "rare_sequences": lambda: pivot.rare_sequences(events, since=SINCE),
        "openings": lambda: pivot.openings(events, since=SINCE),
        "turns": lambda: pivot.turns(events),
        "fan_out": lambda: pivot.fan_out(events, since=SINCE),
        "drift": lambda: pivot.drift(events, since=SINCE),
        "overlaps": lambda: pivot.overlaps(events),
        "mixed_agents": lambda: pivot.mixed_agents(events),
        "travel": lambda: pivot.travel(events),
        "volume_out": lambda: pivot.volume_out(events, since=SINCE),
    }


def measure(events: Events) -> None:
    print(f"{len(events):,} events")
    for name, ask in questions(events).items():
        start = time.perf_counter()
        rows = len(ask())
        print(f"  {name:20} {(time.perf_counter() - start) * 1e3:8,.0f} ms  {rows:,} rows", flush=True)
    start = time.perf_counter()
    repr(pivot.folded(events))
    print(f"  {'folded, shown':20} {(time.perf_counter() - start) * 1e3:8,.0f} ms", flush=True)
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", default="1000000", help="sizes, with commas between")
    options.add_argument("--folder", help="where to keep the evidence")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for events in map(int, given.events.split(",")):
            measure(opened(Path(given.folder or scratch), events))


if __name__ == "__main__":
    main()
