"""A detection: a named question that events answer mechanically, with what is known of its mistakes.

What it sees is a lead. A finding made of it cites the events, and stands as they do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.attack import Technique, technique
from cttoolkit.events import Events
from cttoolkit.omission import is_omitted
from cttoolkit.param import Match
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.measures import measures
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["GROUPED", "Calls", "Detection", "Severity", "calls", "is_left_out", "needing"]

GROUPED = ("actor", "recipient_account_id")
"""What tells the rows of most detections apart: who, and in which account."""
Find = Callable[[Events], Pivot]
_LEFT_OUT = ("request_parameters", "response_elements", "additional_event_data")


class Severity(StrEnum):
    """How soon a person should look, if it is what it looks like."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFORMATIONAL = "informational"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Detection:
    """One question of the catalogue.

    ``find`` gives a Pivot with a row for each sighting: ``events``, ``first``, ``last`` and ``standing``, an ``actor`` and a
    ``recipient_account_id`` where there is one, and events to drill to. ``unsure`` gives the events of which it cannot be told,
    since what it asks for was left out of them. ``said`` ends the sentence "somebody was seen to …"; where all events failed it is
    "tried to …" instead, but for a detection that ``is_of_failures`` and has them in its words.
    """

    name: str
    family: str
    question: str
    said: str
    severity: Severity
    techniques: tuple[str, ...]
    false_positives: str
    bypass: str
    find: Callable[[Events], Pivot] = field(repr=False)
    unsure: Callable[[Events], Events] | None = field(default=None, repr=False)
    is_of_failures: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of calls, without any of which there is nothing to find; none where that is not known."""
        names: tuple[str, ...] = getattr(self.find, "needs", ())
        return names

    @property
    def attack(self) -> tuple[Technique, ...]:
        """Its techniques, with names and the ids of both versions."""
        return tuple(technique(one) for one in self.techniques)

    def __str__(self) -> str:
        return f"{self.name} ({self.severity}): {self.question}"


@dataclass(frozen=True, slots=True)
class _Part:
    source: str
    names: tuple[str, ...]
    when: Match | None


@dataclass(frozen=True, slots=True, eq=False)
class Calls:
    """Calls of certain names, of one service or several, and with certain parameters: how most detections find."""

    parts: tuple[_Part, ...]

    def __or__(self, other: Calls) -> Calls:
        return Calls((*self.parts, *other.parts))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the calls, each once, as first written."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.names))

    def is_among(self, called: Collection[tuple[str | None, str | None]]) -> bool:
        """Whether any of its calls is among these, told by service and name."""
        return any((part.source, name) in called for part in self.parts for name in part.names)

    @property
    def looks_inside(self) -> bool:
        """Whether it asks for more than who was called."""
        return any(part.when is not None for part in self.parts)

    def may_hold(self, table: ibis.Table) -> Any:
        """A quick condition, true of whatever matches or cannot be told; no JSON is parsed for it."""
        hinted = [part for part in self.parts if part.when is not None and part.when.may_hold is not None]
        plain = dict.fromkeys(name for part in self.parts if part not in hinted for name in part.names)
        # One list of names is looked up once; an "or" of many would be tried one by one, for every event.
        found = [table.event_name.isin([*plain])] if plain else []
        if hinted:
            left_out = _any(table[name].contains('"omitted"') for name in _LEFT_OUT).fill_null(False)
            hints = _any(table.event_name.isin(part.names) & _quick(part, table) for part in hinted)
            names = dict.fromkeys(name for part in hinted for name in part.names)
            found.append(table.event_name.isin([*names]) & (hints | left_out))
        return _any(found)

    def among(self, called: Collection[tuple[str | None, str | None]]) -> Calls:
        """What is left of it where only these calls were made, told by service and name."""
        parts = ((part, tuple(name for name in part.names if (part.source, name) in called)) for part in self.parts)
        return Calls(tuple(_Part(part.source, names, part.when) for part, names in parts if names))

    def holds(self, table: ibis.Table) -> Any:
        """Whether an event matches, never null."""
        return _any(_called(part, table) & _met(part, table) for part in self.parts)

    def matches(self, events: Events) -> Events:
        """The events that match."""
        told = " or ".join(str(part.when) for part in self.parts if part.when is not None)
        services = " or ".join(dict.fromkeys(part.source.removesuffix(".amazonaws.com") for part in self.parts))
        condition = Match(f"to {services}" + (f", {told}" if told else ""), self.holds, self.may_hold)
        return events.named(*self.names).where(condition)

    def unsure(self, events: Events) -> Events:
        """Such calls whose parameters were left out of the record, so that nobody can tell."""
        return events.named(*self.names).where(Match("with parameters left out", self.is_unsure))

    def is_unsure(self, table: ibis.Table) -> Any:
        """Whether it cannot be told of an event, for what was left out of it; never null."""
        asked = [part for part in self.parts if part.when is not None]
        return (
            is_left_out(table) & _any(_called(part, table) for part in asked) & ~self.holds(table) if asked else False
        )

    def __call__(self, events: Events) -> Pivot:
        """By actor and account."""
        return on(self.matches(events), *GROUPED)

    def rows(self, events: Events, table: ibis.Table) -> ibis.Table:
        """The same rows, from a table that holds all events for which ``may_hold`` is true."""
        found = table.filter(self.holds(table))
        return found.group_by(GROUPED).aggregate(**measures(events, found, *GROUPED))


def needing(*names: str) -> Callable[[Find], Find]:
    """Say of a ``find`` without which calls it has nothing to find, so that it need not be asked where there are none of them."""

    def told(find: Find) -> Find:
        setattr(find, "needs", names)  # noqa: B010
        return find

    return told


def calls(service: str, *names: str, when: Match | None = None) -> Calls:
    """Calls to a service (``iam`` for ``iam.amazonaws.com``) of these names, that meet a condition. Combine with ``|``."""
    return Calls((_Part(service if "." in service else f"{service}.amazonaws.com", names, when),))


def is_left_out(table: ibis.Table) -> Any:
    """Whether CloudTrail left something out of an event that a detection may ask for; never null."""
    return reduce(or_, (is_omitted(table[name]) for name in _LEFT_OUT))


def _called(part: _Part, table: ibis.Table) -> Any:
    return ((table.event_source == part.source) & table.event_name.isin(part.names)).fill_null(False)


def _met(part: _Part, table: ibis.Table) -> Any:
    return True if part.when is None else part.when(table).fill_null(False)


def _quick(part: _Part, table: ibis.Table) -> Any:
    quick = part.when.may_hold if part.when is not None else None
    return True if quick is None else quick(table).fill_null(False)


def _any(conditions: Iterable[Any]) -> Any:
    return reduce(or_, conditions)
