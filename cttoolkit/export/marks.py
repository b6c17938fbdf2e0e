"""Marks: a technique of ATT&CK, and what says that it was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cttoolkit.attack import LATER_VERSION, VERSION
from cttoolkit.detected import Sighting
from cttoolkit.detection import Severity
from cttoolkit.errors import ExportError
from cttoolkit.events import Events
from cttoolkit.finding import Finding

__all__ = ["Mark", "marks_of"]

_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
_TACTIC = re.compile(r"[a-z]+(-[a-z]+)*")


@dataclass(frozen=True)
class Mark:
    """One technique by its id (``T1078.004``) with a severity in words and the text that goes with it.

    ``tactic`` as the Navigator writes it (``initial-access``), for one column of the matrix; without it the mark stands in every
    column of the technique. ``cites`` are the events behind the text. ExportError where an id, a tactic or a severity is none.
    """

    technique: str
    severity: str
    text: str
    standing: str = ""
    tactic: str = ""
    cites: Events | None = None

    def __post_init__(self) -> None:
        if not _TECHNIQUE.fullmatch(self.technique):
            raise ExportError(self.technique, "no id of a technique", "write T1078, or T1078.004 for a sub-technique")
        if self.tactic and not _TACTIC.fullmatch(self.tactic):
            raise ExportError(self.tactic, "no tactic", "write it as the Navigator does: initial-access")
        if self.severity not in set(Severity):
            raise ExportError(self.severity, "no severity", f"say one of {', '.join(Severity)}")

    @classmethod
    def of(cls, finding: Finding, technique: str, severity: str, tactic: str = "") -> Mark:
        """A finding as a mark of one technique: its claim, its standing, and what it cites."""
        return cls(technique, severity, finding.claim, str(finding.standing), tactic, finding.cites)


def marks_of(sighting: Sighting, attack: str) -> tuple[Mark, ...]:
    """A sighting as a mark of each of its techniques, by their ids in that version of ATT&CK."""
    if attack not in (VERSION, LATER_VERSION):
        raise ExportError(
            attack, "the detections' techniques have no ids of this version", f"say {VERSION} or {LATER_VERSION}"
        )
    return tuple(
        Mark(
            one.later if attack == LATER_VERSION and one.later else one.id,
            sighting.detection.severity.value,
            sighting.claim,
            sighting.standing.value,
            cites=sighting.pivot.events,
        )
        for one in sighting.detection.attack
    )
