"""A question to AWS has four outcomes: an answer, a refusal, that there is no such thing, or none of these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

__all__ = ["Absent", "Answered", "Answers", "Denied", "Failed", "Parameters", "Reply"]

Parameters: TypeAlias = "Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Answered:
    """What AWS answered, as JSON holds it: times as ISO 8601. ``at`` is AWS' own time of the answer."""

    value: Mapping[str, Any]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """Refused for want of a permission."""

    permission: str


@dataclass(frozen=True, slots=True)
class Absent:
    """AWS says that there is none, by a code such as ``NoSuchBucketPolicy``."""

    code: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer: throttled, out of reach, expired, or never asked."""

    reason: str


Reply: TypeAlias = Answered | Denied | Absent | Failed


@runtime_checkable
class Answers(Protocol):
    """One account that can be asked. Read-only by construction: only the operations of OPERATIONS may be named."""

    @property
    def account(self) -> str:
        """Its twelve digits."""
        ...

    @property
    def region(self) -> str:
        """Where to ask what is the same in every region."""
        ...

    @property
    def source(self) -> str:
        """Where the answers come from, for people."""
        ...

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """Ask one operation; ConfigurationError where it is not among those that may be asked."""
        ...
