"""Answers kept as salted hashes: a glance at the file does not give them away.

This deters, it does not protect: who has the evidence can try every event in it, and a yes or no is tried in a moment. Answers of
which there are few (yes or no, numbers, times, regions) go through scrypt, which makes a loop over them slow; the rest through SHA-256.
"""

from __future__ import annotations

import base64
import hashlib

__all__ = ["hashed", "masked", "salt_of", "unveiled", "veiled"]

_COST, _BLOCK = 2**12, 8


def salt_of(exercise: str, question: str) -> str:
    """The salt of one question: the same whenever the exercise is written again."""
    return hashlib.sha256(f"cttoolkit exercise {exercise} {question}".encode()).hexdigest()[:32]


def hashed(salt: str, text: str, *, slow: bool) -> str:
    """The hash of one canonical answer, as 32 hexadecimal digits. A slow one takes some 15 milliseconds."""
    if slow:
        return hashlib.scrypt(text.encode(), salt=salt.encode(), n=_COST, r=_BLOCK, p=1, dklen=16).hex()
    return hashlib.sha256(f"{salt} {text}".encode()).hexdigest()[:32]


def masked(salt: str, text: str, number: int) -> int:
    """A number that only who has the answer beside it can read: masking it again gives it back."""
    mask = int.from_bytes(hashlib.sha256(f"{salt} mask {text}".encode()).digest()[:4], "big")
    return number ^ mask


def _stream(salt: str, length: int) -> bytes:
    return hashlib.shake_256(f"{salt} explanation".encode()).digest(length)


def veiled(salt: str, text: str) -> str:
    """An explanation, made unreadable at a glance. The salt that lifts the veil lies beside it."""
    plain = text.encode()
    mixed = bytes(one ^ other for one, other in zip(plain, _stream(salt, len(plain)), strict=True))
    return base64.b64encode(mixed).decode()


def unveiled(salt: str, veil: str) -> str:
    mixed = base64.b64decode(veil)
    return bytes(one ^ other for one, other in zip(mixed, _stream(salt, len(mixed)), strict=True)).decode()
