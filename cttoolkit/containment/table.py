"""The facts for containment as a table to hand over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from cttoolkit.containment.facts import Fact, Task
from cttoolkit.containment.keys import keys
from cttoolkit.containment.people import people
from cttoolkit.containment.resources import resources
from cttoolkit.containment.sessions import sessions
from cttoolkit.detected import Detected, Sighting
from cttoolkit.display import csv_table, html_table, text_table
from cttoolkit.errors import ClaimError, ColumnError
from cttoolkit.events import Events
from cttoolkit.export.writing import Export, finished, place, writing
from cttoolkit.finding import Finding
from cttoolkit.text import number_of, shortened

if TYPE_CHECKING:
    import pandas

__all__ = ["Containment", "containment"]

_SHOWN = 50
_NOT_CALLED = (
    "Calls to AWS, written out to be read and judged. None was made, and names in them were chosen by whoever attacked."
)
_COLUMNS = (
    "task", "kind", "name", "holder", "account", "region", "first", "last", "events", "standing", "issued", "expires",
    "revoke_before", "note", "event_ids",
)  # fmt: skip
_TOLD = {
    Task.DISABLE: ("Keys to disable", ("key", "user", "account", "first", "last", "events", "standing", "note")),
    Task.REVOKE: (
        "Sessions to revoke",
        ("session", "of", "issued", "expires", "last", "revoke before", "events", "standing", "note"),
    ),
    Task.LOOK: (
        "Resources to look at",
        ("kind", "name", "calls", "region", "first", "last", "events", "standing", "note"),
    ),
    Task.ASK: ("People to ask", ("why", "who", "first", "last", "events", "standing", "note")),
}


@dataclass(frozen=True, eq=False)
class Containment:
    """Facts in the order in which they are acted on: keys, sessions, resources, people. Rows lead back to their events.

    ``events`` are the suspects'. A fact says what the log shows and what would act on it, not that it should be done.
    """

    events: Events = field(repr=False)
    facts: tuple[Fact, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.facts)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts)

    def __getitem__(self, number: int) -> Fact:
        return self.facts[number]

    def of(self, task: Task | str) -> tuple[Fact, ...]:
        """The facts of one task: ``"key to disable"`` and so on. ColumnError where there is no such task."""
        try:
            wanted = Task(task)
        except ValueError as error:
            raise ColumnError(task, "no such task", f"say one of {', '.join(Task)}") from error
        return tuple(fact for fact in self.facts if fact.task is wanted)

    def drill(self, row: int | str) -> Events:
        """The events behind a fact, by its number or its name. ColumnError where none or more than one has that name."""
        if isinstance(row, int):
            if not -len(self) <= row < len(self):
                raise ColumnError(row, "no such row", f"there are {len(self)}, from 0")
            return self.facts[row].events
        named = [fact for fact in self.facts if fact.name == row]
        if len(named) != 1:
            raise ColumnError(row, f"{number_of(len(named), 'fact')} of that name", "give the number of its row")
        return named[0].events

    @property
    def commands(self) -> str:
        """The calls as text, a line each, under comments that say in which account and what for. They are not run."""
        lines = [f"# {_NOT_CALLED}"]
        for fact in self.facts:
            if fact.commands:
                where = f"in account {fact.account}" if fact.account else "in an account that the records do not name"
                lines += ["", f"# {shortened(f'{where}: {fact.task}: {fact.kind} {fact.name}', 300)}", *fact.commands]
        return "\n".join(lines)

    def _rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                fact.task.value, fact.kind, fact.name, fact.holder, fact.account, fact.region, fact.first, fact.last,
                fact.count, fact.standing.value, fact.issued, fact.expires, fact.revoke_before, fact.note,
                " ".join(fact.event_ids),
            )
            for fact in self.facts
        ]  # fmt: skip

    def frame(self) -> pandas.DataFrame:
        """The facts as a DataFrame of your own, with the calls that they would take and the ids of at most a hundred events each."""
        import pandas as pd

        frame = pd.DataFrame(self._rows(), columns=list(_COLUMNS))
        frame.insert(len(_COLUMNS) - 1, "commands", ["\n".join(fact.commands) for fact in self.facts])
        return frame

    def save(self, path: str | os.PathLike[str]) -> Export:
        """Write the table as CSV that no spreadsheet runs, and the calls as text beside it: ``facts.csv``, ``facts.commands.txt``.

        What makes a cell safe for a spreadsheet would open the quotes of a shell, so the CSV has no calls. EvidenceError where one
        of the two may not or cannot be written there.
        """
        target = place(path, ".csv", [self.events])
        beside = place(target.with_suffix(".commands.txt"), ".txt", [self.events])
        with writing(beside) as file:
            file.write(f"{self.commands}\n".encode("utf-8", "backslashreplace"))
        with writing(target) as file:
            file.write(csv_table(_COLUMNS, self._rows()).encode("utf-8", "backslashreplace"))
        left_out = {f"calls to AWS, which are text in {beside.name}": sum(len(fact.commands) for fact in self.facts)}
        return finished(target, "csv", len(self), left_out, [self.events])

    @property
    def caption(self) -> str:
        """How many facts of each task there are, and of how many events."""
        counts = [f"{told.lower()}: {len(self.of(task)):,}" for task, (told, _) in _TOLD.items()]
        return f"Facts for containment, from {number_of(len(self.events), 'event')}: {' · '.join(counts)}"

    def _tables(self) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
        for task, (title, columns) in _TOLD.items():
            facts = self.of(task)
            if facts:
                more = f"; the first {_SHOWN} of {len(facts):,} shown" if len(facts) > _SHOWN else ""
                yield title + more, columns, [_shown(fact) for fact in facts[:_SHOWN]]

    def __repr__(self) -> str:
        parts = [self.caption]
        parts += [f"{title}\n{text_table(columns, rows)}" for title, columns, rows in self._tables()]
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        tables = "".join(html_table(columns, rows, title) for title, columns, rows in self._tables())
        calls = escape(self.commands) if any(fact.commands for fact in self.facts) else ""
        style = "white-space:pre-wrap;overflow-wrap:anywhere"
        below = f"<details open><summary>What it would take</summary><pre style='{style}'>{calls}</pre></details>"
        return f"<p>{escape(self.caption)}</p>{tables}{below if calls else ''}"


def _shown(fact: Fact) -> tuple[Any, ...]:
    when, cited = (fact.first, fact.last), (fact.count, fact.standing.value, fact.note)
    if fact.task is Task.DISABLE:
        return (fact.name, fact.holder, fact.account, *when, *cited)
    if fact.task is Task.REVOKE:
        return (fact.name, fact.holder, fact.issued, fact.expires, fact.last, fact.revoke_before, *cited)
    if fact.task is Task.LOOK:
        return (fact.kind, fact.name, fact.holder, fact.region, *when, *cited)
    return (fact.kind, fact.name, *when, *cited)


def containment(found: Any) -> Containment:
    """Read facts for containment from what suspects did: which keys, sessions and resources, and whom to ask.

    ``found`` is Events, a Reach, a Detected or one of its sightings, a Finding, or several of these; all their events are taken to be
    the suspects', so leave out who is innocent. What others did to the same keys and resources is looked up in all admitted events.
    ClaimError where it is none of these.
    """
    suspects = _events_of(found)
    facts = [*keys(suspects), *sessions(suspects), *resources(suspects)]
    names = [part for fact in facts if fact.kind not in _WIDE for part in fact.name.split(", ")]
    # A Reach has joined all credentials already.
    return Containment(suspects, (*facts, *people(suspects, names, getattr(found, "chains", None))))


_WIDE = (
    "other changes",
    "further calls",
    "contact",
    "objects of a bucket",
    "session of root",
    "session of a user",
    "session of a role",
)
"""Facts whose names are everybody's: that others touched them says nothing."""


def _events_of(found: Any) -> Events:
    from cttoolkit.session.reached import Reach

    if isinstance(found, Events):
        return found
    if isinstance(found, Reach | Sighting):
        return found.events
    if isinstance(found, Finding):
        return found.cites
    if isinstance(found, Iterable) and not isinstance(found, str):
        parts = [_events_of(one) for one in found]
        if parts:
            return parts[0].united(*parts[1:]) if parts[1:] else parts[0]
        if isinstance(found, Detected):
            return found.events.named("")
    raise ClaimError(
        "containment", f"a {type(found).__name__} leads to no events", "give Events, a Reach, or what was detected"
    )
