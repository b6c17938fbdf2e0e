"""The manifest: what a collection holds, file by file, where each came from, and who collected it when.

``manifest.json`` is JSON with one entry a line, its parts in one order and the objects by their paths, so that the same content always has
the same hash, and ten million entries are written and read one after the other. It is a note of the collector's and no proof by itself:
whoever can change the evidence can write another. What binds it is its hash, kept elsewhere, or a signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import msgspec

from cttoolkit.custody.path import MANIFEST
from cttoolkit.custody.regular import open_regular, why
from cttoolkit.errors import EvidenceError

__all__ = ["FORMAT", "Collected", "Described", "Entry", "ManifestReader", "Marker", "manifest_lines", "open_manifest"]

FORMAT = "cttoolkit manifest 2"
_OURS = b'"cttoolkit manifest '
_FIRST = b'{"format":"' + FORMAT.encode() + b'",\n'
_LONGEST_LINE = 16 << 20
_ANY_TOOL = 64 << 20
_REMEDY = "restore the manifest that the collector wrote"
_Told: TypeAlias = str | int | float | bool | list[str] | dict[str, str] | None
Run: TypeAlias = dict[str, _Told]


class Collected(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One object of a bucket as it was collected.

    ``path`` is where its bytes lie below the folder, ``collected_at`` the time that S3's own answer gave, ``checked_by`` what S3 said
    of the bytes that they were held against: a checksum, the ETag, or their length alone. ``is_current`` is false for an older
    version; ``recovered_from`` names the version whose bytes lie at ``path`` because a digest lists their hash and not the newest's.
    """

    path: str
    key: str
    size: int
    sha256: str
    etag: str
    last_modified: str
    collected_at: str
    checked_by: str
    source: str
    run: int
    version_id: str | None = None
    metadata: dict[str, str] = {}
    checksums: dict[str, str] = {}
    storage_class: str | None = None
    is_current: bool = True
    recovered_from: str | None = None


class Marker(msgspec.Struct, frozen=True):
    """A delete marker: when a key was deleted, and whether it still is."""

    key: str
    version_id: str
    last_modified: str
    is_latest: bool


class Described(msgspec.Struct, frozen=True):
    """A file that describes objects: keys, configuration, metadata."""

    path: str
    size: int
    sha256: str


class _Pair(msgspec.Struct, frozen=True):
    """One ``"name":"reason"`` of a JSON object."""

    name: str
    reason: str


Entry: TypeAlias = Run | Described | tuple[str, str, str] | Marker | Collected
"""A run; a file; ("not_collected" or "left_out", what, why); a delete marker; an object."""
_PARTS: dict[str, Any] = {
    "runs": Run,
    "files": Described,
    "not_collected": _Pair,
    "left_out": _Pair,
    "delete_markers": Marker,
    "objects": Collected,
}
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in _PARTS.items() if kind is not _Pair}
_PAIR = msgspec.json.Decoder(dict[str, str])


def manifest_lines(
    *,
    runs: Iterable[Mapping[str, Any]],
    files: Iterable[Described],
    not_collected: Mapping[str, str],
    left_out: Mapping[str, str],
    delete_markers: Iterable[bytes],
    objects: Iterable[bytes],
) -> Iterator[bytes]:
    """The manifest in pieces. Markers and objects come as msgspec encodes them, in the order in which they are to be written."""
    told = msgspec.json.Encoder(order="deterministic")
    yield _FIRST
    yield from _list("runs", map(told.encode, runs))
    yield from _list("files", map(told.encode, files))
    for name, reasons in (("not_collected", not_collected), ("left_out", left_out)):
        pairs = (told.encode(what) + b":" + told.encode(reasons[what]) for what in sorted(reasons))
        yield from _part(name, pairs, b"{}")
    yield from _list("delete_markers", delete_markers)
    yield from _list("objects", objects, end=b"\n")
    yield b"}\n"


def _list(name: str, entries: Iterable[bytes], end: bytes = b",\n") -> Iterator[bytes]:
    return _part(name, entries, b"[]", end)


