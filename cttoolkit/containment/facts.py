"""One fact for containment: what it is about, between when, how it is cited, and the call that would act on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.measures import marked, worth
from cttoolkit.standing import Word
from cttoolkit.text import number_of, shortened
from cttoolkit.window import written

if TYPE_CHECKING:
    import ibis

__all__ = ["Fact", "Task", "by_record", "is_attested", "judged", "weakest"]

_MOST_IDS = 100


class Task(StrEnum):
    """What a fact is handed over for."""

    DISABLE = "key to disable"
    REVOKE = "session to revoke"
    LOOK = "resource to look at"
    ASK = "person to ask"


@dataclass(frozen=True, eq=False)
class Fact:
    """One row: a key, a session, a resource or a person, with the events behind it.

    ``first`` and ``last`` are of its use, or of what was done to it, None where a key or session was not seen in use. Of sessions,
    ``issued`` is the latest issue and ``expires`` the latest expiry, as far as they are recorded. ``commands`` are calls written
    out for a shell, to be read and judged; nothing makes them.
    """

    task: Task
    kind: str
    name: str
    holder: str
    account: str
    region: str
    first: datetime | None
    last: datetime | None
    count: int
    standing: Word
    events: Events = field(repr=False)
    note: str = ""
    commands: tuple[str, ...] = field(default=(), repr=False)
    issued: datetime | None = None
    expires: datetime | None = None
    revoke_before: datetime | None = None

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Ids of the events behind it, at most a hundred, in order of time; by file and index where there is no id."""
        rows = self.events.frame("event_id", "log_file", "record_index", limit=_MOST_IDS).itertuples(index=False)
        return tuple(
            row.event_id if isinstance(row.event_id, str) else f"{row.log_file}#{row.record_index}" for row in rows
        )

    def __repr__(self) -> str:
        until = f" – {written(self.last)}" if self.last and self.last != self.first else ""
        when = f", {written(self.first)}{until}" if self.first else ""
        told = f"{self.task}: {self.kind} {self.name}{when}"
        return f"{shortened(told, 1000)} ({number_of(self.count, 'event')}, {self.standing.value})"


def judged(events: Events) -> ibis.Table:
    """The events, each with the word of a finding that cites it alone."""
    table = marked(events, events.table)
    return table.mutate(standing=worth(events, table, is_aggregate=False))


def weakest(words: Iterable[str]) -> Word:
    """The word of a finding that cites all of them."""
    return max((Word(word) for word in words), key=lambda word: word.rank)


def is_attested(word: str) -> bool:
    """Whether a finding that cites such an event alone rests on an intact file, and on one content of its id."""
    return Word(word) in (Word.PROVED_PRESENT, Word.KEY_UNPROVEN)


def by_record(events: Events, places: Iterable[tuple[str, int]], told: str) -> Events:
    """The events of these records."""
    wanted = [f"{log_file}#{index}" for log_file, index in places]

    def holds(table: ibis.Table) -> Any:
        return (table.log_file + "#" + table.record_index.cast("string")).isin(wanted)

    return events.where(Match(told, holds))
