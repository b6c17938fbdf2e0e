"""What a check is: a practice, why it matters to an investigation, what it asks, and how it judges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cttoolkit.posture.judged import Judged
from cttoolkit.posture.scene import Scene

__all__ = ["Check"]


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
