"""cttoolkit report: answer one question from the events, and write a report."""

from __future__ import annotations

import argparse

from cttoolkit.commands.admission import admitted, asked, stepped
from cttoolkit.finding import conclude
from cttoolkit.text import visible

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    from cttoolkit.report import report

    events = admitted(options)
    window = asked(options, events)
    conclusion = conclude(options.present, options.absent, stepped(options, events), window)
    report([conclusion], to=options.output)
    print(events.verification.sentence)
    print(visible(repr(conclusion)))
    print(visible(conclusion.sentence))
    print(options.output)
    return 0
