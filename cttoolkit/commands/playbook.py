"""cttoolkit playbook: list the playbooks, or run one on a case and write the notebook, a page of it and its report."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from cttoolkit.errors import PlaybookError
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.playbook import find_playbook, list_playbooks, play
from cttoolkit.text import visible
from cttoolkit.window import Window

__all__ = ["run"]

_NEEDED = ("papermill", "nbclient", "nbconvert", "ipykernel", "matplotlib")


def run(options: argparse.Namespace) -> int:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise PlaybookError("playbooks", f"{missing[0]} is not installed", 'run pip install "cttoolkit[lab]"')
    if options.number is None:
        for playbook in list_playbooks():
            print(f"{playbook.number}  {visible(playbook.question)}")
        return 0
    playbook = find_playbook(options.number)
    subject = f"playbook {playbook.number}"
    if options.case is None:
        raise PlaybookError(subject, "no case is named", "give --case DIR, such as one that cttoolkit sample wrote")
    # Misuse is told here in one line, before a kernel is started.
    evidence = open_evidence(options.case)
    if len(options.keys) > 1:
        remedy = "put their lists into one PublicKeyList, or fetch all regions at once with cttoolkit keys"
        raise PlaybookError("--keys", "a playbook takes one file of keys", remedy)
    load_keys(*options.keys)
    if options.accept_unverified is not None:
        AcceptUnverified(options.accept_unverified)
    if (options.start is None) != (options.end is None):
        raise PlaybookError(subject, "a window has two ends", "give both --start and --end, or none")
    if options.start is not None:
        Window.of(options.start, options.end)
    named = Path(_absolute(options.case)).name.partition(".")[0] or "case"
    folder = Path(options.output or f"{named}-{playbook.path.stem}").absolute()
    if evidence.holds(folder / playbook.path.name):
        raise PlaybookError(
            folder, "it lies inside the evidence, which is never written to", "name another folder with -o"
        )
    report = folder / "report.html"
    given = {
        "case": _absolute(options.case),
        "keys": _absolute(options.keys[0]) if options.keys else "",
        "suspect": options.suspect or "",
        "start": options.start or "",
        "end": options.end or "",
        "accept_unverified": options.accept_unverified or "",
        "report_to": str(report) if "report_to" in playbook.parameters else "",
    }
    played = play(playbook, given, folder)
    print("\n\n".join(visible_lines(text) for text in played.told))
    for path in (played.notebook, played.page, played.report):
        if path is not None:
            print(visible(path))
    return 0


def visible_lines(text: str) -> str:
    """Every line of a text with its controls spelt out."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _absolute(place: str) -> str:
    """A path as the caller's folder has it; the place of a bucket stays as it is."""
    return place if "://" in place else str(Path(place).absolute())
