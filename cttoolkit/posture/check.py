"""What a check is: a practice, why it matters to an investigation, what it asks, and how it judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cttoolkit.posture.scene import Scene

__all__ = ["Check", "Judged", "Line", "Outcome", "aside", "failed", "passed", "unknown"]


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


@dataclass(frozen=True, slots=True)
class Check:
    """One declaration. ``calls`` are all operations that ``judge`` may ask; a check without any rests on the evidence.

    ``per_trail`` checks are asked of every trail, the others of every account. ``recommended`` are those of AWS' "Security best
    practices in AWS CloudTrail"; the others are this toolkit's own.
    """

    name: str
    practice: str
    why: str
    remedy: str
    calls: tuple[str, ...]
    judge: Callable[[Scene], Judged]
    per_trail: bool = True
    recommended: bool = True
