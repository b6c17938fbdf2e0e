"""RSA primes from a seed: the same on every machine and Python, so that a simulated world signs the same bytes.

Keys made here protect nothing. They are public with the seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import count

from cttoolkit.integrity.signature import SigningKey

__all__ = ["signing_key"]

_BITS = 1024
_ROUNDS = 6
"""Of a number drawn at random, and not chosen by somebody, three leave less than one chance in 2^80 (Handbook of Applied
Cryptography, table 4.4)."""
_SPAN = 4096
_MOST = 1 << 15


@cache
def _small() -> tuple[int, ...]:
    """The odd primes below the bound."""
    crossed = bytearray(_MOST)
    for n in range(3, int(_MOST**0.5) + 1, 2):
        if not crossed[n]:
            crossed[n * n :: 2 * n] = b"\1" * len(range(n * n, _MOST, 2 * n))
    return tuple(n for n in range(3, _MOST, 2) if not crossed[n])


@lru_cache(maxsize=256)
def signing_key(seed: str) -> SigningKey:
    """The RSA-2048 key of this seed."""
    return SigningKey(_prime(f"{seed}/p"), _prime(f"{seed}/q"))


def _prime(seed: str) -> int:
    """The first prime at or after a number drawn from the seed, with its two highest bits set."""
    drawn = int.from_bytes(b"".join(hashlib.sha512(f"{seed}/{n}".encode()).digest() for n in range(_BITS // 512)))
    candidate = drawn | 1 | (3 << (_BITS - 2))
    return next(number for number in _sieved(candidate) if _is_prime(number))


def _sieved(start: int) -> Iterator[int]:
    """The odd numbers from an odd one on, without those that a small prime divides."""
    for begin in count(start, _SPAN):
        crossed = bytearray(_SPAN // 2)
        for small in _small():
            first = -begin % small
            place = (first + small if first % 2 else first) // 2
            crossed[place::small] = b"\1" * len(range(place, len(crossed), small))
        yield from (begin + 2 * place for place, is_crossed in enumerate(crossed) if not is_crossed)


def _is_prime(number: int) -> bool:
    """Miller-Rabin with fixed bases."""
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in _small()[:_ROUNDS]:
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = pow(power, 2, number)
            if power == number - 1:
                break
        else:
            return False
    # gcd(e, p - 1) must be 1 for the public exponent 65537.
    return (number - 1) % 65537 != 0
