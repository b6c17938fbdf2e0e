"""Texts of policies in which ``*``, ``?`` and ``${…}`` have a meaning, held against values.

Matching takes time in proportion to both lengths, whatever the pattern: policies are written by strangers too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cttoolkit.policies.request_keys import ABSENT, Context, values_of
from cttoolkit.policies.truth import Truth

__all__ = ["equals", "like", "like_arn", "like_resource"]

_ANY, _ONE = 0, 1
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}
_DEFAULT = re.compile(r"^\s*([^,\s]+)\s*,\s*'([^']*)'\s*$")
_ARN_PARTS = 6

Token = str | int


def like(pattern: str, value: str, context: Context, *, fold: bool = False, variables: bool = True) -> Truth:
    """Whether a value fits a pattern. A variable that is not known may stand for anything: no, or unknown."""
    tokens, is_certain = _tokens(pattern, context, wild=True, variables=variables)
    if not _fits(_folded(tokens) if fold else tokens, value.lower() if fold else value):
        return Truth.NO
    return Truth.YES if is_certain else Truth.UNKNOWN


def equals(pattern: str, value: str, context: Context, *, fold: bool = False, variables: bool = True) -> Truth:
    """The same where ``*`` and ``?`` stand for themselves."""
    tokens, is_certain = _tokens(pattern, context, wild=False, variables=variables)
    if not _fits(_folded(tokens) if fold else tokens, value.lower() if fold else value):
        return Truth.NO
    return Truth.YES if is_certain else Truth.UNKNOWN


def like_arn(pattern: str, value: str, context: Context, *, variables: bool = True) -> Truth:
    """ArnLike and ArnEquals, which are the same: each of the six parts between colons is matched by itself.

    Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
    """
    parts, others = _divided(pattern), value.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or len(others) < _ARN_PARTS:
        return Truth.YES if pattern == "*" else Truth.UNKNOWN if "*" in pattern or "${" in pattern else Truth.NO
    return Truth.all(like(part, own, context, variables=variables) for part, own in zip(parts, others, strict=True))


def like_resource(pattern: str, value: str, context: Context, *, variables: bool = True) -> Truth:
    """A Resource element. Parts that are left off at its end stand for anything (IAM User Guide, "Resource")."""
    if pattern == "*" or not pattern.startswith("arn:"):
        return like(pattern, value, context, variables=variables)
    parts, others = _divided(pattern), value.split(":", _ARN_PARTS - 1)
    if len(others) < _ARN_PARTS:
        return Truth.NO
    parts += ["*"] * (_ARN_PARTS - len(parts))
    return Truth.all(like(part, own, context, variables=variables) for part, own in zip(parts, others, strict=True))


def _divided(pattern: str) -> list[str]:
    """The parts between colons, but for those within a variable."""
    parts: list[str] = []
    depth = start = 0
    for at, character in enumerate(pattern):
        if character == "{" and at and pattern[at - 1] == "$":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif character == ":" and not depth and len(parts) < _ARN_PARTS - 1:
            parts.append(pattern[start:at])
            start = at + 1
    return [*parts, pattern[start:]]


def _tokens(pattern: str, context: Context, *, wild: bool, variables: bool) -> tuple[list[Token], bool]:
    """Characters, and signs for any of them; with whether every variable was known."""
    tokens: list[Token] = []
    is_certain = True
    at = 0
    for found in _VARIABLE.finditer(pattern) if variables else ():
        tokens += _plain(pattern[at : found.start()], wild=wild)
        value = _LITERALS.get(found[1], _resolved(found[1], context))
        if value is None:
            is_certain = False
            tokens.append(_ANY)
        else:
            tokens += value
        at = found.end()
    return tokens + _plain(pattern[at:], wild=wild), is_certain


def _resolved(name: str, context: Context) -> str | None:
    given = _DEFAULT.match(name)
    key, default = (given[1], given[2]) if given else (name.strip(), None)
    values = values_of(context, key)
    if values is ABSENT:
        return default
    return values[0] if isinstance(values, tuple) and len(values) == 1 else None


def _plain(text: str, *, wild: bool) -> list[Token]:
    if not wild:
        return list(text)
    return [_ANY if character == "*" else _ONE if character == "?" else character for character in text]


def _folded(tokens: Sequence[Token]) -> list[Token]:
    return [token.lower() if isinstance(token, str) else token for token in tokens]


def _fits(tokens: Sequence[Token], value: str) -> bool:
    """Greedy: on a mismatch only the last star is moved on."""
    at = place = 0
    star = mark = -1
    while place < len(value):
        token = tokens[at] if at < len(tokens) else None
        if token == _ANY and isinstance(token, int):
            star, mark = at, place
            at += 1
        elif token is not None and (token == value[place] or (isinstance(token, int) and token == _ONE)):
            at += 1
            place += 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return all(isinstance(token, int) and token == _ANY for token in tokens[at:])
