"""GetObject, many times, with little work for each.

botocore takes over a millisecond of processor for a request, most of it to find the endpoint, to check parameters and to parse an answer
into types, and that, not the network, bounds how many objects a second are read. So the first request of a client goes through botocore
and is the pattern of those that follow: the same address and headers, another key, signed and sent by botocore's own parts. What is then
not answered by the object is asked again through botocore, which knows of redirects, throttling and refusals.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cttoolkit.sources.answer import Answer

__all__ = ["Getter"]

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/,\s]+/[0-9]{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request,"
)
_OF_ONE_REQUEST = frozenset(
    {
        "authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "if-match", "range",
        "amz-sdk-invocation-id", "amz-sdk-request",
    }
)  # fmt: skip
_UNKNOWN_TO_US = frozenset({"x-amz-s3session-token"})


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How botocore asked: the address up to the key, the headers that are every request's, and whom the signature is for."""

    base: str
    headers: dict[str, str]
    region: str
    service: str


@dataclass
class Getter:
    """Asks for objects of one bucket; used by many threads at once. Without ``credentials``, all goes through the client."""

    client: Any
    bucket: str
    credentials: Any = None
    _pattern: _Pattern | None = field(default=None, repr=False)
    _sent: threading.local = field(default_factory=threading.local, repr=False)

    def __post_init__(self) -> None:
        if self.credentials is not None:
            self.client.meta.events.register("before-send.s3.GetObject", self._remember)

    def ask(self, key: str, etag: str, *, version_id: str | None = None, start: int = 0) -> Answer:
        """The object if it is still that of the ETag, from the byte ``start`` on. Errors are botocore's."""
        pattern = self._pattern
        found = None if pattern is None else self._like(pattern, key, etag, version_id, start)
        return found if found is not None else self._by_client(key, etag, version_id, start)

    def _by_client(self, key: str, etag: str, version_id: str | None, start: int) -> Answer:
        where: dict[str, str] = {"Bucket": self.bucket, "Key": key, "IfMatch": etag}
        if version_id is not None:
            where["VersionId"] = version_id
        if start:
            where["Range"] = f"bytes={start}-"
        self._sent.request = None
        answer = self.client.get_object(**where)
        if self._sent.request is not None:
            self._pattern = _pattern_of(self._sent.request, key)
        return Answer(answer["ResponseMetadata"]["HTTPHeaders"], answer["Body"])

    def _remember(self, *, request: Any, **_: Any) -> None:
        self._sent.request = request

    def _like(self, pattern: _Pattern, key: str, etag: str, version_id: str | None, start: int) -> Answer | None:
        """The answer to one request of the pattern; None where it is not the object."""
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import HTTPClientError
        from botocore.response import StreamingBody

        headers = {**pattern.headers, "If-Match": etag}
        if start:
            headers["Range"] = f"bytes={start}-"
        query = "" if version_id is None else f"?versionId={quote(version_id, safe='-._~')}"
        request = AWSRequest("GET", f"{pattern.base}{_quoted(key)}{query}", headers, stream_output=True)
        S3SigV4Auth(self.credentials.get_frozen_credentials(), pattern.service, pattern.region).add_auth(request)
        try:
            # botocore's own session: with its pool, proxies, certificates and times to wait.
            answer = self.client._endpoint.http_session.send(request.prepare())
        except HTTPClientError:
            return None
        if answer.status_code != (206 if start else 200):
            answer.raw.close()
            return None
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(told, StreamingBody(answer.raw, told.get("content-length")))


def _quoted(key: str) -> str:
    # As botocore writes keys into addresses.
    return quote(key, safe="/~")


def _pattern_of(request: Any, key: str) -> _Pattern | None:
    """None where the request was signed in another manner, or its address does not end with the key."""
    address = request.url.partition("?")[0]
    held = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    names = {name.lower() for name in held}
    authorization = next((value for name, value in held.items() if name.lower() == "authorization"), "")
    signed = _SIGNED.match(authorization)
    if signed is None or not address.endswith(f"/{_quoted(key)}") or names & _UNKNOWN_TO_US:
        return None
    kept = {name: value for name, value in held.items() if name.lower() not in _OF_ONE_REQUEST}
    return _Pattern(address.removesuffix(_quoted(key)), kept, signed["region"], signed["service"])
