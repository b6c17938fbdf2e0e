"""Something that a conclusion depends on, with what was found of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Condition", "Met"]


class Met(StrEnum):
    """Whether a condition holds. Not knowing is a third answer."""

    YES = "met"
    NO = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a standing depends on, with what was found."""

    name: str
    met: Met
    found: str

    def __str__(self) -> str:
        return f"{self.name}: {self.met.value} ({self.found})"
