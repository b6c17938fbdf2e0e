"""One run of collecting events from an API, with the custody that a bucket's collection has: a lock, a journal, a manifest."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from cttoolkit.collection.finishing import finish
from cttoolkit.collection.lock import locked
from cttoolkit.collection.spans import Place, days, remaining, settled
from cttoolkit.collection.transcript import Api, Transcript
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.path import PARTIAL
from cttoolkit.custody.seal import load_private
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.clients import Access, telling
from cttoolkit.text import number_of, visible
from cttoolkit.window import Window, instant, written

__all__ = ["Caller", "EventCollection", "Plan", "keep_events"]


@dataclass(frozen=True, slots=True)
class EventCollection:
    """What one run of collect_event_history() or collect_log_group() did. ``manifest_sha256`` binds every file of the folder."""

    folder: Path
    manifest_sha256: str
    collected: int
    """Files of records that were written, empty ones with them: they say that nothing was told."""
    kept: int
    """Files of earlier runs that spared asking again, hashed again."""
    records: int
    not_records: int
    """Messages that are no record of CloudTrail, kept in files beside."""
    size: int
    notes: tuple[str, ...]
    """What was asked for and cannot be had this way."""
    not_collected: dict[str, str]
    conflicts: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every window that could be asked about was answered."""
        return not self.not_collected and not self.conflicts

    @property
    def sentence(self) -> str:
        parts = [f"{number_of(self.records, 'record')} in {number_of(self.collected, 'file')} ({self.size:,} bytes)"]
        if self.not_records:
            parts.append(f"{number_of(self.not_records, 'message')} that are no records")
        if self.kept:
            parts.append(f"{number_of(self.kept, 'file')} there already")
        if self.not_collected:
            parts.append(f"{len(self.not_collected):,} not collected")
        if self.conflicts:
            parts.append(f"{len(self.conflicts):,} in conflict with what lies there")
        parts.append("no digests, so nothing vouches for them")
        return f"{' · '.join(parts)} · manifest sha256 {self.manifest_sha256}"

    def __repr__(self) -> str:
        return f"EventCollection in {visible(self.folder)}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by STS, and the time of AWS's own clock."""

    access: Access
    by: dict[str, str]
    now: datetime

    @property
    def account(self) -> str:
        return self.by["account"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to ask: each API with its window. ``asked`` is what the caller wrote, for the manifest."""

    source: str
    asked: dict[str, Any]
    apis: Sequence[tuple[Api, Window]]
    workers: int
    notes: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)


def keep_events(
    folder: str | os.PathLike[str],
    access: Access,
    plan: Callable[[Caller], Plan],
    *,
    signing_key: str | os.PathLike[str] | None = None,
    clock: Callable[[], datetime] | None = None,
) -> EventCollection:
    """Ask what the plan says and no earlier run has settled. EvidenceError as collect() raises it."""
    key = None if signing_key is None else load_private(Path(signing_key))
    root = Path(folder)
    files = EvidenceFolder(root)
    with locked(root):
        return _run(files, access, plan, key, clock)


def _run(
    files: EvidenceFolder,
    access: Access,
    plan: Callable[[Caller], Plan],
    key: Any,
    clock: Callable[[], datetime] | None,
) -> EventCollection:
    with Ledger(files.root / PARTIAL / "ledger") as ledger:
        before = ledger.read(files.root)
        caller = _ask_caller(access)
        mine = None if clock is None else instant(clock(), subject="clock")
        planned = plan(caller)
        number = len(ledger.runs) + 1
        with Journal(files.root, ledger.note_first) as journal:
            tasks, kept = _open_tasks(files, ledger, planned.apis)
            transcript = Transcript(files, journal, ledger, planned.source, number, planned.workers)
            transcript.take(tasks)
            ledger.not_collected = dict(sorted({**transcript.refused, **planned.refused}.items()))
            told = {
                **planned.asked,
                "source": planned.source,
                "number": number,
                "by": caller.by,
                "profile": access.profile,
                "role_arn": access.role_arn,
                "endpoint_url": access.endpoint_url,
                "started_at": written(caller.now),
                "clock_offset_seconds": None if mine is None else round((mine - caller.now).total_seconds(), 1),
                "requests": transcript.requests,
                "collected": transcript.collected,
                "records": transcript.records,
                "not_records": transcript.not_records,
                "notes": list(planned.notes),
            }
            sha256 = finish(files, ledger, {}, told, before, key)
            journal.remove()
    files.close()
    return EventCollection(
        files.root,
        sha256,
        transcript.collected,
        kept,
        transcript.records,
        transcript.not_records,
        transcript.size,
        planned.notes,
        ledger.not_collected,
        tuple(sorted(transcript.conflicts)),
    )


def _ask_caller(access: Access) -> Caller:
    # It takes no permission, and names the account whose events these are.
    with telling("sts.GetCallerIdentity"):
        region = access.session().region_name or "us-east-1"
        found = access.client("sts", region).get_caller_identity()
    by = {name.lower(): str(found[name]) for name in ("Arn", "Account", "UserId") if name in found}
    date = found["ResponseMetadata"]["HTTPHeaders"].get("date", "")
    try:
        now = instant(parsedate_to_datetime(date))
    except ValueError as error:
        raise EvidenceError("sts.GetCallerIdentity", "AWS told no time", "run it again") from error
    return Caller(access, by, now)


def _open_tasks(
    files: EvidenceFolder, ledger: Ledger, apis: Sequence[tuple[Api, Window]]
) -> tuple[list[tuple[Api, Window]], int]:
    """What is still to be asked, the oldest days of all places first, since those are the next to be forgotten."""
    tasks: list[tuple[Api, Window]] = []
    kept = 0
    for api, window in apis:
        held = _held(files, ledger, api.place)
        kept += sum(one.overlaps(window) for one in held)
        tasks.extend((api, part) for day in days(window) for part in remaining(day, held))
    tasks.sort(key=lambda task: (task[1], task[0].place.region))
    return tasks, kept


def _held(files: EvidenceFolder, ledger: Ledger, place: Place) -> list[Window]:
    found: list[Window] = []
    for noted, window in settled(place, ledger):
        if files.holds(noted.path, noted.size, noted.sha256):
            found.append(window)
        elif os.path.lexists(files.root / noted.path):
            raise EvidenceError(
                noted.path, "altered since it was collected", "keep the folder as it is, and collect into another one"
            )
    return found
