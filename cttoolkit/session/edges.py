"""A join between two credentials, with its grade and the events that made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from cttoolkit.integrity.verdict import Status

__all__ = ["LONGEST", "SLACK", "Edge", "Grade", "worst"]

SLACK = timedelta(seconds=5)
"""Clocks of two services differ; eventTime has a resolution of one second."""
LONGEST = timedelta(hours=12)
"""The longest session of a role, and of the console."""


class Grade(IntEnum):
    """How far a join may be relied on. A path is as good as its worst edge."""

    POSSIBLE = 1
    """Only what the caller chose agrees, or time: a lead."""
    LIKELY = 2
    """One value that AWS set agrees, and time."""
    STRONG = 3
    """Two values that AWS set, independent of each other, agree."""
    EXACT = 4
    """An identifier that AWS issued stands on both sides."""

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Edge:
    """``parent`` gave rise to ``child``, both by credential, or by principal where there is none.

    ``enables`` marks what made a credential possible without having used it: who created a key is not who called with it.
    ``status`` is the worst of the log files that hold the cited events.
    """

    parent: str
    child: str
    kind: str
    grade: Grade
    event_ids: tuple[str, ...]
    at: datetime
    status: str
    note: str = ""
    enables: bool = False


def worst(statuses: Iterable[str]) -> str:
    """The status that a claim on all of these may rest on."""
    return max(map(Status, statuses), key=lambda status: status.rank).value
