"""How long Sigma rules take over verified events in Parquet: many of the usual kind, and one of each costly kind.

    .venv/bin/python benchmarks/sigma_rules.py [--events 200000] [--folder DIR]

--folder keeps the evidence for another run.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from pivots import opened

from cttoolkit import sigma
from cttoolkit.detected import detect
from cttoolkit.events import Events

USUAL = 50
"""Rules that ask for one call of one service, and then for something inside of it."""
HEAD = "title: {title}\nname: {name}\nlogsource: {{product: aws, service: cloudtrail}}\nlevel: low\ndetection:\n"
COSTLY = {
    "a path without a call": "    a: {requestParameters.instancesSet.items.instanceId: i-0}\n    condition: a\n",
    "a path of every event": "    a: {requestParameters.instancesSet.items.instanceId|exists: false}\n    condition: a\n",
    "two paths of an eighth": (
        "    a: {eventName: RunInstances, requestParameters.instancesSet.items.instanceId|endswith: '0'}\n"
        "    b: {userIdentity.sessionContext.sessionIssuer.arn|endswith: role-7}\n    condition: a and not b\n"
    ),
    "the whole as text": "    a: {requestParameters|contains: ffff}\n    condition: a\n",
    "keywords": "    a: [nobody-says-this]\n    condition: a\n",
    "an expression": "    a: {userAgent|re: 'go#1[.]2[0-9]'}\n    condition: a\n",
    "a slow expression elsewhere": "    a: {userAgent|re: '(.*a)+$'}\n    condition: a\n",
    "a network": "    a: {sourceIPAddress|cidr: 192.0.2.128/25}\n    condition: a\n",
    "another field": "    a: {userIdentity.principalId|fieldref|endswith: userIdentity.userName}\n    condition: a\n",
    "call": "    a: {eventName: RunInstances}\n    condition: a\n",
    "deeper call": "    a: {eventName: AssumeRole}\n    condition: a\n",
}
CORRELATED = {
    "many within minutes": ("event_count", "[call]", "condition: {gte: 30}"),
    "many different": ("value_count", "[call]", "condition: {field: sourceIPAddress, gte: 20}"),
    "both": ("temporal", "[call, deepercall]", "generate: true"),
    "in order": ("temporal_ordered", "[call, deepercall]", "generate: true"),
}


def write(folder: Path) -> None:
    """The rules, a file each."""
    for number in range(USUAL):
        text = HEAD.format(title=f"usual {number}", name=f"usual{number}")
        text += f"    a: {{eventSource: s{number}.amazonaws.com, eventName: [Put{number}, Delete{number}]}}\n"
        text += "    b: {requestParameters.policy.name|contains: '*'}\n    c: {errorCode: null}\n"
        (folder / f"usual-{number}.yml").write_text(text + "    condition: a and b and c\n")
    for name, detection in COSTLY.items():
        text = HEAD.format(title=name, name=name.replace(" ", "")) + detection
        (folder / f"{name}.yml").write_text(text)
    for name, (kind, rules, more) in CORRELATED.items():
        text = f"title: {name}\ncorrelation:\n  type: {kind}\n  rules: {rules}\n  group-by: [userIdentity.arn]\n"
        (folder / f"{name}.yml").write_text(text + f"  timespan: 5m\n  {more}\n")


def measure(events: Events, rules: sigma.Rules) -> None:
    print(f"{len(events):,} events, {rules.caption}")
    usual = [one.detection for one in rules if one.title.startswith("usual")]
    start = time.perf_counter()
    detect(events, only=usual)
    print(f"  {f'{len(usual)} usual rules':30} {(time.perf_counter() - start) * 1e3:8,.0f} ms", flush=True)
    for one in rules:
        if one.title.startswith("usual"):
            continue
        start = time.perf_counter()
        rows = len(one.find(events))
        found = (time.perf_counter() - start) * 1e3
        start = time.perf_counter()
        unsure = len(one.unsure(events))
        told = (time.perf_counter() - start) * 1e3
        print(f"  {one.title:30} {found:8,.0f} ms, unsure {told:6,.0f} ms  {rows:,} rows, {unsure:,}", flush=True)
    print(f"  this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=200_000)
    options.add_argument("--folder", help="where to keep the evidence")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / "rules"
        written.mkdir()
        write(written)
        start = time.perf_counter()
        rules = sigma.load(written)
        print(f"loading {len(rules)} rules took {(time.perf_counter() - start) * 1e3:,.0f} ms")
        measure(opened(Path(given.folder or scratch), given.events), rules)


if __name__ == "__main__":
    main()
