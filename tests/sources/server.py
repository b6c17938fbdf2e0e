"""A bucket over HTTP that checks every signature, delays answers and breaks them off."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SECRETS = {"first": "secret/one+", "second": "secret two"}
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=(\w+)/\S+, ?SignedHeaders=([^,]+), ?Signature=(\w+)")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self._answer(with_body=True)

    def do_HEAD(self):
        self._answer(with_body=False)

    def _is_signed(self):
        found = _AUTHORIZATION.match(self.headers.get("Authorization", ""))
        if not found or found[1] not in SECRETS:
            return False
        # S3 signs over the key as it writes it, however it was written in the request.
        path, _, query = self.path.partition("?")
        path = quote(unquote(path), safe="/~")
        request = AWSRequest(
            self.command,
            f"http://{self.headers['Host']}{path}?{query}",
            {n: self.headers[n] for n in found[2].split(";")},
        )
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        auth = S3SigV4Auth(Credentials(found[1], SECRETS[found[1]]), "s3", "us-east-1")
        wanted = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        return wanted == found[3]

    def _answer(self, *, with_body):
        server, parts = self.server, urlsplit(self.path)
        key = unquote(parts.path).removeprefix("/example-logs").removeprefix("/")
        with server.lock:
            server.flying += 1
            server.most_flying = max(server.most_flying, server.flying)
            times = server.asked[key]
            server.asked[key] += 1
            server.requests.append((self.command, key, dict(self.headers), parts.query))
        try:
            sleep(server.delay)
            fault = server.fault(key, times) if key in server.objects else None
            if fault == "hang":
                server.released.wait(30)
            if not self._is_signed():
                return self._refuse(403, "SignatureDoesNotMatch")
            if not key:
                return self._send(200, self._listing(parts.query))
            if fault in ("SlowDown", "AccessDenied"):
                return self._refuse(503 if fault == "SlowDown" else 403, fault)
            if key not in server.objects or fault == "gone":
                return self._refuse(404, "NoSuchKey")
            body, metadata = server.objects[key]
            headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
            tag = f'"{hashlib.md5(body).hexdigest()}"'
            if fault == "changed" or self.headers.get("If-Match", tag) != tag:
                return self._refuse(412, "PreconditionFailed")
            if fault == "other bytes":
                body = bytes([body[0] ^ 1]) + body[1:]
            headers["ETag"] = tag
            if fault == "truncated":
                return self._send(200, body[: len(body) // 2], headers)
            return self._send(200, body, headers, cut=fault == "cut", with_body=with_body)
        finally:
            with server.lock:
                server.flying -= 1

    def _listing(self, query):
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        told = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-03-01T00:00:00.000Z</LastModified>"
            f'<ETag>"{hashlib.md5(body).hexdigest()}"</ETag><Size>{len(body)}</Size></Contents>'
            for key, (body, _) in sorted(self.server.objects.items())
            if key.startswith(asked.get("prefix", ""))
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{told}</ListBucketResult>".encode()

    def _refuse(self, status, code):
        self._send(status, f"<Error><Code>{code}</Code><Message>because of {code}</Message></Error>".encode())

    def _send(self, status, body, headers=(), *, cut=False, with_body=True):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.flying = 0
        self.reset({})
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def reset(self, objects):
        self.objects = objects
        self.fault = lambda key, times: None
        self.delay = 0
        self.most_flying = 0
        self.asked = Counter()
        self.requests = []
        self.released = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def ways(self, part="AWSLogs"):
        """How many requests for objects came the short way, and how many through botocore."""
        short = [
            "Amz-Sdk-Invocation-Id" not in {n.title() for n in headers}
            for _, key, headers, _ in self.requests
            if part in key
        ]
        return short.count(True), short.count(False)
