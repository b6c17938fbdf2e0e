"""A bucket on a server over HTTP, and a proxy before it that breaks what it passes on."""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
from collections import Counter
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUCKET = "example-logs"
LOG = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0020Z_0123456789abcdef.json.gz"
REGIONS = {
    "Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in ("eu-west-1", "us-east-1")]
}
_HOP = ("connection", "transfer-encoding", "content-length")


class Faulty(BaseHTTPRequestHandler):
    """Passes requests on to the server.

    ``fault(handler, path, times)`` may name what goes wrong with an object's answer, ``refuses(name)`` the code by which a call is
    refused: an operation, or for S3 a path with its question.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._pass()

    def do_HEAD(self):
        self._pass()

    def do_POST(self):
        self._pass()

    def _pass(self):
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        server = self.server
        target = self.headers.get("X-Amz-Target", "")
        if target.endswith("ListPublicKeys"):
            return self._answer(200, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(server.keys).encode())
        if target.endswith("LookupEvents"):
            return self._answer(200, [("Content-Type", "application/x-amz-json-1.1")], b'{"Events": []}')
        path, _, query = self.path.partition("?")
        name = target.rpartition(".")[2] or f"{path}?{query}"
        if server.refuses(name):
            return self._refuse(server.refuses(name))
        with server.lock:
            times = server.seen[path]
            server.seen[path] += 1
        fault = server.fault(self, path, times) if "AWSLogs" in path else None
        if fault == "slow down":
            body = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
            return self._answer(503, [("Content-Type", "application/xml")], body)
        if fault in ("ExpiredToken", "RequestTimeTooSkewed", "AccessDenied"):
            return self._answer(
                403 if fault != "ExpiredToken" else 400, [("Content-Type", "application/xml")],
                f"<Error><Code>{fault}</Code><Message>because of {fault}</Message></Error>".encode(),
            )  # fmt: skip
        if path == "/listRegions":
            return self._answer(200, [("Content-Type", "application/json")], json.dumps(REGIONS).encode())
        beyond = http.client.HTTPConnection("127.0.0.1", server.beyond)
        beyond.request(self.command, self.path, sent, headers=dict(self.headers))
        answer = beyond.getresponse()
        body = answer.read()
        beyond.close()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        if server.late:
            kept = [(n, formatdate(server.late, usegmt=True) if n.lower() == "date" else v) for n, v in kept]
        if fault == "cut":
            return self._answer(answer.status, kept, body, cut=len(body) // 2)
        if fault == "truncated":
            body = body[: len(body) // 2]
        elif fault == "other bytes":
            body = bytes([body[0] ^ 1]) + body[1:]
        elif fault == "too long":
            body += b"x"
        return self._answer(answer.status, kept, body)

    def _refuse(self, code):
        if self.headers.get("X-Amz-Target"):
            told = {"__type": code, "message": f"because of {code}"}
            return self._answer(400, [("Content-Type", "application/x-amz-json-1.1")], json.dumps(told).encode())
        told = f"<Error><Code>{code}</Code><Message>because of {code}</Message></Error>"
        if self.path == "/":
            told = f"<ErrorResponse>{told}</ErrorResponse>"
        return self._answer(403, [("Content-Type", "application/xml")], told.encode())

    def _answer(self, status, headers, body, cut=None):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "date" for name, _ in headers):
            self.send_header("Date", self.date_time_string())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_):
        pass


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, beyond, keys):
        super().__init__(("127.0.0.1", 0), Faulty)
        self.beyond, self.keys = beyond, keys
        self.lock = threading.Lock()
        self.reset()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self):
        self.fault = lambda handler, path, times: None
        self.late = None
        self.refuses = lambda name: None
        self.seen = Counter()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


def is_object(path):
    return re.search(r"\.json\.gz$", path) is not None


def at_random(seed, kinds, share=0.5, most=3):
    """Faults of these kinds at some of the first answers for each object."""
    drawn = random.Random(seed)

    def fault(_, path, times):
        return drawn.choice(kinds) if is_object(path) and times < most and drawn.random() < share else None

    return fault
