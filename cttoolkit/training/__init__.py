"""Worlds to practise on: simulated trails that really sign, stories played out in them, and exercises about these."""

from __future__ import annotations

from cttoolkit.training.exercise import Exercise
from cttoolkit.training.marking import Mark, Outcome
from cttoolkit.training.opened import check, explain, give_up, hint, sheet
from cttoolkit.training.opened import open_and_remember as open  # noqa: A004
from cttoolkit.training.question import exercises
from cttoolkit.training.sheet import Sheet, open_sheet

__all__ = [
    "Exercise",
    "Mark",
    "Outcome",
    "Sheet",
    "check",
    "exercises",
    "explain",
    "give_up",
    "hint",
    "open",
    "open_sheet",
    "sheet",
]
