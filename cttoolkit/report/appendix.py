"""The original records of the first cited events, as they stand in their log files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cttoolkit.errors import EvidenceError
from cttoolkit.original import originals
from cttoolkit.report.cited import Citation
from cttoolkit.text import visible

__all__ = ["Original", "copy_originals"]

_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Original:
    """One record as text. ``note`` says what of it is not shown, or why there is none."""

    citation: Citation
    text: str
    note: str


def copy_originals(shown: Sequence[Citation], most: int) -> list[Original]:
    """The records of the first citations; each log file is read once, and must still be what was judged."""
    first = shown[:most]
    read: dict[tuple[int, str], Mapping[int, str] | EvidenceError] = {}
    for verification in {id(one.verification): one.verification for one in first}.values():
        wanted = [(*one.place, one.values["log_sha256"]) for one in first if one.verification is verification]
        read.update(((id(verification), key), found) for key, found in originals(verification.evidence, wanted))
    return [_original(one, read[id(one.verification), one.place[0]]) for one in first]


def _original(one: Citation, found: Mapping[int, str] | EvidenceError) -> Original:
    if isinstance(found, EvidenceError):
        return Original(one, "", f"not shown: {found.wrong}")
    record = found[one.place[1]]
    kept = record[:_LONGEST]
    text = "\n".join(visible(line) for line in kept.splitlines())
    notes = []
    if len(record) > _LONGEST:
        notes.append(f"the first {_LONGEST:,} of {len(record):,} characters; events.original(…) gives the whole")
    if text.split("\n") != kept.splitlines():
        notes.append("characters that are not seen are spelt out, so the hash is not of the text as it stands here")
    return Original(one, text, "; ".join(notes))
