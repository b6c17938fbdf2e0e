"""Records as they stand in their log files, untouched. Each file is read once, however many of its records are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.integrity.inflate import inflate, inflate_all, unpack
from cttoolkit.reader import split

if TYPE_CHECKING:
    from cttoolkit.evidence import Evidence
    from cttoolkit.source import Source, StoredObject

__all__ = ["originals"]


def originals(
    evidence: Evidence, wanted: Iterable[tuple[str, int, str]]
) -> Iterator[tuple[str, Mapping[int, str] | EvidenceError]]:
    """The records at (log file, record index, hash of the log file): for each file, in order, its records by index.

    A file that cannot be read, or is no longer the content that was judged, comes with its error instead.
    """
    files: dict[tuple[str, str], set[int]] = {}
    for log_file, index, log_sha256 in wanted:
        files.setdefault((log_file, log_sha256), set()).add(index)
    stored = {item.stored.key: item.stored for item in evidence.logs} if files else {}
    anew: dict[str, StoredObject] = {}
    for (log_file, log_sha256), indexes in sorted(files.items()):
        try:
            yield log_file, _records(log_file, _body(evidence.source, stored[log_file], anew), log_sha256, indexes)
        except EvidenceError as error:
            yield log_file, error


def _body(source: Source, stored: StoredObject, anew: dict[str, StoredObject]) -> bytes:
    """The object's bytes. One of the same size that was touched since may be the same still: its hash decides, not its stamp."""
    try:
        return source.read(stored)
    except EvidenceChangedError:
        anew.update({} if anew else {one.key: one for one in source.objects()})
        now = anew.get(stored.key)
        if now is None or now.size != stored.size:
            raise
        return source.read(now)


def _records(log_file: str, body: bytes, log_sha256: str, indexes: Iterable[int]) -> dict[int, str]:
    judged = (read(body).content for read in (inflate, inflate_all))
    content = next((one for one in judged if hashlib.sha256(one).hexdigest() == log_sha256), None)
    found = split(content, unpack) if content is not None else "not the content that was judged"
    if isinstance(found, str):
        raise EvidenceChangedError(log_file, found, "verify the evidence again")
    places = {index: place for place, index in enumerate(found.indexes)}
    return {
        index: bytes(found.records[places[index]]).decode(errors="backslashreplace") for index in sorted(set(indexes))
    }
