"""RSA signatures of digests: checking them, and making them for worlds that are simulated.

The scheme is RSASSA-PKCS1-v1_5 with SHA-256 (AWS CloudTrail User Guide, "Custom implementations of CloudTrail log
file integrity validation"). Nothing else touches the primitives of CloudTrail's signatures.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["ALGORITHM", "SigningKey", "fingerprint", "is_public_key", "signature_holds", "string_to_sign"]

ALGORITHM = "SHA256withRSA"


def fingerprint(der: bytes) -> str:
    """Hex MD5 of the DER bytes of a public key, as ListPublicKeys names its keys. A name, not a protection."""
    return hashlib.md5(der, usedforsecurity=False).hexdigest()


def string_to_sign(ended_at: str, bucket: str, key: str, sha256: str, previous_signature: str | None) -> bytes:
    """The signed text of one digest, built from the values exactly as the digest writes them.

    ``sha256`` is the hex hash of the uncompressed digest; the literal ``null`` stands for a chain's first predecessor.
    """
    return (
        f"{ended_at}\n{bucket}/{key}\n{sha256}\n{'null' if previous_signature is None else previous_signature}".encode()
    )


@lru_cache(maxsize=4096)
def _public_key(der: bytes) -> RSAPublicKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPublicKey) else None


def is_public_key(der: bytes) -> bool:
    """Whether the bytes are an RSA public key, PKCS#1 (as AWS gives it) or SubjectPublicKeyInfo."""
    return _public_key(der) is not None


def signature_holds(der: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` was made over ``message`` by the private half of ``der``."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _public_key(der)
    if key is None:
        raise ValueError("not an RSA public key")
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


class SigningKey:
    """A private key for simulated worlds, from two primes: the same primes always sign the same bytes."""

    def __init__(self, p: int, q: int, e: int = 65537) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        d = pow(e, -1, (p - 1) * (q - 1))
        numbers = rsa.RSAPrivateNumbers(
            p,
            q,
            d,
            rsa.rsa_crt_dmp1(d, p),
            rsa.rsa_crt_dmq1(d, q),
            rsa.rsa_crt_iqmp(p, q),
            rsa.RSAPublicNumbers(e, p * q),
        )
        self._key = numbers.private_key()

    @property
    def public_der(self) -> bytes:
        """DER PKCS#1, the form that ListPublicKeys gives in base64."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public_der)

    def sign(self, message: bytes) -> str:
        """Hex, as CloudTrail writes it into the object's metadata."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return self._key.sign(message, PKCS1v15(), SHA256()).hex()
