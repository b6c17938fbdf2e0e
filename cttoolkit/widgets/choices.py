"""What was chosen in the explorer: a value, which narrows Events and writes itself as code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.widgets.axes import AXES, Step
from cttoolkit.window import Window, written

__all__ = ["Choices"]


@dataclass(frozen=True)
class Choices:
    """A window, or None for all time, and the values chosen on each axis: any of them, and on every axis."""

    window: Window | None = None
    values: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.values:
            if name not in {axis.name for axis in AXES}:
                raise ColumnError(name, "no such chooser", f"take one of {', '.join(axis.name for axis in AXES)}")

    def choosing(self, name: str, values: Iterable[str | None]) -> Choices:
        """The same with these values on one axis; none stands for all."""
        others = {key: held for key, held in self.values.items() if key != name}
        chosen = tuple(dict.fromkeys(values))
        return replace(self, values=others | ({name: chosen} if chosen else {}))

    def during(self, window: Window | None) -> Choices:
        """The same in another window."""
        return replace(self, window=window)

    def steps(self) -> list[Step]:
        """The narrowing, one step after the other, in the order of the axes."""
        found = []
        if self.window is not None:
            window = self.window
            code = f'.between("{written(window.start)}", "{written(window.end)}")'
            found.append(Step(code, lambda events: events.during(window)))
        return found + [axis.step(self.values[axis.name]) for axis in AXES if axis.name in self.values]

    def narrow(self, events: Events) -> Events:
        """The events that meet every choice."""
        for step in self.steps():
            events = step.take(events)
        return events

    def code(self, name: str = "events") -> str:
        """The same as an expression over a variable that holds the events."""
        lines = [step.code for step in self.steps()]
        if not lines:
            return name
        return f"{name}{lines[0]}" if len(lines) == 1 else "\n    ".join([f"({name}", *lines]) + "\n)"
