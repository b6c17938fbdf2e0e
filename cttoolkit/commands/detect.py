"""cttoolkit detect: ask the catalogue, or Sigma rules, and list what they saw."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from cttoolkit import sigma
from cttoolkit.commands.admission import narrowed, tell_left_out
from cttoolkit.commands.report import save
from cttoolkit.detected import Detected, Sighting, detect
from cttoolkit.detection import Detection, Severity
from cttoolkit.detections import CATALOGUE
from cttoolkit.display import csv_table, text_table
from cttoolkit.errors import ClaimError, SigmaError
from cttoolkit.sigma.problem import Problem
from cttoolkit.text import number_of, visible
from cttoolkit.window import written

__all__ = ["run"]

_TOLD = ("severity", "detection", "actor", "account", "events", "failed", "first", "last", "standing")


def run(options: argparse.Namespace) -> int:
    if options.cited and not options.report:
        raise ClaimError("--cited", "it belongs to a report", "add --report FILE.html")
    asked, problems = _asked(options)
    events = narrowed(options)
    seen = detect(events, asked)
    least = Severity(options.least).rank
    rows = [one for one in seen if one.detection.severity.rank <= least]
    if options.format == "json":
        print(json.dumps(_document(seen, rows, problems), indent=2))
    elif options.format == "csv":
        tell_left_out(events)
        found = seen.frame().head(len(rows))
        print(csv_table(list(found.columns), [tuple(row) for row in found.itertuples(index=False)]), end="")
    else:
        print(events.verification.sentence)
        left = len(seen) - len(rows)
        print(visible(seen.caption) + (f"; {left:,} less severe than {options.least} are not shown" if left else ""))
        for name, count in sorted(seen.unsure.items()):
            print(f"cannot tell: {name}, of {number_of(count, 'call')}")
        print(text_table(_TOLD, [_row(one) for one in rows]))
    for problem in problems:
        print(problem.error, file=sys.stderr)
    if options.report and rows:
        save(options, [one.finding() for one in rows], options.report)
        print(options.report, file=sys.stderr)
    elif options.report:
        print(
            f"{visible(options.report)}: not written; nothing was seen, and a report holds conclusions", file=sys.stderr
        )
    return 0


def _asked(options: argparse.Namespace) -> tuple[list[str | Detection], list[Problem]]:
    """What was chosen; the whole catalogue where nothing was."""
    asked: list[str | Detection] = []
    for name in options.only:
        asked.extend(CATALOGUE if name == "catalogue" else [name])
    if not options.only and not options.sigma:
        asked.extend(CATALOGUE)
    placeholders: dict[str, list[str]] = {}
    for name, value in options.placeholder:
        placeholders.setdefault(name, []).append(value)
    problems: list[Problem] = []
    for place in options.sigma:
        rules = sigma.load(place, placeholders=placeholders)
        asked.extend(rules.detections)
        problems.extend(rules.problems)
        if not rules.detections:
            why = f"none of its {len(rules.problems)} rules can be run" if rules.problems else "no rule is in it"
            first = f"; the first: {rules.problems[0].error}" if rules.problems else ""
            raise SigmaError(place, why + first, "name a folder or a file of rules for CloudTrail")
    return asked, problems


def _row(one: Sighting) -> tuple[Any, ...]:
    detection = one.detection
    named = (detection.severity.value, detection.name, one.actor, one.account, one.count, one.failed)
    return (*named, one.first, one.last, one.standing.value)


def _document(seen: Detected, rows: list[Sighting], problems: list[Problem]) -> dict[str, Any]:
    questions = seen.questions()
    return {
        "basis": seen.events.verification.sentence,
        "steps": list(seen.events.steps),
        "sightings": [dict(_told(one)) for one in rows],
        "questions": [dict(zip(questions.columns, row, strict=True)) for row in questions.rows],
        "problems": [str(problem.error) for problem in problems],
    }


def _told(one: Sighting) -> Iterator[tuple[str, Any]]:
    for name, value in zip(_TOLD, _row(one), strict=True):
        yield name, written(value) if name in ("first", "last") and value is not None else value
    yield "techniques", list(one.detection.techniques)
    yield "claim", one.claim
