"""cttoolkit report: answer one question from the events, and write a report."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from cttoolkit.commands.admission import admitted, asked, stepped
from cttoolkit.finding import Absence, Finding, conclude
from cttoolkit.text import visible

__all__ = ["run", "save"]


def run(options: argparse.Namespace) -> int:
    events = admitted(options)
    window = asked(options, events)
    conclusion = conclude(options.present, options.absent, stepped(options, events), window)
    save(options, [conclusion], options.output)
    if options.format == "json":
        print(json.dumps(_document(conclusion, options.output), indent=2))
        return 0
    print(events.verification.sentence)
    print(visible(repr(conclusion)))
    print(visible(conclusion.sentence))
    print(options.output)
    return 0


def _document(conclusion: Finding | Absence, place: str) -> dict[str, Any]:
    standing = conclusion.standing
    return {
        "basis": conclusion.cites.verification.sentence,
        "kind": "finding" if isinstance(conclusion, Finding) else "absence",
        "claim": conclusion.claim,
        "standing": standing.word.value,
        "reasons": list(standing.reasons),
        "sentence": conclusion.sentence,
        "conditions": [{"name": one.name, "met": one.met.value, "found": one.found} for one in standing.conditions],
        "event_ids": list(conclusion.event_ids),
        "report": place,
    }


def save(options: argparse.Namespace, conclusions: Iterable[Finding | Absence], place: str) -> None:
    """Write the report under the heading that was asked for, and its table of cited events where one was."""
    from cttoolkit.report import report

    made = report(conclusions, title=options.title, by=options.author, about=dict(options.about), command=options.told)
    made.save(place)
    if options.cited:
        made.save_cited(options.cited)
