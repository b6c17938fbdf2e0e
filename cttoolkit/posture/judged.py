"""What a check came to, and the lines of answers that this rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["Judged", "Line", "Outcome", "aside", "failed", "passed", "unknown"]


class Outcome(StrEnum):
    """What a check came to. Not knowing is never a pass."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an answer that a judgement rests on, with the call that gave it and AWS' time of the answer."""

    told: str
    call: str = ""
    region: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An outcome and its reason, in a sentence without its full stop."""

    outcome: Outcome
    reason: str


def passed(reason: str) -> Judged:
    return Judged(Outcome.PASS, reason)


def failed(reason: str) -> Judged:
    return Judged(Outcome.FAIL, reason)


def unknown(reason: str) -> Judged:
    return Judged(Outcome.UNKNOWN, reason)


def aside(reason: str) -> Judged:
    """Not applicable, or reported without a judgement."""
    return Judged(Outcome.NOT_APPLICABLE, reason)
