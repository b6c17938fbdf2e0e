"""How fast the evidence is judged, beside a native limit and the AWS CLI in the same run, and how that and memory grow.

    .venv/bin/python benchmarks/verify.py [--files 1200] [--records 780] [--scale 20000,40000,80000]

The native limit (benchmarks/native_limit.c: libdeflate and OpenSSL, two threads, nothing checked or kept) needs a C compiler and
Debian's libdeflate-dev and libssl-dev; without them `zcat | sha256sum` stands in, and says so.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from evidence import ACCOUNT, BUCKET, HOME, TRAIL, make

HERE = Path(__file__).resolve().parent
SMALL = 12
"""Records in a log file of the size that most accounts get: about 20 kB of JSON."""
RUN = """
import resource, sys, time
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify
start = time.perf_counter()
done = verify(open_evidence(sys.argv[1]), load_keys(sys.argv[2]), load=sys.argv[3] == "load")
taken = time.perf_counter() - start
assert done.is_whole, done
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(taken, peak // 1024, len(done.verdicts))
"""


def ours(folder: Path, mode: str) -> tuple[float, int]:
    """Seconds and peak MiB of one verify in a process of its own."""
    keys = folder.parent / f"{folder.name}-keys.json"
    out = subprocess.run(
        [sys.executable, "-c", RUN, folder, keys, mode], check=True, capture_output=True, text=True
    ).stdout
    seconds, peak, _ = out.split()
    return float(seconds), int(peak)


@contextlib.contextmanager
def native() -> Iterator[tuple[str, Callable[[list[Path]], None]]]:
    """The limit's name, and what runs it over files."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "native_limit"
        command = ["cc", "-O3", "-o", built, HERE / "native_limit.c", "-ldeflate", "-lcrypto", "-lpthread"]
        if shutil.which("cc") and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            yield "native (libdeflate, OpenSSL)", lambda files: run([built], "\n".join(map(str, files)))
        else:
            yield (
                "zcat | sha256sum (a floor, no limit)",
                lambda files: run(["sh", "-c", "xargs -n 64 zcat | sha256sum"], "\n".join(map(str, files))),
            )


def run(command: list[object], text: str) -> None:
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def timed(work: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def aws_cli(folder: Path, hours: int) -> tuple[float, float]:
    """Seconds of `aws cloudtrail validate-logs` in this process, and how many of them were spent in its requests.

    Requests are answered from the folder, without a network; the time in them is measured, to be taken off.
    """
    import json

    from awscli.clidriver import create_clidriver
    from botocore.client import BaseClient
    from botocore.response import StreamingBody

    keys = json.loads((folder.parent / f"{folder.name}-keys.json").read_text())
    metadata = {}
    for line in (folder / "objects-metadata.jsonl").read_text().splitlines():
        entry = json.loads(line)
        metadata[entry["key"]] = entry["metadata"]
    everything = sorted(metadata)
    spent = 0.0

    def answer(_client: object, operation: str, parameters: dict[str, str]) -> dict[str, object]:
        nonlocal spent
        start = time.perf_counter()
        try:
            if operation == "ListPublicKeys":
                return keys
            if operation == "ListObjects":
                found = [
                    key
                    for key in everything
                    if key.startswith(parameters["Prefix"]) and key > parameters.get("Marker", "")
                ]
                return {"Contents": [{"Key": key} for key in found], "IsTruncated": False}
            if operation in ("GetObject", "HeadObject"):
                body = (folder / parameters["Key"]).read_bytes()
                return {
                    "Body": StreamingBody(io.BytesIO(body), len(body)),
                    "Metadata": metadata.get(parameters["Key"], {}),
                }
            return {"LocationConstraint": None}
        finally:
            spent += time.perf_counter() - start

    original = BaseClient._make_api_call
    BaseClient._make_api_call = answer
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    try:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            start = time.perf_counter()
            arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{TRAIL}"
            code = create_clidriver().main(
                ["cloudtrail", "validate-logs", "--trail-arn", arn, "--s3-bucket", BUCKET, "--region", "us-test-1",
                 "--start-time", "2025-01-01T00:00:00Z", "--end-time", f"2025-01-{1 + hours // 24 + 1:02d}T00:00:00Z"]
            )  # fmt: skip
            taken = time.perf_counter() - start
    finally:
        BaseClient._make_api_call = original
    assert code == 0, out.getvalue()[-500:]
    assert f"{hours}/{hours} digest files valid" in out.getvalue(), out.getvalue()[-500:]
    return taken, spent


def speed(base: Path, files: int, records: int) -> None:
    hours = 24
    folder = base / f"speed-{records}"
    made = make(folder, hours=hours, logs_an_hour=files // hours, records=records)
    logs = sorted((folder / "AWSLogs" / ACCOUNT / "CloudTrail").rglob("*.gz"))
    size = made["inflated"] / 1e6
    print(f"{made['logs']:,} log files, {made['digests']} digests, {size:,.0f} MB of JSON, median of 3, MB/s of JSON")
    with native() as (name, reference):
        reference(logs)
        limit = timed(lambda: reference(logs))
        judged = median(ours(folder, "judge")[0] for _ in range(3))
        loaded = median(ours(folder, "load")[0] for _ in range(3))
        print(f"  {name:38} {size / limit:8,.0f}")
        print(f"  judge only (hash and signature)        {size / judged:8,.0f}   {limit / judged:.2f} of the limit")
        print(f"  judge and load (Parquet)               {size / loaded:8,.0f}   {limit / loaded:.2f} of the limit")
    try:
        taken, spent = aws_cli(folder, hours)
    except ImportError:
        print("  the AWS CLI is not installed here")
        return
    own = taken - spent
    print(f"  AWS CLI, its requests taken off        {size / own:8,.0f}   judging is {own / judged:.1f} times as fast")


def growth(base: Path, sizes: list[int]) -> None:
    print("growth with small log files, five to a digest, judge only")
    for files in sizes:
        folder = base / f"growth-{files}"
        hours = 1000
        places = max(1, files // (hours * 5))
        made = make(folder, hours=hours, logs_an_hour=5, records=1, places=places)
        seconds, peak = ours(folder, "judge")
        each = seconds / (made["logs"] + made["digests"]) * 1e6
        print(
            f"  {made['logs']:9,} log files {made['digests']:8,} digests {seconds:7.1f} s {each:6.0f} µs an object {peak:6,} MiB"
        )
        shutil.rmtree(folder)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=1200)
    options.add_argument("--records", type=int, default=780)
    options.add_argument(
        "--scale", default="5000,10000,20000", help="numbers of small files, a thousandth of a million being 1000"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder), given.files, given.records)
        speed(Path(folder), given.files * 4, SMALL)
        growth(Path(folder), [int(number) for number in given.scale.split(",") if number])
    print(f"this process peaked at {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
