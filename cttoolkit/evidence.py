"""Evidence: the collected objects, by key and bytes, untouched. It has no events; there is nothing to ask it for them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cttoolkit.errors import EvidenceError
from cttoolkit.key import AnswerKey, DigestKey, Key, LogKey, OtherKey, parse_key
from cttoolkit.text import visible

if TYPE_CHECKING:
    from cttoolkit.source import Source, StoredObject

__all__ = ["Evidence", "Item", "open_evidence", "refuse_to_write"]

CONFIGURATION = "trail-configuration.json"
_LOG_ENDS = (".json", ".gz", ".jsonl", ".ndjson", ".log")
_BESIDE = frozenset({CONFIGURATION, "public-keys.json", "truth.json", "manifest.json"})
_BESIDE_FOLDERS = ("configuration/", "custody/", ".partial/")
_ANSWER = re.compile(r"configuration/[0-9]{12}/[a-z0-9-]+/[a-z0-9]+\.[A-Za-z0-9]+(?:\.[0-9a-f]{16})?\.json")


@dataclass(frozen=True, slots=True)
class Item:
    """One object of the evidence with what its key says."""

    stored: StoredObject
    key: Key


@dataclass(frozen=True)
class Evidence:
    """What was collected. Build it with open_evidence().

    ``logs`` are log files of API events and files that may hold such by their ending; ``digests`` are digests;
    ``others`` maps every further key to the reason why it is neither, so that nothing is left out without a word.
    """

    source: Source
    logs: tuple[Item, ...] = field(repr=False)
    digests: tuple[Item, ...] = field(repr=False)
    others: Mapping[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        return self.source.name

    def holds(self, path: str | os.PathLike[str]) -> bool:
        """Whether a file lies inside the evidence, and so could be changed by whoever can change the evidence."""
        try:
            return Path(path).resolve().is_relative_to(Path(self.source.name).resolve())
        except OSError:
            return True

    def __repr__(self) -> str:
        counted = f"{len(self.logs)} log files · {len(self.digests)} digests · {len(self.others)} other files"
        return f"Evidence in {visible(self.name)}: {counted}"


_OPENED: set[Path] = set()
"""Where evidence was opened in this process: a picture does not know what it was drawn from, and must not land there."""


def refuse_to_write(path: str | os.PathLike[str]) -> None:
    """EvidenceError where a file to be written lies in evidence that was opened in this process, links followed."""
    try:
        place = Path(path).resolve()
        held = any(place.is_relative_to(opened) for opened in _OPENED)
    except OSError:
        held = True
    if held:
        raise EvidenceError(path, "it lies inside the evidence, which is never written to", "choose another place")


def open_evidence(place: str | os.PathLike[str]) -> Evidence:
    """List the evidence in a folder, a zip, a tar or ``s3://bucket/prefix``. No object is read yet, and nothing is ever written.

    A bucket is read over the network each time, with the credentials of the environment. Raises EvidenceError where there is no
    such place or nothing in it that could be CloudTrail's.
    """
    from cttoolkit.sources.archive import Archive, is_archive
    from cttoolkit.sources.bucket import Bucket, is_bucket
    from cttoolkit.sources.directory import Directory

    if is_bucket(place):
        return catalogue(Bucket(str(place)))
    _OPENED.add(Path(place).resolve())
    return catalogue(Archive(place) if is_archive(place) else Directory(place))


def catalogue(source: Source) -> Evidence:
    """Sort a source's objects into log files, digests and others, by what their keys say."""
    logs: list[Item] = []
    digests: list[Item] = []
    others: dict[str, str] = {}
    for stored in source.objects():
        key = parse_key(stored.key)
        if isinstance(key, DigestKey):
            digests.append(Item(stored, key))
        elif isinstance(key, LogKey):
            if key.kind == "CloudTrail":
                logs.append(Item(stored, key))
            else:
                others[stored.key] = f"a {key.kind} file: digests list no such files, and it holds no API events"
        elif _ANSWER.fullmatch(stored.key):
            others[stored.key] = "a recorded answer about the account's configuration, and no log file"
        elif stored.key in _BESIDE or stored.key.startswith(_BESIDE_FOLDERS) or not stored.key.endswith(_LOG_ENDS):
            others[stored.key] = "kept beside the evidence" if isinstance(key, AnswerKey) else key.reason
        else:
            logs.append(Item(stored, key))
    refused = source.refused()
    if not logs and not digests:
        seen = f"{len(others) + len(refused)} files, none of them CloudTrail's" if others or refused else "it is empty"
        raise EvidenceError(source.name, seen, "give the place that holds AWSLogs/")
    others.update(refused)
    return Evidence(source, tuple(logs), tuple(digests), dict(sorted(others.items())))


def stray(item: Item) -> bool:
    """Whether an item has no CloudTrail name, so that only its content can tell what it is."""
    return isinstance(item.key, OtherKey)
