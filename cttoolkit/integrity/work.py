"""The one pass over log files: each is read and inflated once, hashed, judged, and parsed into a shard.

This is what runs in worker processes. A task says everything a worker needs; an outcome says everything it did.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from cttoolkit.errors import EvidenceError
from cttoolkit.integrity.inflate import BOUNDS, Bounds, Inflated, inflate, inflate_all, unpack
from cttoolkit.integrity.listing import Expectation, judge_log
from cttoolkit.integrity.store import shard, write_whole
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.reader import split
from cttoolkit.rows import Batch, Skip
from cttoolkit.schema import arrow_schema
from cttoolkit.source import Distant, Source, StoredObject
from cttoolkit.sources.ahead import read_ahead

__all__ = ["FileAccount", "LogBatch", "Outcome", "batches", "judge_logs", "read_logs", "uncollected"]

VERSION = 4
"""Of the shards' meaning. Shards of another version are made anew."""

_BATCH_BYTES = 4 << 20
_BATCH_FILES = 512
_DISTANT_FILES = 4096
"""Of a source that is read ahead: between two batches nothing is under way."""
_MANY_ROWS = 1 << 17

_Read: TypeAlias = Callable[[StoredObject], bytes]


@dataclass(frozen=True, slots=True)
class FileAccount:
    """What became of one log file's bytes. ``rows + skipped == records`` unless the whole file was skipped."""

    key: str
    inflated: int
    records: int
    rows: int
    oldest: str | None = None
    newest: str | None = None


@dataclass(frozen=True)
class LogBatch:
    """Log files for one shard. ``strays`` have no CloudTrail name: they only count where they hold records.

    Without a ``folder`` the files are judged and not parsed.
    """

    source: Source
    files: tuple[tuple[StoredObject, Expectation], ...]
    strays: frozenset[str]
    folder: Path | None
    bounds: Bounds = BOUNDS
    rehash: bool = False

    @property
    def size(self) -> int:
        return sum(stored.size for stored, _ in self.files)

    @property
    def examined(self) -> Iterator[StoredObject]:
        """Those that are read, in order."""
        return (stored for stored, _ in self.files if stored.size <= self.bounds.size)

    @property
    def name(self) -> str:
        """Content-addressed: by what the evidence lists and what the digests expect."""
        parts = [(s.key, s.size, s.stamp, e.listed, e.otherwise.value, e.reason, e.note) for s, e in self.files]
        told = msgspec.json.encode([VERSION, self.bounds, sorted(self.strays), parts])
        return hashlib.sha256(told).hexdigest()[:32]


@dataclass
class Outcome:
    """What came of one batch. ``unread`` are access problems, which are no verdicts; ``others`` are files that hold no log."""

    name: str
    verdicts: list[Verdict] = field(default_factory=list)
    accounts: list[FileAccount] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    shard: str | None = None
    quarantine: str | None = None
    size: int = 0
    inflated: int = 0


def batches(
    source: Source,
    files: Iterable[tuple[StoredObject, Expectation]],
    strays: frozenset[str],
    folder: Path | None,
    bounds: Bounds = BOUNDS,
    *,
    rehash: bool = False,
) -> Iterator[LogBatch]:
    """Cut the log files into batches of a few megabytes, in order, each when it is asked for."""
    held: list[tuple[StoredObject, Expectation]] = []
    size = 0
    most = _DISTANT_FILES if isinstance(source, Distant) else _BATCH_FILES

    def cut() -> LogBatch:
        keys = frozenset(stored.key for stored, _ in held if stored.key in strays)
        return LogBatch(source, tuple(held), keys, folder, bounds, rehash)

    for stored, expectation in files:
        if held and (size + stored.size > _BATCH_BYTES or len(held) >= most):
            yield cut()
            held.clear()
            size = 0
        held.append((stored, expectation))
        size += stored.size
    if held:
        yield cut()


def judge_logs(batch: LogBatch) -> Outcome:
    """Judge one batch and parse nothing: inflating and hashing leave the interpreter, so this does well in threads."""
    outcome = Outcome("", size=batch.size)
    with read_ahead(batch.source, batch.examined) as read:
        for stored, expectation in batch.files:
            inflated = _inflated(batch, read, stored, expectation, outcome)
            if inflated is None:
                continue
            if stored.key in batch.strays and not expectation.listed:
                records = split(inflated.content, partial(unpack, bounds=batch.bounds))
                if isinstance(records, str):
                    outcome.others[stored.key] = inflated.flaw or records
                    continue
            sha256 = hashlib.sha256(inflated.content).hexdigest()
            outcome.verdicts.append(judge_log(stored.key, inflated, sha256, expectation))
            outcome.inflated += len(inflated.content)
    return outcome


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's cycle collector, which would walk over all that is held again and again and find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def read_logs(batch: LogBatch) -> Outcome:
    """Judge and parse one batch, or find it done already."""
    folder = batch.folder
    assert folder is not None
    known = _known(folder, batch.name)
    if known is not None and (not batch.rehash or _unchanged(batch, known)):
        return known
    outcome = Outcome(batch.name, size=batch.size)
    with (
        _writing(folder / f"{batch.name}.parquet") as events,
        _writing(folder / f"{batch.name}.quarantine.parquet") as quarantined,
        read_ahead(batch.source, batch.examined) as read,
    ):
        for stored, expectation in batch.files:
            _read_log(batch, read, stored, expectation, outcome, events=events, quarantined=quarantined)
    outcome.shard, outcome.quarantine = events.name, quarantined.name
    write_whole(folder / f"{batch.name}.json", msgspec.json.encode(outcome))
    return outcome


