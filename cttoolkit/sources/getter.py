"""GetObject, many times, with little work for each.

botocore takes over a millisecond of processor for a request, most of it to find the endpoint, to check parameters and to parse an answer
into types, and that, not the network, bounds how many small objects a second are read. So the first request of a client goes through
botocore and is the pattern of those that follow: the same address and headers, another key, signed and sent by libcurl in a tenth of the
time. What is then not answered by the object, whole, is asked again through botocore, which knows of redirects, throttling and refusals.
"""

from __future__ import annotations

import io
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cttoolkit.sources.answer import Answer

__all__ = ["Getter"]

SMALL = 1 << 20
"""From this many bytes on botocore's share is small, and what was broken off can be gone on with."""
_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/,\s]+/[0-9]{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request,"
)
_OF_ONE_REQUEST = frozenset(
    {
        "authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "if-match", "range",
        "amz-sdk-invocation-id", "amz-sdk-request",
    }
)  # fmt: skip
_OTHERWISE_SIGNED = frozenset({"x-amz-s3session-token"})
_MOST_MISSES = 8
"""In a row, after which the short way is given up: a proxy or a libcurl of another age may never get through."""
_PASSING = frozenset({18, 28, 52, 55, 56})
"""libcurl's errors of an answer that was broken off or is late (libcurl-errors)."""
_CONNECT_SECONDS, _SILENT_SECONDS = 20, 60


@dataclass(frozen=True, slots=True)
class _Pattern:
    """How botocore asked: the address up to the key, the headers that are every request's, and whom the signature is for."""

    base: str
    headers: tuple[str, ...]
    agent: str
    region: str
    service: str


@dataclass
class Getter:
    """Asks for objects of one bucket; used by many threads at once. Without a boto3 ``session`` all goes through the client."""

    client: Any
    bucket: str
    session: Any = field(default=None, repr=False)
    _pattern: _Pattern | None = field(default=None, repr=False)
    _sent: threading.local = field(default_factory=threading.local, repr=False)
    _handles: deque[Any] = field(default_factory=deque, repr=False)
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _is_open: bool = field(default=False, repr=False)
    _misses: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        if self.session is not None and _has_curl():
            self._credentials = self.session.get_credentials()
            self._authorities = _authorities(self.session)
            self.client.meta.events.register("before-send.s3.GetObject", self._remember)

    def ask(self, key: str, size: int, etag: str, *, version_id: str | None = None, start: int = 0) -> Answer:
        """The object if it is still that of the ETag, from the byte ``start`` on. Errors are botocore's.

        ``size`` is the listed one; an answer may be of another length, and its body is then not to be read.
        """
        if not self._is_open:
            with self._opening:
                # One goes ahead, and the others need not go the long way as well.
                if not self._is_open:
                    try:
                        return self._by_client(key, etag, version_id, start)
                    finally:
                        self._is_open = True
        pattern = self._pattern
        if pattern is None or size >= SMALL or start or not _is_plain(key) or self._misses >= _MOST_MISSES:
            return self._by_client(key, etag, version_id, start)
        found = self._like(pattern, key, size, etag, version_id)
        if found is None:
            found = self._by_client(key, etag, version_id, start)
            # What may go better the next time says nothing of the way.
            self._misses += not self._sent.is_passing
        else:
            self._misses = 0
        return found

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

    def _like(self, pattern: _Pattern, key: str, size: int, etag: str, version_id: str | None) -> Answer | None:
        """The answer to one request of the pattern; None where it is not the object, whole."""
        import pycurl

        # Taken first, since a role's credentials are renewed in the taking.
        self._sent.is_passing = True
        held = self._credentials.get_frozen_credentials() if self._credentials else None
        if held is None or "\n" in etag or "\r" in etag:
            return None
        self._sent.is_passing = False
        headers = [*pattern.headers, f"If-Match: {etag}"]
        if held.token:
            headers.append(f"x-amz-security-token: {held.token}")
        query = "" if version_id is None else f"?versionId={quote(version_id, safe='-._~')}"
        told: list[bytes] = []
        body = io.BytesIO()
        try:
            handle = self._handles.pop()
        except IndexError:
            handle = _handle(self._authorities)
        for option, value in (
            (pycurl.URL, f"{pattern.base}{_quoted(key)}{query}"),
            (pycurl.USERAGENT, pattern.agent),
            (pycurl.AWS_SIGV4, f"aws:amz:{pattern.region}:{pattern.service}"),
            (pycurl.USERNAME, held.access_key),
            (pycurl.PASSWORD, held.secret_key),
            (pycurl.HTTPHEADER, headers),
            (pycurl.HEADERFUNCTION, told.append),
            (pycurl.WRITEFUNCTION, body.write),
            (pycurl.MAXFILESIZE, max(size, 1)),
        ):
            handle.setopt(option, value)
        try:
            handle.perform()
        except pycurl.error as error:
            status = handle.getinfo(pycurl.RESPONSE_CODE)
            self._sent.is_passing = error.args[0] in _PASSING or status == 200 or status >= 500
            handle.close()
            return None
        status = handle.getinfo(pycurl.RESPONSE_CODE)
        self._handles.append(handle)
        if status != 200 or body.tell() != size:
            self._sent.is_passing = status >= 500
            return None
        body.seek(0)
        return Answer(_headers(told), body)


def _handle(authorities: str) -> Any:
    """A libcurl handle, with a connection that is kept from one request to the next."""
    import pycurl

    made = pycurl.Curl()
    for option, value in (
        (pycurl.CAINFO, authorities),
        (pycurl.NOSIGNAL, 1),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        (pycurl.CONNECTTIMEOUT, _CONNECT_SECONDS),
        (pycurl.LOW_SPEED_LIMIT, 1),
        (pycurl.LOW_SPEED_TIME, _SILENT_SECONDS),
    ):
        made.setopt(option, value)
    return made


def _has_curl() -> bool:
    try:
        import pycurl
    except ImportError:
        return False
    return hasattr(pycurl, "AWS_SIGV4")


def _authorities(session: Any) -> str:
    """The file of certificates that botocore trusts."""
    from botocore.httpsession import get_cert_path

    return str(session._session.get_config_variable("ca_bundle") or get_cert_path(verify=True))


def _headers(lines: list[bytes]) -> Mapping[str, str]:
    """Of the last answer, since a proxy's or an interim one may come before it."""
    found: dict[str, str] = {}
    for line in b"".join(lines).decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if line.startswith("HTTP/"):
            found = {}
        elif colon:
            found[name.lower()] = value.strip()
    return found


def _quoted(key: str) -> str:
    # As botocore writes keys into addresses.
    return quote(key, safe="/~")


def _is_plain(key: str) -> bool:
    """Whether nothing on the way could take the key for a path to be shortened."""
    return not any(part in ("", ".", "..") for part in key.split("/"))


def _pattern_of(request: Any, key: str) -> _Pattern | None:
    """None where the request was signed in another manner, or its address does not end with the key."""
    address = request.url.partition("?")[0]
    held = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    signed = _SIGNED.match(held.get("authorization", ""))
    if signed is None or not address.endswith(f"/{_quoted(key)}") or held.keys() & _OTHERWISE_SIGNED:
        return None
    agent = held.pop("user-agent", "")
    kept = tuple(f"{name}: {value}" for name, value in held.items() if name not in _OF_ONE_REQUEST)
    return _Pattern(address.removesuffix(_quoted(key)), kept, agent, signed["region"], signed["service"])
