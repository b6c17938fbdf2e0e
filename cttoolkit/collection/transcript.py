"""What an API of AWS tells of a window, kept as files of records: each record byte for byte as it was told, written whole and once.

A file is a whole answer about the time in its name. Where there is more to tell than one file should hold, the answer is cut at a
second that it is known to be past, and the rest is asked about anew.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn, Protocol

import msgspec

from cttoolkit.collection.spans import Place
from cttoolkit.collection.workers import spread
from cttoolkit.configuration.operations import DENIALS
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Collected
from cttoolkit.envelope import Unread, opened
from cttoolkit.errors import EvidenceError
from cttoolkit.packed import packed
from cttoolkit.progress import progress
from cttoolkit.sources.account import plain
from cttoolkit.sources.clients import refusal, stops
from cttoolkit.window import Window, written

__all__ = ["Api", "Message", "Page", "Transcript", "record_of", "told_at"]

LARGEST_FILE = 3 << 20
"""Bytes of records after which a file is cut. With a last page of fifty of the largest it stays where no ratio is too high to be read."""
_TRIES = 3
_MOST_FAILURES = 3
_LAST_NUMBER = 9999
_SECOND = timedelta(seconds=1)
_STALE = "InvalidNextTokenException"
_CLOSED = DENIALS | {"UnrecognizedClientException", "OptInRequired", "ResourceNotFoundException"}
"""Codes after which the same API of the same region need not be asked again."""


class Message(NamedTuple):
    """One thing that was told: the API's own time for it, the text that should be a record, and all that was said."""

    moment: datetime
    text: str | None
    told: dict[str, Any]


class Page(NamedTuple):
    """One answer. ``told_at`` is the time of AWS's own clock, written."""

    messages: list[Message]
    told_at: str


class Api(Protocol):
    """What can be asked about a window, whole seconds on both ends, a page at a time."""

    @property
    def place(self) -> Place: ...

    @property
    def is_newest_first(self) -> bool: ...

    def pages(self, window: Window) -> Iterator[Page]: ...


def told_at(answer: dict[str, Any]) -> str:
    """The time of AWS's clock when it answered; empty where it told none."""
    try:
        return written(parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]))
    except (KeyError, ValueError):
        return ""


def record_of(text: str | None) -> bytes | str:
    """The bytes of one record of CloudTrail, or in words why a message is none."""
    if text is None:
        return "no record came with it"
    try:
        body = text.encode()
    except UnicodeEncodeError:
        return "not text that UTF-8 can hold"
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return "not JSON"
    found = list(opened(msgspec.Raw(body), _refuse))
    if len(found) == 1 and isinstance(found[0], Unread):
        return found[0].reason
    if len(found) != 1 or bytes(found[0]) != body:  # type: ignore[arg-type]
        return "it carries records and is none"
    return body


def _refuse(_body: bytes) -> NoReturn:
    raise ValueError("it is packed")


