"""The exercise that was opened last, for short: check, hint, explain, give_up and sheet without naming it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cttoolkit.errors import ExerciseError
from cttoolkit.training.exercise import Exercise, Note, open_exercise
from cttoolkit.training.marking import Mark
from cttoolkit.training.sheet import Sheet

__all__ = ["check", "explain", "give_up", "hint", "open_and_remember", "sheet"]

_OPENED: list[Exercise] = []


def open_and_remember(name: str, student: str = "", case: str | Path | None = None) -> Exercise:
    """Start an exercise, as in open_exercise(), and let the functions here speak of it."""
    _OPENED[:] = [open_exercise(name, student, case)]
    return _OPENED[0]


def _last() -> Exercise:
    if not _OPENED:
        raise ExerciseError("exercise", "none was opened", 'open one: ct.training.open("leaked-key")')
    return _OPENED[0]


def check(question: str, answer: Any) -> Mark:
    """Exercise.check() of the exercise opened last."""
    return _last().check(question, answer)


def hint(question: str) -> Note:
    """Exercise.hint() of the exercise opened last."""
    return _last().hint(question)


def explain(question: str) -> Note:
    """Exercise.explain() of the exercise opened last."""
    return _last().explain(question)


def give_up(question: str) -> Note:
    """Exercise.give_up() of the exercise opened last."""
    return _last().give_up(question)


def sheet() -> Sheet:
    """Exercise.sheet() of the exercise opened last."""
    return _last().sheet()
