"""RSA primes from a seed: the same on every machine and Python, so that a simulated world signs the same bytes.

Keys made here protect nothing. They are public with the seed.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cttoolkit.integrity.signature import SigningKey

__all__ = ["signing_key"]

_BITS = 1024
_ROUNDS = 24
_SMALL = tuple(n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2)))


@lru_cache(maxsize=256)
def signing_key(seed: str) -> SigningKey:
    """The RSA-2048 key of this seed."""
    return SigningKey(_prime(f"{seed}/p"), _prime(f"{seed}/q"))


def _prime(seed: str) -> int:
    """The first prime at or after a number drawn from the seed, with its two highest bits set."""
    drawn = int.from_bytes(b"".join(hashlib.sha512(f"{seed}/{n}".encode()).digest() for n in range(_BITS // 512)))
    candidate = drawn | 1 | (3 << (_BITS - 2))
    while not _is_prime(candidate):
        candidate += 2
    return candidate


def _is_prime(number: int) -> bool:
    """Miller-Rabin with fixed bases, after trial division."""
    if any(number % small == 0 for small in _SMALL):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in _SMALL[:_ROUNDS]:
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