def _part(name: str, entries: Iterable[bytes], around: bytes, end: bytes = b",\n") -> Iterator[bytes]:
    yield b'"%s":%c\n' % (name.encode(), around[0])
    before = b""
    for entry in entries:
        yield before + entry
        before = b",\n"
    yield (b"\n" if before else b"") + around[1:] + end


class ManifestReader:
    """An open manifest. ``entries()`` reads it once; at the end of that, ``sha256`` is the hash of the file."""

    def __init__(self, file: BinaryIO, place: Path) -> None:
        self._file, self._place = file, place
        self._taken = hashlib.sha256()
        self._number = 0

    @property
    def file(self) -> BinaryIO:
        return self._file

    @property
    def sha256(self) -> str:
        return self._taken.hexdigest()

    def entries(self) -> Iterator[Entry]:
        """Every entry in the order of the file, objects last and by their paths. EvidenceError where a line is not as it was written."""
        self._expect(_FIRST)
        for name, kind in _PARTS.items():
            is_pairs = kind is _Pair
            self._expect(b'"%s":%s\n' % (name.encode(), b"{" if is_pairs else b"["))
            closing = (b"}" if is_pairs else b"]") + (b"\n" if name == "objects" else b",\n")
            yield from self._part(name, closing)
        self._expect(b"}\n")
        if self._line():
            raise self._wrong("more follows its end")

    def _part(self, name: str, closing: bytes) -> Iterator[Entry]:
        before, goes_on = None, None
        while (line := self._line()) != closing or goes_on:
            if goes_on is False:
                raise self._wrong("a comma is missing before it")
            goes_on = line.endswith(b",\n")
            entry = self._decoded(name, line[:-2] if goes_on else line)
            if isinstance(entry, Collected | tuple):
                named = entry.path if isinstance(entry, Collected) else entry[1]
                if before is not None and named <= before:
                    raise self._wrong("not in order, or there twice")
                before = named
            yield entry

    def _decoded(self, name: str, line: bytes) -> Entry:
        try:
            if name in _DECODERS:
                return _DECODERS[name].decode(line)  # type: ignore[no-any-return]
            ((what, reason),) = _PAIR.decode(b"{" + line + b"}").items()
        except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise self._wrong(str(error)) from error
        return name, what, reason

    def _expect(self, line: bytes) -> None:
        if self._line() != line:
            raise self._wrong(f"{line.decode().strip()} should stand there")

    def _line(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        self._taken.update(line)
        self._number += 1
        return line

    def _wrong(self, what: str) -> EvidenceError:
        return EvidenceError(self._place, f"not a manifest: line {self._number}: {what}", _REMEDY)


@contextmanager
def open_manifest(folder: Path) -> Iterator[ManifestReader | None]:
    """The manifest of a folder; None where there is none, or one of another tool's.

    EvidenceError where it is damaged, or not as a collector of this version wrote it.
    """
    place = folder / MANIFEST
    try:
        file = open_regular(place)
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    except OSError as error:
        raise EvidenceError(place, why(error), _REMEDY) from error
    with file:
        is_ours = file.read(len(_FIRST)) == _FIRST
        file.seek(0)
        if not is_ours:
            _refuse_ours(file, place)
        yield ManifestReader(file, place) if is_ours else None


def _refuse_ours(file: BinaryIO, place: Path) -> None:
    """EvidenceError where the file is a manifest of ours all the same: of another version, or in another layout."""
    body = file.read(_ANY_TOOL)
    if len(body) == _ANY_TOOL:
        # What another tool wrote may be as large as it likes; it is not read as a whole.
        while not (is_named := _OURS in body) and (more := file.read(_ANY_TOOL)):
            body = body[-len(_OURS) :] + more
        if is_named:
            raise EvidenceError(place, "of another version of the format, or not as it was written", _REMEDY)
        return
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceError(place, "not JSON", _REMEDY) from error
    named = str(document.get("format", "")) if isinstance(document, dict) else ""
    if named == FORMAT:
        raise EvidenceError(place, "not a manifest: not laid out as it was written", _REMEDY)
    if named.startswith("cttoolkit manifest"):
        raise EvidenceError(place, "of another version of the format", "check it with the version that wrote it")
