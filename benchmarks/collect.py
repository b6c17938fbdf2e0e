"""How fast a bucket is collected, beside aws s3 sync and the server's own limit, on one local server.

    .venv/bin/python benchmarks/collect.py [--objects 20000] [--size 2000] [--kinds limit,ours,sync]

The server (bucket_server.py) shares the machine's processors with what is measured, as does whatever else runs there; the load is
printed. The limit is plain keep-alive GETs by libcurl, 32 at once, with no signing, hashing or writing.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pycurl
from bucket_server import Contents, environment, serving

BUCKET = "bench-logs"
RUN = """
import resource, sys, time
from cttoolkit.collection.collect import collect
start = time.perf_counter()
done = collect(sys.argv[1], sys.argv[2], configuration=False)
taken = time.perf_counter() - start
assert done.collected == int(sys.argv[3]) and not done.not_collected, done
print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def keys_of(objects: int) -> list[str]:
    found = []
    for number in range(objects):
        day, minute = 1 + number // 1440 % 28, number % 1440
        moment = f"202603{day:02d}T{minute // 60:02d}{minute % 60:02d}Z"
        name = f"111122223333_CloudTrail_us-east-1_{moment}_{number:016d}.json.gz"
        found.append(f"AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/{day:02d}/{name}")
    return sorted(found)


def fill(objects: int, size: int) -> Contents:
    drawn = random.Random(1)
    return Contents({key: (drawn.randbytes(size), {}) for key in keys_of(objects)})


def limit(port: int, keys: list[str], threads: int = 32) -> float:
    def fetch(part: list[str]) -> None:
        handle = pycurl.Curl()
        for key in part:
            handle.setopt(pycurl.URL, f"http://127.0.0.1:{port}/{BUCKET}/{key}")
            handle.perform_rb()
        handle.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fetch, (keys[number::threads] for number in range(threads))))
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds that each request takes")
    parser.add_argument("--kinds", default="limit,ours,sync")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-collect-"))
    with serving(BUCKET, fill, options.objects, options.size, delay=options.delay / 1000) as port:
        env = environment(port)
        for kind in options.kinds.split(","):
            note = ""
            before = os.times()
            if kind == "limit":
                taken = limit(port, keys_of(options.objects))
            elif kind == "ours":
                command = [sys.executable, "-c", RUN, f"s3://{BUCKET}", folder / kind, str(options.objects)]
                start = time.perf_counter()
                said = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.split()
                taken = time.perf_counter() - start
                note = f", at most {said[1]} MiB, {float(said[0]):.1f} s of it after starting"
            else:
                aws = Path(sys.executable).parent / "aws"
                start = time.perf_counter()
                command = [aws, "s3", "sync", f"s3://{BUCKET}", folder / kind, "--only-show-errors"]
                subprocess.run(command, env=env, check=True)
                taken = time.perf_counter() - start
            after = os.times()
            spent = sum(after[:4]) - sum(before[:4])
            note = f", {1000 * spent / options.objects:.2f} ms of processor an object{note}"
            load = os.getloadavg()[0]
            print(
                f"{kind:6} {taken:7.1f} s {options.objects / taken:8.0f} objects a second, load {load:.1f}{note}",
                flush=True,
            )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
