"""Inflating one gzip member, bounded."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import NamedTuple, cast

__all__ = ["BOUNDS", "Bounds", "Inflated", "inflate", "inflate_all", "unpack"]

_UNSUSPICIOUS = 16 << 20
"""Up to this many bytes, no ratio is too high: a small file of equal events may pack very well."""


class Bounds(NamedTuple):
    """What one object may inflate to: ``size`` in bytes, and ``ratio`` times its own size."""

    size: int
    ratio: int = 200

    def of(self, body: bytes) -> int:
        """The bound for these bytes."""
        return min(self.size, max(_UNSUSPICIOUS, len(body) * self.ratio))


BOUNDS = Bounds(256 << 20)
"""CloudTrail's own files stay far below, at tens of MB that were packed about ten to one."""

_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_PIECE = 256
"""What a member is fed first, twice as much each time: what it leaves over is copied, and so may not be much more than itself."""


@dataclass(frozen=True, slots=True)
class Inflated:
    """What came out of an object. ``flaw`` is set where its container is not exactly one sound gzip member.

    ``content`` holds whatever could be inflated: the hash in a digest is over the content, so a damaged container
    around the listed content is told apart from changed content. ``plain`` says that there was no container at all,
    ``has_more`` that bytes follow the first member, ``is_beyond`` that it is larger than what is examined.
    """

    content: bytes
    flaw: str | None = None
    plain: bool = False
    has_more: bool = False
    is_beyond: bool = False


def inflate(body: bytes, bounds: Bounds = BOUNDS) -> Inflated:
    """Take an object's bytes apart. Bytes without a gzip header are passed on as they are."""
    from isal import igzip_lib, isal_zlib

    if not body.startswith(_MAGIC):
        if len(body) > bounds.size:
            return Inflated(b"", f"larger than {bounds.size} bytes", is_beyond=True)
        return Inflated(body, plain=True)
    limit = bounds.of(body)
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
        return Inflated(b"", f"inflates to more than {limit} bytes", is_beyond=True)
    if not engine.eof:
        return Inflated(content, "gzip ends before its time")
    if engine.unused_data:
        return Inflated(content, f"{len(engine.unused_data)} bytes follow the gzip member", has_more=True)
    return Inflated(content)


def inflate_all(body: bytes, bounds: Bounds = BOUNDS) -> Inflated:
    """The same for what no digest lists: several gzip members one after the other are one content, as gzip(1) reads them."""
    found = inflate(body, bounds)
    if not found.has_more:
        return found
    limit = bounds.of(body)
    content, at = bytearray(), 0
    while body[at : at + 2] == _MAGIC:
        engine, piece = zlib.decompressobj(wbits=31), _PIECE
        try:
            while not engine.eof:
                if at >= len(body):
                    return Inflated(bytes(content), "gzip ends before its time")
                content += engine.decompress(body[at : at + piece], limit + 1 - len(content))
                if len(content) > limit:
                    return Inflated(b"", f"inflates to more than {limit} bytes", is_beyond=True)
                at = min(at + piece, len(body))
                piece = min(2 * piece, _CHUNK)
        except zlib.error as error:
            return Inflated(bytes(content), f"gzip cannot be inflated: {error}")
        at -= len(engine.unused_data)
    left = len(body) - at
    return Inflated(bytes(content), f"{left} bytes follow the gzip member" if left else None)


def unpack(body: bytes, bounds: Bounds = BOUNDS) -> bytes:
    """What lies packed inside of a log file. ValueError where it cannot be had whole and within the bounds."""
    inner = inflate_all(body, bounds)
    if inner.flaw:
        raise ValueError(inner.flaw)
    return inner.content


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
