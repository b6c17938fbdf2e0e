"""The same verify and pivots on Spark, in separate worker processes, beside one machine's in the same run.

    .venv/bin/python benchmarks/spark.py [--events 1000000]

Verdicts, counts, every row and every pivot have to be equal, or it stops.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.dataset
from evidence import make
from pyspark.sql import SparkSession

import cttoolkit as ct
from cttoolkit.engines.spark import Spark

RECORDS = 780
PIVOTS = ("actors", "roles", "sessions", "access_keys", "addresses", "agents", "regions", "services", "names", "hours")


def start() -> Spark:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    return Spark(session)


def rows(workspace: Path) -> pyarrow.Table:
    """Every event of a workspace, in one order."""
    shards = sorted((workspace / "shards").glob("*.parquet"))
    events = [path for path in shards if "duplicates" not in path.name]
    return (
        pyarrow.dataset.dataset(events).to_table().sort_by([("log_file", "ascending"), ("record_index", "ascending")])
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=1_000_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "evidence"
        made = make(folder, hours=24, logs_an_hour=max(1, given.events // RECORDS // 24), records=RECORDS)
        print(f"{made['logs'] * RECORDS:,} events in {made['logs']:,} log files, {made['inflated'] / 1e6:,.0f} MB")
        begun = time.perf_counter()
        engine = start()
        print(f"  {'starting the cluster':40} {time.perf_counter() - begun:6.1f} s")
        found = {}
        runs = (("one machine", None), ("Spark, two workers", engine), ("the same, warm", engine))
        for name, one in runs:
            begun = time.perf_counter()
            keys = ct.load_keys(f"{folder}-keys.json")
            workspace = Path(base) / name
            verification = ct.verify(ct.open_evidence(folder), keys, workspace=workspace, engine=one)
            taken = time.perf_counter() - begun
            print(f"  {'verify and load, ' + name:40} {taken:6.1f} s {made['inflated'] / taken / 1e6:6.0f} MB/s")
            admitted = ct.admit(verification, ct.RequireIntact())
            begun = time.perf_counter()
            pivots = {axis: getattr(ct.pivot, axis)(admitted).frame() for axis in PIVOTS}
            print(f"  {f'{len(PIVOTS)} pivots, ' + name:40} {time.perf_counter() - begun:6.1f} s")
            found[name] = verification, pivots, workspace
        (local, mine, here), *others = found.values()
        for cluster, theirs, there in others:
            assert local.verdicts == cluster.verdicts
            assert local.completeness == cluster.completeness
            assert rows(here).equals(rows(there))
            for axis in PIVOTS:
                assert mine[axis].equals(theirs[axis]), axis
        print(f"  equal: {len(local.verdicts):,} verdicts, {local.completeness.rows:,} rows, {len(PIVOTS)} pivots")
        engine.session.stop()


if __name__ == "__main__":
    main()