@dataclass
class _Rows:
    """Rows on their way into one shard. Hostile files may hold many more than their sizes let expect: those go out early."""

    path: Path
    write: Callable[[Any], None]
    batch: Batch = field(default_factory=Batch)
    name: str | None = None

    def spill(self, more_than: int) -> None:
        if len(self.batch) > more_than:
            self.write(self.batch.table())
            self.batch = Batch()
            self.name = self.path.name


@contextmanager
def _writing(path: Path) -> Iterator[_Rows]:
    repetitive = [name for name in arrow_schema().names if name not in _UNIQUE]
    with shard(path, use_dictionary=repetitive) as write:
        rows = _Rows(path, write)
        yield rows
        rows.spill(0)


def _known(folder: Path, name: str) -> Outcome | None:
    try:
        outcome = msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Outcome)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    if outcome.unread or any(not (folder / shard).is_file() for shard in (outcome.shard, outcome.quarantine) if shard):
        return None
    return outcome


def _unchanged(batch: LogBatch, known: Outcome) -> bool:
    """Whether every file, read again, is judged as it was. What was no log file then has to be looked at anew."""
    judged = {verdict.key: verdict for verdict in known.verdicts}
    again = Outcome(batch.name)
    with read_ahead(batch.source, batch.examined) as read:
        for stored, expectation in batch.files:
            inflated = _inflated(batch, read, stored, expectation, again)
            if inflated is None or stored.key not in judged:
                return False
            sha256 = hashlib.sha256(inflated.content).hexdigest()
            if judge_log(stored.key, inflated, sha256, expectation) != judged[stored.key]:
                return False
    return True


def _inflated(
    batch: LogBatch, read: _Read, stored: StoredObject, expectation: Expectation, outcome: Outcome
) -> Inflated | None:
    """An object's content, or None where it could not be read, which is an access problem and no verdict."""
    found: Inflated
    if stored.size > batch.bounds.size:
        found = Inflated(b"", f"larger than {batch.bounds.size} bytes", is_beyond=True)
    else:
        try:
            body = read(stored)
        except EvidenceError as error:
            outcome.unread[stored.key] = f"{error.wrong}; {error.remedy}"
            return None
        found = inflate(body, batch.bounds) if expectation.listed else inflate_all(body, batch.bounds)
    if found.is_beyond and expectation.listed:
        # Its hash is not known, and so neither is whether it was changed.
        outcome.unread[stored.key] = (
            f"{found.flaw}, which is not examined; allow more with largest_object and largest_ratio"
        )
        return None
    return found


def _read_log(
    batch: LogBatch,
    read: _Read,
    stored: StoredObject,
    expectation: Expectation,
    outcome: Outcome,
    *,
    events: _Rows,
    quarantined: _Rows,
) -> None:
    key = stored.key
    inflated = _inflated(batch, read, stored, expectation, outcome)
    if inflated is None:
        return
    content = inflated.content
    sha256 = hashlib.sha256(content).hexdigest()
    records = split(content, partial(unpack, bounds=batch.bounds))
    if isinstance(records, str) and key in batch.strays and not expectation.listed:
        outcome.others[key] = inflated.flaw or records
        return
    verdict = judge_log(key, inflated, sha256, expectation)
    outcome.verdicts.append(verdict)
    outcome.inflated += len(content)
    if isinstance(records, str):
        outcome.skips.append(Skip(key, None, inflated.flaw or records))
        outcome.accounts.append(FileAccount(key, len(content), 0, 0))
        return
    rows_of = quarantined if verdict.status is Status.ALTERED else events
    into = rows_of.batch
    before = len(into)
    outcome.skips.extend(into.add(key, sha256, verdict.status.value, records))
    times = [text for text in into.columns["event_time"][before:] if text]
    rows = len(into) - before
    oldest, newest = min(times, default=None), max(times, default=None)
    outcome.accounts.append(FileAccount(key, len(content), len(records), rows, oldest, newest))
    rows_of.spill(_MANY_ROWS)


_UNIQUE = frozenset(
    {"event_id", "request_id", "record_sha256", "record_index", "request_parameters", "response_elements"}
)
