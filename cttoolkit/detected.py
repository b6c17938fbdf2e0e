"""What the detections saw in the events: sightings, each of which leads to its events and can be stated as a finding."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED, Calls, Detection, Severity, is_left_out
from cttoolkit.detections import CATALOGUE, GROUPS
from cttoolkit.display import Table
from cttoolkit.errors import DetectionError
from cttoolkit.events import Events
from cttoolkit.finding import MOST_CITED, Finding, finding
from cttoolkit.kept import kept
from cttoolkit.pivot.measures import marked
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.progress import progress
from cttoolkit.standing import Word
from cttoolkit.text import number_of, shortened
from cttoolkit.window import written

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = ["Detected", "Sighting", "detect"]

_SHOWN = 50
_COLUMNS = ("severity", "detection", "actor", "account", "events", "failed", "first", "last", "standing", "techniques")


@dataclass(frozen=True, eq=False)
class Sighting:
    """One row: what one detection saw of one actor in one account, or of what else it tells rows apart by."""

    detection: Detection
    row: Mapping[str, Any] = field(repr=False)
    pivot: Pivot = field(repr=False)

    @property
    def actor(self) -> str | None:
        return self.row.get("actor")

    @property
    def account(self) -> str | None:
        return self.row.get("recipient_account_id")

    @property
    def count(self) -> int:
        """How many events."""
        return int(self.row["events"])

    @property
    def failed(self) -> int | None:
        """How many of them failed; None where the detection does not ask."""
        return self.row.get("failed")

    @property
    def first(self) -> datetime | None:
        return self.row.get("first")

    @property
    def last(self) -> datetime | None:
        return self.row.get("last")

    @property
    def standing(self) -> Word:
        """The word of a finding on all of the events."""
        return Word(self.row["standing"])

    @cached_property
    def events(self) -> Events:
        """The events behind it."""
        if isinstance(self.detection.find, Calls):
            return self.pivot.events.where(**{name: self.row[name] for name in GROUPED})
        return self.pivot.drill(self.row)

    @property
    def claim(self) -> str:
        """The sighting as a sentence."""
        who = self.actor or "Somebody"
        where = f" in account {self.account}" if self.account else ""
        if self.failed == self.count and not self.detection.is_of_failures:
            return f"{who} tried to {self.detection.said}{where}; every attempt failed."
        return f"{who} was seen to {self.detection.said}{where}."

    def finding(self) -> Finding:
        """The claim with its events, or the first 10,000 of them, and the standing that these have."""
        claim, cited = self.claim, self.events
        if self.count > MOST_CITED and self.first is not None:
            times = cited.table.order_by("event_time").select("event_time").limit(1, offset=MOST_CITED)
            end = times.to_pyarrow()["event_time"][0].as_py()
            if end > self.first:
                cited = cited.between(self.first, end)
                claim += f" Of {self.count:,} events, those before {written(end)} are cited."
        told = self.detection
        about = {
            "severity": told.severity.value,
            "ATT&CK": ", ".join(told.techniques),
            "mistaken for it": told.false_positives,
            "got round": told.bypass,
        }
        given = {name: value for name, value in about.items() if value}
        return finding(claim, cited, by=self.detection.name, about=given)

    def _shown(self) -> tuple[Any, ...]:
        named = (self.detection.severity.value, self.detection.name, self.actor, self.account, self.count, self.failed)
        return (*named, self.first, self.last, self.standing.value, ", ".join(self.detection.techniques))

    def __repr__(self) -> str:
        return f"Sighting, {self.detection.severity}: {shortened(self.claim, 2000)} {number_of(self.count, 'event')}, {self.standing.value}"


@dataclass(frozen=True, eq=False)
class Detected:
    """Sightings, the most severe first and then in order of time, with what was asked and saw nothing.

    ``unsure`` counts, by detection, calls of which it could not be told because their parameters were left out of the record.
    """

    events: Events = field(repr=False)
    asked: tuple[Detection, ...] = field(repr=False)
    sightings: tuple[Sighting, ...] = field(repr=False)
    unsure: Mapping[str, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.sightings)

    def __iter__(self) -> Iterator[Sighting]:
        return iter(self.sightings)

    def __getitem__(self, number: int) -> Sighting:
        return self.sightings[number]

    def of(self, name: str) -> tuple[Sighting, ...]:
        """What one detection saw. DetectionError where it was not asked."""
        if name not in {one.name for one in self.asked}:
            raise DetectionError(name, "it was not asked", "look at detected.questions()")
        return tuple(one for one in self.sightings if one.detection.name == name)

    def drill(self, number: int) -> Events:
        """The events behind a row, by its number."""
        return self.sightings[number].events

    @property
    def matched(self) -> Events:
        """The events behind all sightings, each once; none where nothing was seen."""
        return self.events.named("").united(*(one.events for one in self.sightings))

    def findings(self, least: str = Severity.HIGH.value) -> tuple[Finding, ...]:
        """The sightings of at least that severity as findings, in the same order."""
        lowest = _severity(least).rank
        chosen = [one for one in self.sightings if one.detection.severity.rank <= lowest]
        return tuple(one.finding() for one in progress(chosen, desc="findings", unit="finding", delay=10))

    def questions(self) -> Table:
        """Every detection that was asked, what it saw, and of how many calls it cannot be told."""
        seen = {one.name: [0, 0] for one in self.asked}
        for one in self.sightings:
            seen[one.detection.name][0] += 1
            seen[one.detection.name][1] += one.count
        rows = [
            (one.name, one.severity.value, *seen[one.name], self.unsure.get(one.name, 0), one.question)
            for one in self.asked
        ]
        return Table(("detection", "severity", "sightings", "events", "cannot tell", "question"), tuple(rows))

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own."""
        import pandas as pd

        frame = pd.DataFrame([one._shown() for one in self.sightings], columns=list(_COLUMNS))
        # Some detections do not ask how many failed: a whole number all the same where it is known.
        return frame.astype({"events": "int64", "failed": "Int64"})

    @property
    def caption(self) -> str:
        """How many of the detections saw something, and what could not be told."""
        saw = len({one.detection.name for one in self.sightings})
        told = f"{' ▸ '.join(self.events.steps)}: {number_of(len(self), 'sighting')} by {saw} of {len(self.asked)} detections"
        if len(self) > _SHOWN:
            told += f"; the first {_SHOWN} shown"
        unsure = sum(self.unsure.values())
        return told + (
            f"; of {number_of(unsure, 'call')} it cannot be told, for parameters were left out" if unsure else ""
        )

    def _table(self) -> Table:
        return Table(_COLUMNS, tuple(one._shown() for one in self.sightings[:_SHOWN]), self.caption)

    def __repr__(self) -> str:
        return f"{shortened(self.caption, 2000)}\n{self._table()!r}"

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def detect(events: Events, only: str | Detection | Iterable[str | Detection] | None = None) -> Detected:
    """Ask the detections of the catalogue, or only some, about events.

    ``only`` takes names, families (``"privilege"``), the group ``"cis"``, and detections of your own or of Sigma rules.
    DetectionError where there is no such name. Detections that look for calls share one reading of the events.
    """
    if not isinstance(events, Events):
        raise DetectionError(type(events).__name__, "no Events", "give what ct.admit returned, or a step of it")
    asked = _chosen(only)
    by_calls = [(one, one.find) for one in asked if isinstance(one.find, Calls)]
    found: list[Sighting] = []
    unsure: dict[str, int] = {}
    called = _called(events.table)
    # To ask for what is not there takes a tenth of a second each.
    quick = Calls(tuple(part for _, find in by_calls for part in find.parts)).among(called)
    with progress(total=len(asked), desc="detections", delay=10) as bar:
        if quick.parts:
            with kept(_candidates(events, quick)) as table:
                likely, left_out = _called(table), _called(table.filter(is_left_out(table)))
                for one, find in by_calls:
                    if find.is_among(likely):
                        found.extend(_by_calls(one, events, table))
                        if find.is_among(left_out) and (count := _unsure(one, table)):
                            unsure[one.name] = count
                    bar.update()
        else:
            bar.update(len(by_calls))
        named = {name for _, name in called}
        for one in asked:
            if isinstance(one.find, Calls):
                continue
            if not one.needs or named & {*one.needs}:
                rows = one.find(events)
                found.extend(Sighting(one, row, rows) for row in rows)
                if one.unsure is not None and (count := len(one.unsure(events))):
                    unsure[one.name] = count
            bar.update()
    return Detected(events, asked, tuple(sorted(found, key=_order)), unsure)


