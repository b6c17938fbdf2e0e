"""How near a made-up world comes to a real capture: a table of both, side by side, for docs/realism.md.

PYTHONPATH=. .venv/bin/python tools/realism.py REAL [WORLD]
PYTHONPATH=. .venv/bin/python tools/realism.py --fields REAL [WORLD]

With --fields it is another table: which fields API calls have, by version and by type of identity.

REAL is a folder of log files that nobody here wrote. WORLD is another; without it three days of busy everyday life are made.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from cttoolkit.key import LogKey, parse_key
from cttoolkit.training.busy import live_a_busy_day
from cttoolkit.training.world import World
from cttoolkit.window import instant

FIELDS = (
    "userIdentity sourceIPAddress userAgent errorCode errorMessage requestParameters responseElements additionalEventData requestID "
    "eventID readOnly resources managementEvent recipientAccountId sharedEventID serviceEventDetails eventCategory addendum "
    "tlsDetails sessionCredentialFromConsole vpcEndpointId apiVersion"
).split()


@dataclass
class Capture:
    """What was counted in one body of log files."""

    records: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    packed: list[int] = field(default_factory=list)
    disordered: int = 0

    def share(self, holds: Callable[[dict[str, Any]], Any]) -> float:
        return sum(bool(holds(record)) for record in self.records) / max(1, len(self.records))

    def mix(self, of: Callable[[dict[str, Any]], str]) -> dict[str, float]:
        counted = Counter(map(of, self.records))
        return {name: number / len(self.records) for name, number in counted.most_common()}

    @property
    def repeats(self) -> float:
        """Records of which an equal one was there before."""
        different = len({json.dumps(record, sort_keys=True) for record in self.records})
        return 1 - different / max(1, len(self.records))


def read(path: Path) -> list[dict[str, Any]]:
    """The records of a log file, compressed or not."""
    body = path.read_bytes()
    found: list[dict[str, Any]] = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)["Records"]
    return found


def capture(folder: Path) -> Capture:
    """Count what lies in the log files below a folder; what is named as none is passed over."""
    found = Capture()
    for path in sorted(folder.rglob("*_CloudTrail_*")):
        key = parse_key(path.name)
        if not isinstance(key, LogKey):
            continue
        records = read(path)
        times = [instant(record["eventTime"]) for record in records]
        found.records += records
        found.sizes += [len(json.dumps(record, separators=(",", ":"))) for record in records]
        found.lags += [(key.delivered_at - time).total_seconds() / 60 for time in times]
        found.files.append(len(records))
        found.packed.append(len(gzip.compress(json.dumps({"Records": records}, separators=(",", ":")).encode(), 6)))
        found.disordered += any(one > two for one, two in pairwise(times))
    return found


def quantile(values: list[Any], share: float) -> float:
    return float(sorted(values)[min(len(values) - 1, int(len(values) * share))]) if values else 0.0


def _spread(values: list[Any], digits: int = 0) -> str:
    return " · ".join(f"{quantile(values, share):,.{digits}f}" for share in (0.5, 0.95, 1.0))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def by_service(record: dict[str, Any]) -> bool:
    """Done by an AWS service, on its own behalf or somebody's."""
    identity = record.get("userIdentity") or {}
    return identity.get("type") == "AWSService" or "invokedBy" in identity


def _has(name: str, record: dict[str, Any]) -> bool:
    return name in record