@dataclass
class Transcript:
    """One run's asking, and what came of it. Several threads ask; each file is noted when it is safely there."""

    files: EvidenceFolder
    journal: Journal
    ledger: Ledger
    source: str
    run: int
    workers: int
    requests: int = 0
    collected: int = 0
    records: int = 0
    not_records: int = 0
    size: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    _failures: Counter[Place] = field(default_factory=Counter)
    _closed: dict[Place, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, tasks: Sequence[tuple[Api, Window]]) -> None:
        """Ask about every window. EvidenceError where each further request would be refused, as with expired credentials."""
        with progress(total=len(tasks), desc="asking", unit="day", delay=1) as bar:
            for _ in spread(self._one, tasks, self.workers):
                bar.update()
                bar.set_postfix(records=self.records, requests=self.requests, refresh=False)
        for place, why in self._closed.items():
            self.refused[f"{place.kind} {place.region}"] = why
        if tasks and not self.collected and all(api.place in self._closed for api, _ in tasks):
            wrong, _, remedy = next(iter(self._closed.values())).partition("; ")
            raise EvidenceError(self.source, wrong, remedy)

    def _one(self, task: tuple[Api, Window]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        api, asked = task
        waiting, tries = [asked], 0
        while waiting:
            if api.place in self._closed:
                return
            window = waiting.pop()
            try:
                rest = self._ask(api, window)
            except (ClientError, BotoCoreError) as error:
                tries += 1
                # The token of a page does not last; the window may be asked about from its start.
                if refusal(error)[0] != _STALE or tries >= _TRIES:
                    self._note_failure(api.place, window, error)
                    return
                rest = window
            if rest is not None:
                waiting.append(rest)

    def _note_failure(self, place: Place, window: Window, error: Exception) -> None:
        code, wrong, remedy = refusal(error)
        if "redential" in code or (stops(code) and code not in _CLOSED):
            raise EvidenceError(f"{place.kind} in {place.region}", wrong, remedy) from error
        with self._lock:
            self._failures[place] += 1
            if code in _CLOSED or self._failures[place] >= _MOST_FAILURES:
                self._closed[place] = f"{wrong}; {remedy}"
            self.refused[f"{place.kind} {place.region} {window}"] = f"{wrong}; {remedy}"

    def _ask(self, api: Api, window: Window) -> Window | None:
        """Keep what is told of a window; what is left of it where the answer was cut."""
        held: list[Message] = []
        size, asked_at = 0, ""
        for page in api.pages(window):
            asked_at = asked_at or page.told_at
            held.extend(page.messages)
            with self._lock:
                self.requests += 1
            size += sum(len((one.text or "").encode(errors="replace")) for one in page.messages)
            if size < LARGEST_FILE:
                continue
            cut = _cut(held, window, is_newest_first=api.is_newest_first)
            if cut is not None:
                done, rest = cut
                told = [o for o in held if (o.moment >= done.start if api.is_newest_first else o.moment < done.end)]
                self._keep(api.place, done, told, asked_at)
                return rest
        self._keep(api.place, window, held, asked_at)
        return None

    def _keep(self, place: Place, window: Window, messages: list[Message], asked_at: str) -> None:
        records: list[bytes] = []
        others: list[bytes] = []
        for one in messages:
            found = record_of(one.text)
            if isinstance(found, bytes):
                records.append(found)
            else:
                others.append(json.dumps({"why": found, **plain(one.told)}, sort_keys=True).encode())
        body = packed(b'{"Records":[' + b",".join(records) + b"]}", 6)
        # Other answers about the same window stay beside this one: no file is ever written over.
        for number in range(1, _LAST_NUMBER + 1):
            path = place.path(window, number)
            if self._put(path, body, asked_at):
                break
        else:
            raise EvidenceError(place.path(window), "too many answers about one window", "collect into another folder")
        if others:
            self._put(path.replace(".json.gz", ".not-records.txt"), b"\n".join(others) + b"\n", asked_at)
        with self._lock:
            self._failures[place] = 0
            self.collected += 1
            self.records += len(records)
            self.not_records += len(others)
            self.size += len(body)

    def _put(self, path: str, body: bytes, asked_at: str) -> bool:
        """Write a file and note it; false where other bytes lie under that name."""
        mine = sha256(body).hexdigest()
        before = self.ledger.find(path)
        if before is not None and before.sha256 != mine:
            return False
        if not self.files.write(path, body) and not self.files.holds(path, len(body), mine):
            self._say_unknown(path, mine)
            return False
        checked = "nothing: the API gives no checksum"
        one = Collected(path, path, len(body), mine, "", "", asked_at, checked, self.source, self.run)
        with self._lock:
            self.journal.add(one)
            self.ledger.note(one)
        return True

    def _say_unknown(self, path: str, mine: str) -> None:
        with self._lock:
            self.conflicts.append(
                f"{path}: other bytes lie there than were noted or are told now (sha256 {mine} of {self.source})"
            )


def _cut(held: list[Message], window: Window, *, is_newest_first: bool) -> tuple[Window, Window] | None:
    """What is told to its end, and the rest: None where that cannot be known, since the messages are not in order."""
    moments = [one.moment for one in held]
    if moments != sorted(moments, reverse=is_newest_first):
        return None
    at = moments[-1].replace(microsecond=0) + (_SECOND if is_newest_first else timedelta(0))
    if not window.start < at < window.end:
        return None
    earlier, later = Window(window.start, at), Window(at, window.end)
    return (later, earlier) if is_newest_first else (earlier, later)
