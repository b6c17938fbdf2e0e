"""Listed objects become files: those that are there already are hashed again, the others fetched, and each is noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import msgspec

from cttoolkit.collection.download import Downloaded, Downloader, Refused
from cttoolkit.collection.listing import Version
from cttoolkit.collection.recovery import Disputes, disputed, is_digest
from cttoolkit.collection.spool import Spool, Task
from cttoolkit.collection.workers import spread
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Collected
from cttoolkit.custody.path import PARTIAL, is_never_folder, misfit, path_of, version_path_of
from cttoolkit.custody.regular import sha256_of, why
from cttoolkit.errors import EvidenceError
from cttoolkit.progress import progress

__all__ = ["Copying"]

_MOST_DENIED = 50
_NO_ROOM = "another object lies where its file or a folder of it would"


class _Kept(NamedTuple):
    """The file of an earlier run, its hash taken anew."""

    one: Collected


@dataclass
class Copying:
    """One run's copying, and what came of it."""

    files: EvidenceFolder
    journal: Journal
    downloader: Downloader
    source: str
    run: int
    ledger: Ledger
    workers: int
    collected: int = 0
    kept: int = 0
    size: int = 0
    recovered: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    _disputes: Disputes | None = None
    _denied: int = 0
    _files: set[str] = field(default_factory=set)
    _folders: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for one in self.ledger:
            self._find_room(one.path)

    def copy(self, spool: Spool, *, versions: bool) -> None:
        """Digests first, so that it is known by then which of several versions of a log file they list."""
        if not versions:
            spool.put(self._placed((one, False) for one in spool))
            self._fetch(spool)
            return
        with Disputes(self.files.root / PARTIAL / "disputes") as disputes:
            # In the order of their keys, so that which of two that cannot lie together comes first depends on nothing else.
            spool.put(self._placed((one, is_digest(one.key)) for one in self._single(spool, disputes)))
            self._disputes = disputes if disputes.are_any else None
            self._fetch(spool)
            spool.clear()
            older = ((one, self._version_path(one)) for one in _several(spool) if not one.is_marker)
            tasks = (Task(one, path, is_current=False) for one, path in older if path is not None)
            spool.put((task, False, task.path in self.ledger) for task in tasks)
            self._fetch(spool)
            for key, path in disputes.inorder():
                self._settle(_newest_first(spool.versions(key)), path, disputes)

    def _single(self, spool: Spool, disputes: Disputes) -> Iterator[Version]:
        """The objects of one version; ``disputes`` takes the keys of the others, each with its place."""
        for key, group in groupby(spool, key=lambda one: one.key):
            held = list(group)
            if disputed(held):
                disputes.add(key, self._path(key))
            else:
                yield held[0]

    def _placed(self, listed: Iterable[tuple[Version, bool]]) -> Iterator[tuple[Task, bool, bool]]:
        for one, is_first in listed:
            path = self._path(one.key)
            if path is not None:
                yield Task(one, path), is_first, path in self.ledger

    def _path(self, key: str) -> str | None:
        path = path_of(key)
        if path is None:
            self.refused[key] = misfit(key) or ""
        elif not self._find_room(path):
            self.refused[key] = _NO_ROOM
            return None
        return path

    def _version_path(self, one: Version) -> str | None:
        """Where it lies; None where the key itself has no place, which is told already."""
        path = version_path_of(one.key, one.version_id or "null")
        if path is None and path_of(one.key) is not None:
            self.refused[f"{one.key} (version {one.version_id})"] = "a name too long for a file"
        elif path is not None and not self._find_room(path):
            self.refused[f"{one.key} (version {one.version_id})"] = _NO_ROOM
            return None
        return path

    def _find_room(self, path: str) -> bool:
        """Whether no other object needs a folder where this one's file lies, or has its file where this one needs a folder."""
        above = path.rpartition("/")[0]
        if path in self._folders:
            return False
        if above not in self._folders:
            parts = above.split("/")
            needed = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
            if needed & self._files:
                return False
            self._folders |= needed
        # No other object has a folder of such a name, and of a million objects the names would weigh too much to be held.
        if not is_never_folder(path):
            self._files.add(path)
        return True

    def _settle(self, group: list[Version], path: str, disputes: Disputes) -> None:
        """Put one of several versions where the evidence is: that which a digest lists, else the newest if it was not deleted."""
        key = group[0].key
        held = []
        for one in group:
            place = None if one.is_marker else version_path_of(key, one.version_id or "null")
            noted = None if place is None else self.ledger.find(place)
            if noted is not None and noted.key == key:
                held.append((one, noted))
        agreeing = next((entry for entry in held if disputes.agree(key, self._body(entry[1].path))), None)
        newest = next((entry for entry in held if entry[0].is_latest), None)
        chosen = agreeing or newest
        if chosen is None and is_digest(key) and held:
            # A deleted digest proves itself by its signature, so no other need speak for it.
            chosen = held[0]
        if chosen is None:
            return
        one, noted = chosen
        body = self._body(noted.path)
        recovered = None if one.is_latest else one.version_id
        earlier = self.ledger.find(path)
        if earlier is not None and earlier.sha256 != noted.sha256:
            self._say_conflict(earlier, noted.sha256, noted.etag)
            return
        self.files.write(path, body)
        self._note(_changed(noted, path, recovered), fresh=False)
        if recovered is not None:
            self.recovered.add(key)
        if is_digest(key):
            disputes.read(key, body)

    def _body(self, path: str) -> bytes:
        return (self.files.root / path).read_bytes()

    def _fetch(self, spool: Spool) -> None:
        bar = progress(total=spool.waiting, desc="collecting", unit="object", delay=1)
        with bar:
            for task, outcome in spread(self._one, spool.tasks(_MOST_DENIED), self.workers):
                bar.update()
                self._take(task, outcome)

    def _one(self, task: Task) -> Collected | _Kept | Refused | tuple[Collected, str, str]:
        """Runs in a thread: an object fetched and written, or found; a conflict is what lies there with hash and ETag of the other."""
        before = self.ledger.find(task.path)
        is_there = before is not None and self.files.holds(before.path, before.size, before.sha256)
        if before is not None and is_there and _is_same(before, task.listed):
            return _Kept(before)
        if before is None and self.files.is_blocked(task.path):
            return Refused(_NO_ROOM)
        got = self.downloader.fetch(task.listed)
        if isinstance(got, Refused):
            return got
        if before is not None and before.sha256 != got.sha256:
            return before, got.sha256, got.etag
        if not self.files.write(task.path, got.body) and not self.files.holds(task.path, len(got.body), got.sha256):
            # Nobody noted it, so it may be what was not yet noted when a run was killed, or anything else.
            if before is None:
                return self._unknown(task), got.sha256, got.etag
            raise EvidenceError(
                task.path, "altered since it was collected", "keep the folder as it is, and collect into another one"
            )
        return self._collected(task, got)

    def _unknown(self, task: Task) -> Collected:
        place = self.files.root / task.path
        try:
            size, sha256 = sha256_of(place)
        except OSError as error:
            raise EvidenceError(place, why(error), "move it out of the folder, and collect again") from error
        return Collected(task.path, task.listed.key, size, sha256, "none was noted", "", "", "", "an unknown writer", 0)

    def _collected(self, task: Task, got: Downloaded) -> Collected:
        listed = task.listed
        return Collected(
            path=task.path,
            key=listed.key,
            size=len(got.body),
            sha256=got.sha256,
            etag=got.etag,
            last_modified=listed.last_modified,
            collected_at=got.collected_at,
            checked_by=got.checked_by,
            source=self.source,
            run=self.run,
            version_id=got.version_id,
            metadata=got.metadata,
            checksums=got.checksums,
            storage_class=listed.storage_class,
            is_current=task.is_current,
        )

    def _take(self, task: Task, outcome: Collected | _Kept | Refused | tuple[Collected, str, str]) -> None:
        if isinstance(outcome, Refused):
            version = f" (version {task.listed.version_id})" if not task.is_current else ""
            self.refused[f"{task.listed.key}{version}"] = outcome.reason
            self._denied += outcome.is_denied
            if self._denied >= _MOST_DENIED and not self.collected and not self.kept:
                raise EvidenceError(
                    self.source, outcome.reason.partition(";")[0], "ask for s3:GetObject and kms:Decrypt"
                )
        elif isinstance(outcome, _Kept):
            self.kept += 1
            self._learn(task)
        elif isinstance(outcome, Collected):
            self._note(outcome, fresh=True)
            self._learn(task)
        else:
            self._say_conflict(*outcome)

    def _learn(self, task: Task) -> None:
        if self._disputes is not None and task.is_current and is_digest(task.listed.key):
            self._disputes.read(task.listed.key, self._body(task.path))

    def _note(self, one: Collected, *, fresh: bool) -> None:
        self.journal.add(one)
        self.ledger.note(one)
        if fresh:
            self.collected += 1
            self.size += one.size

    def _say_conflict(self, before: Collected, sha256: str, etag: str) -> None:
        self.conflicts.append(
            f"{before.key}: {before.path} has sha256 {before.sha256} (ETag {before.etag}, of {before.source}), "
            f"and {self.source} now gives sha256 {sha256} (ETag {etag})"
        )


def _is_same(before: Collected, listed: Version) -> bool:
    if before.etag != listed.etag.strip('"') or before.size != listed.size:
        return False
    return None in (before.version_id, listed.version_id) or before.version_id == listed.version_id


def _changed(noted: Collected, path: str, recovered: str | None) -> Collected:
    return msgspec.structs.replace(noted, path=path, is_current=recovered is None, recovered_from=recovered)


def _several(listed: Iterable[Version]) -> Iterator[Version]:
    """Every version of the keys of several, each key's from the newest to the oldest."""
    for _, group in groupby(listed, key=lambda one: one.key):
        held = _newest_first(group)
        if disputed(held):
            yield from held


def _newest_first(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda one: (one.last_modified, one.is_latest), reverse=True)
