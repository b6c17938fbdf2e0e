"""What is too much for memory, on its way to the bucket: kept in memory while it is little, in a temporary file from then on."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from cttoolkit.training.stored import StoredObject

__all__ = ["Entry", "Place", "Shelf", "Spool"]

_HELD = 48 << 20
"""Bytes of records that are held before they go to the file."""


class Place(NamedTuple):
    """The log file that a record belongs to: the trail by its number, the region, the time of delivery."""

    trail: int
    region: str
    delivered_at: datetime


class Entry(NamedTuple):
    """One record as the log file will hold it, its place in the file's order, and its time where it has one."""

    rank: bytes
    time: str | None
    body: bytes


class _File:
    """A temporary file that goes with whoever holds it, written at its end."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as its owner does
        self._end = 0
        weakref.finalize(self, self._file.close)

    def add(self, body: bytes) -> tuple[int, int]:
        """Where it lies now, and its length."""
        self._file.seek(self._end)
        self._file.write(body)
        place = self._end, len(body)
        self._end += len(body)
        return place

    def read(self, place: tuple[int, int]) -> bytes:
        self._file.seek(place[0])
        return self._file.read(place[1])


class Spool:
    """Records by place, in the order in which they came. In memory there are never more than ``held`` bytes of them."""

    def __init__(self, held: int = _HELD) -> None:
        self._limit = held
        self._size = 0
        self._held: dict[Place, list[Entry]] = {}
        self._blocks: dict[Place, list[tuple[int, int]]] = {}
        self._file: _File | None = None
        self._decoder = msgspec.msgpack.Decoder(list[Entry])

    @property
    def is_on_disk(self) -> bool:
        return self._file is not None

    @property
    def places(self) -> list[Place]:
        """In order of trail, region and time."""
        return sorted(self._held.keys() | self._blocks.keys())

    def add(self, place: Place, entry: Entry) -> None:
        self._held.setdefault(place, []).append(entry)
        self._size += len(entry.body)
        if self._size > self._limit:
            self._let_go()

    def entries(self, place: Place) -> list[Entry]:
        found: list[Entry] = []
        if self._file is not None:
            for block in self._blocks.get(place, ()):
                found += self._decoder.decode(self._file.read(block))
        return found + self._held.get(place, [])

    def _let_go(self) -> None:
        self._file = self._file or _File()
        for place, entries in self._held.items():
            self._blocks.setdefault(place, []).append(self._file.add(msgspec.msgpack.encode(entries)))
        self._held.clear()
        self._size = 0


class Shelf(MutableMapping[str, StoredObject]):
    """Objects by key, their bodies in a temporary file: a bucket too large for memory, used as any other."""

    def __init__(self) -> None:
        self._file = _File()
        self._objects: dict[str, tuple[tuple[int, int], Mapping[str, str]]] = {}

    def __getitem__(self, key: str) -> StoredObject:
        place, metadata = self._objects[key]
        return StoredObject(self._file.read(place), metadata)

    def __setitem__(self, key: str, stored: StoredObject) -> None:
        self._objects[key] = self._file.add(stored.body), stored.metadata

    def __delitem__(self, key: str) -> None:
        del self._objects[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._objects)

    def __len__(self) -> int:
        return len(self._objects)
