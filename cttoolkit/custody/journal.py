"""The journal of a collection that is under way: a line for each object, written after its file is safely there.

It outlives a killed process, so that the next run goes on from it. When the manifest is written the journal goes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from cttoolkit.custody.manifest import Collected
from cttoolkit.custody.path import JOURNAL
from cttoolkit.custody.regular import open_regular, why
from cttoolkit.errors import EvidenceError

__all__ = ["Journal"]

_FLUSH_EVERY = 256
_LONGEST_LINE = 16 << 20


class Journal:
    """Opened, it hands what a run wrote that was broken off to ``take``; a line that a kill cut short is cut off."""

    def __init__(self, folder: Path, take: Callable[[Collected], None]) -> None:
        self._path = folder / JOURNAL
        try:
            # One opening to read and to write, so that nothing can be put in its place between.
            with ExitStack() as opened:
                self._file = opened.enter_context(open_regular(self._path, os.O_RDWR | os.O_CREAT))
                whole = self._load(self._file, take)
                self._file.truncate(whole)
                self._file.seek(whole)
                opened.pop_all()
        except OSError as error:
            raise EvidenceError(self._path, why(error), "choose a folder that can be written") from error
        self._written = 0

    def _load(self, file: BinaryIO, take: Callable[[Collected], None]) -> int:
        """Hand on what is there, and say how many bytes of it are whole lines."""
        decoder = msgspec.json.Decoder(Collected)
        whole = number = 0
        while (line := file.readline(_LONGEST_LINE)).endswith(b"\n") or len(line) == _LONGEST_LINE:
            number += 1
            try:
                one = decoder.decode(line)
            except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise EvidenceError(
                    f"{self._path} line {number}", f"not a line of the journal: {error}", "collect into another folder"
                ) from error
            whole += len(line)
            take(one)
        return whole

    def add(self, one: Collected) -> None:
        self._written += 1
        with self._telling():
            self._file.write(msgspec.json.encode(one) + b"\n")
            # Out of the process at once: a kill takes only what lies in its own memory.
            self._file.flush()
            if self._written % _FLUSH_EVERY == 0:
                os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with self._telling(), self._file:
                os.fsync(self._file.fileno())
        except EvidenceError:
            # What went wrong before is the cause of this.
            if value is None:
                raise

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What the disk refuses, as our own error."""
        try:
            yield
        except OSError as error:
            raise EvidenceError(self._path, why(error), "make room and see that the folder can be written") from error

    def remove(self) -> None:
        with self._telling():
            self._path.unlink(missing_ok=True)
