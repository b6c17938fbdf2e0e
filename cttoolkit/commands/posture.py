"""cttoolkit posture: ask whether the trails themselves are fit to be evidence."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cttoolkit.commands.admission import admitted
from cttoolkit.configuration import Answers, Recorder, open_folder
from cttoolkit.display import text_table
from cttoolkit.errors import ConfigurationError
from cttoolkit.evidence import refuse_to_write
from cttoolkit.posture import Audit, Outcome, audit, trail_note
from cttoolkit.text import visible

__all__ = ["run"]

_NOTE = "trail-configuration.json"


def run(options: argparse.Namespace) -> int:
    _check(options)
    # Evidence first: what is opened is never written to.
    events = admitted(options) if options.evidence else None
    if options.output:
        refuse_to_write(options.output)
    answers = list(_answers(options))
    made = audit(
        *answers,
        events=events,
        as_of=options.as_of,
        retention_days=options.retention_days,
        sensitive=options.sensitive,
        stewards=options.steward,
    )
    if options.record:
        _write(Path(options.record) / _NOTE, json.dumps(trail_note(made.asked), indent=2) + "\n")
    told = {"json": _json, "html": Audit.html, "text": _text}[options.format](made)
    if options.output:
        _write(Path(options.output), told)
        print(options.output)
    else:
        print(told, end="")
    return made.exit_code


def _check(options: argparse.Namespace) -> None:
    is_live = bool(options.profile or options.role_arn or options.region or options.record)
    if options.collected and is_live:
        raise ConfigurationError(
            "--collected", "it asks nothing of AWS", "leave --profile, --role-arn, --region and --record out"
        )
    if options.as_of and not options.evidence:
        raise ConfigurationError("--as-of", "only events tell of an earlier time", "add --evidence and --keys")
    if options.keys and not options.evidence:
        raise ConfigurationError("--keys", "there is no evidence to verify with them", "add --evidence")


def _answers(options: argparse.Namespace) -> Iterator[Answers]:
    if options.collected:
        yield from open_folder(options.collected)
        return
    if options.evidence and not (options.profile or options.role_arn or options.region or options.record):
        return
    from cttoolkit.sources.account import open_accounts

    if options.record:
        refuse_to_write(Path(options.record) / _NOTE)
    for account in open_accounts(options.profile, options.role_arn, options.region):
        yield Recorder(account, options.record) if options.record else account


def _json(made: Audit) -> str:
    return json.dumps(made.document(), indent=2) + "\n"


def _text(made: Audit) -> str:
    parts = [made.sentence]
    parts += [visible(note) for note in made.notes]
    for outcome in Outcome:
        rows = [row for row in made.rows if row.outcome is outcome]
        if not rows:
            continue
        shown: list[Sequence[Any]] = [(row.check.name, row.account, row.where, row.check.practice) for row in rows]
        parts += ["", f"{outcome.value}:", text_table(("check", "account", "trail", "practice"), shown)]
        if outcome in (Outcome.FAIL, Outcome.UNKNOWN):
            for row in rows:
                parts += [f"  {row.check.name} {visible(row.where)}: {visible(row.reason)}"]
                if outcome is Outcome.FAIL:
                    parts += [f"      {row.check.why}", f"      {row.check.remedy}"]
    return "\n".join(parts) + "\n"


def _write(path: Path, text: str) -> None:
    """A file that was not there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigurationError(
            path, (error.strerror or str(error)).lower(), "name a new file that can be written"
        ) from error
