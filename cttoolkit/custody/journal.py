"""The journal of a collection that is under way: a line for each object, written after its file is safely there.

It outlives a killed process, so that the next run goes on from it. When the manifest is written the journal goes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
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
            except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
                raise EvidenceError(
                    f"{self._path} line {number}", f"not a line of the journal: {error}", "collect into another folder"
                ) from error
            whole += len(line)
            take(one)
        return whole

    def add(self, one: Collected) -> None:
        self._file.write(msgspec.json.encode(one) + b"\n")
        # Out of the process at once: a kill takes only what lies in its own memory.
        self._file.flush()
        self._written += 1
        if self._written % _FLUSH_EVERY == 0:
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.fsync(self._file.fileno())
        self._file.close()

    def remove(self) -> None:
        self._path.unlink()
