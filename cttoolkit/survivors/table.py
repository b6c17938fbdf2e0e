"""Survivors as a table: what was opened, whether anything closed it, and whether it was used since."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.containment.facts import by_record, weakest
from cttoolkit.display import Table
from cttoolkit.errors import ClaimError, ColumnError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.standing import Word
from cttoolkit.survivors.found import MOST, Call, Thing, calls_of, opening
from cttoolkit.survivors.uses import uses
from cttoolkit.survivors.ways import WAYS
from cttoolkit.text import number_of, shortened
from cttoolkit.window import written

if TYPE_CHECKING:
    import pandas

__all__ = ["Survivor", "Survivors", "survivors"]

_COLUMNS = (
    "state",
    "kind",
    "name",
    "opened",
    "by",
    "used",
    "last use",
    "ended",
    "standing",
    "calls",
    "account",
    "region",
)
_SHOWN = _COLUMNS[:9]
_MOST_SHOWN = 50
_OPEN, _CLOSED, _CHANGED = "open", "closed", "changed since"
_UNSEEN = "not told"


@dataclass(frozen=True, eq=False)
class Survivor:
    """One way back. ``opened`` are the calls of the suspects, ``ended`` those that closed it or, by others, changed it again.

    ``state`` is *open* where nothing of the evidence closed it since: whether it exists, only the account itself can tell. It is
    *changed since* where somebody else made the same kind of call for it, whose text has to be read. ``use`` tells what used it, and is
    None where no management event would. ``opened_at`` and ``ended_at`` are log files and record indices.
    """

    kind: str
    name: str
    account: str
    region: str
    state: str
    opened: Events = field(repr=False)
    ended: Events = field(repr=False)
    use: Match | None = field(repr=False)
    calls: tuple[str, ...]
    first: datetime | None
    actors: tuple[str, ...]
    told: str
    standing: Word
    opened_at: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    ended_at: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    @property
    def used(self) -> Events | None:
        """All admitted events that used it after it was opened."""
        return self.opened.root.where(self.use) if self.use is not None else None

    def row(self) -> tuple[Any, ...]:
        count, last = _UNSEEN, None
        if self.used is not None:
            table = self.used.table
            found = table.aggregate(events=table.count(), last=table.event_time.max()).to_pyarrow().to_pylist()[0]
            count, last = found["events"], found["last"]
        return (
            self.state, self.kind, self.name, self.first, ", ".join(self.actors), count, last, self.told,
            self.standing.value, ", ".join(self.calls), self.account, self.region,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"Survivor, {self.state}: {shortened(f'{self.kind} {self.name}', 300)} ({self.standing.value})"


@dataclass(frozen=True, eq=False)
class Survivors:
    """Ways back that the suspects opened, those still open first, then in order of time. Rows lead back to their events."""

    events: Events = field(repr=False)
    found: tuple[Survivor, ...] = field(repr=False)
    is_cut: bool = False
    """Whether there were more calls than are read: later ones opened and closed what is not told here."""

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Survivor]:
        return iter(self.found)

    def __getitem__(self, number: int) -> Survivor:
        return self.found[number]

    def of(self, *kinds: str) -> Events:
        """The calls that opened ways of these kinds. ColumnError where there is no such kind."""
        known = {way.kind for way in WAYS}
        for kind in kinds:
            if kind not in known:
                raise ColumnError(kind, "no such kind of way back", f"say one of {', '.join(sorted(known))}")
        return self.events.succeeded().where(opening(*kinds))

    @cached_property
    def opened(self) -> Events:
        """The calls that opened any of them, each once."""
        return self.events.succeeded().where(opening())

    @cached_property
    def left(self) -> Events:
        """The calls that opened what nothing in the evidence closed or changed since."""
        places = [place for one in self.found if one.state == _OPEN for place in one.opened_at]
        return by_record(self.opened, places, "of which nothing closed what they opened")

    @cached_property
    def closed(self) -> Events:
        """The calls that closed what had been opened, by whoever."""
        places = [place for one in self.found if one.state == _CLOSED for place in one.ended_at]
        return by_record(self.events.root, places, "that closed what had been opened")

    @cached_property
    def used(self) -> Events:
        """The events that used any of them after it was opened, each once."""
        uses = [one.use for one in self.found if one.use is not None]
        if not uses:
            return self.events.root.named("")
        told = "that used a way back since it was opened"
        return self.events.root.where(Match(told, lambda table: reduce(or_, [use(table) for use in uses])))

    def drill(self, number: int) -> Events:
        """The events behind a row, by its number: what opened it, what ended it, and what used it."""
        one = self.found[number]
        return one.opened.united(one.ended, *([one.used] if one.used is not None else []))

    @cached_property
    def _rows(self) -> tuple[tuple[Any, ...], ...]:
        return tuple(one.row() for one in self.found)

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own, with the calls, the account and the region."""
        return Table(_COLUMNS, self._rows).frame()

    @property
    def caption(self) -> str:
        """How many ways back there are, and how many of them nothing closed."""
        counts = [f"{sum(one.state == state for one in self.found):,} {state}" for state in (_OPEN, _CHANGED, _CLOSED)]
        told = f"Ways back, from {number_of(len(self.events), 'event')}: {' · '.join(counts)}"
        told += f"; only the first {number_of(MOST, 'call')} that open or close were read" if self.is_cut else ""
        return told + (f"; the first {_MOST_SHOWN} shown" if len(self) > _MOST_SHOWN else "")

    def _table(self) -> Table:
        return Table(_SHOWN, tuple(row[: len(_SHOWN)] for row in self._rows[:_MOST_SHOWN]), self.caption)

    def __repr__(self) -> str:
        return f"{self.caption}\n{self._table()!r}"

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def survivors(found: Any) -> Survivors:
    """List what suspects made or opened that may let them back in, with what closed it since and what used it.

    ``found`` is Events or a Reach, all of whose events are taken to be the suspects'. What closed or used a thing is looked up in all
    admitted events, whoever it was. Calls that failed opened nothing. ClaimError where it is neither.
    """
    from cttoolkit.session.reached import Reach

    suspects = found.events if isinstance(found, Reach) else found
    if not isinstance(suspects, Events):
        raise ClaimError("survivors", f"a {type(found).__name__} leads to no events", "give Events or a Reach")
    own, is_cut = calls_of(suspects)
    opened: dict[Thing, list[Call]] = {}
    for call in own:
        if call.opens:
            opened.setdefault(call.thing, []).append(call)
    acts: dict[Thing, list[Call]] = {}
    if opened:
        known, is_more = calls_of(suspects.root)
        is_cut |= is_more
        for call in known:
            acts.setdefault(call.thing, []).append(call)
    theirs = {call.place for call in own}
    rows = [_survivor(suspects, calls, _others(thing, calls, acts), theirs) for thing, calls in opened.items()]
    rows.sort(key=lambda one: [_OPEN, _CHANGED, _CLOSED].index(one.state))
    return Survivors(suspects, tuple(rows), is_cut)


