"""Digests of a simulated chain: what they list, how each is linked to the one before it, their signatures.

Fields as in the AWS CloudTrail User Guide, "CloudTrail digest file structure".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from cttoolkit.integrity.signature import ALGORITHM, SigningKey, string_to_sign
from cttoolkit.packed import packed
from cttoolkit.training.stored import COMPRESSION, StoredObject
from cttoolkit.window import Window, written

__all__ = ["Link", "Listing", "compose_digest", "list_log", "sign_digest"]

Listing = dict[str, Any]


class Link(NamedTuple):
    """What a digest says of the one before it."""

    key: str
    sha256: str
    signature: str


def list_log(bucket: str, key: str, sha256: str, times: Iterable[str]) -> Listing:
    """The entry of one log file, by the hash of its uncompressed content and the times of its records."""
    times = sorted(times)
    return {
        "s3Bucket": bucket,
        "s3Object": key,
        "hashValue": sha256,
        "hashAlgorithm": "SHA-256",
        "newestEventTime": times[-1] if times else None,
        "oldestEventTime": times[0] if times else None,
    }


def compose_digest(
    bucket: str, key: str, account: str, hours: Window, listings: list[Listing], *, previous: Link | None, signer: str
) -> dict[str, Any]:
    """The document of one digest. ``signer`` is the fingerprint of the key that is to sign it."""
    return {
        "awsAccountId": account,
        "digestStartTime": written(hours.start),
        "digestEndTime": written(hours.end),
        "digestS3Bucket": bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": signer,
        "digestSignatureAlgorithm": ALGORITHM,
        "newestEventTime": max((one["newestEventTime"] for one in listings if one["newestEventTime"]), default=None),
        "oldestEventTime": min((one["oldestEventTime"] for one in listings if one["oldestEventTime"]), default=None),
        "previousDigestS3Bucket": bucket if previous else None,
        "previousDigestS3Object": previous.key if previous else None,
        "previousDigestHashValue": previous.sha256 if previous else None,
        "previousDigestHashAlgorithm": "SHA-256" if previous else None,
        "previousDigestSignature": previous.signature if previous else None,
        "logFiles": listings,
    }


def sign_digest(
    document: Mapping[str, Any], signer: SigningKey, *, generated_at: datetime | None = None
) -> tuple[StoredObject, Link]:
    """A digest as the bucket holds it, and what the next one will say of it.

    Only backfill digests have ``generated_at``: they are made hours after the time that they speak of.
    """
    content = json.dumps(document, separators=(",", ":")).encode()
    sha256, key = hashlib.sha256(content).hexdigest(), document["digestS3Object"]
    signature = signer.sign(
        string_to_sign(
            document["digestEndTime"], document["digestS3Bucket"], key, sha256, document["previousDigestSignature"]
        )
    )
    metadata = {"signature": signature, "signature-algorithm": ALGORITHM}
    if generated_at is not None:
        metadata["backfill-generation-timestamp"] = written(generated_at)
    return StoredObject(packed(content, COMPRESSION), metadata), Link(key, sha256, signature)
