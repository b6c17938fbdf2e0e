"""What is known of a request's condition keys: a value, that there is none, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["ABSENT", "Context", "Values", "values_of"]


class _Absent:
    """Known not to be in the request, which is not the same as not known."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
Values: TypeAlias = "tuple[str, ...]"
Context: TypeAlias = "Mapping[str, str | bool | Values | _Absent]"
"""Condition key to its value, to several where the key is multivalued, or to ABSENT. A key that is not in it is not known."""


def values_of(context: Context, key: str) -> Values | _Absent | None:
    """The values of a key, ABSENT, or None where nothing is known. Names of keys are the same in small and capital letters."""
    wanted = key.lower()
    for name, value in context.items():
        if name.lower() == wanted:
            if isinstance(value, bool):
                return ("true" if value else "false",)
            if isinstance(value, str):
                return (value,)
            return value
    return None
