"""A timeline for Timesketch: JSON lines, an event each.

Source of the fields that Timesketch asks for (message, datetime, timestamp_desc), of ``timestamp`` (microseconds) and ``tag``:
Timesketch's guide "Import from JSON or CSV", and its importer.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from cttoolkit.export.lines import write_lines
from cttoolkit.export.rows import Exportable
from cttoolkit.export.writing import Export
from cttoolkit.finding import Absence, Finding
from cttoolkit.text import visible

__all__ = ["timesketch"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def timesketch(what: Exportable, path: str | os.PathLike[str]) -> Export:
    """Write a timeline, ``.jsonl``: every column of each event as an attribute, under its own name.

    From findings, each cited event comes with its claims and standings, and each absence as an entry at the start of its window.
    Events without a readable time are left out, and counted: Timesketch would put them at a time of its own choosing.
    """
    return write_lines(what, path, "timesketch", _event, _absence)


def _event(event: dict[str, Any], findings: tuple[Finding, ...]) -> dict[str, Any]:
    moment = event.pop("event_time")
    entry = {
        "message": _message(event),
        "datetime": (_EPOCH + timedelta(microseconds=moment)).isoformat(),
        "timestamp": moment,
        "timestamp_desc": "Request completed",
        "data_type": "cttoolkit:event",
        **event,
    }
    if findings:
        entry["claim"] = [finding.claim for finding in findings]
        entry["standing"] = [str(finding.standing) for finding in findings]
        entry["tag"] = sorted({finding.standing.word.value for finding in findings})
    return entry


def _message(event: dict[str, Any]) -> str:
    parts = [event.get("event_name", "an event without a name")]
    for word, column in (
        ("by", "actor"),
        ("from", "source_ip_address"),
        ("in", "aws_region"),
        ("failed:", "error_code"),
    ):
        if event.get(column):
            parts += [word, event[column]]
    return visible(" ".join(parts))


def _absence(absence: Absence) -> dict[str, Any]:
    window = absence.window
    return {
        "message": visible(f"Absence, {absence.standing.word.value}: {absence.claim}"),
        "datetime": window.start.isoformat(),
        "timestamp": (window.start - _EPOCH) // timedelta(microseconds=1),
        "timestamp_desc": "Start of the window that was searched",
        "data_type": "cttoolkit:absence",
        "window_start": window.start.isoformat(),
        "window_end": window.end.isoformat(),
        "claim": [absence.claim],
        "standing": [str(absence.standing)],
        "tag": [absence.standing.word.value],
    }
