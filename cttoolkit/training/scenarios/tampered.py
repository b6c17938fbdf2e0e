"""The leaked key once more, after somebody with write access to the bucket cleaned up: seven harms, and a change that is none."""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

from cttoolkit.training import tamper
from cttoolkit.training.bucket import Bucket, pack
from cttoolkit.training.scenarios import leaked_key

__all__ = ["build"]


def build(seed: int = 1, days: int = 2, volume: float = 1.0) -> tuple[Bucket, dict[str, Any]]:
    """The bucket after the harms, and its truth: which keys each harm touched."""
    bucket, truth = leaked_key.build(seed, days, volume)
    claims = truth["claims"]

    def holding(story: str) -> str:
        """The log file with the first event of a part of the story."""
        wanted = claims[story][0]
        return next(key for key in bucket.logs if any(r["eventID"] == wanted for r in _records(bucket, key)))

    minted, read, first = holding("second_key_minted"), holding("objects_read"), holding("first_foreign_use")
    ireland = holding("looked_at_eu-west-1")
    hidden = claims["second_key_minted"]
    done = [
        tamper.edit_log(bucket, minted, lambda records: [r for r in records if r["eventID"] not in hidden])
        | {"what": "the making of alice's second key was cut out of its log file"},
        tamper.delete(bucket, read) | {"what": "the log file with the first reads of the archive was deleted"},
        tamper.plant_log(bucket, first, [_framing(bucket, first)])
        | {"what": "a log file was planted in which a colleague's address uses the key first"},
        _cover_up(bucket, ireland, claims["looked_at_eu-west-1"]),
        tamper.delete(bucket, _digests(bucket, "eu-west-1")[20]) | {"what": "a digest of the Irish chain was deleted"},
        tamper.cut_tail(bucket, _digests(bucket, "ap-southeast-2")[0], 3)
        | {"what": "the newest three digests of Sydney were removed"},
        tamper.swap(bucket, *_neighbours(bucket)) | {"what": "two log files of Sydney were swapped"},
        tamper.recompress(bucket, holding("second_key_used")) | {"what": "compressed anew, the content unchanged"},
    ]
    held = {record["eventID"] for key in bucket.logs for record in _records(bucket, key)}
    gone = {name: lost for name, ids in claims.items() if (lost := [one for one in ids if one not in held])}
    return bucket, truth | {"world": "tampered", "tampering": done, "gone": gone}


def _records(bucket: Bucket, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tamper.content(bucket, key)["Records"]
    return found


def _digests(bucket: Bucket, region: str) -> list[str]:
    return [key for key in bucket.digests if f"/CloudTrail-Digest/{region}/" in key]


def _neighbours(bucket: Bucket) -> tuple[str, str]:
    logs = [key for key in bucket.logs if "/CloudTrail/ap-southeast-2/" in key]
    return logs[30], logs[31]


def _framing(bucket: Bucket, like: str) -> dict[str, Any]:
    """A made-up event: the same call as the attacker's first, minutes earlier, from a colleague's address."""
    record = next(r for r in _records(bucket, like) if r["eventName"] == "GetCallerIdentity")
    return record | {
        "eventTime": "2026-03-01T02:01:07Z",
        "sourceIPAddress": "192.0.2.23",
        "eventID": "5d0c6f0a-3b1e-4c55-a7f1-9be2f04d1c77",
        "requestID": "0f4b7a9e-8d21-4f0e-a6b3-51c2d97e3a10",
    }


def _cover_up(bucket: Bucket, log: str, ids: list[str]) -> dict[str, Any]:
    """Edit a log file, and the digest that lists it, so that the hashes agree again. Only the signature tells."""
    kept = [record for record in _records(bucket, log) if record["eventID"] not in ids]
    body = pack({"Records": kept})
    tamper.edit_log(bucket, log, lambda _: kept)
    listing = next(key for key in _digests(bucket, "eu-west-1") if log in str(tamper.content(bucket, key)["logFiles"]))

    def fit(document: dict[str, Any]) -> dict[str, Any]:
        for entry in document["logFiles"]:
            if entry["s3Object"] == log:
                entry["hashValue"] = hashlib.sha256(gzip.decompress(body)).hexdigest()
        return document

    tamper.edit_digest(bucket, listing, fit)
    what = "the look at Ireland was cut out of its log file, and the digest changed to fit"
    return {"harm": "log and digest edited", "keys": [log, listing], "what": what}
