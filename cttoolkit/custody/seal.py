"""A detached Ed25519 signature over the manifest, by a key of the collector's own.

The signature binds the manifest to whoever holds the private key. It has nothing to do with AWS's signatures of digests, which
prove what CloudTrail wrote.
"""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cttoolkit.custody.regular import open_regular, why
from cttoolkit.errors import EvidenceError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["load_private", "load_public", "seal_file", "seal_holds"]

_MAKE = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
_LENGTH = 64


def load_private(path: Path) -> Ed25519PrivateKey:
    """An unencrypted PEM private key. EvidenceError where it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(path, f"not a private key that can be used: {error}", _MAKE) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise EvidenceError(path, "not an Ed25519 key", _MAKE)
    return key


def load_public(path: Path) -> Ed25519PublicKey:
    """A PEM public key. EvidenceError where it is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    remedy = "give the public half: openssl pkey -in key.pem -pubout -out key.pub"
    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise EvidenceError(path, f"not a public key that can be used: {error}", remedy) from error
    if not isinstance(key, Ed25519PublicKey):
        raise EvidenceError(path, "not an Ed25519 key", remedy)
    return key


def seal_file(key: Ed25519PrivateKey, manifest: Path) -> bytes:
    """The signature of a file in base64, one line."""
    try:
        with open_regular(manifest) as file, _mapped(file) as body:
            return base64.b64encode(key.sign(body)) + b"\n"
    except OSError as error:
        raise EvidenceError(manifest, why(error), "make it readable for this user") from error


def seal_holds(key: Ed25519PublicKey, manifest: BinaryIO, signature: bytes) -> bool:
    """Whether a signature as seal_file() makes it is one of the open file, by the private half of this key."""
    from cryptography.exceptions import InvalidSignature

    try:
        raw = base64.b64decode(signature.strip(), validate=True)
        if len(raw) != _LENGTH:
            return False
        with _mapped(manifest) as body:
            key.verify(raw, body)
    except (InvalidSignature, ValueError):
        return False
    return True


@contextmanager
def _mapped(file: BinaryIO) -> Iterator[memoryview]:
    # Ed25519 takes a message as a whole, and that of a large collection need not fit into memory.
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as body:
        yield body


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(path, (error.strerror or str(error)).lower(), "give a file that can be read") from error
