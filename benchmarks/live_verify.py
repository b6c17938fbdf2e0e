"""How fast a bucket is verified where it stands, beside `aws cloudtrail validate-logs`, where each request takes 20 ms.

    .venv/bin/python benchmarks/live_verify.py [--objects 2000] [--delay 20] [--records 1] [--times 3]

Both are run as commands of their own against one local server (bucket_server.py) and start from nothing. validate-logs asks for one
object at a time; where it is not installed, a loop of plain requests, one at a time, stands in and is called a model. It is run once,
ours as often as told, since its time is nearly all waiting.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bucket_server import Contents, environment, serving
from evidence import ACCOUNT, BUCKET, HOME, TRAIL, make

HOURS = 24
RUN = """
import resource, sys, time
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify
start = time.perf_counter()
done = verify(open_evidence(sys.argv[1]), load_keys(sys.argv[2]), load=sys.argv[3] == "load")
taken = time.perf_counter() - start
assert done.is_whole and len(done.verdicts) == int(sys.argv[4]), done
print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def fill(folder: Path) -> Contents:
    """What lies in a folder, as a trail would have delivered it."""
    lines = map(json.loads, (folder / "objects-metadata.jsonl").read_text().splitlines())
    metadata = {line["key"]: line["metadata"] for line in lines}
    paths = {path.relative_to(folder).as_posix(): path for path in (folder / "AWSLogs").rglob("*.gz")}
    objects = {key: (path.read_bytes(), metadata.get(key, {})) for key, path in paths.items()}
    return Contents(objects, json.loads((folder.parent / f"{folder.name}-keys.json").read_text()))


def validate_logs(port: int, digests: int) -> float:
    aws = Path(sys.executable).parent / "aws"
    arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{TRAIL}"
    start = time.perf_counter()
    said = subprocess.run(
        [aws, "cloudtrail", "validate-logs", "--trail-arn", arn, "--s3-bucket", BUCKET, "--region", "us-test-1",
         "--start-time", "2025-01-01T00:00:00Z", "--end-time", "2025-01-03T00:00:00Z"],
        env=environment(port), check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert f"{digests}/{digests} digest files valid" in said, said[-500:]
    return time.perf_counter() - start


def one_at_a_time(port: int, keys: list[str]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start = time.perf_counter()
    for key in keys:
        connection.request("GET", f"/{BUCKET}/{key}")
        connection.getresponse().read()
    return time.perf_counter() - start


def asked(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/asked")
    return int(connection.getresponse().read())


def ours(port: int, folder: Path, mode: str, objects: int) -> tuple[float, float, int]:
    """Seconds of the command, and of that after it had started, and peak MiB."""
    keys = folder.parent / f"{folder.name}-keys.json"
    command = [sys.executable, "-c", RUN, f"s3://{BUCKET}", keys, mode, str(objects)]
    start = time.perf_counter()
    said = subprocess.run(command, env=environment(port), check=True, capture_output=True, text=True).stdout.split()
    return time.perf_counter() - start, float(said[0]), int(said[1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--objects", type=int, default=2000)
    options.add_argument("--delay", type=float, default=20, help="milliseconds that each request takes")
    options.add_argument("--records", type=int, default=1)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--only-ours", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base) / "evidence"
        made = make(folder, hours=HOURS, logs_an_hour=given.objects // HOURS, records=given.records)
        objects = made["logs"] + made["digests"]
        with serving(BUCKET, fill, folder, delay=given.delay / 1000) as port:
            print(f"{objects:,} objects, {given.delay:.0f} ms a request, load {os.getloadavg()[0]:.1f}")
            name, theirs = "", 0.0
            if not given.only_ours:
                if (Path(sys.executable).parent / "aws").exists():
                    name, theirs = "aws cloudtrail validate-logs", validate_logs(port, made["digests"])
                else:
                    keys = [path.relative_to(folder).as_posix() for path in (folder / "AWSLogs").rglob("*.gz")]
                    name, theirs = "one request at a time (a model)", one_at_a_time(port, keys)
                print(f"  {name:34} {theirs:7.1f} s {objects / theirs:7.0f} objects a second")
            for mode in ("judge", "load"):
                before = asked(port)
                runs = [ours(port, folder, mode, objects) for _ in range(given.times)]
                requests = (asked(port) - before - 1) / given.times
                whole = median(one[0] for one in runs)
                started = median(one[1] for one in runs)
                ratio = f" {theirs / whole:5.1f} times as fast" if theirs else ""
                print(
                    f"  ours, {mode:28} {whole:7.1f} s {objects / whole:7.0f} objects a second{ratio}, {started:.1f} s of it"
                    f" after starting, {requests:.0f} requests, at most {max(one[2] for one in runs)} MiB",
                    flush=True,
                )
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
