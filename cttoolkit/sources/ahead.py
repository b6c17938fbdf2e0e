"""Reading ahead of whoever reads: a distant source is asked for many objects at once, and they are taken one by one in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import ThreadPool
from typing import TYPE_CHECKING

from cttoolkit.source import Distant, Source, StoredObject

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult

__all__ = ["read_ahead"]

_MOST_BYTES = 64 << 20
"""Of objects that are asked for and not yet taken."""
_BEGUN = 4
"""Objects asked for and not yet taken, for each that is under way: one that is slow holds up no other for a while."""


@contextmanager
def read_ahead(source: Source, objects: Iterable[StoredObject]) -> Iterator[Callable[[StoredObject], bytes]]:
    """What reads an object as ``source.read()`` does, with the same errors, for objects that are taken in this order.

    Some may be left out. What is asked for and not taken is bounded in number and in bytes, however many objects there are; at the end,
    and where it is broken off, nothing is waited for.
    """
    if not isinstance(source, Distant):
        yield source.read
        return
    ahead = _Ahead(source, objects)
    try:
        yield ahead.take
    finally:
        ahead.stop()


class _Ahead:
    def __init__(self, source: Distant, objects: Iterable[StoredObject]) -> None:
        self._source = source
        self._waiting = iter(objects)
        self._next = next(self._waiting, None)
        self._begun: deque[tuple[StoredObject, AsyncResult[bytes]]] = deque()
        self._bytes = 0
        # Of daemons: a process that is interrupted does not wait for answers that may never come.
        self._pool = ThreadPool(source.at_once) if self._next is not None else None

    def take(self, stored: StoredObject) -> bytes:
        self._begin()
        while self._begun:
            one, coming = self._begun.popleft()
            self._bytes -= one.size
            self._begin()
            if one == stored:
                return coming.get()
        return self._source.read(stored)

    def _begin(self) -> None:
        """Ask for as many more as there is room for, and always for one."""
        while self._next is not None and self._pool is not None:
            is_full = len(self._begun) >= _BEGUN * self._source.at_once or self._bytes + self._next.size > _MOST_BYTES
            if self._begun and is_full:
                return
            self._begun.append((self._next, self._pool.apply_async(self._source.read, (self._next,))))
            self._bytes += self._next.size
            self._next = next(self._waiting, None)

    def stop(self) -> None:
        self._waiting = iter(())
        self._next = None
        if self._pool is not None:
            self._pool.terminate()
