"""One judgement of an audit: a check, whom it was asked of, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from cttoolkit.posture.check import Check
from cttoolkit.posture.judged import Line, Outcome

__all__ = ["Row"]

_ACCOUNT_WIDE = "the account"


@dataclass(frozen=True, slots=True)
class Row:
    """What one check came to for one trail, or with no trail for one account."""

    check: Check
    account: str
    trail: str | None
    outcome: Outcome
    reason: str
    lines: tuple[Line, ...] = ()

    @property
    def where(self) -> str:
        return self.trail.rsplit("/", 1)[-1] if self.trail else _ACCOUNT_WIDE
