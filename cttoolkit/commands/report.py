"""cttoolkit report: answer one question from the events, and write a report."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import Any

from cttoolkit.commands.admission import admitted, asked, stepped
from cttoolkit.finding import Absence, Finding, conclude
from cttoolkit.standing import Word
from cttoolkit.text import visible

__all__ = ["run", "save"]


def run(options: argparse.Namespace) -> int:
    events = admitted(options)
    window = asked(options, events)
    cites = stepped(options, events)
    given = {"category": options.category, "resource": options.resource}
    conclusion = conclude(options.present, options.absent, cites, window, **given)
    save(options, [conclusion], options.output)
    if options.format == "json":
        print(json.dumps(_document(conclusion, options.output), indent=2))
        return 0
    print(events.verification.sentence)
    if isinstance(conclusion, Absence):
        # Its sentence gives the reasons, which may be long.
        print(f"Absence, {conclusion.standing.word.value}: {visible(conclusion.claim)}")
    else:
        print(visible(repr(conclusion)))
    print(visible(conclusion.sentence))
    print(options.output)
    _tell_way_out(options, conclusion)
    return 0


def _tell_way_out(options: argparse.Namespace, conclusion: Finding | Absence) -> None:
    """On standard error, which option an absence wants that fell short of its proof for want of one."""
    if not isinstance(conclusion, Absence):
        return
    word = conclusion.standing.word
    if word is Word.UNPROVEN and (options.start is None or options.end is None):
        print(
            "all of the copy was asked about, and nothing covers what is delivered after its end; "
            "name the time in question with --from and --to",
            file=sys.stderr,
        )
    if word is Word.NOT_OBSERVED and not options.resource:
        print(
            "such events may not have been recorded; --category and --resource say which they would be", file=sys.stderr
        )


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