def _chosen(only: str | Detection | Iterable[str | Detection] | None) -> tuple[Detection, ...]:
    if only is None:
        return CATALOGUE
    wanted = [only] if isinstance(only, str | Detection) else list(only)
    chosen: dict[str, Detection] = {}
    for one in wanted:
        for detection in _meant(one):
            if chosen.setdefault(detection.name, detection) is not detection:
                raise DetectionError(detection.name, "two detections have this name", "rename one of them")
    if not chosen:
        raise DetectionError("only", "no detection is named", "name some, or leave it out for the whole catalogue")
    return tuple(chosen.values())


def _meant(one: str | Detection) -> Iterable[Detection]:
    if isinstance(one, Detection):
        return (one,)
    one = one.lower()
    if one in GROUPS:
        return GROUPS[one]
    named = [detection for group in GROUPS.values() for detection in group if detection.name == one]
    if named:
        return named[:1]
    every = sorted({*GROUPS, *(detection.name for group in GROUPS.values() for detection in group)})
    near = ", ".join(difflib.get_close_matches(one, every, 3, 0.4))
    raise DetectionError(
        one,
        "no detection, family or group of that name",
        (f"nearest: {near}; " if near else "") + f"families and groups: {', '.join(GROUPS)}",
    )


def _severity(word: str) -> Severity:
    try:
        return Severity(word.lower())
    except ValueError as error:
        raise DetectionError(word, "no severity", f"say one of {', '.join(Severity)}") from error


def _candidates(events: Events, quick: Calls) -> ibis.Table:
    """All events that a detection might match, with the mark of conflicting contents."""
    table = events.table
    return marked(events, table.filter(quick.may_hold(table)))


def _called(table: ibis.Table) -> set[tuple[str | None, str | None]]:
    """The calls that there are, by service and name."""
    rows = table.select("event_source", "event_name").distinct().to_pyarrow().to_pylist()
    return {(row["event_source"], row["event_name"]) for row in rows}


def _by_calls(detection: Detection, events: Events, table: ibis.Table) -> Iterator[Sighting]:
    find = detection.find
    assert isinstance(find, Calls)
    matched = Pivot("actor", find.matches(events), find.rows(events, table), GROUPED)
    for row in matched:
        yield Sighting(detection, row, matched)


def _unsure(detection: Detection, table: ibis.Table) -> int:
    find = detection.find
    if not isinstance(find, Calls) or not find.looks_inside:
        return 0
    return int(table.filter(find.is_unsure(table)).count().to_pyarrow().as_py())


def _order(one: Sighting) -> tuple[Any, ...]:
    when = one.first.timestamp() if one.first is not None else float("inf")
    return (one.detection.severity.rank, when, one.detection.name, *map(str, (one.actor, one.account)), one.count)
