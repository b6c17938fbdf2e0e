"""How fast a bucket is collected, beside aws s3 sync and the server's own limit, on one local server.

    .venv/bin/python benchmarks/collect.py [--objects 20000] [--size 2000] [--kinds limit,ours,sync]

The server is a small one of its own (asyncio, objects in memory, signatures not checked), since moto's answers a few hundred requests
a second at most and would be all that is measured. It shares the machine's processors with what is measured, as does whatever else
runs there. The limit is plain keep-alive GETs by threads, with no signing, hashing or writing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import http.client
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

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


class Server:
    """ListObjectsV2 with prefix, delimiter, start-after and continuation; GetObject; GetCallerIdentity."""

    def __init__(self, objects: int, size: int) -> None:
        drawn = random.Random(1)
        self.keys = keys_of(objects)
        self.bodies = {key: drawn.randbytes(size) for key in self.keys}

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                length = next((int(one.split(":")[1]) for one in lines if one.lower().startswith("content-length:")), 0)
                if length:
                    await reader.readexactly(length)
                method, target, _ = lines[0].split(" ")
                headers, body = self.answer(method, target)
                writer.write(f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, method: str, target: str) -> tuple[str, bytes]:
        parts = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        date = f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime())}\r\n"
        if method == "POST":
            told = "<Arn>arn:aws:iam::111122223333:user/b</Arn><UserId>b</UserId><Account>111122223333</Account>"
            body = f"<GetCallerIdentityResponse><GetCallerIdentityResult>{told}</GetCallerIdentityResult></GetCallerIdentityResponse>"
            return f"{date}Content-Type: text/xml\r\n", body.encode()
        key = unquote(parts.path).removeprefix(f"/{BUCKET}").lstrip("/")
        if key:
            body = self.bodies[key]
            tag = hashlib.md5(body).hexdigest()
            kind = "Content-Type: application/octet-stream\r\n"
            return f'{date}ETag: "{tag}"\r\nLast-Modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n{kind}', body
        return f"{date}Content-Type: application/xml\r\n", self.listing(asked).encode()

    def listing(self, asked: dict[str, str]) -> str:
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter")
        after = max(asked.get("start-after", ""), asked.get("continuation-token", ""))
        keys = [key for key in self.keys if key.startswith(prefix) and key > after]
        if delimiter:
            below = sorted({prefix + key[len(prefix) :].partition("/")[0] + "/" for key in keys})
            told = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in below)
            return f"<ListBucketResult><IsTruncated>false</IsTruncated>{told}</ListBucketResult>"
        page = keys[:1000]
        told = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-03-01T00:00:00.000Z</LastModified>"
            f'<ETag>"{hashlib.md5(self.bodies[key]).hexdigest()}"</ETag><Size>{len(self.bodies[key])}</Size></Contents>'
            for key in page
        )
        more = len(keys) > len(page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{told}</ListBucketResult>"


def serve(objects: int, size: int, port: int) -> None:
    asyncio.run(Server(objects, size).serve(port))


def limit(port: int, keys: list[str], threads: int = 8) -> float:
    def fetch(part: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for key in part:
            connection.request("GET", f"/{BUCKET}/{key}")
            connection.getresponse().read()
        connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fetch, (keys[number::threads] for number in range(threads))))
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--port", type=int, default=18_333)
    parser.add_argument("--kinds", default="limit,ours,sync")
    options = parser.parse_args()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(options.objects, options.size, options.port), daemon=True
    )
    server.start()
    url = f"http://127.0.0.1:{options.port}"
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", options.port)).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    env |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    folder = Path(tempfile.mkdtemp(prefix="bench-collect-"))
    try:
        for kind in options.kinds.split(","):
            note = ""
            before = os.times()
            if kind == "limit":
                taken = limit(options.port, keys_of(options.objects))
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
            print(f"{kind:6} {taken:7.1f} s {options.objects / taken:8.0f} objects a second{note}", flush=True)
    finally:
        server.terminate()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
