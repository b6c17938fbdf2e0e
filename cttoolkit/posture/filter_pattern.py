"""Filter patterns of CloudWatch Logs for JSON events, held against an event: matches, does not, or cannot be read here.

Source: CloudWatch Logs User Guide, "Filter pattern syntax", the part on JSON log events. Regular expressions between per cent
signs and patterns of plain words are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["PatternError", "matches"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||!=|<=|>=|[(){}=<>])|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<path>\$(?:\.[A-Za-z0-9_-]+|\[[^\]]+\])+)|(?P<word>[^\s(){}=<>!&|"]+))"""
)
_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\[[^\]]+\])+")
_PARTS = re.compile(r"\.([A-Za-z0-9_-]+)|\[(?:\"([^\"]+)\"|'([^']+)'|(\d+))\]")
_LONGEST, _DEEPEST = 1 << 14, 100
_MISSING = object()


class PatternError(Exception):
    """A pattern that is not read here; the message says from where on."""


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether an event fits a pattern. PatternError where the pattern cannot be read."""
    if len(pattern) > _LONGEST:
        raise PatternError("it is longer than any pattern")
    reader = _Reader(_divided(pattern), event)
    reader.take("{")
    found = reader.either(0)
    reader.take("}")
    if reader.next is not None:
        raise PatternError(f"something follows its end: {reader.next}")
    return found


def _divided(pattern: str) -> list[str]:
    tokens, at = [], 0
    text = pattern.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise PatternError(f"not read from {text[at : at + 40]!r} on")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    """Reads and decides at once; ``&&`` binds closer than ``||``."""

    def __init__(self, tokens: list[str], event: Mapping[str, Any]) -> None:
        self._tokens, self._event, self._at = tokens, event, 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self, wanted: str | None = None) -> str:
        token = self.next
        if token is None or (wanted is not None and token.upper() != wanted):
            raise PatternError(f"{wanted or 'more'} was expected at {token or 'its end'}")
        self._at += 1
        return token

    def either(self, depth: int) -> bool:
        found = self.both(depth)
        while self.next == "||":
            self.take()
            other = self.both(depth)
            found = found or other
        return found

    def both(self, depth: int) -> bool:
        found = self.single(depth)
        while self.next == "&&":
            self.take()
            other = self.single(depth)
            found = found and other
        return found

    def single(self, depth: int) -> bool:
        if depth > _DEEPEST:
            raise PatternError("too deep")
        if self.next == "(":
            self.take()
            found = self.either(depth + 1)
            self.take(")")
            return found
        value = _value_at(self._event, self.take())
        operator = self.take().upper()
        if operator == "NOT":
            self.take("EXISTS")
            return value is _MISSING
        if operator == "IS":
            return self._is(value)
        if operator in ("=", "!="):
            return _equals(value, self.take()) == (operator == "=")
        if operator in ("<", ">", "<=", ">="):
            return _compared(value, operator, self.take())
        raise PatternError(f"{operator} is no operator")

    def _is(self, value: Any) -> bool:
        wanted = self.take().upper()
        known = {"NULL": None, "TRUE": True, "FALSE": False}
        if wanted not in known:
            raise PatternError(f"IS {wanted}")
        return value is known[wanted]


def _value_at(event: Mapping[str, Any], path: str) -> Any:
    if not _PATH.fullmatch(path):
        raise PatternError(f"{path} is no path")
    value: Any = event
    for found in _PARTS.finditer(path):
        name = found[1] or found[2] or found[3]
        if name is not None and isinstance(value, Mapping):
            value = value.get(name, _MISSING)
        elif found[4] and isinstance(value, list) and int(found[4]) < len(value):
            value = value[int(found[4])]
        else:
            return _MISSING
    return value


def _equals(value: Any, written: str) -> bool:
    """Texts with ``*`` for anything; a value that is not there equals nothing."""
    text = written[1:-1] if written.startswith('"') else written
    if text.startswith("%"):
        raise PatternError("a regular expression")
    if value is _MISSING or value is None or isinstance(value, Mapping | list):
        return False
    own = ("true" if value else "false") if isinstance(value, bool) else str(value)
    parts = text.split("*")
    if len(parts) == 1:
        return own == text
    if not own.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = own.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return own.endswith(parts[-1]) and len(own) - len(parts[-1]) >= at


def _compared(value: Any, operator: str, written: str) -> bool:
    try:
        wanted = float(written)
    except ValueError as error:
        raise PatternError(f"{written} is no number") from error
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return {"<": value < wanted, ">": value > wanted, "<=": value <= wanted, ">=": value >= wanted}[operator]
