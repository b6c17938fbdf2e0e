"""A zip or tar file that holds a copy of a CloudTrail bucket, read in place.

Member names are an attacker's as much as any key: what leads out of the archive, is no plain file, or is there twice is refused
and named, never extracted. A compressed tar cannot be read at random, so it is inflated once into a temporary file, within
bounds.
"""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.source import StoredObject
from cttoolkit.sources.sidecar import ENDS, LARGEST, SIDECAR, is_sidecar, read_entry, read_lines
from cttoolkit.text import is_text, visible

__all__ = ["Archive", "is_archive"]

_LARGEST_OBJECT = 512 << 20
_LARGEST_DOCUMENT = 64 * LARGEST
_LARGEST_RATIO = 200
"""Logs and digests are compressed already; packing their JSON gives 30 to 1 at the most."""
_SPARE = 64 << 20
_CHUNK = 1 << 20
_DRIVE = ":"
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
)
_COMPRESSIONS: Mapping[bytes, Literal["gzip", "bz2", "zstd"]] = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\x28\xb5\x2f\xfd": "zstd",
}


@dataclass(frozen=True, slots=True)
class _Member:
    """Where one object lies: a zip's entry, or a stretch of a tar."""

    at: int
    size: int


class Archive:
    """The evidence in one zip, tar, tar.gz, tar.bz2 or tar.zst."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._refused: dict[str, str] = {}
        self._members: dict[str, _Member] = {}
        self._is_zip = zipfile.is_zipfile(self._path)
        self._stamp = _stamp(self._path)
        self._read_from = self._path if self._is_zip else _plain_tar(self._path, self)
        self._zip: zipfile.ZipFile | None = None
        self._infos: dict[int, zipfile.ZipInfo] = {}
        self._metadata: dict[str, Mapping[str, str]] | None = None
        self._index(self._zip_members() if self._is_zip else self._tar_members())

    def __getstate__(self) -> dict[str, Any]:
        # Workers read bytes only; the temporary file stays the property of the process that made it.
        return {**self.__dict__, "_metadata": None, "_refused": {}, "_zip": None, "_infos": {}}

    @property
    def name(self) -> str:
        return str(self._path)

    def objects(self) -> list[StoredObject]:
        return [
            StoredObject(key, member.size, f"{self._stamp}-{member.at}")
            for key, member in sorted(self._members.items())
            if not is_sidecar(key)
        ]

    def refused(self) -> Mapping[str, str]:
        return dict(sorted(self._refused.items()))

    def read(self, stored: StoredObject) -> bytes:
        member = self._members.get(stored.key)
        if member is None:
            raise EvidenceError(stored.key, "no such member in the archive", "use a key that the evidence lists")
        if (stored.size, stored.stamp) != (member.size, f"{self._stamp}-{member.at}"):
            raise EvidenceChangedError(
                stored.key, "is not the member that was listed", "open the evidence again, and use what it lists"
            )
        return self._body(stored.key, member)

    def metadata(self, key: str) -> Mapping[str, str]:
        for end in ENDS:
            member = self._members.get(key + end)
            if member is not None:
                return read_entry(self._body(key + end, member), f"{self.name}: {key}{end}")
        if self._metadata is None:
            member = self._members.get(SIDECAR)
            lines = self._body(SIDECAR, member).splitlines(keepends=True) if member else ()
            self._metadata = {k: held for k, held, _ in read_lines(lines, f"{self.name}: {SIDECAR}") if k}
        return self._metadata.get(key, {})

    def document(self, name: str) -> bytes | None:
        member = self._members.get(name)
        if member is None:
            return None
        if member.size > _LARGEST_DOCUMENT:
            raise EvidenceError(name, "too large for what it should hold", "look at it, and take it out of the archive")
        return self._body(name, member)

    def _index(self, members: Iterator[tuple[str, str | None, _Member]]) -> None:
        """Every member by its key, or refused: the last of a name counts, as it would after unpacking."""
        for name, why, member in members:
            key = _key(name)
            wrong = why or ("a name that leads out of the archive" if key is None else None)
            if wrong is None and member.size > _LARGEST_OBJECT:
                wrong = f"{member.size} bytes are more than any log file"
            if wrong is not None or key is None:
                self._refused[visible(name)] = wrong or ""
                continue
            before = self._members.get(key)
            if before is not None:
                self._refused[f"{visible(key)} (at byte {before.at})"] = (
                    "another member of the same name comes after it"
                )
            self._members[key] = member
        self._members = _without_root(self._members)

    def _zip_members(self) -> Iterator[tuple[str, str | None, _Member]]:
        with self._whole():
            for info in self._opened().infolist():
                # Some of Windows' tools write backslashes, which no key of CloudTrail's has.
                name = info.orig_filename.replace("\\", "/")
                mode = info.external_attr >> 16
                if info.is_dir() or name.endswith("/"):
                    continue
                why = None
                if info.flag_bits & 1:
                    why = "encrypted"
                elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                    why = "a symbolic link, which is not followed" if stat.S_ISLNK(mode) else "not a regular file"
                elif info.file_size > _SPARE + info.compress_size * _LARGEST_RATIO * 5:
                    why = f"it would inflate {info.file_size // max(info.compress_size, 1)} times"
                yield name, why, _Member(info.header_offset, info.file_size)

    def _tar_members(self) -> Iterator[tuple[str, str | None, _Member]]:
        if not tarfile.is_tarfile(self._read_from):
            raise EvidenceError(
                self.name, "no zip and no tar", "give the folder or archive that holds the copied AWSLogs/"
            )
        with self._whole(), tarfile.open(self._read_from, "r:") as held:
            last = -1
            try:
                for info in held:
                    # Sizes below zero would lead back to where the reading began.
                    if info.offset <= last or info.size < 0:
                        break
                    last = info.offset
                    if info.isdir():
                        continue
                    why = None
                    if info.issym() or info.islnk():
                        why = "a link, which is not followed"
                    elif not info.isreg() or info.issparse():
                        why = "not a regular file"
                    yield info.name, why, _Member(info.offset_data, info.size)
            except tarfile.TarError as error:
                self._refused[f"(after byte {last})"] = f"the archive is damaged there: {error}"
            else:
                self._look_behind(held.offset)

    def _look_behind(self, end: int) -> None:
        """Say what follows the last member, where that is not the zeros that end a tar: tarfile stops there silently."""
        with self._read_from.open("rb") as file:
            file.seek(end)
            if any(any(chunk) for chunk in iter(lambda: file.read(_CHUNK), b"")):
                self._refused[f"(after byte {end})"] = "bytes after the last member that are no members"

    def _opened(self) -> zipfile.ZipFile:
        if self._zip is None:
            opened = zipfile.ZipFile(self._read_from)
            self._infos = {info.header_offset: info for info in opened.infolist()}
            self._zip = opened
        return self._zip

    def _body(self, key: str, member: _Member) -> bytes:
        if _stamp(self._path) != self._stamp:
            raise EvidenceChangedError(
                self.name,
                "changed since the evidence was opened",
                "stop what writes there, and open the evidence again",
            )
        with self._whole(key):
            if self._is_zip:
                held = self._opened()
                with held.open(self._infos[member.at]) as file:
                    body = file.read(member.size + 1)
            else:
                with self._read_from.open("rb") as file:
                    file.seek(member.at)
                    body = file.read(member.size)
        if len(body) != member.size:
            raise EvidenceError(key, "the archive ends before this member does", "copy the archive again")
        return body

    @contextmanager
    def _whole(self, key: str | None = None) -> Iterator[None]:
        try:
            yield
        except _DAMAGE as error:
            raise EvidenceError(
                key or self.name, f"damaged in the archive: {error}", "copy the archive again"
            ) from error
        except OSError as error:
            wrong = (error.strerror or str(error)).lower()
            raise EvidenceError(key or self.name, wrong, "make the archive readable for this user") from error


def is_archive(path: str | os.PathLike[str]) -> bool:
    """Whether a file is a zip or a tar by its content, compressed or not."""
    try:
        # A pipe would be waited for.
        if not Path(path).is_file():
            return False
        if zipfile.is_zipfile(path):
            return True
        with Path(path).open("rb") as file:
            head = file.read(8)
        return any(head.startswith(magic) for magic in _COMPRESSIONS) or tarfile.is_tarfile(path)
    except OSError:
        return False


def _key(name: str) -> str | None:
    """The key that a member's name stands for; None where it leads out of the archive."""
    while name.startswith("./"):
        name = name[2:]
    parts = name.split("/")
    if not name or "\0" in name or any(part in ("", ".", "..") for part in parts) or _DRIVE in parts[0]:
        return None
    return name if is_text(name) else None


