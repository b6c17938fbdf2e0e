"""How fast verified evidence becomes a table, beside what others do with the same files in the same run, unverified.

    .venv/bin/python benchmarks/load.py [--events 1000000] [--peers 100000] [--others DIR]

polars and trailscraper are no dependencies: `pip install --target DIR polars trailscraper` puts them into a folder of their own.

Peers get a part of the files (they are slower, and hold everything), and are measured by MB of JSON a second. Each runs in a
process of its own; its peak memory is that process's and its children's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from evidence import make

RECORDS = 780
OURS = """
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify
done = verify(open_evidence(folder), load_keys(folder + "-keys.json"), workspace=folder + "-workspace")
assert done.is_whole, done
rows, megabytes = done.completeness.rows, done.completeness.inflated / 1e6
"""
PEERS = {
    "pandas.json_normalize": """
import gzip, json, pandas
frames = []
for path in files:
    with gzip.open(path) as file:
        frames.append(pandas.json_normalize(json.load(file)["Records"]))
rows = len(pandas.concat(frames))
""",
    "DuckDB read_json": """
import duckdb
duckdb.sql("SET threads = 2")
query = "select unnest(Records) r from read_json(?, format='auto', columns={'Records': 'JSON[]'}, maximum_object_size=200000000)"
duckdb.execute(f"copy ({query}) to '{folder}-duckdb.parquet' (format parquet, compression zstd)", [files])
rows = duckdb.execute(f"select count(*) from '{folder}-duckdb.parquet'").fetchall()[0][0]
""",
    "polars read_ndjson of records": """
import gzip, io, json, polars
frames = []
for path in files:
    with gzip.open(path) as file:
        lines = b"\\n".join(json.dumps(record).encode() for record in json.load(file)["Records"])
    frames.append(polars.read_ndjson(io.BytesIO(lines)))
rows = len(polars.concat(frames, how="diagonal_relaxed"))
""",
    "trailscraper's records, untabled": """
from trailscraper.cloudtrail import LogFile
rows = sum(len(list(LogFile(path).records())) for path in files)
""",
}
AROUND = """
import glob, resource, sys, time
folder, most = sys.argv[1], int(sys.argv[2])
sys.path += filter(None, sys.argv[3:])
files = sorted(glob.glob(folder + "/AWSLogs/*/CloudTrail/**/*.gz", recursive=True))[:most]
start = time.perf_counter()
{work}
taken = time.perf_counter() - start
peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(taken, peak // 1024, rows)
"""


def run(work: str, folder: Path, files: int, others: str = "") -> tuple[float, int, int]:
    """Seconds, peak MiB and rows of one piece of work in a process of its own."""
    command = [sys.executable, "-c", AROUND.replace("{work}", work), folder, str(files), others]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, peak, rows = done.stdout.splitlines()[-1].split()
    return float(seconds), int(peak), int(rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--peers", type=int, default=100_000, help="events that the peers get")
    options.add_argument("--others", default="", metavar="DIR", help="where polars and trailscraper are installed")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "evidence"
        files = max(24, given.events // RECORDS)
        made = make(folder, hours=24, logs_an_hour=files // 24, records=RECORDS)
        each = made["inflated"] / made["logs"] / 1e6
        print(
            f"{made['logs']:,} log files, {made['logs'] * RECORDS:,} events, {made['inflated'] / 1e6:,.0f} MB of JSON"
        )
        print(f"  {'':36} {'MB/s':>7} {'k events/s':>11} {'peak MiB':>9}")
        rate = 0.0
        for name, work in (("verify and load (Parquet)", OURS), ("the same again, from its workspace", OURS)):
            seconds, peak, rows = run(work, folder, made["logs"])
            rate = rate or made["inflated"] / 1e6 / seconds
            print(
                f"  {name:36} {made['inflated'] / 1e6 / seconds:7,.0f} {rows / seconds / 1e3:11,.0f} {peak:9,}  {seconds:.1f} s"
            )
        part = max(1, given.peers // RECORDS)
        for name, work in PEERS.items():
            try:
                seconds, peak, rows = run(work, folder, part, given.others)
            except subprocess.CalledProcessError as error:
                print(f"  {name:36} not run: {error.stderr.strip().splitlines()[-1][:80]}")
                continue
            own = part * each / seconds
            print(
                f"  {name:36} {own:7,.0f} {rows / seconds / 1e3:11,.0f} {peak:9,}  we are {rate / own:.1f} times as fast"
            )


if __name__ == "__main__":
    main()
