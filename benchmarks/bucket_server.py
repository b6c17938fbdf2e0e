"""A bucket served from memory, for benchmarks: what a collection and a verification ask of S3, each answer after a set delay.

moto answers a few hundred requests a second at most and would be all that is measured. Here signatures are not checked, and nothing is
written. It runs in a process of its own, and shares the machine's processors with what is measured.
"""

from __future__ import annotations

import asyncio
import bisect
import hashlib
import itertools
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

OK = "200 OK"
WHO = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/b</Arn><UserId>b</UserId>"
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class Contents:
    """Objects by key with their metadata; ``keys`` is the document of public keys."""

    def __init__(self, objects: dict[str, tuple[bytes, dict[str, str]]], keys: dict[str, object] | None = None) -> None:
        self.objects = objects
        self.keys = keys or {"PublicKeyList": []}


class Server:
    """ListObjects, ListObjectsV2 with prefix, delimiter and continuation; GetObject, HeadObject; ListPublicKeys and who asks."""

    def __init__(self, bucket: str, contents: Contents, delay: float) -> None:
        self.bucket, self.contents, self.delay = bucket, contents, delay
        self.sorted = sorted(contents.objects)

        self.tags = {key: hashlib.md5(body).hexdigest() for key, (body, _) in contents.objects.items()}
        self.asked = 0

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", port, backlog=1024)
        async with server:
            await server.serve_forever()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, _, rest = head.partition(b"\r\n")
                named = rest.lower()
                length = 0
                if b"content-length:" in named:
                    length = int(named.partition(b"content-length:")[2].partition(b"\r\n")[0])
                    await reader.readexactly(length)
                if self.delay:
                    await asyncio.sleep(self.delay)
                method, target, _ = line.decode().split(" ")
                self.asked += 1
                status, headers, body = self.answer(method, target, named)
                date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
                start = f"HTTP/1.1 {status}\r\nDate: {date}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode()
                writer.write(start if method == "HEAD" else start + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, method: str, target: str, headers: bytes) -> tuple[str, str, bytes]:
        if b"listpublickeys" in headers:
            return OK, "Content-Type: application/x-amz-json-1.1\r\n", json.dumps(self.contents.keys).encode()
        if method == "POST":
            return OK, "Content-Type: text/xml\r\n", WHO.encode()
        if target == "/asked":
            return OK, "Content-Type: text/plain\r\n", str(self.asked).encode()
        parts = urlsplit(target)
        key = unquote(parts.path).removeprefix(f"/{self.bucket}").lstrip("/")
        if key and key not in self.contents.objects:
            return "404 Not Found", "Content-Type: application/xml\r\n", b"<Error><Code>NoSuchKey</Code></Error>"
        if key:
            body, metadata = self.contents.objects[key]
            told = "".join(f"x-amz-meta-{name}: {value}\r\n" for name, value in metadata.items())
            when = "Last-Modified: Sun, 01 Mar 2026 00:00:00 GMT\r\n"
            return OK, f'ETag: "{self.tags[key]}"\r\n{when}Content-Type: application/octet-stream\r\n{told}', body
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        kind = "Content-Type: application/xml\r\n"
        if "location" in asked:
            return OK, kind, b"<LocationConstraint></LocationConstraint>"
        return OK, kind, self.listing(asked).encode()

    def listing(self, asked: dict[str, str]) -> str:
        prefix = asked.get("prefix", "")
        after = max(asked.get("start-after", ""), asked.get("continuation-token", ""), asked.get("marker", ""))
        start = max(bisect.bisect_left(self.sorted, prefix), bisect.bisect_right(self.sorted, after))
        found = itertools.takewhile(lambda key: key.startswith(prefix), itertools.islice(self.sorted, start, None))
        if asked.get("delimiter"):
            below = sorted({prefix + key[len(prefix) :].partition("/")[0] + "/" for key in found})
            told = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in below)
            return f"<ListBucketResult><IsTruncated>false</IsTruncated>{told}</ListBucketResult>"
        page = list(itertools.islice(found, 1001))
        more, page = len(page) > 1000, page[:1000]
        told = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-03-01T00:00:00.000Z</LastModified>"
            f'<ETag>"{self.tags[key]}"</ETag><Size>{len(self.contents.objects[key][0])}</Size></Contents>'
            for key in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{told}</ListBucketResult>"


def serve(bucket: str, fill: Callable[..., Contents], given: tuple[object, ...], port: int, delay: float) -> None:
    asyncio.run(Server(bucket, fill(*given), delay).serve(port))


@contextmanager
def serving(bucket: str, fill: Callable[..., Contents], *given: object, delay: float = 0.0) -> Iterator[int]:
    """The port of a server whose contents ``fill(*given)`` makes, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(bucket, fill, given, port, delay), daemon=True
    )
    server.start()
    try:
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()


def environment(port: int) -> dict[str, str]:
    """What makes the AWS CLI and boto3 ask this server for everything."""
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    return env | {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
