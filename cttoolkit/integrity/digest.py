"""Digest files as CloudTrail writes them: bytes in, a checked value out.

Source: AWS CloudTrail User Guide, "CloudTrail digest file structure". Reading a digest proves nothing about it; that is
the chain's part.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

import msgspec

from cttoolkit.errors import WindowError
from cttoolkit.integrity.inflate import Bounds, inflate
from cttoolkit.key import DigestKey, parse_key
from cttoolkit.window import Window, instant

__all__ = ["DIGEST_BOUNDS", "Digest", "Listing", "NotADigest", "read_digest"]

DIGEST_BOUNDS = Bounds(64 << 20)
"""What a digest may inflate to: more than a hundred thousand listed log files."""

HASH_ALGORITHM = "SHA-256"

_Text = Annotated[str, msgspec.Meta(max_length=4096)]


class Listing(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One log file as a digest lists it. Times are texts, as written; null where the log holds no event."""

    s3_bucket: _Text = msgspec.field(name="s3Bucket")
    s3_object: _Text = msgspec.field(name="s3Object")
    hash_value: _Text
    hash_algorithm: _Text
    newest_event_time: _Text | None = None
    oldest_event_time: _Text | None = None


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    aws_account_id: _Text
    digest_start_time: _Text
    digest_end_time: _Text
    digest_s3_bucket: _Text = msgspec.field(name="digestS3Bucket")
    digest_s3_object: _Text = msgspec.field(name="digestS3Object")
    digest_public_key_fingerprint: _Text
    digest_signature_algorithm: _Text
    log_files: list[Listing]
    previous_digest_s3_bucket: _Text | None = msgspec.field(name="previousDigestS3Bucket")
    previous_digest_s3_object: _Text | None = msgspec.field(name="previousDigestS3Object")
    previous_digest_hash_value: _Text | None
    previous_digest_signature: _Text | None
    previous_digest_hash_algorithm: _Text | None = None
    newest_event_time: _Text | None = None
    oldest_event_time: _Text | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest that could be read. ``place`` is the key it claims for itself, ``key`` where it lies in the evidence."""

    key: str
    place: DigestKey
    bucket: str
    sha256: str
    window: Window
    ended_at_text: str
    fingerprint: str
    signature_algorithm: str
    listings: tuple[Listing, ...]
    previous_place: str | None
    previous_bucket: str | None
    previous_sha256: str | None
    previous_hash_algorithm: str | None
    previous_signature: str | None
    flaw: str | None = None
    plain: bool = False

    @property
    def starts_chain(self) -> bool:
        return self.previous_place is None


@dataclass(frozen=True, slots=True)
class NotADigest:
    """An object in a digest's place that cannot be read as one, and why. ``sha256`` is of what could be inflated."""

    key: str
    reason: str
    sha256: str | None


_decoder = msgspec.json.Decoder(_Document)


def read_digest(key: str, body: bytes) -> Digest | NotADigest:
    """Read one object that lies in a digest's place."""
    inflated = inflate(body, DIGEST_BOUNDS)
    raw = inflated.content
    sha256 = hashlib.sha256(raw).hexdigest()
    if inflated.flaw and not raw:
        return NotADigest(key, inflated.flaw, None)
    try:
        document = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        return NotADigest(key, f"not a digest: {error}", sha256)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return NotADigest(key, inflated.flaw or "not JSON", sha256)
    place = parse_key(document.digest_s3_object)
    if not isinstance(place, DigestKey):
        return NotADigest(key, "the place that it claims is no digest's", sha256)
    try:
        window = Window(
            instant(document.digest_start_time, subject="digestStartTime"),
            instant(document.digest_end_time, subject="digestEndTime"),
        )
    except WindowError as error:
        return NotADigest(key, str(error.wrong), sha256)
    if place.ended_at != window.end or place.account != document.aws_account_id:
        return NotADigest(key, "the place that it claims and its content tell different accounts or times", sha256)
    return Digest(
        key=key,
        place=place,
        bucket=document.digest_s3_bucket,
        sha256=sha256,
        window=window,
        ended_at_text=document.digest_end_time,
        fingerprint=document.digest_public_key_fingerprint,
        signature_algorithm=document.digest_signature_algorithm,
        listings=tuple(document.log_files),
        previous_place=document.previous_digest_s3_object,
        previous_bucket=document.previous_digest_s3_bucket,
        previous_sha256=document.previous_digest_hash_value,
        previous_hash_algorithm=document.previous_digest_hash_algorithm,
        previous_signature=document.previous_digest_signature,
        flaw=inflated.flaw,
        plain=inflated.plain,
    )
