"""The same files laid out for every kind of source, so that one test can ask all of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

from cttoolkit.sources.archive import Archive
from cttoolkit.sources.bucket import Bucket
from cttoolkit.sources.directory import Directory

SIDECAR = "objects-metadata.jsonl"


class InFolder:
    """Files on a disk; ``wrong`` names what may be listed by no source."""

    def __init__(self, place: Path, files: dict[str, bytes], metadata: dict[str, dict[str, str]]) -> None:
        self.place, self.files, self.metadata = place / "evidence", dict(files), metadata
        self.write()

    def described(self):
        """The files with what describes them."""
        lines = [json.dumps({"key": key, "metadata": held}) for key, held in self.metadata.items()]
        return {**self.files, SIDECAR: "\n".join(lines).encode()}

    def write(self):
        for key, body in self.described().items():
            path = self.place / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)

    def open(self):
        return Directory(self.place)

    def change(self, key, body):
        path = self.place / key
        if body is None:
            path.unlink()
        else:
            path.write_bytes(body)

    def add_hostile(self):
        outside = self.place.parent / "outside.json"
        (self.place / "link.json").symlink_to(outside)
        (self.place / "folder").symlink_to(self.place.parent)
        os.mkfifo(self.place / "pipe.json")
        (Path(os.fsencode(self.place).decode()) / os.fsdecode(b"\xff.json")).write_bytes(b"{}")
        return {"link.json", "folder", "pipe.json", "\\udcff.json"}

    def fingerprint(self):
        return {
            str(path): (
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            )
            for path in self.place.parent.rglob("*")
        }


class InArchive(InFolder):
    """A file that holds all others, under one folder as people pack it."""

    mode = ""
    top = "packed/"

    def __init__(self, place, files, metadata):
        self.hostile = []
        super().__init__(place, files, metadata)

    def write(self):
        self.place.with_name("evidence").unlink(missing_ok=True)
        self.pack([(f"{self.top}{key}", body) for key, body in self.described().items()] + self.hostile)

    def pack(self, members):
        with tarfile.open(self.place, self.mode) as held:
            for name, body in members:
                info = tarfile.TarInfo(name)
                if body is None:
                    info.type, info.linkname = tarfile.SYMTYPE, "../outside.json"
                info.size = len(body or b"")
                held.addfile(info, io.BytesIO(body or b""))

    def open(self):
        return Archive(self.place)

    def change(self, key, body):
        if body is None:
            del self.files[key]
        else:
            self.files[key] = body
        self.write()

    def add_hostile(self):
        twice = next(iter(self.files))
        self.hostile = [
            ("../outside.json", b"{}"),
            ("/outside.json", b"{}"),
            (f"{self.top}a//b.json", b"{}"),
            (f"{self.top}link.json", None),
            (f"{self.top}{twice}", self.files[twice]),
        ]
        self.write()
        return {
            "../outside.json",
            "/outside.json",
            f"{self.top}a//b.json",
            f"{self.top}link.json",
            f"{self.top}{twice} (at",
        }


class InZip(InArchive):
    def pack(self, members):
        with zipfile.ZipFile(self.place, "w", zipfile.ZIP_DEFLATED) as held:
            seen = set()
            for name, body in members:
                info = zipfile.ZipInfo(name)
                info.external_attr = (0o120777 if body is None else 0o100644) << 16
                if name in seen:
                    held.NameToInfo.pop(name)
                seen.add(name)
                held.writestr(info, body or b"../outside.json")


class InTar(InArchive):
    mode = "w"


class InTarGz(InArchive):
    mode = "w:gz"


class InTarZst(InArchive):
    def pack(self, members):
        import pyarrow as pa

        plain = self.place.with_name("plain.tar")
        with tarfile.open(plain, "w") as held:
            for name, body in members:
                info = tarfile.TarInfo(name)
                if body is None:
                    info.type, info.linkname = tarfile.SYMTYPE, "../outside.json"
                info.size = len(body or b"")
                held.addfile(info, io.BytesIO(body or b""))
        with pa.output_stream(str(self.place), compression="zstd") as packed:
            packed.write(plain.read_bytes())
        plain.unlink()


class InBucket:
    """Objects of S3, with their metadata on them and no sidecar. A key of S3 is no path, and none is refused."""

    def __init__(self, s3, name, files, metadata):
        self.s3, self.name, self.files, self.metadata = s3, name, dict(files), metadata
        s3.create_bucket(Bucket=name)
        for key, body in files.items():
            s3.put_object(Bucket=name, Key=key, Body=body, Metadata=metadata.get(key, {}))

    def open(self):
        return Bucket(f"s3://{self.name}")

    def change(self, key, body):
        if body is None:
            self.s3.delete_object(Bucket=self.name, Key=key)
        else:
            self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def add_hostile(self):
        for key in ("../outside.json", "/outside.json", "a//b.json"):
            self.files[key] = b"its own"
            self.change(key, b"its own")
        return set()

    def fingerprint(self):
        listed = self.s3.list_objects_v2(Bucket=self.name)["Contents"]
        return {one["Key"]: (one["ETag"], one["LastModified"]) for one in listed}

    def remove(self):
        for one in self.s3.list_objects_v2(Bucket=self.name).get("Contents", ()):
            self.s3.delete_object(Bucket=self.name, Key=one["Key"])
        self.s3.delete_bucket(Bucket=self.name)
