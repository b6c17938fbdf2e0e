"""A policy as written: its statements, and what of it could not be read.

Nothing is raised: a statement that has an element unknown here, or none that it needs, stays among the others and can answer
nothing but unknown. Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cttoolkit.policies.principal import Principals

__all__ = ["Asked", "Policy", "Statement", "read_policy"]

_LONGEST = 1 << 18
"""Bytes; AWS takes 32 KiB of a key's policy and less of all others."""
_MOST = 1000
_ELEMENTS = frozenset("Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split())
_KINDS = frozenset(("AWS", "Service", "Federated", "CanonicalUser"))
_CURRENT = "2012-10-17"


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a Condition element: an operator, a key, and the values that it is held against."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``problem`` says why it could not be read; all but ``number`` and ``text`` are then meaningless."""

    number: int
    text: str
    sid: str = ""
    is_denial: bool = False
    principals: Principals | None = None
    but_principals: Principals | None = None
    actions: tuple[str, ...] = ()
    but_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    but_resources: tuple[str, ...] = ()
    conditions: tuple[Asked, ...] = ()
    problem: str | None = None

    @property
    def name(self) -> str:
        return f"statement {self.number}" + (f" ({self.sid})" if self.sid else "")


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements in order. ``problem`` is set where the whole could not be read."""

    statements: tuple[Statement, ...] = ()
    has_variables: bool = False
    problem: str | None = None


class _UnreadableError(Exception):
    """Why a statement cannot be read."""


def read_policy(given: str | Mapping[str, Any]) -> Policy:
    """Read a policy from JSON text, URL-encoded as IAM gives it or not, or from what JSON was read into."""
    if isinstance(given, str):
        if len(given) > _LONGEST:
            return Policy(problem=f"{len(given):,} characters are more than any policy has")
        text = unquote(given) if given.lstrip().startswith("%7B") else given
        try:
            document = json.loads(text, object_pairs_hook=_single)
        except (ValueError, RecursionError) as error:
            return Policy(problem=f"not JSON: {type(error).__name__}")
        except _UnreadableError as error:
            return Policy(problem=str(error))
    else:
        document = given
    if not isinstance(document, Mapping):
        return Policy(problem="not an object")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or len(statements) > _MOST:
        return Policy(problem="no list of statements in it")
    # Without a version it is the old one, in which ${…} stands for itself.
    has_variables = document.get("Version", "2008-10-17") == _CURRENT
    return Policy(tuple(_statement(number, one) for number, one in enumerate(statements, 1)), has_variables)


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose every name stands in it once: of two, each reader would take another."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for at, (name, _) in enumerate(pairs) if name in {other for other, _ in pairs[:at]})
        raise _UnreadableError(f"{twice!r} stands twice in one object")
    return found


def _statement(number: int, given: Any) -> Statement:
    try:
        text = json.dumps(given, ensure_ascii=False)[:_LONGEST]
    except (TypeError, ValueError, RecursionError):
        return Statement(number, "", problem="it cannot be written as JSON")
    try:
        return _read(number, given, text)
    except _UnreadableError as error:
        return Statement(number, text, problem=str(error))


def _read(number: int, given: Any, text: str) -> Statement:
    if not isinstance(given, Mapping):
        raise _UnreadableError("it is no object")
    strange = sorted(str(name) for name in set(given) - _ELEMENTS)
    if strange:
        raise _UnreadableError(f"{strange[0]!r} is no element of a statement")
    effect = given.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise _UnreadableError("its effect is neither Allow nor Deny")
    for one in ("Principal", "Action", "Resource"):
        if one in given and f"Not{one}" in given:
            raise _UnreadableError(f"both {one} and Not{one}")
    if "Action" not in given and "NotAction" not in given:
        raise _UnreadableError("no action in it")
    return Statement(
        number,
        text,
        str(given.get("Sid", ""))[:200],
        effect == "Deny",
        _principals(given.get("Principal")),
        _principals(given.get("NotPrincipal")),
        _texts(given.get("Action"), "Action"),
        _texts(given.get("NotAction"), "NotAction"),
        _texts(given.get("Resource"), "Resource"),
        _texts(given.get("NotResource"), "NotResource"),
        _conditions(given.get("Condition")),
    )


def _principals(given: Any) -> Principals | None:
    if given is None:
        return None
    if given == "*":
        return {"AWS": ("*",)}
    if not isinstance(given, Mapping) or not given or set(given) - _KINDS:
        raise _UnreadableError("its principals are of no kind that there is")
    return {str(kind): _texts(names, "Principal") for kind, names in given.items()}


def _texts(given: Any, what: str) -> tuple[str, ...]:
    if given is None:
        return ()
    values = given if isinstance(given, list) else [given]
    if not values or not all(isinstance(value, str) for value in values):
        raise _UnreadableError(f"its {what} is neither a text nor a list of them")
    return tuple(values)


def _conditions(given: Any) -> tuple[Asked, ...]:
    if given is None:
        return ()
    if not isinstance(given, Mapping):
        raise _UnreadableError("its condition is no object")
    found = []
    for operator, keys in given.items():
        if not isinstance(keys, Mapping):
            raise _UnreadableError("its condition names no keys")
        found += [Asked(str(operator), str(key), _values(values)) for key, values in keys.items()]
    return tuple(found)


def _values(given: Any) -> tuple[str, ...]:
    values: Sequence[Any] = given if isinstance(given, list) else [given]
    if not all(isinstance(value, str | bool | int | float) for value in values):
        raise _UnreadableError("a condition's value is neither text, number nor truth")
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
