"""Where JSON values begin and end in text that a strict parser refuses.

Strings and brackets only are looked at, so a value that is broken, nested without end or full of NaN costs itself and not what
follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["elements", "values"]

# A string that is never closed takes the rest of the text: to try again behind each of its quotes would have no end.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_SPACE = re.compile(rb"[\s,]*")
_OPENING = b"{["
_QUOTE = ord('"')


def values(text: bytes) -> Iterator[tuple[int, int, bool]]:
    """Objects and arrays that stand one after the other: start, end, and whether each is closed. Other text between is one too."""
    yield from _walk(text, 0, b"")


def elements(text: bytes, start: int) -> Iterator[tuple[int, int, bool]]:
    """The same for what stands in an array, from behind its opening bracket to its end."""
    yield from _walk(text, start, b"]")


def _walk(text: bytes, at: int, closing: bytes) -> Iterator[tuple[int, int, bool]]:
    while True:
        at = _skip(text, at)
        if at >= len(text) or (closing and text[at : at + 1] == closing):
            return
        if text[at] in _OPENING:
            end, closed = _closed(text, at)
        else:
            end, closed = _scalar(text, at, closing), True
        yield at, end, closed
        at = end


def _skip(text: bytes, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _closed(text: bytes, start: int) -> tuple[int, bool]:
    """Behind the bracket that closes the one at ``start``."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        first = text[token.start()]
        if first == _QUOTE:
            continue
        depth += 1 if first in _OPENING else -1
        if depth == 0:
            return token.end(), True
    return len(text), False


def _scalar(text: bytes, at: int, closing: bytes) -> int:
    """Behind what is neither object nor array: up to the next line, element or bracket."""
    if text[at] == _QUOTE:
        token = _TOKEN.match(text, at)
        if token:
            return token.end()
    stop = re.compile(rb"[\n,\[{" + (rb"\]" if closing else b"") + rb"]").search(text, at + 1)
    return stop.start() if stop else len(text)