def rows(one: Capture, other: Capture) -> Iterator[tuple[str, str, str]]:
    """What is compared, and each of both captures' number for it."""
    both = (one, other)

    def shares(name: str, holds: Callable[[dict[str, Any]], Any]) -> tuple[str, str, str]:
        first, second = (_percent(each.share(holds)) for each in both)
        return name, first, second

    def spreads(name: str, of: Callable[[Capture], list[Any]]) -> tuple[str, str, str]:
        first, second = (_spread(of(each)) for each in both)
        return name, first, second

    yield "events", f"{len(one.records):,}", f"{len(other.records):,}"
    yield "log files", f"{len(one.files):,}", f"{len(other.files):,}"
    yield spreads("bytes a record, p50 · p95 · most", lambda each: each.sizes)
    yield spreads("records a file, p50 · p95 · most", lambda each: each.files)
    yield spreads("bytes a file in gzip, p50 · p95 · most", lambda each: each.packed)
    yield spreads("minutes to delivery, p50 · p95 · most", lambda each: each.lags)
    yield "files out of order", *(_percent(each.disordered / max(1, len(each.files))) for each in both)
    yield "equal repeats", *(_percent(each.repeats) for each in both)
    yield shares("by services", by_service)
    yield shares("failed", lambda record: record.get("errorCode"))
    yield shares("read only", lambda record: str(record.get("readOnly")).lower() == "true")
    for title, of, most in (
        ("service", lambda record: str(record.get("eventSource")).removesuffix(".amazonaws.com"), 12),
        ("identity", lambda record: str((record.get("userIdentity") or {}).get("type")), 8),
        ("category", lambda record: str(record.get("eventCategory")), 4),
        ("type", lambda record: str(record.get("eventType")), 5),
        ("version", lambda record: str(record.get("eventVersion")), 8),
        ("error", lambda record: record.get("errorCode") or "none", 8),
    ):
        first, second = one.mix(of), other.mix(of)
        names = sorted(first | second, key=lambda name: -max(first.get(name, 0), second.get(name, 0)))
        for name in names[:most]:
            yield f"{title}: {name}", _percent(first.get(name, 0)), _percent(second.get(name, 0))
    for kind in ("AwsApiCall", "AwsServiceEvent"):
        first, second = (Capture([r for r in each.records if r.get("eventType") == kind]) for each in both)
        if first.records and second.records:
            for name in FIELDS:
                present = [each.share(partial(_has, name)) for each in (first, second)]
                if any(present):
                    yield f"{kind} has {name}", *map(_percent, present)


def presence(one: Capture, other: Capture) -> Iterator[tuple[str, str, str]]:
    """Which fields API calls have, in each of both captures: by eventVersion, by userIdentity.type, by both together.

    Both together only where both captures have such calls. Left out is a field that all calls of a group have, or none. A group
    without calls shows as a dash, which is not the same as a field that nothing in it has.
    """

    def version(record: dict[str, Any]) -> str:
        return str(record.get("eventVersion"))

    def identity(record: dict[str, Any]) -> str:
        return str((record.get("userIdentity") or {}).get("type"))

    def together(record: dict[str, Any]) -> str:
        return f"{identity(record)} {version(record)}"

    for of in (version, identity, together):
        groups: list[dict[str, Capture]] = [{}, {}]
        for found, each in zip(groups, (one, other), strict=True):
            for record in each.records:
                if record.get("eventType") == "AwsApiCall":
                    found.setdefault(of(record), Capture()).records.append(record)
        names = groups[0].keys() & groups[1].keys() if of is together else groups[0].keys() | groups[1].keys()
        for name in sorted(names):
            here = [found.get(name) for found in groups]
            yield f"**{name}**, calls", *(f"{len(each.records):,}" if each else "–" for each in here)
            for field_name in FIELDS:
                present = [each and each.share(partial(_has, field_name)) for each in here]
                if any(share is not None and 0 < share < 1 for share in present) or len({*present} - {None}) > 1:
                    yield f"{name} has {field_name}", *("–" if share is None else _percent(share) for share in present)


def busy(folder: Path) -> None:
    """Three days of a company, one region of three silent, some records late, and a second trail."""
    world = World("busy", start="2026-03-02T00:00:00Z", days=3)
    company = world.account("111122223333", regions=("us-east-1", "eu-west-1", "eu-central-1"), lateness=5)
    company.copy_to("second-witness", "eu-west-1")
    company.live(live_a_busy_day, regions=("us-east-1", "eu-west-1"))
    world.seal({})[0].write(folder)


def main() -> int:
    table = presence if "--fields" in sys.argv[1:] else rows
    given = [Path(name) for name in sys.argv[1:] if name != "--fields"]
    if not given:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as made:
        if len(given) == 1:
            busy(Path(made))
        one, other = capture(given[0]), capture(given[1] if len(given) > 1 else Path(made))
    print("| | real | made up |\n|---|---:|---:|")
    for name, first, second in table(one, other):
        print(f"| {name} | {first} | {second} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
