"""What an attacker does to a bucket, one verb each.

A verb changes what it says, nothing else, and returns what it did as an entry for truth.json: the harm, or None where there
is none, and the keys of the objects that it touched.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from cttoolkit.integrity.signature import SigningKey
from cttoolkit.key import DigestKey, LogKey, last_part, parse_key
from cttoolkit.packed import packed
from cttoolkit.training.bucket import Bucket, StoredObject, pack
from cttoolkit.training.digests import Link, sign_digest
from cttoolkit.window import Instant, instant

__all__ = [
    "append",
    "content",
    "cut_tail",
    "delete",
    "drop_signature",
    "edit_digest",
    "edit_log",
    "flip_byte",
    "plant_log",
    "recompress",
    "resign",
    "stop_validation",
    "swap",
    "truncate",
]

Done = dict[str, Any]


def _put(bucket: Bucket, key: str, body: bytes) -> None:
    bucket.objects[key] = replace(bucket.objects[key], body=body)


def content(bucket: Bucket, key: str) -> dict[str, Any]:
    """The document in an object."""
    found: dict[str, Any] = json.loads(gzip.decompress(bucket.objects[key].body))
    return found


def edit_log(bucket: Bucket, key: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Done:
    """Change a log file's records and compress it again; the digests know nothing of it."""
    _put(bucket, key, pack({"Records": change(content(bucket, key)["Records"])}))
    return {"harm": "log edited", "keys": [key]}


def edit_digest(bucket: Bucket, key: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Done:
    """Change a digest without being able to sign it."""
    _put(bucket, key, pack(change(content(bucket, key))))
    return {"harm": "digest edited", "keys": [key]}


def flip_byte(bucket: Bucket, key: str, offset: int) -> Done:
    body = bytearray(bucket.objects[key].body)
    body[offset] ^= 1
    _put(bucket, key, bytes(body))
    return {"harm": "byte flipped", "keys": [key], "offset": offset}


def delete(bucket: Bucket, *keys: str) -> Done:
    for key in keys:
        del bucket.objects[key]
    return {"harm": "deleted", "keys": list(keys)}


def truncate(bucket: Bucket, key: str, keep: int) -> Done:
    _put(bucket, key, bucket.objects[key].body[:keep])
    return {"harm": "truncated", "keys": [key]}


def append(bucket: Bucket, key: str, junk: bytes) -> Done:
    _put(bucket, key, bucket.objects[key].body + junk)
    return {"harm": "bytes appended", "keys": [key]}


def swap(bucket: Bucket, one: str, other: str) -> Done:
    bucket.objects[one], bucket.objects[other] = bucket.objects[other], bucket.objects[one]
    return {"harm": "swapped", "keys": [one, other]}


def recompress(bucket: Bucket, key: str) -> Done:
    """Compress the same content in another way: no harm."""
    _put(bucket, key, packed(gzip.decompress(bucket.objects[key].body), 1))
    return {"harm": None, "what": "recompressed", "keys": [key]}


def plant_log(bucket: Bucket, like: str, records: list[dict[str, Any]], *, delivered_at: Instant | None = None) -> Done:
    """Put a forged log file beside a real one, for the same account and region; named as CloudTrail would name it."""
    real = parse_key(like)
    assert isinstance(real, LogKey)
    moment = instant(delivered_at) if delivered_at is not None else real.delivered_at
    body = pack({"Records": records})
    token = base64.b32encode(hashlib.sha256(body).digest()[:10]).decode()
    folder = like[: -len(f"yyyy/mm/dd/{last_part(like)}")]
    name = f"{real.account}_{real.kind}_{real.region}_{moment:%Y%m%dT%H%M}Z_{token}.json.gz"
    key = f"{folder}{moment:%Y/%m/%d}/{name}"
    bucket.objects[key] = StoredObject(body)
    return {"harm": "log planted", "keys": [key]}


def drop_signature(bucket: Bucket, *keys: str) -> Done:
    """Lose what S3 kept as metadata, as a plain copy does."""
    for key in keys:
        bucket.objects[key] = replace(bucket.objects[key], metadata={})
    return {"harm": None, "what": "metadata lost", "keys": list(keys)}


def cut_tail(bucket: Bucket, key: str, digests: int) -> Done:
    """Remove the newest digests of the chain that a digest belongs to. Nothing points at them, so nothing misses them."""
    return {**delete(bucket, *_chain(bucket, key)[-digests:]), "harm": "newest digests removed"}


def resign(
    bucket: Bucket, key: str, changes: dict[str, Any] | None = None, *, signer: SigningKey | None = None
) -> Done:
    """Change a digest, sign it, and sign all later ones of its chain anew: with the chain's own keys, or with a forger's.

    What only the holder of AWS's key could do, or who slips a key of his own into the keyring: the forger's is added to the
    bucket's keys.
    """
    chain = _chain(bucket, key)
    signed = chain[chain.index(key) :]
    previous: Link | None = None
    for one in signed:
        document = content(bucket, one) | (changes or {} if one == key else {})
        if previous is not None and document["previousDigestS3Object"] is not None:
            document["previousDigestHashValue"] = previous.sha256
            document["previousDigestSignature"] = previous.signature
        using = signer or bucket.keys[document["digestPublicKeyFingerprint"]]
        document["digestPublicKeyFingerprint"] = using.fingerprint
        stored, previous = sign_digest(document, using)
        bucket.objects[one] = replace(stored, metadata={**bucket.objects[one].metadata, **stored.metadata})
    if signer is not None:
        bucket.keys[signer.fingerprint] = signer
    return {"harm": "signed anew", "keys": signed}


def stop_validation(bucket: Bucket, key: str, digests: int = 1) -> Done:
    """Log on without digests for so many hours, from the one of ``key``: what was delivered then is listed by none.

    The next digest starts a chain, as when UpdateTrail switches validation off and on again; AWS signs all that follows.
    """
    chain = _chain(bucket, key)
    first = chain.index(key)
    gone, later = chain[first : first + digests], chain[first + digests :]
    delete(bucket, *gone)
    nothing = dict.fromkeys(name for name in content(bucket, later[0]) if name.startswith("previous")) if later else {}
    signed = resign(bucket, later[0], nothing)["keys"] if later else []
    return {"harm": "validation stopped", "keys": [*gone, *signed]}


def _chain(bucket: Bucket, key: str) -> list[str]:
    """The digests of the chain that one belongs to, in order of time."""
    mine = _identity(key)
    return sorted((one for one in bucket.digests if _identity(one) == mine), key=_ended_at)


def _identity(key: str) -> tuple[str | None, str, str, str, str, bool]:
    digest = _digest(key)
    return digest.organization, digest.account, digest.region, digest.trail, digest.home_region, digest.backfill


def _ended_at(key: str) -> datetime:
    return _digest(key).ended_at


def _digest(key: str) -> DigestKey:
    digest = parse_key(key)
    assert isinstance(digest, DigestKey)
    return digest
