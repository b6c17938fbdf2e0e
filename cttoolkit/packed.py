"""Gzip whose bytes depend on the content alone: Python's own writes another header from 3.13 on."""

from __future__ import annotations

import zlib

__all__ = ["packed"]

_GZIP = 31
"""A window of 15 bits, and 16 for a header of gzip, in which zlib names no time."""


def packed(content: bytes, level: int) -> bytes:
    """One gzip member, at a level from 1 to 9; another build of zlib may pack otherwise."""
    return zlib.compress(content, level, _GZIP)
