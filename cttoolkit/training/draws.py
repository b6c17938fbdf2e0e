"""Draws that look random and depend on the seed alone, on every machine and Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draws"]

T = TypeVar("T")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Draws:
    """A stream of draws. Two streams of one seed and name are the same."""

    def __init__(self, *names: object) -> None:
        self._name = "/".join(map(str, names)).encode()
        self._count = 0

    def _next(self) -> bytes:
        self._count += 1
        return hashlib.sha256(self._name + b"/%d" % self._count).digest()

    def below(self, limit: int) -> int:
        """A whole number from 0 to ``limit`` - 1."""
        return int.from_bytes(self._next()[:8], "big") % limit

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def hexadecimal(self, digits: int) -> str:
        return (self._next() + self._next()).hex()[:digits]

    def uuid(self) -> str:
        text = self._next().hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"

    def token(self, length: int) -> str:
        """Capital letters and digits, as in ids of IAM."""
        return "".join(_ALPHABET[byte % 32] for byte in self._next()[:length])
