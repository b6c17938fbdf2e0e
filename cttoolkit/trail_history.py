"""What trails were set to record, piece by piece of time, as the events themselves and the digests show it.

Changes to a trail are events in its home region. From a change on, what it set is known as long as nothing could have been changed
unseen: verified digests have to cover the home region in between. Before the first change, and where nothing was changed, the
collector's note is held against the same coverage. That a trail was logging, and validated, is shown by its digests too, since
there are none of a trail that is stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.integrity.configuration import Records, management_of
from cttoolkit.integrity.coverage import ChainCoverage
from cttoolkit.integrity.impact import Loss
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.window import Window, earlier, instant, later, written

__all__ = ["TRAIL_CHANGES", "Aspect", "Piece", "TrailChange", "TrailHistory", "lost_in", "trail_histories"]

TRAIL_CHANGES = ("StopLogging", "StartLogging", "DeleteTrail", "CreateTrail", "UpdateTrail", "PutEventSelectors")
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_COLUMNS = (
    "event_time", "event_name", "event_id", "aws_region", "actor", "status", "recipient_account_id", "log_file", "record_index",
    "request_parameters", "response_elements",
)  # fmt: skip
_SETTLED = timedelta(hours=2)


class Aspect(StrEnum):
    """What can be said of a trail at a time."""

    LOGGING = "logging"
    MANAGEMENT = "all management events"
    ALL_REGIONS = "all regions"
    GLOBAL = "global services"
    VALIDATION = "log file validation"


@dataclass(frozen=True, slots=True)
class TrailChange:
    """One successful call that changed a trail, with what it set; ``moved`` are the places that it named (bucket, prefix, key)."""

    at: datetime
    name: str
    account: str
    trail: str
    region: str
    """The trail's home region, since no other takes such calls."""
    event_id: str
    actor: str
    status: Status
    log_file: str
    record_index: int
    sets: Mapping[Aspect, Records]
    moved: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.name} at {written(self.at)} ({self.event_id})"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time in which the answer is the same, and why."""

    window: Window
    answer: Records
    why: str
    is_shown: bool
    """Whether intact events or digests show it, rather than the collector's note."""


