"""From the bytes of a log file to its records, each as its own bytes.

Records are split without being understood first, so that one odd record costs itself only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

import msgspec

from cttoolkit.envelope import MOST_NESTED, Unread, alien, is_crowded, opened
from cttoolkit.extents import elements, values

__all__ = ["Split", "split"]

_Raw = msgspec.Raw


class _File(msgspec.Struct, gc=False):
    Records: list[_Raw]


@dataclass(frozen=True, slots=True)
class Split:
    """A file's records in order, each as its own bytes, and where each stands. ``unread`` are those that are no events."""

    records: Sequence[_Raw]
    indexes: Sequence[int]
    unread: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return len(self.records) + len(self.unread)


MOST_RECORDS = 1_000_000
"""In one file. CloudTrail writes some ten thousand; a few kilobytes can inflate to millions of ``{}``."""
_TOO_MANY = f"more than {MOST_RECORDS:,} records in one file"
_file_decoder = msgspec.json.Decoder(_File)
_BROKEN = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_GZIP = b"\x1f\x8b"
_LOG_FILE = re.compile(rb'\s*\{\s*"Records"\s*:\s*\[')
_OPENING = re.compile(rb'\s*(?:\{\s*"Records"\s*:\s*)?\[')
_LINE = re.compile(rb"[^\r\n]+")
_STAMP = re.compile(rb"^\d{4}-\d\d-\d\dT[\d:.]{5,30}Z(?=\s|$)", re.MULTILINE)
"""CloudWatch Logs' export to S3 puts a time before each message, at the start of a line."""


def _refuse(_body: bytes) -> NoReturn:
    raise ValueError("it is packed")


def split(content: bytes, unpack: Callable[[bytes], bytes] = _refuse) -> Split | str:
    """A file's records; or, in words, why these bytes hold none.

    CloudTrail's own ``{"Records": […]}`` goes straight through. Everything else is told by its content: lists, single events,
    documents one after the other, a line each or not, envelopes of other services (see `envelope`), in UTF-8 or UTF-16.
    ``unpack`` inflates data that lies packed within.
    """
    for _ in range(MOST_NESTED):
        if not content.startswith(_GZIP):
            break
        try:
            content = unpack(content)
        except ValueError as error:
            return f"packed a second time, and {error}"
    text = _as_utf8(content)
    if is_crowded(text):
        opening = _OPENING.match(text)
        return _told(_walked(text, opening.end()) if opening else _general(text, unpack))
    try:
        records = _file_decoder.decode(text).Records
    except _BROKEN:
        return _told(_general(text, unpack))
    if len(records) > MOST_RECORDS:
        return _TOO_MANY
    if not records or alien(records[0]) is None:
        return Split(records, range(len(records)))
    return _told(_general(text, unpack))


def _told(found: Iterator[_Raw | Unread]) -> Split | str:
    """What was found in order; one reason for the whole where there is no record in it."""
    records: list[_Raw] = []
    indexes: list[int] = []
    unread: list[tuple[int, str]] = []
    for index, one in enumerate(found):
        if index >= MOST_RECORDS:
            return _TOO_MANY
        if isinstance(one, Unread):
            unread.append((index, one.reason))
        else:
            records.append(one)
            indexes.append(index)
    if not records:
        return unread[0][1] if unread else "no event in it"
    return Split(records, indexes, tuple(unread))


def _general(text: bytes, unpack: Callable[[bytes], bytes]) -> Iterator[_Raw | Unread]:
    if not text.strip():
        yield Unread("empty")
    elif _is_json(text):
        yield from opened(_Raw(text.strip()), unpack)
    elif _STAMP.match(text.lstrip()):
        for message in _messages(text.lstrip()):
            yield from _document(message, unpack)
    elif _is_json(text.lstrip().split(b"\n", 1)[0]):
        # One after the other: a list of all would weigh many times the file where nearly every byte ends a line.
        for line in filter(None, (found[0].strip() for found in _LINE.finditer(text))):
            yield from _document(line, unpack)
    elif text.lstrip()[:1] in {b"{", b"["}:
        for start, end, closed in values(text):
            yield from _document(text[start:end], unpack, closed=closed)
    else:
        yield Unread("not JSON")


def _walked(text: bytes, start: int) -> Iterator[_Raw | Unread]:
    """The elements of one very long list, one at a time."""
    for begin, end, closed in elements(text, start):
        yield _piece(text[begin:end], closed=closed)


def _document(text: bytes, unpack: Callable[[bytes], bytes], *, closed: bool = True) -> Iterator[_Raw | Unread]:
    if _is_json(text):
        yield from opened(_Raw(text), unpack)
        return
    log_file = _LOG_FILE.match(text)
    if log_file is None:
        yield _piece(text, closed=closed)
        return
    for start, end, whole in elements(text, log_file.end()):
        yield _piece(text[start:end], closed=whole)
    if not closed:
        yield Unread("not JSON: the log file ends in the middle")


def _piece(text: bytes, *, closed: bool) -> _Raw | Unread:
    """A stretch that a strict parser may refuse: the reader of records has the last word on what has brackets around it."""
    if not closed:
        return Unread("not JSON: it ends in the middle")
    if not text.startswith((b"{", b"[")):
        return Unread("not JSON") if not _is_json(text) else _Raw(text)
    why = alien(_Raw(text))
    return Unread(why) if why else _Raw(text)


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=_Raw)
    except _BROKEN:
        return False
    return True


def _messages(text: bytes) -> Iterator[bytes]:
    """What stands between one time and the next: what a message says after its first line is no message of its own."""
    start = None
    for stamp in _STAMP.finditer(text):
        if start is not None:
            yield text[start : stamp.start()].strip()
        start = stamp.end()
    if start is not None:
        yield text[start:].strip()


def _as_utf8(content: bytes) -> bytes:
    if content.isascii() and b"\0" not in content[:4]:
        return content
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    encoding = _wide(content)
    if encoding:
        return content.decode(encoding, errors="replace").removeprefix("\ufeff").encode(errors="replace")
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode(errors="replace").encode()
    return content


def _wide(content: bytes) -> str | None:
    """UTF-16, by its mark or by the zeros beside what JSON begins with."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if content[:1] in {b"{", b"["} and content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" and content[1:2] in {b"{", b"["} else None
