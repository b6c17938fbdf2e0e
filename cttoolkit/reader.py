"""From the bytes of a log file to its records, each as its own bytes.

Records are split without being understood first, so that one odd record costs itself only.
"""

from __future__ import annotations

import json

import msgspec

__all__ = ["split"]

_Raw = msgspec.Raw


class _File(msgspec.Struct, gc=False):
    Records: list[_Raw]


_file_decoder = msgspec.json.Decoder(_File)
_list_decoder = msgspec.json.Decoder(list[_Raw])


def split(content: bytes) -> list[_Raw] | str:
    """A log file's records, each as its own bytes; or, in words, why these bytes hold none.

    Taken are CloudTrail's own ``{"Records": […]}``, a bare list, and a single event.
    """
    text = _as_utf8(content)
    opening = text.lstrip()[:1]
    try:
        if opening == b"[":
            return _list_decoder.decode(text)
        if opening == b"{":
            return _file_decoder.decode(text).Records
    except msgspec.ValidationError:
        return _one_or_none(text)
    except (msgspec.DecodeError, RecursionError):
        return _split_leniently(text)
    return "empty" if not opening else "not JSON"


def _as_utf8(content: bytes) -> bytes:
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    if content.isascii():
        return content
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode(errors="replace").encode()
    return content


def _one_or_none(text: bytes) -> list[_Raw] | str:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"not JSON: {error}"
    if not isinstance(found, dict):
        return "no records in it"
    if "eventName" in found and "eventSource" in found:
        return [_Raw(text.strip())]
    if "digestS3Object" in found and "logFiles" in found:
        return "a digest, in a log file's place"
    return "no list of records in it"


def _split_leniently(text: bytes) -> list[_Raw] | str:
    """What a strict reader refuses and Python's takes: NaN (read as null) and lone surrogates."""
    try:
        found = json.loads(text, parse_constant=lambda _: None)
    except ValueError as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "nested too deeply to be read"
    records = found.get("Records") if isinstance(found, dict) else found
    if not isinstance(records, list):
        return "no list of records in it"
    return [_Raw(json.dumps(record).encode()) for record in records]
