"""A CloudTrail bucket read where it stands, over S3's API: nothing is copied, and nothing but listing and reading is asked.

Needs s3:ListBucket on the bucket, s3:GetObject on its objects, and kms:Decrypt where they are encrypted with a key of KMS.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.key import DigestKey, parse_key
from cttoolkit.source import StoredObject
from cttoolkit.sources.answer import Answer, hold_against
from cttoolkit.sources.getter import Getter
from cttoolkit.sources.public_keys import open_session

__all__ = ["Bucket", "is_bucket"]

_SCHEME = "s3://"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LARGEST_OBJECT = 2 << 30
_LARGEST_DOCUMENT = 64 << 20
_TRIES = 4
_AT_ONCE = 48
_MOST_SEEN = 1024
"""Metadata that is held from the reading of digests until it is asked for: more than are ever read ahead."""
_AGAIN = "stop what writes there, and open the evidence again"
_ABSENT = frozenset({"NoSuchKey", "404"})
_CHANGED = frozenset({"PreconditionFailed", "412"})
_SHARED: dict[tuple[object, ...], Getter] = {}
_SHARING = threading.Lock()
_REMEDIES = {
    "AccessDenied": "ask for s3:ListBucket, s3:GetObject and, with SSE-KMS, kms:Decrypt",
    "403": "ask for s3:ListBucket, s3:GetObject and, with SSE-KMS, kms:Decrypt",
    "InvalidObjectState": "restore the object from its archive class, or verify without it",
    "NoSuchBucket": "give the bucket that the trail delivers to",
    "ExpiredToken": "renew the credentials, and verify again: the workspace keeps what was done",
}


def is_bucket(place: str | os.PathLike[str]) -> bool:
    return str(place).startswith(_SCHEME)


class Bucket:
    """The objects of ``s3://bucket/prefix``, under the keys that they have in the bucket.

    Credentials are boto3's own: of ``profile``, or of the environment wherever the reading happens, which on a cluster is each
    executor. An object that was written again since it was listed is an EvidenceChangedError: S3 is asked for the listed ETag.
    """

    def __init__(self, place: str, *, profile: str | None = None, endpoint_url: str | None = None) -> None:
        self._bucket, _, self._prefix = place.removeprefix(_SCHEME).partition("/")
        if not is_bucket(place) or not _NAME.fullmatch(self._bucket):
            raise EvidenceError(place, "no address of a bucket", "write s3://bucket or s3://bucket/prefix/")
        self._profile, self._endpoint = profile, endpoint_url
        self._start()

    def _start(self) -> None:
        self._has_travelled = False
        self._asking: Getter | None = None
        self._opening = threading.Lock()
        self._gate = threading.BoundedSemaphore(_AT_ONCE)
        self._seen: dict[str, Mapping[str, str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in ("_bucket", "_prefix", "_profile", "_endpoint")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()
        self._has_travelled = True

    @property
    def at_once(self) -> int:
        return _AT_ONCE

    @property
    def name(self) -> str:
        return f"{_SCHEME}{self._bucket}/{self._prefix}"

    def objects(self) -> list[StoredObject]:
        found = []
        with self._telling(self.name):
            for page in self._client().get_paginator("list_objects_v2").paginate(**self._where(Prefix=self._prefix)):
                for entry in page.get("Contents", ()):
                    stamp = f"{entry['ETag']} {entry['LastModified'].isoformat()}"
                    found.append(StoredObject(entry["Key"], entry["Size"], stamp))
        found.sort(key=lambda stored: stored.key)
        return found

    def refused(self) -> Mapping[str, str]:
        return {}

    def read(self, stored: StoredObject) -> bytes:
        if stored.size > _LARGEST_OBJECT:
            raise EvidenceError(
                stored.key, f"{stored.size} bytes are more than any log file", "narrow the prefix to leave it out"
            )
        tag = stored.stamp.partition(" ")[0]
        wrong = ""
        with self._telling(stored.key), self._gate:
            for left in reversed(range(_TRIES)):
                answer = self._getter().ask(stored.key, stored.size, tag)
                if answer.length != stored.size:
                    answer.body.close()
                    raise EvidenceChangedError(stored.key, "is not as long as it was listed", _AGAIN)
                body = self._body(answer.body, is_last=not left)
                if body is None:
                    continue
                _, wrong = hold_against(answer, body, tag)
                if not wrong:
                    self._keep_metadata(stored.key, answer)
                    return body
        raise EvidenceError(stored.key, f"cannot be read from S3: {wrong}, {_TRIES} times", "verify again")

    def _body(self, stream: Any, *, is_last: bool) -> bytes | None:
        """A whole body, or None where the connection was cut: requests are asked again by themselves, bodies are not."""
        from botocore.exceptions import BotoCoreError

        try:
            body: bytes = stream.read()
        except BotoCoreError:
            if is_last:
                raise
            return None
        return body

    def _keep_metadata(self, key: str, answer: Answer) -> None:
        # Of digests only, and of few: of a million objects it would weigh too much to be held.
        if "_CloudTrail-Digest_" in key and isinstance(parse_key(key), DigestKey):
            while len(self._seen) >= _MOST_SEEN:
                self._seen.pop(next(iter(self._seen), ""), None)
            self._seen[key] = answer.metadata

    def metadata(self, key: str) -> Mapping[str, str]:
        held = self._seen.pop(key, None)
        if held is None:
            with self._telling(key):
                held = _lower(self._client().head_object(**self._where(Key=key))["Metadata"])
        return held

    def document(self, name: str) -> bytes | None:
        key = self._prefix + name
        with self._telling(key):
            try:
                answer = self._client().get_object(**self._where(Key=key))
            except self._client().exceptions.NoSuchKey:
                return None
            if answer["ContentLength"] > _LARGEST_DOCUMENT:
                raise EvidenceError(key, "too large for what it should hold", "look at it, and narrow the prefix")
            return self._body(answer["Body"], is_last=True)

    def _where(self, **more: str) -> dict[str, str]:
        return {"Bucket": self._bucket, **more}

    def _client(self) -> Any:
        return self._getter().client

    def _getter(self) -> Getter:
        with self._opening:
            if self._asking is None:
                self._asking = self._share() if self._has_travelled else self._open()
            return self._asking

    def _share(self) -> Getter:
        """A worker gets a bucket with each batch of work: its connections are kept from one to the next."""
        settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
        place = (self._bucket, self._profile, self._endpoint, *settings)
        with _SHARING:
            if place not in _SHARED:
                _SHARED.clear()
                _SHARED[place] = self._open()
            return _SHARED[place]

    def _open(self) -> Getter:
        session = open_session(self._profile)
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        # Throttled and cut requests are asked again, with growing pauses.
        config = Config(retries={"mode": "standard", "max_attempts": 8}, max_pool_connections=_AT_ONCE)
        try:
            client = session.client("s3", endpoint_url=self._endpoint, config=config)
            return Getter(client, self._bucket, session)
        except (BotoCoreError, ValueError) as error:
            raise EvidenceError(self.name, f"no way to S3: {error}", "check region, profile and endpoint") from error

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """What S3 or the way to it refuses, as our own error."""
        self._client()
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            said = error.response.get("Error", {}).get("Message") or code
            if code in _ABSENT | _CHANGED:
                raise EvidenceChangedError(what, "changed or went since the evidence was opened", _AGAIN) from error
            remedy = _REMEDIES.get(code, "try again, and see what S3 says of it")
            raise EvidenceError(what, f"S3 refuses: {said}", remedy) from error
        except BotoCoreError as error:
            remedy = "check the credentials and the way to S3, and verify again: the workspace keeps what was done"
            raise EvidenceError(what, f"cannot be read from S3: {error}", remedy) from error


def _lower(held: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in held.items()}
