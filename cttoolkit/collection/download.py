"""One object fetched whole: every byte that S3 listed and no other, or the reason why not."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from cttoolkit.collection.listing import Version
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.clients import refusal, stops
from cttoolkit.window import written

__all__ = ["Downloaded", "Downloader", "Refused"]

_TRIES = 8
_LONGEST_PAUSE = 20.0
_RESUMED_FROM = 1 << 20
"""Below this many bytes, what was cut off is asked for again whole: then S3's checksum can be checked as well."""
_LARGEST = 2 << 30
_CHUNK = 1 << 20
_CHANGED = frozenset({"NoSuchKey", "NoSuchVersion", "404", "PreconditionFailed", "412"})
_LASTING = frozenset({"AccessDenied", "403", "InvalidObjectState", "MethodNotAllowed", "405", "InvalidRange"})
_MD5 = re.compile("[0-9a-f]{32}")
_CHECKSUM = "x-amz-checksum-"
_TAKEN: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda body: hashlib.sha256(body).digest(),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
}


class Downloaded(NamedTuple):
    """The bytes of one object and what S3 said of them."""

    body: bytes
    sha256: str
    etag: str
    collected_at: str
    checked_by: str
    version_id: str | None
    metadata: dict[str, str]
    checksums: dict[str, str]


class Refused(NamedTuple):
    """An object that could not be had; the rest goes on."""

    reason: str
    is_denied: bool = False


@dataclass
class Downloader:
    """Reads objects of one bucket; used by many threads at once. ``pause`` waits between tries."""

    client: Any
    bucket: str
    pause: Callable[[float], None] = time.sleep

    def fetch(self, listed: Version) -> Downloaded | Refused:
        """One object. EvidenceError where every further request would fail as well (credentials, clock, no such bucket)."""
        from botocore.exceptions import BotoCoreError, ClientError

        if listed.size > _LARGEST:
            return Refused(f"{listed.size} bytes are more than any log file")
        held = b""
        wrong = ""
        for attempt in range(_TRIES):
            if attempt:
                self.pause(min(_LONGEST_PAUSE, 0.1 * 2 ** (attempt - 1)))
            try:
                answer = self._ask(listed, len(held))
                body, wrong = self._read(answer["Body"], held)
            except ClientError as error:
                code, wrong, remedy = refusal(error)
                if stops(code):
                    raise EvidenceError(f"s3://{self.bucket}/{listed.key}", wrong, remedy) from error
                if code in _CHANGED:
                    return Refused("changed or went between listing and reading; collect again")
                if code in _LASTING:
                    return Refused(f"{wrong}; {remedy}", is_denied=code in ("AccessDenied", "403"))
                continue
            except BotoCoreError as error:
                _, wrong, remedy = refusal(error)
                if "redential" in type(error).__name__:
                    raise EvidenceError(f"s3://{self.bucket}/{listed.key}", wrong, remedy) from error
                continue
            if not wrong:
                checked, wrong = _held_against(listed, body, answer)
                if not wrong:
                    return self._whole(listed, body, answer, checked)
            held = body if _RESUMED_FROM <= len(body) < listed.size else b""
        return Refused(f"{wrong}, {_TRIES} times; collect again")

    def _ask(self, listed: Version, start: int) -> Any:
        where: dict[str, str] = {"Bucket": self.bucket, "Key": listed.key, "IfMatch": listed.etag}
        if listed.version_id is not None:
            where["VersionId"] = listed.version_id
        if start:
            where["Range"] = f"bytes={start}-"
        return self.client.get_object(**where)

    def _read(self, stream: Any, held: bytes) -> tuple[bytes, str]:
        """All that came, after what was held already, and what broke it off."""
        from botocore.exceptions import BotoCoreError

        parts = [held]
        try:
            while chunk := stream.read(_CHUNK):
                parts.append(chunk)
        except BotoCoreError as error:
            return b"".join(parts), f"the answer broke off: {error}"
        finally:
            stream.close()
        return b"".join(parts), ""

    def _whole(self, listed: Version, body: bytes, answer: dict[str, Any], checked: str) -> Downloaded:
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        date = headers.get("date")
        return Downloaded(
            body,
            hashlib.sha256(body).hexdigest(),
            listed.etag.strip('"'),
            written(parsedate_to_datetime(date)) if date else "",
            checked,
            answer.get("VersionId", listed.version_id),
            {name.lower(): value for name, value in answer.get("Metadata", {}).items()},
            _checksums(answer),
        )


def _checksums(answer: dict[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix(_CHECKSUM): value
        for name, value in answer["ResponseMetadata"]["HTTPHeaders"].items()
        if name.startswith(_CHECKSUM) and name != "x-amz-checksum-type"
    }


def _held_against(listed: Version, body: bytes, answer: dict[str, Any]) -> tuple[str, str]:
    """What S3 said of the bytes that they agree with, and what they disagree with, or nothing."""
    if len(body) != listed.size:
        return "", f"{len(body)} bytes came of the {listed.size} that were listed"
    for name, value in _checksums(answer).items():
        taken = _TAKEN.get(name)
        # A checksum with a number after a dash is one of the checksums of parts.
        if taken is not None and "-" not in value:
            mine = base64.b64encode(taken(body)).decode()
            return (
                (f"checksum {name}", "") if mine == value else ("", f"its {name} checksum is not the one that S3 gave")
            )
    tag = listed.etag.strip('"')
    # An ETag is the MD5 of the bytes, unless parts or a key of KMS were used (Amazon S3 API Reference, "Object").
    if (
        _MD5.fullmatch(tag)
        and answer.get("ServerSideEncryption", "AES256") == "AES256"
        and "SSECustomerAlgorithm" not in answer
    ):
        mine = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return ("etag", "") if mine == tag else ("", "its MD5 is not the ETag that was listed")
    return "length", ""
