"""Score sheets: what was answered, what it earned, and a digest that shows a trainer whether it was edited."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from cttoolkit.display import html_table, text_table
from cttoolkit.errors import ExerciseError
from cttoolkit.text import number_of, shortened
from cttoolkit.training.marking import Outcome

__all__ = ["Entry", "Sheet", "Try", "open_sheet"]

_FULL = 10
_MOST = 5_000_000
_COLUMNS = ("question", "level", "title", "outcome", "tries", "hints", "points")
_TRIES = ("question", "answer", "outcome", "reason")
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse;margin:1em 0;width:100%}}td,th{{padding:.3em .6em;border-bottom:1px solid #ccc}}
.digest{{font-family:monospace;overflow-wrap:anywhere}}</style></head>
<body><h1>{title}</h1><p>{summary}</p>{overclaims}<h2>Questions</h2>{questions}<h2>Every answer given</h2>{tries}
<p>Digest of the answers: <span class="digest">{digest}</span></p>
<p>The digest shows careless editing to whoever opens the JSON file beside this page with ct.training.open_sheet. Its key is part of
the toolkit: it deters, it does not protect.</p></body></html>
"""


@dataclass(frozen=True)
class Try:
    """One answer that was given, as text, and what came of it."""

    answer: str
    outcome: Outcome
    reason: str
    share: float
    is_overclaim: bool


@dataclass(frozen=True)
class Entry:
    """One question on the sheet."""

    question: str
    level: int
    title: str
    tries: tuple[Try, ...]
    hints: int
    given_up: bool
    points: int

    @property
    def outcome(self) -> str:
        if self.given_up:
            return "given up"
        return self.tries[-1].outcome.value if self.tries else Outcome.BLANK.value


@dataclass(frozen=True)
class Sheet:
    """What a trainee answered and earned. ``claimed_digest`` is what a saved sheet says of itself; None where it was not saved yet."""

    exercise: str
    student: str
    entries: tuple[Entry, ...]
    claimed_digest: str | None = None

    @property
    def points(self) -> int:
        return sum(entry.points for entry in self.entries)

    @property
    def full(self) -> int:
        return _FULL * len(self.entries)

    @property
    def overclaims(self) -> list[tuple[str, Try]]:
        """Answers that said more than the evidence does, with their question."""
        return [(entry.question, one) for entry in self.entries for one in entry.tries if one.is_overclaim]

    @cached_property
    def digest(self) -> str:
        """A keyed hash over all that the sheet says."""
        body = json.dumps(self._content, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
        key = hashlib.sha256(
            f"cttoolkit score sheet {self.exercise} {self.student}".encode("utf-8", "backslashreplace")
        ).digest()
        return hmac.new(key, body, hashlib.sha256).hexdigest()

    @property
    def is_unedited(self) -> bool:
        """Whether a saved sheet says what it said when it was saved."""
        return self.claimed_digest is None or self.claimed_digest == self.digest

    @property
    def sentence(self) -> str:
        answered = sum(bool(entry.tries) for entry in self.entries)
        claims = number_of(len(self.overclaims), "over-claim") if self.overclaims else "no over-claim"
        edited = "" if self.is_unedited else " EDITED AFTER IT WAS SAVED."
        of = f" of {shortened(self.student, 100)}" if self.student else ""
        return (
            f"Score sheet{of}, {shortened(self.exercise, 100)}: {self.points} of {self.full} points, "
            f"{answered} of {len(self.entries)} answered, {claims}.{edited}"
        )

    def save(self, path: str | Path) -> tuple[Path, Path]:
        """Write the sheet as a page for reading (.html) and as JSON for the trainer; an ending of the path is replaced."""
        page, data = Path(path).with_suffix(".html"), Path(path).with_suffix(".json")
        page.write_text(self.html(), encoding="utf-8")
        data.write_text(json.dumps({**self._content, "digest": self.digest}, indent=2) + "\n", encoding="utf-8")
        return page, data

    def html(self) -> str:
        """One self-contained page; over-claims stand first."""
        claimed = [(name, one.answer, one.outcome.value, one.reason) for name, one in self.overclaims]
        tries = [
            (entry.question, one.answer, one.outcome.value, one.reason) for entry in self.entries for one in entry.tries
        ]
        return _PAGE.format(
            title=escape(f"Score sheet: {shortened(self.exercise, 100)}"),
            summary=escape(self.sentence),
            overclaims="<h2>Over-claims</h2>" + html_table(_TRIES, claimed) if claimed else "",
            questions=html_table(_COLUMNS, self._rows()),
            tries=html_table(_TRIES, tries),
            digest=self.digest,
        )

    @property
    def _content(self) -> dict[str, Any]:
        return {
            "exercise": self.exercise,
            "student": self.student,
            "points": self.points,
            "entries": [asdict(entry) for entry in self.entries],
        }

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (entry.question, entry.level, entry.title, entry.outcome, len(entry.tries), entry.hints, entry.points)
            for entry in self.entries
        ]

    def __repr__(self) -> str:
        told = [f"Over-claim in {shortened(name, 100)}: {shortened(one.answer, 300)}" for name, one in self.overclaims]
        return "\n".join([self.sentence, *told, text_table(_COLUMNS, self._rows())])


def open_sheet(path: str | Path) -> Sheet:
    """Read a sheet that was handed in. ``is_unedited`` says whether its digest fits. ExerciseError where it is none."""
    try:
        if Path(path).exists() and not Path(path).is_file():
            # A pipe would be waited for without end.
            raise ExerciseError(Path(path).name, "not a file", "give the .json file that sheet.save() wrote")
        if Path(path).stat().st_size > _MOST:
            raise ExerciseError(
                Path(path).name, "too long for a score sheet", "ask for the file that sheet.save() wrote"
            )
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        entries = tuple(_entry(one) for one in told["entries"])
        sheet = Sheet(str(told["exercise"]), str(told["student"]), entries, str(told["digest"]))
        if told["points"] == sheet.points:
            return sheet
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ExerciseError(
            Path(path).name, f"no score sheet ({type(error).__name__})", "give the .json file that sheet.save() wrote"
        ) from error
    return Sheet(sheet.exercise, sheet.student, entries, "the sum is another")


def _entry(told: dict[str, Any]) -> Entry:
    tries = tuple(
        Try(
            str(one["answer"]),
            Outcome(one["outcome"]),
            str(one["reason"]),
            float(one["share"]),
            bool(one["is_overclaim"]),
        )
        for one in told["tries"]
    )
    return Entry(
        str(told["question"]), int(told["level"]), str(told["title"]), tries, int(told["hints"]), bool(told["given_up"]),
        int(told["points"]),
    )  # fmt: skip
