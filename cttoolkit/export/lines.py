"""JSON lines in plain ASCII: exact for whoever reads them, and inert in whatever shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from cttoolkit.export.rows import Exportable, gathered
from cttoolkit.export.writing import Export, finished, place, writing
from cttoolkit.finding import Absence, Finding

__all__ = ["NO_TIME", "line", "write_lines"]

NO_TIME = "events without a readable time, which the format asks of each"
NO_ABSENCES = "absences, which cite no event to write"

_encode = msgspec.json.Encoder().encode
_ODD = re.compile("[^\n -~]")


def line(value: Mapping[str, Any]) -> bytes:
    """One line of JSON. What is not printable ASCII is written as an escape: direction marks, line ends of other alphabets, DEL."""
    made = _encode(value)
    if b"\x7f" in made or not made.isascii():
        made = _ODD.sub(_escaped, made.decode()).encode()
    return made + b"\n"


def _escaped(found: re.Match[str]) -> str:
    return "\\u007f" if found[0] == "\x7f" else json.dumps(found[0])[1:-1]


def write_lines(
    what: Exportable,
    path: Any,
    name: str,
    told: Callable[[dict[str, Any], tuple[Finding, ...]], Mapping[str, Any]],
    absent: Callable[[Absence], Mapping[str, Any]] | None = None,
) -> Export:
    """Write a line for each event that has a time, and one for each absence where the format can tell it."""
    rows = gathered(what)
    target = place(path, ".jsonl", rows.cited)
    written = timeless = 0
    with writing(target) as file:
        for batch in rows.batches():
            for event, findings in batch.rows():
                if "event_time" not in event:
                    timeless += 1
                    continue
                file.write(line(told(event, findings)))
                written += 1
        for absence in rows.absences if absent else ():
            file.write(line(absent(absence)))  # type: ignore[misc]
            written += 1
    left_out = {NO_TIME: timeless, NO_ABSENCES: 0 if absent else len(rows.absences)}
    return finished(target, name, written, left_out, rows.cited)
