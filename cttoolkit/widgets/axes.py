"""What may be chosen in the explorer, and the narrowing of Events that each choice stands for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.integrity.verdict import Status
from cttoolkit.standing import Word, word_of_keys

if TYPE_CHECKING:
    import ibis

    from cttoolkit.integrity.verification import Verification

__all__ = ["AXES", "CONFLICTING", "Axis", "Step", "standing_of", "told_standing"]

CONFLICTING = "conflicting"
"""Stands for an event of an intact file whose id stands for another content too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One narrowing, as it is taken and as it is written."""

    code: str
    take: Callable[[Events], Events]


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that may be chosen: its name, and the column that its values stand in."""

    name: str
    column: str

    def step(self, values: Sequence[str | None]) -> Step:
        """The narrowing to events that have any of these values; None stands for no value."""
        known = [value for value in values if value is not None]
        if self.column == "standing":
            return _standing(known)
        verb = _VERBS.get(self.column)
        if verb is not None and len(known) == len(values) and (self.column != "event_source" or _are_full(known)):
            code = f".{verb}({', '.join(map(repr, known))})"
            return Step(code, lambda events: getattr(events, verb)(*known))
        if len(values) == 1:
            equal = {self.column: values[0]}
            return Step(f".where({self.column}={values[0]!r})", lambda events: events.where(**equal))
        code = f"e.{self.column}.isin({known!r})"
        if len(known) == len(values):
            return _where(code, lambda table: table[self.column].isin(known))
        return _where(
            f"{code} | e.{self.column}.isnull()",
            lambda table: table[self.column].isin(known) | table[self.column].isnull(),
        )

    def holds(self, table: ibis.Table, values: Sequence[str | None]) -> Any:
        """Whether a row has any of these values: never null."""
        known = [value for value in values if value is not None]
        column = table[self.column]
        found = column.isin(known).fill_null(False)  # noqa: FBT003
        return found | column.isnull() if len(known) < len(values) else found


AXES = (
    Axis("call", "event_name"),
    Axis("actor", "actor"),
    Axis("role", "role"),
    Axis("session", "session_name"),
    Axis("region", "aws_region"),
    Axis("service", "event_source"),
    Axis("address", "source_ip_address"),
    Axis("error", "error_code"),
    Axis("standing", "standing"),
)
_VERBS = {
    "event_name": "named",
    "aws_region": "in_region",
    "event_source": "to_service",
    "source_ip_address": "from_address",
}


def _are_full(sources: Sequence[str]) -> bool:
    """Whether to_service would take them as they stand: it lengthens what has no dot."""
    return all("." in source for source in sources)


def _where(code: str, condition: Callable[[Any], Any]) -> Step:
    return Step(f".where(lambda e: {code})", lambda events: events.where(condition))


def standing_of(table: ibis.Table) -> Any:
    """The status of an event's file, or that its id is in doubt: what a claim that cites it can stand on."""
    doubted = (table.status == Status.INTACT.value) & table.is_conflicting.fill_null(False)  # noqa: FBT003
    return doubted.ifelse(CONFLICTING, table.status)


def told_standing(verification: Verification, value: str) -> str:
    """What a finding may say of itself that cites such events."""
    if value == CONFLICTING:
        return "in doubt (id of two contents)"
    word = word_of_keys(verification) if value == Status.INTACT.value else Word.REPORTED_PRESENT
    return f"{word.value} ({value})"


def _standing(values: Sequence[str]) -> Step:
    statuses = [value for value in values if value not in (CONFLICTING, Status.INTACT.value)]
    parts: list[tuple[str, Callable[[Any], Any]]] = []
    intact = Status.INTACT.value
    if CONFLICTING in values and intact in values:
        statuses.insert(0, intact)
    elif CONFLICTING in values:
        parts.append(
            (f'((e.status == "{intact}") & e.is_conflicting)', lambda t: (t.status == intact) & t.is_conflicting)
        )
    elif intact in values:
        parts.append(
            (
                f'((e.status == "{intact}") & ~e.is_conflicting.fill_null(False))',
                lambda t: (t.status == intact) & ~t.is_conflicting.fill_null(False),  # noqa: FBT003
            )
        )
    if statuses:
        parts.append((f"e.status.isin({statuses!r})", lambda t: t.status.isin(statuses)))
    code = " | ".join(text for text, _ in parts)
    first, *more = [condition for _, condition in parts]

    def holds(table: Any) -> Any:
        made = first(table)
        for condition in more:
            made |= condition(table)
        return made

    return _where(code, holds)
