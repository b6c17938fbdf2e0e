"""Events taken one by one for a claim to cite, as a narrowing that can be taken again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from cttoolkit.events import Events
from cttoolkit.widgets.axes import Step

__all__ = ["Basket", "Place"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an event stands: the key of its log file and its position in the file's Records."""

    log_file: str
    record_index: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Place:
        return cls(row["log_file"], row["record_index"])


@dataclass(frozen=True)
class Basket:
    """Places of the chosen events, each once. An id would not do: one may stand for two contents, or be absent."""

    places: frozenset[Place] = frozenset()

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, place: Place) -> bool:
        return place in self.places

    def with_places(self, places: Iterable[Place]) -> Basket:
        return Basket(self.places | frozenset(places))

    def without(self, places: Iterable[Place]) -> Basket:
        return Basket(self.places - frozenset(places))

    def step(self) -> Step:
        """The narrowing of admitted events to those in the basket."""
        files: dict[str, list[int]] = {}
        for place in sorted(self.places):
            files.setdefault(place.log_file, []).append(place.record_index)
        parts = [f"(e.log_file == {key!r}) & e.record_index.isin({indexes!r})" for key, indexes in files.items()]
        if not parts:
            return Step('.where(lambda e: e.log_file == "")', lambda events: events.where(lambda e: e.log_file == ""))
        joined = parts[0] if len(parts) == 1 else " | ".join(f"({part})" for part in parts)

        def holds(table: Any) -> Any:
            return reduce(
                or_, ((table.log_file == key) & table.record_index.isin(places) for key, places in files.items())
            )

        return Step(f".where(lambda e: {joined})", lambda events: events.where(holds))

    def narrow(self, events: Events) -> Events:
        """The events in the basket."""
        return self.step().take(events)

    def code(self, name: str = "events") -> str:
        """The same as an expression over a variable that holds the events."""
        return f"{name}{self.step().code}"
