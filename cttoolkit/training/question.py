"""Questions of an exercise, read from the package: what is asked, its hints, its sealed key, its explanation under a veil."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from cttoolkit.errors import ExerciseError
from cttoolkit.training.forms import FORMS
from cttoolkit.training.secret import unveiled

__all__ = ["FULL", "Course", "Question", "asked_form", "exercises", "load_course"]

FULL = 10
"""Points of one question."""
_OTHERS = {"count": "a number", "time": "a time", "claim": "a finding or an absence"}


def asked_form(kind: str, *, many: bool) -> str:
    """What kind of answer is asked for, in words."""
    if kind in _OTHERS:
        return _OTHERS[kind]
    form = FORMS[kind]
    if kind == "yes or no":
        return "yes or no"
    return f"a set of {form.several}" if many else f"one {form.one}"


@dataclass(frozen=True)
class Question:
    """``level`` runs from 1 (read a record) by 2 (filter, count), 3 (sessions, chains) and 4 (claims) to 5 (broken evidence)."""

    name: str
    level: int
    title: str
    asks: str
    kind: str
    many: bool
    salt: str
    hints: tuple[str, ...]
    key: Mapping[str, Any] = field(repr=False)
    veil: str = field(repr=False)

    @property
    def explanation(self) -> str:
        return unveiled(self.salt, self.veil)

    @property
    def form(self) -> str:
        return asked_form(self.kind, many=self.many)


@dataclass(frozen=True)
class Course:
    """An exercise as it is written: its questions, and the evidence that they are about. ``keys_sha256`` tells which sample it was."""

    name: str
    title: str
    story: str
    sample: str
    keys_sha256: str
    questions: tuple[Question, ...]


def _folder() -> Any:
    return files("cttoolkit.training") / "exercises"


def exercises() -> tuple[str, ...]:
    """Names of the exercises that there are."""
    return tuple(sorted(one.name.removesuffix(".json") for one in _folder().iterdir() if one.name.endswith(".json")))


def load_course(name: str) -> Course:
    """ExerciseError where there is no exercise of that name."""
    known = exercises()
    if name not in known:
        raise ExerciseError(name, "no such exercise", f"open one of {', '.join(known)}")
    told = json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))
    questions = tuple(
        Question(hints=tuple(one.pop("hints")), veil=one.pop("explanation"), **one) for one in told.pop("questions")
    )
    return Course(questions=questions, **told)
