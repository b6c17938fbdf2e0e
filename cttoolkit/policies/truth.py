"""Three answers, and how they combine: what is not known stays so unless the rest decides."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Truth"]


class Truth(StrEnum):
    """Yes, no, or not to be told from what is given."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, holds: bool) -> Truth:  # noqa: FBT001
        return cls.YES if holds else cls.NO

    @property
    def opposite(self) -> Truth:
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}[self]

    @staticmethod
    def all(answers: Iterable[Truth]) -> Truth:
        """Yes for none at all."""
        found = set(answers)
        return Truth.NO if Truth.NO in found else Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.YES

    @staticmethod
    def any(answers: Iterable[Truth]) -> Truth:
        """No for none at all."""
        found = set(answers)
        return Truth.YES if Truth.YES in found else Truth.UNKNOWN if Truth.UNKNOWN in found else Truth.NO