@dataclass(frozen=True)
class TrailHistory:
    """One trail through the time of the evidence."""

    account: str
    trail: str
    home: str | None
    changes: tuple[TrailChange, ...]
    span: Window
    covered: tuple[Window, ...]
    """What verified digests of its home region cover."""
    lost: tuple[Loss, ...]
    """Listed log files of its home region that are missing or altered: a change may have been in one."""
    noted: Mapping[Aspect, Records]
    noted_at: datetime | None
    own: tuple[Window, ...]
    """What verified digests of the trail itself cover, in any region."""

    def at(self, aspect: Aspect, moment: datetime) -> Piece:
        """The answer at one moment, with a window of no length."""
        return self._piece(aspect, Window(moment, moment))

    def pieces(self, aspect: Aspect, window: Window | None = None) -> tuple[Piece, ...]:
        """The answers over a window (default: the span of the evidence), in order and without a gap."""
        asked = window or self.span
        edges = {asked.start, asked.end, *(one.at for one in self.changes)}
        lost = [one.events for one in self.lost if one.events is not None]
        edges |= {edge for one in (*self.covered, *self.own, *lost) for edge in (one.start, one.end)}
        if self.noted_at is not None:
            edges.add(self.noted_at)
        inner = sorted(edge for edge in edges if asked.start <= edge <= asked.end)
        found: list[Piece] = []
        for start, end in pairwise(inner):
            piece = self._piece(aspect, Window(start, end))
            if found and (found[-1].answer, found[-1].why) == (piece.answer, piece.why):
                found[-1] = Piece(Window(found[-1].window.start, end), piece.answer, piece.why, piece.is_shown)
            else:
                found.append(piece)
        return tuple(found)

    def _piece(self, aspect: Aspect, window: Window) -> Piece:
        before = [one for one in self.changes if aspect in one.sets and one.at <= window.start]
        after = [one for one in self.changes if aspect in one.sets and one.at > window.start]
        if before:
            last = before[-1]
            answer = last.sets[aspect]
            is_shown = last.status is Status.INTACT
            if answer is Records.NO and aspect is Aspect.LOGGING:
                # It stays off until something shows it to be on again: a start, or a digest that begins afterwards.
                if not self._own_digest(window, since=last.at):
                    return Piece(window, answer, str(last), is_shown)
                return Piece(window, Records.YES, f"digests after {last.name}", is_shown=True)
            end = max(window.end, last.at)
            if self._is_watched(Window(last.at, later(end, _SETTLED)), Window(last.at, end)):
                return Piece(window, answer, str(last), is_shown)
            if not (aspect in (Aspect.LOGGING, Aspect.VALIDATION) and self._own_digest(window)):
                return Piece(window, Records.UNKNOWN, f"{last}, and what came after may be unseen", is_shown=False)
        if aspect in (Aspect.LOGGING, Aspect.VALIDATION) and self._own_digest(window):
            return Piece(window, Records.YES, "verified digests of the trail", is_shown=True)
        noted = self.noted.get(aspect, Records.UNKNOWN)
        if noted is Records.UNKNOWN or self.noted_at is None:
            return Piece(window, Records.UNKNOWN, "neither changes, digests nor a note tell", is_shown=False)
        if after:
            return Piece(window, Records.UNKNOWN, f"the note is from after {after[0]}", is_shown=False)
        if window.start < self.noted_at and not self._is_watched(
            Window(window.start, self._until(window)), Window(window.start, self.noted_at)
        ):
            return Piece(
                window,
                Records.UNKNOWN,
                f"noted at {written(self.noted_at)}, and a change may be unseen",
                is_shown=False,
            )
        return Piece(window, noted, f"noted at {written(self.noted_at)}", is_shown=False)

    def _until(self, window: Window) -> datetime:
        assert self.noted_at is not None
        return max(window.start, earlier(self.noted_at, _SETTLED))

    def _is_watched(self, delivery: Window, window: Window) -> bool:
        """Whether no change of a window could have gone unseen: covered while it was delivered, and in no file that is lost."""
        return any(one.covers(delivery) for one in self.covered) and not any(one.may_touch(window) for one in self.lost)

    def _own_digest(self, window: Window, since: datetime | None = None) -> bool:
        return any(one.covers(window) and (since is None or one.start >= since) for one in self.own)


def trail_histories(events: Events) -> tuple[TrailHistory, ...]:
    """The history of every trail that digests, changes or the note name, of all admitted events."""
    changes = _changes(events)
    verification = events.verification
    chains = [one for one in verification.coverage.chains if not one.chain.backfill]
    accounts = {one.chain.account for one in chains}
    names = {(one.account, one.trail) for one in changes if one.trail} | {
        (one.chain.account, one.chain.trail) for one in chains
    }
    for note in verification.configuration.trails:
        if not any(name == note.name for _, name in names):
            names |= {(account, note.name) for account in accounts}
    # A change that does not say which trail may have been to any of the account's.
    return tuple(
        _history(
            events,
            account,
            name,
            [one for one in changes if one.account == account and one.trail in (name, "")],
            chains,
        )
        for account, name in sorted(names)
    )


def _history(
    events: Events, account: str, name: str, changes: list[TrailChange], chains: Iterable[ChainCoverage]
) -> TrailHistory:
    own = [one for one in chains if (one.chain.account, one.chain.trail) == (account, name)]
    home = next((one.chain.home_region for one in own), None)
    note = events.verification.configuration.trail(name)
    if home is None and note is not None:
        home = note.home_region
    if home is None and changes:
        home = changes[-1].region
    watching = [one for one in chains if one.chain.account == account and one.chain.region == home]
    windows = [interval.window for one in chains for interval in one.intervals]
    if events.root.span is not None:
        windows.append(events.root.span)
    noted_at = events.verification.configuration.collected_at
    ends = [one.end for one in windows] + ([] if noted_at is None else [noted_at])
    start = min([*(one.start for one in windows), *ends], default=instant(0))
    noted: dict[Aspect, Records] = {}
    if note is not None:
        noted = {
            Aspect.LOGGING: _truth(note.is_logging),
            Aspect.MANAGEMENT: note.management,
            Aspect.ALL_REGIONS: _truth(note.is_multi_region),
        }
    return TrailHistory(
        account,
        name,
        home,
        tuple(changes),
        Window(start, max(ends, default=start)),
        tuple(window for one in watching for window in one.covered),
        tuple(lost_in(events.verification, account, home)),
        noted,
        noted_at,
        tuple(window for one in own for window in (*one.covered, *one.digests)),
    )