def _without_root(members: dict[str, _Member]) -> dict[str, _Member]:
    """The same without the one folder that was packed, so that what lies at the evidence's root is found there."""
    tops = {key.split("/", 1)[0] for key in members}
    top = next(iter(tops), "")
    below = tuple(f"{top}/{name}" for name in ("AWSLogs/", "EventHistory/", "CloudWatchLogs/", SIDECAR))
    if len(tops) != 1 or not any(key.startswith(below) for key in members):
        return members
    return {key.removeprefix(f"{top}/"): member for key, member in members.items()}


def _stamp(path: Path) -> str:
    try:
        info = path.stat()
    except OSError as error:
        raise EvidenceError(path, (error.strerror or str(error)).lower(), "put the archive back") from error
    return f"{info.st_mtime_ns}-{info.st_ctime_ns}-{info.st_size}"


def _plain_tar(path: Path, owner: object) -> Path:
    """The tar itself, or a temporary copy of it inflated, which goes with its owner."""
    with path.open("rb") as file:
        head = file.read(4)
    compression = next((kind for magic, kind in _COMPRESSIONS.items() if head.startswith(magic)), None)
    if compression is None:
        return path
    folder = Path(tempfile.mkdtemp(prefix="cttoolkit-tar-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    plain = folder / "evidence.tar"
    most = _SPARE + path.stat().st_size * _LARGEST_RATIO
    import pyarrow as pa

    try:
        with pa.input_stream(str(path), compression=compression) as packed, plain.open("wb") as unpacked:
            _copy(packed, unpacked, most, path)
    except OSError as error:
        wrong = f"cannot be inflated: {error}"
        raise EvidenceError(
            path, wrong, "copy the archive again, and see that the temporary folder has room"
        ) from error
    return plain


def _copy(packed: Any, unpacked: IO[bytes], most: int, path: Path) -> None:
    written = 0
    while chunk := packed.read(_CHUNK):
        written += len(chunk)
        if written > most:
            raise EvidenceError(path, f"inflates to more than {most} bytes", "look at it: no logs pack that well")
        unpacked.write(chunk)
