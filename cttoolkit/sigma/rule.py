"""A rule that can be run: what its author says of it, and the events that match it or of which that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED, Detection, Severity
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.sigma.condition import Condition
from cttoolkit.text import visible

if TYPE_CHECKING:
    import ibis

__all__ = ["Described", "Rule"]


@dataclass(frozen=True, eq=False)
class Described:
    """What the author of a rule says of it, and the file that it lies in.

    ``notes`` are ours: what makes it see less than a reader would think. ``is_output`` is False for a rule that is only a part of a
    correlation. ``detection_name`` is the name under which ``ct.detect`` runs it.
    """

    title: str
    file: str
    detection_name: str
    severity: Severity
    id: str = ""
    name: str = ""
    author: str = ""
    license: str = ""
    status: str = ""
    description: str = ""
    techniques: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_output: bool = True

    def holds(self, table: ibis.Table) -> Any:
        """Whether an event matches; null where that cannot be told."""
        raise NotImplementedError

    def is_unsure(self, table: ibis.Table) -> Any:
        """Whether that cannot be told."""
        # A number, since engines differ in what IS NULL is said of after a condition.
        return self.holds(table).cast("int8").isnull()

    @property
    def is_certain(self) -> bool:
        """Whether it can be told of every event."""
        return False

    def find(self, events: Events) -> Pivot:
        """The events that match, regrouped, a row for each lead."""
        raise NotImplementedError

    def matched(self, events: Events) -> Events:
        """The events that match."""
        return events.where(Match(f"matching the Sigma rule {visible(self.title)!r}", self.holds))

    def unsure(self, events: Events) -> Events:
        """The events of which it cannot be told, since what the rule asks for was left out of them, or cut."""
        told = f"that may match the Sigma rule {visible(self.title)!r}"
        return events.where(Match(told, self.is_unsure))

    @property
    def detection(self) -> Detection:
        """The rule as ``ct.detect`` takes it."""
        return Detection(
            name=self.detection_name,
            family="sigma",
            question=f"Does anything match the Sigma rule “{visible(self.title)}”?",
            said=f"match the Sigma rule “{visible(self.title)}”",
            severity=self.severity,
            techniques=self.techniques,
            false_positives="; ".join(self.false_positives) or "The rule names none.",
            bypass="; ".join(self.notes) or "The rule is its author's, and does not say what it misses.",
            find=self.find,
            unsure=None if self.is_certain else self.unsure,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__} {visible(self.title)!r} ({self.severity}, {visible(self.file)})"


@dataclass(frozen=True, eq=False, repr=False)
class Rule(Described):
    """A rule on single events."""

    condition: Condition = field(kw_only=True)

    def holds(self, table: ibis.Table) -> Any:
        return self.condition(table)

    @property
    def is_certain(self) -> bool:
        return self.condition.is_certain

    def find(self, events: Events) -> Pivot:
        """By actor and account."""
        return on(self.matched(events), *GROUPED)