def _others(thing: Thing, calls: list[Call], acts: Mapping[Thing, list[Call]]) -> list[Call]:
    """What else was done to a thing, or to what its name begins with, in order of time."""
    own = {call.place for call in calls}
    parts = [thing._replace(name=thing.name[:size]) for size in range(1, len(thing.name) + 1)]
    found = [call for part in parts for call in acts.get(part, ()) if call.place not in own]
    return sorted(found, key=lambda call: call.order)


def _after(calls: list[Call], others: list[Call], theirs: Container[tuple[str, int]]) -> list[Call]:
    """What was done to a thing after the last opening of it; of one at an unknown time, nothing is known to be after it."""
    if any(call.at is None for call in calls):
        return []
    actors = {call.row["actor"] for call in calls}
    return [
        call
        for call in others
        if call.order > calls[-1].order
        and not (call.act.of_others and (call.place in theirs or call.row["actor"] in actors))
    ]


def _survivor(suspects: Events, calls: list[Call], others: list[Call], theirs: Container[tuple[str, int]]) -> Survivor:
    whole = suspects.root
    first = calls[0]
    after = _after(calls, others, theirs)
    ended = after[-1] if after else None
    state = _OPEN if ended is None else _CHANGED if ended.opens else _CLOSED
    rows = [call.row for call in calls] + ([ended.row] if ended else [])
    opened_at = tuple(sorted({call.place for call in calls}))
    ended_at = (ended.place,) if ended else ()
    name = " · ".join(first.shown)
    when = written(ended.at) if ended is not None and ended.at is not None else "at an unknown time"
    told = f"{ended.call} {when} by {ended.row['actor'] or 'nobody named'}" if ended is not None else ""
    return Survivor(
        first.thing.kind,
        name,
        first.thing.account,
        first.thing.region,
        state,
        by_record(suspects, opened_at, f"opened {shortened(name, 200)}"),
        by_record(whole, ended_at, f"ended {shortened(name, 200)}"),
        uses(suspects, first),
        tuple(dict.fromkeys(call.call for call in calls)),
        first.at,
        tuple(dict.fromkeys(call.row["actor"] or "" for call in calls)),
        told,
        weakest(row["standing"] for row in rows),
        opened_at,
        ended_at,
    )
