"""What was done to the trails, their buckets and their keys, by whom, and what the trails were set to record in between.

From the events themselves, so that what is said of a change is worth what its log file is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.detections import CATALOGUE
from cttoolkit.detections.log_places import bucket_weakened, key_weakened
from cttoolkit.display import Table, html_table, text_table
from cttoolkit.errors import ClaimError
from cttoolkit.events import Events
from cttoolkit.finding import Finding, finding
from cttoolkit.integrity.selectors import Records
from cttoolkit.integrity.verdict import Status
from cttoolkit.json_path import text_at
from cttoolkit.param import Match
from cttoolkit.text import number_of, shortened
from cttoolkit.trail_change import TRAIL_CHANGES, Aspect, TrailChange
from cttoolkit.trail_history import TrailHistory, trail_histories
from cttoolkit.window import Instant, instant, written

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = ["History", "Kind", "Touch", "history"]

_COLUMNS = ("event_time", "event_name", "event_id", "actor", "status", "recipient_account_id", "log_file", "record_index",
            "error_code", "error_message", "request_parameters")  # fmt: skip
_SHOWN = ("at", "kind", "call", "what", "account", "actor", "failed", "status")
_ASPECTS = tuple(aspect for aspect in Aspect if aspect is not Aspect.DATA)
"""What is known of a trail without asking about one resource."""
_MOST_SHOWN = 500
_LONGEST = 200


class Kind(StrEnum):
    """What a change did to the record."""

    STOPPED = "stopped"
    STARTED = "started"
    NARROWED = "narrowed"
    SET = "selectors set"
    MOVED = "moved"
    BUCKET = "bucket touched"
    FILES = "log files touched"
    KEY = "key touched"

    @property
    def is_harm(self) -> bool:
        return self not in (Kind.STARTED, Kind.SET)


_SAID = {
    Kind.STOPPED: "stopped or deleted the trail",
    Kind.STARTED: "started or created the trail",
    Kind.NARROWED: "narrowed the trail",
    Kind.SET: "set the selectors of the trail",
    Kind.MOVED: "named a bucket, prefix or key for the trail",
    Kind.BUCKET: "changed the bucket",
    Kind.FILES: "wrote or deleted log files in the bucket",
    Kind.KEY: "changed the key",
}


@dataclass(frozen=True, slots=True)
class Touch:
    """One call on a trail, on its bucket or its key; ``what`` names it. ``failed`` has the error code of one that did not succeed."""

    at: datetime
    kind: Kind
    call: str
    what: str
    account: str
    actor: str
    status: Status
    event_id: str
    failed: str
    log_file: str
    record_index: int


@dataclass(frozen=True)
class History:
    """The trails of the admitted events through their time. Build with history()."""

    events: Events = field(repr=False)
    trails: tuple[TrailHistory, ...] = field(repr=False)
    touches: tuple[Touch, ...] = field(repr=False)
    untimed: Events = field(repr=False)
    """Changes that succeeded at a time that cannot be read: they have no place in the order, and are in no touch."""

    def at(self, moment: Instant) -> Table:
        """What each trail recorded at a moment: yes, no or unknown, with what that rests on."""
        when = instant(moment)
        rows = []
        for trail in self.trails:
            for aspect in _ASPECTS:
                piece = trail.at(aspect, when)
                rows.append((trail.account, trail.trail, aspect.value, piece.answer.value, piece.why))
        return Table(("account", "trail", "aspect", "answer", "why"), tuple(rows), f"Trails as of {written(when)}")

    def changed_since(self, moment: Instant) -> tuple[Touch, ...]:
        """What succeeded from a moment on. Of what is ``untimed``, nobody can say whether it did."""
        when = instant(moment)
        return tuple(one for one in self.touches if one.at >= when and not one.failed)

    def findings(self, *kinds: Kind) -> list[Finding]:
        """One finding for each actor and kind of change that succeeded, of all kinds that harm unless some are named."""
        wanted = kinds or tuple(kind for kind in Kind if kind.is_harm)
        groups: dict[tuple[Kind, str, str], list[Touch]] = {}
        for one in self.touches:
            if one.kind in wanted and not one.failed:
                groups.setdefault((one.kind, one.actor, one.what), []).append(one)
        return [self._finding(kind, actor, what, found) for (kind, actor, what), found in groups.items()]

    def _finding(self, kind: Kind, actor: str, what: str, touches: list[Touch]) -> Finding:
        claim = f"{shortened(actor, _LONGEST) or 'Somebody'} {_SAID[kind]} {shortened(what, _LONGEST)}.".replace(
            " .", "."
        )
        about = {"kind": kind.value, "first": written(touches[0].at)}
        return finding(claim, self.cited(touches), by="posture history", about=about)

    def cited(self, touches: Iterable[Touch]) -> Events:
        """The events of some touches. ClaimError where there are none."""
        wanted = [f"{one.log_file}#{one.record_index}" for one in touches]
        if not wanted:
            raise ClaimError("posture history", "no change to cite", "state an absence instead")

        def among(table: ibis.Table) -> Any:
            return (table.log_file + "#" + table.record_index.cast("string")).isin(wanted)

        return self.events.root.where(Match(f"{number_of(len(wanted), 'change')} to the record", among))

    @cached_property
    def table(self) -> Table:
        rows = tuple(
            (one.at, one.kind.value, one.call, one.what, one.account, one.actor, one.failed, one.status.value)
            for one in self.touches
        )
        return Table(_SHOWN, rows, self.sentence)

    @property
    def sentence(self) -> str:
        """What was done, counted."""
        counted = {kind: sum(one.kind is kind and not one.failed for one in self.touches) for kind in Kind}
        told = [f"{count} {kind.value}" for kind, count in counted.items() if count]
        if self.untimed:
            told.append(f"{number_of(len(self.untimed), 'change')} at a time that cannot be read")
        return f"{number_of(len(self.trails), 'trail')}: {', '.join(told) or 'no change seen'}"

    def frame(self) -> pandas.DataFrame:
        """One row a call, in order of time."""
        return self.table.frame()

    def __repr__(self) -> str:
        return f"{shortened(self._caption, 1000)}\n{text_table(_SHOWN, self.table.rows[:_MOST_SHOWN])}"

    def _repr_html_(self) -> str:
        return html_table(_SHOWN, self.table.rows[:_MOST_SHOWN], self._caption)

    @property
    def _caption(self) -> str:
        return self.sentence + (f"; the first {_MOST_SHOWN} shown" if len(self.touches) > _MOST_SHOWN else "")


def history(events: Events) -> History:
    """What was done to the trails of all admitted events, and to their buckets and keys, in order of time."""
    trails = trail_histories(events)
    root = events.root
    touches = [_of_trail(change, kind) for one in trails for change in one.changes for kind in _kinds(change)]
    calls = root.named(*TRAIL_CHANGES).to_service("cloudtrail")
    touches += _touches(calls.failed(), None, "trailName", "name")
    files = next(one for one in CATALOGUE if one.name == "log-files-touched")
    found = {
        Kind.BUCKET: bucket_weakened(root).events,
        Kind.FILES: files.find(root).events,
        Kind.KEY: key_weakened(root).events,
    }
    for kind, events_of in found.items():
        touches += _touches(events_of, kind, "keyId" if kind is Kind.KEY else "bucketName")
    # A call that names no trail is a change to each of the account's, and was made once.
    order = sorted(dict.fromkeys(touches), key=lambda one: (one.at, one.log_file, one.record_index, one.kind))
    untimed = [one.succeeded().where(_UNTIMED) for one in (calls, *found.values())]
    return History(events, trails, tuple(order), untimed[0].united(*untimed[1:]))


_UNTIMED = Match("without a time that can be read", lambda table: table.event_time.isnull())


def _kinds(change: TrailChange) -> Iterator[Kind]:
    if change.name in ("StopLogging", "DeleteTrail"):
        yield Kind.STOPPED
        return
    if change.name in ("StartLogging", "CreateTrail"):
        yield Kind.STARTED
        return
    is_narrowed = Records.NO in change.sets.values()
    if is_narrowed:
        yield Kind.NARROWED
    if change.moved:
        yield Kind.MOVED
    elif not is_narrowed:
        yield Kind.SET


def _of_trail(change: TrailChange, kind: Kind) -> Touch:
    moved = ", ".join(f"{name} {value}" for name, value in change.moved.items()) if kind is Kind.MOVED else ""
    what = f"{change.trail} ({moved})" if moved else change.trail
    return Touch(change.at, kind, change.name, what, change.account, change.actor, change.status, change.event_id, "",
                 change.log_file, change.record_index)  # fmt: skip


_TRIED = {
    "StopLogging": Kind.STOPPED,
    "DeleteTrail": Kind.STOPPED,
    "StartLogging": Kind.STARTED,
    "CreateTrail": Kind.STARTED,
}


def _touches(events: Events, kind: Kind | None, *names: str) -> Iterator[Touch]:
    rows = events.table.filter(events.table.event_time.notnull()).select(_COLUMNS)
    for row in rows.order_by(["event_time", "log_file", "record_index"]).to_pyarrow().to_pylist():
        told = (text_at(row["request_parameters"], f'["{name}"]') for name in names)
        yield Touch(
            row["event_time"],
            kind or _TRIED.get(row["event_name"], Kind.NARROWED),
            row["event_name"],
            next((str(one) for one in told if one), ""),
            row["recipient_account_id"] or "",
            row["actor"] or "",
            Status(row["status"]),
            row["event_id"] or "",
            row["error_code"] or shortened(row["error_message"] or "", _LONGEST),
            row["log_file"],
            row["record_index"],
        )
