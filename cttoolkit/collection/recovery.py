"""Versions of one key told apart by what digests say of them: what was deleted or overwritten is found in older ones.

A digest lists the hash of each log file, and that of the digest before it. Whether the digest itself is to be believed is for the
verification to say; here it only chooses between bytes, all of which are kept.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from cttoolkit.collection.listing import Version
from cttoolkit.custody.scratch import Scratch
from cttoolkit.integrity.digest import Digest, read_digest
from cttoolkit.integrity.inflate import inflate
from cttoolkit.key import DigestKey, parse_key

__all__ = ["Disputes", "disputed", "is_digest"]

_TABLES = """
    CREATE TABLE disputed (key TEXT PRIMARY KEY, path TEXT) WITHOUT ROWID;
    CREATE TABLE line (is_log INTEGER, moment REAL, key TEXT, path TEXT, PRIMARY KEY (is_log, moment, key)) WITHOUT ROWID;
    CREATE TABLE said (key TEXT, sha256 TEXT, PRIMARY KEY (key, sha256)) WITHOUT ROWID;
    BEGIN;
"""


class Disputes(Scratch):
    """Keys of several versions, and the hashes that digests list of them; whoever deletes everything makes as many as there are objects."""

    def __init__(self, place: Path) -> None:
        super().__init__(place, _TABLES)
        self._turn = threading.Lock()
        self.are_any = False

    def add(self, key: str, path: str | None) -> None:
        """Take a key, and the place where one of its versions is to lie; None where none can."""
        self.are_any = True
        found = parse_key(key)
        is_log, moment = (0, -found.ended_at.timestamp()) if isinstance(found, DigestKey) else (1, 0.0)
        with self._telling():
            self._connection.execute("INSERT INTO disputed VALUES (?, ?)", (key, path))
            self._connection.execute("INSERT INTO line VALUES (?, ?, ?, ?)", (is_log, moment, key, path))

    def inorder(self) -> Iterator[tuple[str, str]]:
        """Keys with their places. Each digest tells of the one before it: the newest come first, and log files after all digests."""
        yield from self._rows("SELECT key, path FROM line WHERE path IS NOT NULL ORDER BY is_log, moment, key")

    def read(self, key: str, body: bytes) -> None:
        """Take what a digest says of these keys, if these bytes are one. Several threads may do so at once."""
        digest = read_digest(key, body)
        if not isinstance(digest, Digest):
            return
        listed = [(listing.hash_value.lower(), listing.s3_object) for listing in digest.listings]
        if digest.previous_place is not None and digest.previous_sha256 is not None:
            listed.append((digest.previous_sha256.lower(), digest.previous_place))
        with self._turn, self._telling():
            self._connection.executemany("INSERT OR IGNORE INTO said SELECT key, ? FROM disputed WHERE key = ?", listed)

    def agree(self, key: str, body: bytes) -> bool:
        """Whether a digest lists the hash of what these bytes inflate to."""
        known = {sha256 for (sha256,) in self._rows("SELECT sha256 FROM said WHERE key = ?", (key,))}
        if not known:
            return False
        inflated = inflate(body)
        return inflated.flaw is None and hashlib.sha256(inflated.content).hexdigest() in known


def is_digest(key: str) -> bool:
    return isinstance(parse_key(key), DigestKey)


def disputed(versions: Iterable[Version]) -> bool:
    """Whether versions of one key are more than one object that is there now."""
    found = list(versions)
    return len(found) > 1 or found[0].is_marker or not found[0].is_latest
