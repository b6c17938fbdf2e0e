"""Inflating one gzip member, bounded."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import cast

__all__ = ["LIMIT", "Inflated", "inflate"]

LIMIT = 256 << 20
"""The most bytes that one object may inflate to. CloudTrail's own files stay far below (tens of MB)."""

_MAGIC = b"\x1f\x8b"
_TRAILER = 8


@dataclass(frozen=True, slots=True)
class Inflated:
    """What came out of an object. ``flaw`` is set where its container is not exactly one sound gzip member.

    ``content`` holds whatever could be inflated: the hash in a digest is over the content, so a damaged container
    around the listed content is told apart from changed content. ``plain`` says that there was no container at all.
    """

    content: bytes
    flaw: str | None = None
    plain: bool = False


def inflate(body: bytes, limit: int = LIMIT) -> Inflated:
    """Take an object's bytes apart. Bytes without a gzip header are passed on as they are."""
    from isal import igzip_lib, isal_zlib

    if not body.startswith(_MAGIC):
        if len(body) > limit:
            return Inflated(b"", f"larger than {limit} bytes")
        return Inflated(body, plain=True)
    # The trailer states the size (mod 2^32), a good guess for the buffer and nothing to trust: the limit bounds it.
    stated = int.from_bytes(body[-4:], "little")
    # Its stubs call the error an instance.
    broken = cast("type[Exception]", igzip_lib.IsalError)
    engine = isal_zlib.decompressobj(wbits=31)
    try:
        content = engine.decompress(body, min(stated, limit) + 1)
        if not engine.eof and len(content) <= limit:
            content += engine.decompress(engine.unconsumed_tail, limit + 1 - len(content))
    except broken as error:
        return Inflated(_salvage(body, limit), f"gzip cannot be inflated: {error}")
    if len(content) > limit:
        return Inflated(b"", f"inflates to more than {limit} bytes")
    if not engine.eof:
        return Inflated(content, "gzip ends before its time")
    if engine.unused_data:
        return Inflated(content, f"{len(engine.unused_data)} bytes follow the gzip member")
    return Inflated(content)


def _salvage(body: bytes, limit: int) -> bytes:
    """The content in front of a damaged trailer or body, as far as it goes."""
    engine = zlib.decompressobj(wbits=-15)
    try:
        header = _header_length(body)
        content = engine.decompress(body[header:], limit + 1)
    except (zlib.error, ValueError):
        return b""
    return content if len(content) <= limit else b""


def _header_length(body: bytes) -> int:
    """Length of a gzip header (RFC 1952 §2.3). ValueError where it is cut."""
    if len(body) < 10:
        raise ValueError("cut header")
    flags, at = body[3], 10
    if flags & 4:
        at += 2 + int.from_bytes(body[at : at + 2], "little")
    for bit in (8, 16):
        if flags & bit:
            at = body.index(b"\0", at) + 1
    return at + (2 if flags & 2 else 0)
