"""Values at a path inside of JSON text, read in Python: for engines whose own functions lose digits or keys on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

__all__ = ["text_at", "texts_at"]

_parts = msgspec.json.Decoder(list[str | int | None]).decode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode


def text_at(text: str | None, path: str) -> str | None:
    """The value at a path of keys and indexes, a JSON array of them.

    A string without its quotes, anything else as it stands; None for null, for what is not there, and for what is no JSON.
    """
    return None if text is None else _plain(_step(text.encode(), _parts(path)))


def texts_at(text: str | None, path: str) -> list[str | None] | None:
    """The values at a path where null stands for any element of a list; None where the first such list is not there."""
    if text is None:
        return None
    parts = _parts(path)
    first = parts.index(None)
    elements = _elements(_step(text.encode(), parts[:first]))
    return None if elements is None else [found for one in elements for found in _each(one, parts[first + 1 :])]


def _each(value: Any, parts: Sequence[str | int | None]) -> Iterator[str | None]:
    if None not in parts:
        yield _plain(_step(value, parts))
        return
    first = parts.index(None)
    for one in _elements(_step(value, parts[:first])) or ():
        yield from _each(one, parts[first + 1 :])


def _step(value: Any, parts: Sequence[str | int | None]) -> Any:
    try:
        for part in parts:
            if isinstance(part, int):
                value = _list(value)[part]
            elif part is not None:
                value = _object(value)[part]
    except (msgspec.MsgspecError, LookupError, RecursionError):
        return None
    return value


def _elements(value: Any) -> list[msgspec.Raw] | None:
    try:
        return None if value is None else _list(value)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _plain(value: Any) -> str | None:
    text = None if value is None else bytes(value).decode().strip()
    if text is None or text == "null":
        return None
    if not text.startswith('"'):
        return text
    try:
        return _text(text)
    except msgspec.MsgspecError:
        return None
