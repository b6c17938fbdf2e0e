"""What S3 answers when an object is asked for, and whether the bytes are those that it speaks of."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["Answer", "hold_against"]

_MD5 = re.compile("[0-9a-f]{32}")
_CHECKSUM = "x-amz-checksum-"
_METADATA = "x-amz-meta-"
_TAKEN: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda body: hashlib.sha256(body).digest(),
    "sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
}


class Answer(NamedTuple):
    """Headers, with lower-case names, and the body yet to be read, whose errors are botocore's."""

    headers: Mapping[str, str]
    body: Any

    @property
    def length(self) -> int:
        """What the answer says of its own length, in bytes; -1 where it says nothing."""
        told = self.headers.get("content-length", "")
        return int(told) if told.isascii() and told.isdigit() else -1

    @property
    def metadata(self) -> dict[str, str]:
        """User metadata with lower-case names, without their prefix."""
        held = self.headers.items()
        return {name.removeprefix(_METADATA): value for name, value in held if name.startswith(_METADATA)}

    @property
    def checksums(self) -> dict[str, str]:
        """In base64, by the name of the algorithm."""
        held = self.headers.items()
        return {
            name.removeprefix(_CHECKSUM): value
            for name, value in held
            if name.startswith(_CHECKSUM) and name != f"{_CHECKSUM}type"
        }


def hold_against(answer: Answer, body: bytes, etag: str) -> tuple[str, str]:
    """What S3 said of the bytes that they agree with ("" for nothing but their length), and what they disagree with, or ""."""
    for name, value in answer.checksums.items():
        taken = _TAKEN.get(name)
        # A checksum with a number after a dash is one of the checksums of parts.
        if taken is not None and "-" not in value:
            mine = base64.b64encode(taken(body)).decode()
            return (
                (f"checksum {name}", "") if mine == value else ("", f"its {name} checksum is not the one that S3 gave")
            )
    tag = etag.strip('"')
    # An ETag is the MD5 of the bytes, unless parts or a key of KMS were used (Amazon S3 API Reference, "Object").
    if (
        _MD5.fullmatch(tag)
        and answer.headers.get("x-amz-server-side-encryption", "AES256") == "AES256"
        and "x-amz-server-side-encryption-customer-algorithm" not in answer.headers
    ):
        mine = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return ("etag", "") if mine == tag else ("", "its MD5 is not the ETag that was listed")
    return "", ""
