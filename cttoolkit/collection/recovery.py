"""Versions of one key told apart by what digests say of them: what was deleted or overwritten is found in older ones.

A digest lists the hash of each log file, and that of the digest before it. Whether the digest itself is to be believed is for the
verification to say; here it only chooses between bytes, all of which are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from cttoolkit.collection.listing import Version
from cttoolkit.integrity.digest import Digest, read_digest
from cttoolkit.integrity.inflate import inflate
from cttoolkit.key import DigestKey, parse_key

__all__ = ["Hashes", "disputed", "is_digest"]


@dataclass
class Hashes:
    """SHA-256 by key of the inflated content, as the digests that were read list it; of chosen keys only."""

    keys: frozenset[str]
    listed: dict[str, set[str]] = field(default_factory=dict)

    def read(self, key: str, body: bytes) -> None:
        """Take what a digest says, if these bytes are one."""
        digest = read_digest(key, body)
        if not isinstance(digest, Digest):
            return
        for listing in digest.listings:
            self._add(listing.s3_object, listing.hash_value)
        if digest.previous_place is not None and digest.previous_sha256 is not None:
            self._add(digest.previous_place, digest.previous_sha256)

    def agree(self, key: str, body: bytes) -> bool:
        """Whether a digest lists the hash of what these bytes inflate to."""
        known = self.listed.get(key)
        if not known:
            return False
        inflated = inflate(body)
        return inflated.flaw is None and hashlib.sha256(inflated.content).hexdigest() in known

    def _add(self, key: str, value: str) -> None:
        if key in self.keys:
            self.listed.setdefault(key, set()).add(value.lower())


def is_digest(key: str) -> bool:
    return isinstance(parse_key(key), DigestKey)


def disputed(versions: Iterable[Version]) -> bool:
    """Whether versions of one key are more than one object that is there now."""
    found = list(versions)
    return len(found) > 1 or found[0].is_marker or not found[0].is_latest
