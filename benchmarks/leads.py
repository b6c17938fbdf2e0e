"""How long the pivots that rank leads take, over events as benchmarks/evidence.py makes them and over the same spread out.

    .venv/bin/python benchmarks/leads.py [--events 1000000] [--folder PLACE]

Spread out means over thirty days, in hourly sessions of forty roles, each from a network of its own and one in fifty from several,
with reads and writes, roles assumed, secrets read and bytes sent: as made, all lies within a quarter of an hour, and each
credential comes from 250 addresses, as none does. With
``--folder`` the evidence is kept there for another run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from evidence import START, make
from query import RECORDS

DAYS = 30
AGENTS = ("aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exe/x86_64", "Boto3/1.34 md/Botocore#1.34 os/linux", "Mozilla/5.0")


def spread(table: Any) -> Any:
    """The same events, elsewhere and at other times, as if of another estate; the same for the same events."""
    import ibis

    draw = (table.log_file + table.record_index.cast("string")).hash()

    def below(most: int, salt: int) -> Any:
        # Shifted: the low bits of a sum of hashes are not independent enough to draw twice from.
        return ((draw + salt).cast("string").hash() % most + most) % most

    second = below(DAYS * 86400, 1)
    name = ibis.cases(
        *((below(16, 2) == n, one) for n, one in enumerate(("AssumeRole", "GetSecretValue", "GetObject", "GetObject"))),
        (below(2000, 3) < 2, "GetCallerIdentity"),
        (table.event_name == "ListBuckets", "ListTables"),
        else_=table.event_name,
    )
    table = table.mutate(
        event_time=(ibis.literal(START.timestamp()).cast("int64") + second)
        .as_timestamp("s")
        .cast(table.event_time.type()),
        credential="tmp:" + table.principal + "/" + (second // 3600).cast("string"),
        read_only=below(5, 8) > 0,
        event_name=name,
        event_source=(name == "GetObject").ifelse("s3.amazonaws.com", table.event_source),
        aws_region="us-test-" + below(4, 9).cast("string"),
        number=below(100, 10).cast("string"),
    )
    home = table.credential.hash()
    here = (home % 50 == 0).ifelse(below(50, 4), (home % 50 + 50) % 50).cast("string")
    table = table.mutate(
        source_ip_address="198.51." + here + "." + below(5, 5).cast("string"),
        user_agent=ibis.cases((home % 10 == 1, AGENTS[0]), (home % 10 == 2, AGENTS[2]), else_=AGENTS[1]),
    )
    few = table.number
    table = table.mutate(
        request_parameters=ibis.cases(
            (table.event_name == "AssumeRole", '{"roleArn": "arn:aws:iam::111122223333:role/' + few + '"}'),
            (table.event_name == "GetSecretValue", '{"secretId": "secret-' + few + '"}'),
            (table.event_name == "GetObject", '{"bucketName": "bucket-' + few + '"}'),
            else_=table.request_parameters,
        ),
        additional_event_data=(table.event_name == "GetObject").ifelse(
            '{"bytesTransferredOut": ' + (few + "000.0") + ', "bytesTransferredIn": 0}', table.additional_event_data
        ),
    )
    return table.drop("number")


def worlds(folder: Path, events: int) -> Iterator[tuple[str, Any]]:
    import cttoolkit as ct
    from cttoolkit.events import _DOOR

    if not folder.exists():
        make(folder, hours=24, logs_an_hour=max(1, events // RECORDS // 24), records=RECORDS)
    keys = ct.load_keys(f"{folder}-keys.json")
    verification = ct.verify(ct.open_evidence(folder), keys, workspace=f"{folder}-workspace")
    admitted = ct.admit(verification, ct.RequireIntact())
    yield "as made", admitted
    path = folder.parent / f"{folder.name}-spread.parquet"
    if not path.exists():
        verification.engine.save(spread(admitted.table), path)
    # By the back door, since no evidence says so: this is for the clock alone.
    yield "spread out", replace(admitted, door=_DOOR, table=verification.engine.table([path]))


def questions(events: Any) -> dict[str, Callable[[], Any]]:
    from cttoolkit.pivot import drift, fan_out, openings, overlaps, sequences, travel, turns, volume

    since = min(START + timedelta(days=DAYS - 1), events.window.start + events.window.length * 29 / 30)
    return {
        "overlaps": lambda: overlaps.overlaps(events),
        "mixed_agents": lambda: overlaps.mixed_agents(events),
        "travel": lambda: travel.travel(events),
        "turns": lambda: turns.turns(events),
        "openings": lambda: openings.openings(events, since=since),
        "openings, ever": lambda: openings.openings(events),
        "fan_out": lambda: fan_out.fan_out(events, since=since),
        "rare_sequences": lambda: sequences.rare_sequences(events, since=since),
        "unusual_sessions": lambda: sequences.unusual_sessions(events),
        "drift": lambda: drift.drift(events, since=since),
        "volume_out": lambda: volume.volume_out(events, since=since),
    }


def measured(question: Callable[[], Any], rounds: int) -> str:
    """The quickest of some rounds by the clock, and by the processors: elsewhere on the machine somebody may be at work."""
    taken = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = len(question())
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    by_clock, by_processors = (min(column) * 1e3 for column in zip(*taken, strict=True))
    return f"{by_clock:7,.0f} ms, {by_processors:7,.0f} ms of processors  {rows:8,} rows"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, help="where the evidence is, or is to be kept")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--world", default="", help="'as made' or 'spread out'; both where not given")
    options.add_argument("--only", default="", help="the names to ask, with commas between")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for name, events in worlds(given.folder or Path(place) / "evidence", given.events):
            if given.world not in ("", name):
                continue
            print(f"{len(events):,} events, {name}", flush=True)
            for asked, question in questions(events).items():
                if not given.only or asked in given.only.split(","):
                    print(f"  {asked:18} {measured(question, given.rounds)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
