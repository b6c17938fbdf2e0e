"""What evidence is read from: objects by key, with their bytes and metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

__all__ = ["Distant", "Source", "StoredObject"]


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as its source lists it. ``stamp`` changes when the object does (modification time, ETag, version)."""

    key: str
    size: int
    stamp: str


@runtime_checkable
class Source(Protocol):
    """Read-only by construction: there is nothing here that writes.

    An implementation must be picklable (reading happens in worker processes), must list in a stable order, and
    raises EvidenceError for what it cannot reach and EvidenceChangedError for what moved under its hands. It
    never answers with partial bytes. tests/sources/test_contract.py asks all of this of every implementation.
    """

    @property
    def name(self) -> str:
        """Where the evidence lies, for people."""
        ...

    def objects(self) -> Iterable[StoredObject]:
        """Every object, sorted by key; sidecars are left out where metadata is read from them."""
        ...

    def refused(self) -> Mapping[str, str]:
        """Keys that were found and not listed, with the reason (a link out of the folder, a device)."""
        ...

    def read(self, stored: StoredObject) -> bytes:
        """The whole object. EvidenceChangedError where it is no longer the object that was listed."""
        ...

    def metadata(self, key: str) -> Mapping[str, str]:
        """User metadata with lower-case names and no ``x-amz-meta-``; empty where none was kept."""
        ...

    def document(self, name: str) -> bytes | None:
        """A file that the collector put at the root beside the objects (``trail-configuration.json``), or None."""
        ...


@runtime_checkable
class Distant(Source, Protocol):
    """A source whose answers are long in coming, and which may be read by several threads at once."""

    @property
    def at_once(self) -> int:
        """How many objects it is worth asking for at the same time."""
        ...
