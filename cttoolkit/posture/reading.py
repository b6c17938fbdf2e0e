"""Parts of an answer, which is anybody's work where it was recorded: what is not of its shape is no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["UnansweredError", "inner", "objects", "texts"]


class UnansweredError(Exception):
    """A question that a judgement needs was not answered; the audit turns it into unknown, with this reason."""


def inner(holder: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where there is none."""
    value = (holder or {}).get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UnansweredError(f"the answer's {name} is no object")
    return value


def objects(holder: Mapping[str, Any] | None, name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under a name; none where it is not there."""
    value = (holder or {}).get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise UnansweredError(f"the answer's {name} is no list of objects")
    return value


def texts(holder: Mapping[str, Any] | None, name: str) -> list[str]:
    """The texts of the list under a name; none where it is not there."""
    value = (holder or {}).get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UnansweredError(f"the answer's {name} is no list of texts")
    return value
