"""What a sample's truth and its raw records say, read without the toolkit, so that answers do not rest on what they check."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"


class Sample:
    """One sample: ``truth`` as it stands, ``records`` by event id."""

    def __init__(self, name: str) -> None:
        self.folder = SAMPLES / name
        self.truth: dict[str, Any] = json.loads((self.folder / "truth.json").read_text())

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        """Every record of every log file that can be read, altered and planted ones as well."""
        found = {}
        for path in sorted(self.folder.rglob("CloudTrail/**/*.json.gz")):
            try:
                entries = json.loads(gzip.decompress(path.read_bytes()))["Records"]
            except (OSError, EOFError, ValueError, zlib.error):
                continue
            found.update({entry["eventID"]: entry for entry in entries})
        return found

    def claims(self, *names: str) -> list[str]:
        """Event ids of parts of the story."""
        return [event for name in names for event in self.truth["claims"][name]]

    def herring(self, name: str) -> list[str]:
        return list(self.truth["red_herrings"][name]["events"])

    def told(self, events: list[str], *path: str) -> list[Any]:
        """What the records of these events say at one path, each value once."""
        found = set()
        for event in events:
            value: Any = self.records[event]
            for part in path:
                value = (value or {}).get(part)
            if value is not None:
                found.add(value)
        return sorted(found)

    def time(self, part: str) -> str:
        """When the one event of a part of the story happened."""
        (event,) = self.truth["claims"][part]
        return str(self.records[event]["eventTime"])

    @cached_property
    def _arns(self) -> frozenset[str]:
        found = set()
        for record in self.records.values():
            identity = record["userIdentity"]
            issuer = identity.get("sessionContext", {}).get("sessionIssuer", {})
            found.update({identity.get("arn"), issuer.get("arn")})
        return frozenset(found - {None})

    def actor(self, name: str) -> list[str]:
        """All ways to write an actor: its ARN (or address of mail), and each end of that which no other has."""
        marks = [at for at, letter in enumerate(name) if letter in "/:"]
        ends = [name[at + 1 :] for at in marks]
        others = [end for arn in self._arns - {name} for end in _ends(arn)]
        return [name, *(end for end in ends if Counter(others)[end] == 0 and end)]


def _ends(arn: str) -> list[str]:
    return [arn[at + 1 :] for at, letter in enumerate(arn) if letter in "/:"]
