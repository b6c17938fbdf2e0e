"""What an attacker does to a bucket, one verb each. Every verb changes what it says and nothing else, and tells what it did."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from cttoolkit.integrity.signature import SigningKey
from cttoolkit.key import DigestKey, parse_key
from cttoolkit.training.bucket import Bucket, StoredObject, pack
from cttoolkit.training.simulator import sign_digest

__all__ = [
    "append",
    "cut_tail",
    "delete",
    "drop_signature",
    "edit_digest",
    "edit_log",
    "flip_byte",
    "plant_log",
    "recompress",
    "resign",
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
    _put(bucket, key, gzip.compress(gzip.decompress(bucket.objects[key].body), 1, mtime=0))
    return {"harm": None, "what": "recompressed", "keys": [key]}


def plant_log(bucket: Bucket, like: str, token: str, records: list[dict[str, Any]]) -> Done:
    """Put a forged log file beside a real one, with its name but for the token (16 letters and digits)."""
    folder, _, name = like.rpartition("/")
    key = f"{folder}/{name[: name.rindex('_')]}_{token}.json.gz"
    bucket.objects[key] = StoredObject(pack({"Records": records}))
    return {"harm": "log planted", "keys": [key]}


def drop_signature(bucket: Bucket, *keys: str) -> Done:
    """Lose what S3 kept as metadata, as a plain copy does."""
    for key in keys:
        bucket.objects[key] = replace(bucket.objects[key], metadata={})
    return {"harm": None, "what": "metadata lost", "keys": list(keys)}


def cut_tail(bucket: Bucket, region: str, digests: int) -> Done:
    """Remove the newest digests of a region. Nothing points at them, so nothing misses them."""
    return {**delete(bucket, *_chain(bucket, region)[-digests:]), "harm": "newest digests removed"}


def _chain(bucket: Bucket, region: str) -> list[str]:
    keys = [key for key in map(parse_key, bucket.digests) if isinstance(key, DigestKey) and key.region == region]
    return [key.key for key in sorted(keys, key=_ended_at)]


def _ended_at(key: DigestKey) -> datetime:
    return key.ended_at


def resign(
    bucket: Bucket, key: str, changes: dict[str, Any] | None = None, *, signer: SigningKey | None = None
) -> Done:
    """Change a digest, sign it, and sign all later ones of its chain anew: with the chain's own keys, or with a forger's.

    What only the holder of AWS's key could do, or who slips a key of his own into the keyring.
    """
    first = parse_key(key)
    assert isinstance(first, DigestKey)
    chain = [k for k in map(parse_key, bucket.digests) if isinstance(k, DigestKey) and _same(k, first)]
    signed: list[str] = []
    previous: tuple[str, str, str] | None = None
    for one in sorted(chain, key=_ended_at):
        if one.ended_at < first.ended_at:
            continue
        document = content(bucket, one.key)
        if one == first:
            document.update(changes or {})
        if previous is not None and document["previousDigestS3Object"] is not None:
            _, document["previousDigestHashValue"], document["previousDigestSignature"] = previous
        using = signer or bucket.keys[document["digestPublicKeyFingerprint"]]
        document["digestPublicKeyFingerprint"] = using.fingerprint
        bucket.objects[one.key], previous = sign_digest(document, using)
        signed.append(one.key)
    if signer is not None:
        bucket.keys[signer.fingerprint] = signer
    return {"harm": "signed anew", "keys": signed}


def _same(one: DigestKey, other: DigestKey) -> bool:
    return (one.account, one.region, one.trail) == (other.account, other.region, other.trail)


def harms(done: Iterable[Done]) -> int:
    """How many of these changes harm the evidence."""
    return sum(one["harm"] is not None for one in done)
