"""The public keys that digests are checked with, each with where it came from.

A file holds what ``aws cloudtrail list-public-keys`` answers. Trust in a chain is never more than trust in where its
keys came from: whoever forges a digest can also make a key, and name it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from cttoolkit.errors import KeyringError, WindowError
from cttoolkit.integrity.signature import fingerprint, is_public_key
from cttoolkit.sources.public_keys import dump, list_public_keys
from cttoolkit.text import visible
from cttoolkit.window import Window, instant, written

__all__ = ["KeyFile", "Keyring", "PublicKey", "fetch_keys", "load_keys"]

SLACK = timedelta(hours=2)
"""How far a digest may end outside its key's validity: the AWS CLI asks for keys up to two hours past a digest's end."""

_LARGEST = 64 << 20
_ASK = "save the answer of `aws cloudtrail list-public-keys` for the region and period of the digests"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One RSA public key. ``fingerprint`` is recomputed from ``der``, never taken from the file."""

    fingerprint: str
    der: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime
    origin: str

    def valid_at(self, moment: datetime) -> bool:
        return self.valid_from - SLACK <= moment <= self.valid_until + SLACK


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that keys were loaded from; its hash goes into every report."""

    path: str
    sha256: str
    keys: int


@dataclass(frozen=True)
class Keyring:
    """Keys by fingerprint. An empty one is allowed: without keys, everything is unverifiable, and says so."""

    keys: Mapping[str, PublicKey] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    files: tuple[KeyFile, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        held = ", ".join(f"{visible(file.path)} ({file.keys}, sha256 {file.sha256[:12]}…)" for file in self.files)
        return f"Keyring of {len(self.keys)} public keys" + (f" from {held}" if held else "")

    def find(self, name: str) -> PublicKey | None:
        """The key whose fingerprint a digest names, or None. Hex is compared ignoring case."""
        return self.keys.get(name.lower())


def load_keys(*paths: str | os.PathLike[str]) -> Keyring:
    """Load one or more files of the shape of list-public-keys. Raises KeyringError for any other shape.

    Times may be ISO 8601 or seconds since the epoch. A key whose fingerprint does not fit its value is refused: one of
    the two was changed.
    """
    keys: dict[str, PublicKey] = {}
    files: list[KeyFile] = []
    for path in paths:
        body = _read(path)
        found = list(_parse(path, body))
        if not found:
            raise KeyringError(path, "it holds no keys", _ASK)
        for key in found:
            known = keys.get(key.fingerprint)
            # The same key asked for twice may come with other validity; the wider one is AWS's too.
            keys[key.fingerprint] = _widest(known, key) if known else key
        files.append(KeyFile(str(path), hashlib.sha256(body).hexdigest(), len(found)))
    return Keyring(MappingProxyType(keys), tuple(files))


def fetch_keys(regions: Iterable[str], window: Window, *, session: Any = None) -> Keyring:
    """Ask AWS for the keys of these regions and this window of digests. Needs boto3, credentials and a network.

    Each region signs with keys of its own, so every region of the evidence has to be asked. EvidenceError where AWS refuses.
    """
    asked = tuple(regions)
    body = dump(list_public_keys(asked, window, session))
    origin = f"ListPublicKeys in {', '.join(asked)}"
    keys = {key.fingerprint: key for key in _parse(origin, body)}
    if not keys:
        raise KeyringError(origin, f"no key for {window}", "ask for the regions and the time of the digests")
    return Keyring(MappingProxyType(keys), (KeyFile(origin, hashlib.sha256(body).hexdigest(), len(keys)),))


def _widest(one: PublicKey, other: PublicKey) -> PublicKey:
    return PublicKey(
        one.fingerprint,
        one.der,
        min(one.valid_from, other.valid_from),
        max(one.valid_until, other.valid_until),
        one.origin,
    )


def _read(path: str | os.PathLike[str]) -> bytes:
    file = Path(path)
    try:
        if file.is_dir():
            raise KeyringError(path, "a folder, not a file of keys", _ASK)
        if file.stat().st_size > _LARGEST:
            raise KeyringError(path, "too large for a list of public keys", _ASK)
        return file.read_bytes()
    except FileNotFoundError as error:
        raise KeyringError(path, "no such file", _ASK) from error
    except OSError as error:
        raise KeyringError(
            path, (error.strerror or "cannot be read").lower(), "make it readable for this user"
        ) from error


def _parse(path: str | os.PathLike[str], body: bytes) -> Iterable[PublicKey]:
    try:
        document = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KeyringError(path, "not JSON", _ASK) from error
    listed = None
    if isinstance(document, dict):
        listed = document.get("PublicKeyList", document.get("publicKeyList"))
    if not isinstance(listed, list):
        raise KeyringError(path, "no PublicKeyList in it", _ASK)
    for number, entry in enumerate(listed):
        yield _public_key(f"{path} key {number}", entry, str(path))


def _public_key(subject: str, entry: Any, origin: str) -> PublicKey:
    if not isinstance(entry, dict):
        raise KeyringError(subject, "not an object", _ASK)
    value, stated = entry.get("Value"), entry.get("Fingerprint")
    if not isinstance(value, str) or not isinstance(stated, str):
        raise KeyringError(subject, "no Value or no Fingerprint in it", _ASK)
    try:
        der = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyringError(subject, "its Value is not base64", _ASK) from error
    if not is_public_key(der):
        raise KeyringError(subject, "its Value is not an RSA public key", _ASK)
    actual = fingerprint(der)
    if actual != stated.lower():
        raise KeyringError(
            subject,
            f"its Value has fingerprint {actual}, not {stated}",
            "fetch the keys again, and keep this file: it was changed",
        )
    start = _moment(subject, entry.get("ValidityStartTime"))
    end = _moment(subject, entry.get("ValidityEndTime"))
    if end < start:
        raise KeyringError(subject, f"its validity ends at {written(end)}, before it starts", _ASK)
    return PublicKey(actual, der, start, end, origin)


def _moment(subject: str, value: Any) -> datetime:
    if isinstance(value, str):
        with suppress(ValueError):
            value = float(value)
    try:
        return instant(value, subject=subject)
    except WindowError as error:
        raise KeyringError(subject, f"its validity cannot be read ({error.wrong})", _ASK) from error