def lost_in(verification: Verification, account: str, region: str | None) -> Iterator[Loss]:
    """Listed log files of a place that are missing or altered, and those that do not say of which place they are."""
    for one in verification.losses:
        if one.account in (account, None) and one.region in (region, None):
            yield one


def _changes(events: Events) -> list[TrailChange]:
    table = events.root.table
    found = table.filter(
        table.event_name.isin(TRAIL_CHANGES)
        & (table.event_source == _CLOUDTRAIL)
        & table.event_time.notnull()
        & ~is_failed(table)
    )
    rows = found.select(_COLUMNS).order_by(["event_time", "log_file", "record_index"]).to_pyarrow().to_pylist()
    return [_change(row) for row in rows]


def _change(row: Mapping[str, Any]) -> TrailChange:
    asked, answered = _object(row["request_parameters"]), _object(row["response_elements"])
    named = str(asked.get("name") or asked.get("trailName") or answered.get("name") or answered.get("trailARN") or "")
    parts = named.split(":")
    account = parts[4] if len(parts) > 4 else row["recipient_account_id"] or ""
    return TrailChange(
        row["event_time"],
        row["event_name"],
        account,
        named.rsplit("/", 1)[-1],
        row["aws_region"] or "",
        row["event_id"] or f"{row['log_file']}#{row['record_index']}",
        row["actor"] or "",
        Status(row["status"]),
        row["log_file"],
        row["record_index"],
        _sets(row["event_name"], asked, answered),
        {name: str(asked[name]) for name in ("s3BucketName", "s3KeyPrefix", "kmsKeyId") if asked.get(name) is not None},
    )


_OF_TRAIL = {
    "isMultiRegionTrail": Aspect.ALL_REGIONS,
    "includeGlobalServiceEvents": Aspect.GLOBAL,
    "enableLogFileValidation": Aspect.VALIDATION,
    "logFileValidationEnabled": Aspect.VALIDATION,
}


def _sets(name: str, asked: Mapping[str, Any], answered: Mapping[str, Any]) -> dict[Aspect, Records]:
    """What a call sets. What it was answered with counts before what it asked for."""
    if name == "StopLogging":
        return {Aspect.LOGGING: Records.NO}
    if name == "StartLogging":
        return {Aspect.LOGGING: Records.YES}
    if name == "DeleteTrail":
        return dict.fromkeys(Aspect, Records.NO)
    if name == "PutEventSelectors":
        return {Aspect.MANAGEMENT: management_of(_capital({**asked}))}
    found = {
        aspect: _truth(part[field])
        for part in (asked, answered)
        for field, aspect in _OF_TRAIL.items()
        if isinstance(part.get(field), bool)
    }
    if name == "CreateTrail":
        # A new trail takes all management events, and logs nothing until it is started.
        found |= {Aspect.LOGGING: Records.NO, Aspect.MANAGEMENT: Records.YES}
    return found


def _capital(value: Any) -> Any:
    """Members spelt as the API answers them; records spell them with a small letter first."""
    if isinstance(value, Mapping):
        return {str(name)[:1].upper() + str(name)[1:]: _capital(part) for name, part in value.items()}
    return [_capital(one) for one in value] if isinstance(value, list) else value


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _truth(value: object) -> Records:
    return Records.YES if value is True else Records.NO if value is False else Records.UNKNOWN
