"""Rules that were loaded: those that can be run, and why others cannot."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from cttoolkit.detection import Detection
from cttoolkit.display import html_table, text_table
from cttoolkit.errors import SigmaError
from cttoolkit.sigma.problem import Problem
from cttoolkit.sigma.rule import Described
from cttoolkit.text import visible

__all__ = ["Rules"]

_SHOWN = 50
_RULES = ("level", "title", "author", "license", "id", "file", "notes")
_PROBLEMS = ("file", "rule", "construct", "what is wrong", "what to do")


@dataclass(frozen=True, eq=False)
class Rules:
    """Sigma rules, in the order of their files. ``problems`` are the rules and files that are not run, each with its reason.

    ``detections`` is what ``ct.detect(events, only=rules.detections)`` takes.
    """

    source: str
    rules: tuple[Described, ...]
    problems: tuple[Problem, ...]

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[Described]:
        return iter(self.rules)

    def __getitem__(self, name: str) -> Described:
        """A rule by its title, id, name, or the name of its detection. SigmaError where there is none, or more than one."""
        found = [one for one in self.rules if name in {one.title, one.id, one.name, one.detection_name} - {""}]
        if len(found) == 1:
            return found[0]
        if found:
            raise SigmaError(name, f"{len(found)} rules answer to it", "name its id")
        near = difflib.get_close_matches(name, [one.title for one in self.rules], 3, 0.4)
        unrun = next((problem for problem in self.problems if problem.rule == name), None)
        if unrun is not None:
            raise unrun.error
        raise SigmaError(name, "no such rule", f"nearest: {', '.join(near)}" if near else "look at the rules")

    @property
    def detections(self) -> tuple[Detection, ...]:
        """The rules as detections. Those that only serve a correlation are not among them, unless it says ``generate``."""
        return tuple(one.detection for one in self.rules if one.is_output)

    @property
    def caption(self) -> str:
        """How many rules can be run, and how many cannot."""
        parts = sum(not one.is_output for one in self.rules)
        told = f"{len(self.rules):,} Sigma rules of {visible(self.source)}"
        told += f", {parts:,} of them as parts of correlations" if parts else ""
        return told + (f"; {len(self.problems):,} problems" if self.problems else "")

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (one.severity.value, one.title, one.author, one.license, one.id, one.file, "; ".join(one.notes))
            for one in self.rules[:_SHOWN]
        ]

    def _problem_rows(self) -> list[tuple[Any, ...]]:
        return [(one.file, one.rule, one.construct, one.wrong, one.remedy) for one in self.problems[:_SHOWN]]

    def __repr__(self) -> str:
        told = [self.caption]
        if self.rules:
            told.append(text_table(_RULES, self._rows()))
        if self.problems:
            told.extend(["", "Not run:", text_table(_PROBLEMS, self._problem_rows())])
        return "\n".join(told)

    def _repr_html_(self) -> str:
        shown = html_table(_RULES, self._rows(), self.caption) if self.rules else f"<p>{escape(self.caption)}</p>"
        return shown + (html_table(_PROBLEMS, self._problem_rows(), "Not run") if self.problems else "")
