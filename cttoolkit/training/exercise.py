"""Exercises: questions about a sample, answered one by one, with hints that cost and explanations that come after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cttoolkit.errors import ExerciseError
from cttoolkit.text import number_of
from cttoolkit.training.answers import shown_answer
from cttoolkit.training.marking import Mark, Outcome, mark
from cttoolkit.training.question import FULL, Course, Question, load_course
from cttoolkit.training.sheet import Entry, Sheet, Try

__all__ = ["HINT_COSTS", "OVERCLAIM_COSTS", "TRY_COSTS", "Exercise", "Note", "open_exercise"]

HINT_COSTS, TRY_COSTS, OVERCLAIM_COSTS = 2, 1, 3


class Note(str):
    """A text that shows itself as it stands, without quotation marks."""

    __slots__ = ()
    __repr__ = str.__str__


@dataclass
class _State:
    """What a trainee did with one question."""

    tries: list[Try] = field(default_factory=list)
    hints: int = 0
    is_right: bool = False
    given_up: bool = False


@dataclass
class Exercise:
    """One trainee's work on one exercise. ``case`` is the folder of its evidence, ``keys`` the file of public keys.

    A right answer earns 10 points, less 2 for each hint opened before and 1 for each try before that was not right (3 where it claimed
    more than the evidence shows), and at least 1. One that stays close earns up to half of that; one that is given up earns nothing.
    """

    course: Course = field(repr=False)
    student: str
    case: Path = field(repr=False)
    _states: dict[str, _State] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.course.name

    @property
    def keys(self) -> Path:
        return self.case / "public-keys.json"

    def __repr__(self) -> str:
        of = f", {self.student}" if self.student else ""
        return f"Exercise {self.name}{of}: {number_of(len(self.course.questions), 'question')}, {self.sheet().points} points"

    def question(self, name: str) -> Question:
        """ExerciseError where the exercise has none of that name."""
        for one in self.course.questions:
            if one.name == str(name).strip().lower():
                return one
        known = ", ".join(one.name for one in self.course.questions)
        raise ExerciseError(name, f"no question of {self.name}", f"ask for one of {known}")

    def check(self, name: str, answer: Any) -> Mark:
        """Right, close, wrong or not answered yet, and why, without telling the answer. What is of another kind costs nothing."""
        question = self.question(name)
        state = self._state(question)
        found = mark(question.name, question.kind, question.key, question.salt, answer, many=question.many)
        if found.outcome is Outcome.BLANK:
            return replace(found, reason=f"{question.form} is asked for")
        if not (state.is_right or state.given_up or found.is_misfit):
            state.tries.append(Try(shown_answer(answer), found.outcome, found.reason, found.share, found.is_overclaim))
            state.is_right = found.outcome is Outcome.RIGHT
        if found.outcome is Outcome.RIGHT:
            found = replace(found, points=f"{_points(state)} of {FULL} points")
        return found

    def hint(self, name: str) -> Note:
        """Open the next hint: where to look, what to ask for, what the record looks like. Each costs 2 points; read again, none."""
        question = self.question(name)
        state = self._state(question)
        if state.hints == len(question.hints):
            opened = "\n".join(f"{at}. {text}" for at, text in enumerate(question.hints, 1))
            return Note(f"{question.name}, all hints are open:\n{opened}")
        state.hints += not (state.is_right or state.given_up)
        shown = state.hints or 1
        return Note(f"{question.name}, hint {shown} of {len(question.hints)}: {question.hints[shown - 1]}")

    def explain(self, name: str) -> Note:
        """Why the answer is what it is. ExerciseError before the question was answered right or given up."""
        question = self.question(name)
        state = self._state(question)
        if not state.is_right and not state.given_up:
            raise ExerciseError(
                question.name,
                "not answered right yet",
                f'answer it, or give it up: exercise.give_up("{question.name}")',
            )
        return Note(question.explanation)

    def give_up(self, name: str) -> Note:
        """Leave a question for no points, and open its explanation."""
        question = self.question(name)
        state = self._state(question)
        state.given_up = not state.is_right
        return self.explain(name)

    def sheet(self) -> Sheet:
        """The score sheet, to look at and to hand in."""
        return Sheet(self.name, self.student, tuple(self._entries()))

    def _state(self, question: Question) -> _State:
        return self._states.setdefault(question.name, _State())

    def _entries(self) -> Iterator[Entry]:
        for question in self.course.questions:
            state = self._states.get(question.name, _State())
            yield Entry(
                question.name, question.level, question.title, tuple(state.tries), state.hints, state.given_up,
                _points(state),
            )  # fmt: skip


def _points(state: _State) -> int:
    if state.given_up or not state.tries:
        return 0
    before = state.tries[:-1]
    cost = HINT_COSTS * state.hints + sum(OVERCLAIM_COSTS if one.is_overclaim else TRY_COSTS for one in before)
    if state.is_right:
        return max(1, FULL - cost)
    last = state.tries[-1]
    if last.outcome is not Outcome.CLOSE or last.is_overclaim:
        return 0
    return max(0, min(int(FULL / 2 * last.share), FULL - cost))


def open_exercise(name: str, student: str = "", case: str | Path | None = None) -> Exercise:
    """Start an exercise. ``case`` is the folder of its sample (default: data/samples/<name>, here or in a folder above).

    ExerciseError where there is no such exercise, its sample is not found, or is one of another seed.
    """
    course = load_course(name)
    folder = Path(case) if case is not None else _sample(course.sample)
    keys = folder / "public-keys.json"
    if not keys.is_file():
        raise ExerciseError(name, "its sample is not in that folder", "give the folder that holds public-keys.json")
    if hashlib.sha256(keys.read_bytes()).hexdigest() != course.keys_sha256:
        raise ExerciseError(
            name, "a sample of another seed", f"take data/samples/{course.sample}, which its answers fit"
        )
    return Exercise(course, student, folder)


def _sample(name: str) -> Path:
    """A path as short as it can be, so that what is shown of it tells nothing of the machine."""
    above = Path()
    for _ in Path.cwd().parts:
        found = above / "data" / "samples" / name
        if found.is_dir():
            return found
        above /= ".."
    raise ExerciseError(
        name,
        "its sample is in no folder above this one",
        f"write it with `cttoolkit sample {name} OUT`, and give case=OUT",
    )
