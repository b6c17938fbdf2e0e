"""Evidence for benchmarks: many log files and the signed digests that list them, the same for the same numbers."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cttoolkit.integrity.signature import SigningKey, fingerprint
from cttoolkit.training.digests import sign_digest
from cttoolkit.training.draws import Draws
from cttoolkit.training.primes import signing_key
from cttoolkit.window import instant, written

ACCOUNT, TRAIL, HOME, BUCKET = "111122223333", "management-events", "us-east-1", "example-logs"
FILE = "feedf00d"
"""Stands in each event's id, and is replaced by the file's number, so that no two events are the same."""
START = instant("2025-01-01T00:00:00Z")
NAMES = (
    "DescribeInstances",
    "GetObject",
    "PutObject",
    "AssumeRole",
    "Decrypt",
    "ListBuckets",
    "GetMetricData",
    "RunInstances",
)


def record(number: int, at: datetime, draws: Draws) -> dict[str, object]:
    """One event of about 1.6 kB, with the parts that real ones have."""
    user = draws.below(40)
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{user:04d}:session-{user}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/role-{user}/session-{user}",
            "accountId": ACCOUNT,
            "accessKeyId": f"ASIA{user:09d}EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "arn": f"arn:aws:iam::{ACCOUNT}:role/role-{user}",
                    "accountId": ACCOUNT,
                },
                "attributes": {"creationDate": "2025-01-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": written(at),
        "eventSource": "ec2.amazonaws.com",
        "eventName": draws.one(NAMES),
        "awsRegion": HOME,
        "sourceIPAddress": f"192.0.2.{draws.below(250)}",
        "userAgent": "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.3 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.130.0",
        "requestParameters": {
            "instancesSet": {"items": [{"instanceId": f"i-{draws.hexadecimal(17)}"} for _ in range(4)]},
            "filterSet": {},
        },
        "responseElements": None,
        "additionalEventData": {"note": draws.hexadecimal(64) * 3},
        "requestID": draws.uuid(),
        "eventID": FILE + draws.uuid()[8:],
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": "ec2.us-east-1.amazonaws.com",
        },
        "number": number,
    }


def place(kind: str, region: str, at: datetime, name: str) -> str:
    return f"AWSLogs/{ACCOUNT}/{kind}/{region}/{at:%Y/%m/%d}/{ACCOUNT}_{kind}_{region}_{name}.json.gz"


def regions(count: int) -> list[str]:
    return [f"us-test-{number}" for number in range(1, count + 1)]


def make(folder: Path, *, hours: int, logs_an_hour: int, records: int, places: int = 1) -> dict[str, int]:
    """Write ``places`` regions of ``hours`` digests with ``logs_an_hour`` log files of ``records`` each. Returns what was written.

    The content of a log file repeats over hours, apart from the events' ids and hours, so that making millions stays quick.
    """
    draws = Draws("benchmark")
    patterns = [
        json.dumps(
            {"Records": [record(n, START + timedelta(seconds=n), draws) for n in range(records)]}, separators=(",", ":")
        ).encode()
        for _ in range(4)
    ]
    totals = {"logs": 0, "digests": 0, "inflated": 0}
    for region in regions(places):
        signer, previous = signing_key(f"benchmark/{region}"), None
        for hour in range(hours):
            end = START + timedelta(hours=hour + 1, seconds=7)
            listings = list(_logs(folder, region, hour, logs_an_hour, patterns, totals))
            previous = _digest(folder, region, end, listings, previous, signer)
            totals["digests"] += 1
    _keys(folder, [signing_key(f"benchmark/{region}") for region in regions(places)])
    return totals


def _logs(
    folder: Path, region: str, hour: int, count: int, patterns: list[bytes], totals: dict[str, int]
) -> Iterator[dict[str, object]]:
    for number in range(count):
        at = START + timedelta(hours=hour, minutes=1 + number * 58 // max(count, 1))
        content = patterns[number % len(patterns)].replace(FILE.encode(), b"%08x" % totals["logs"])
        content = content.replace(
            f'"eventTime":"{START:%Y-%m-%dT%H}'.encode(), f'"eventTime":"{at:%Y-%m-%dT%H}'.encode()
        )
        key = place("CloudTrail", region, at, f"{at:%Y%m%dT%H%M}Z_{hour:08d}{number:08d}")
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, 6 if len(content) < 200_000 else 5, mtime=0))
        totals["logs"] += 1
        totals["inflated"] += len(content)
        time = written(at)
        yield {
            "s3Bucket": BUCKET,
            "s3Object": key,
            "hashValue": hashlib.sha256(content).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": time,
            "oldestEventTime": time,
        }


def _digest(
    folder: Path,
    region: str,
    end: datetime,
    listings: list[dict[str, object]],
    previous: tuple[str, str, str] | None,
    signer: SigningKey,
) -> tuple[str, str, str]:
    key = place("CloudTrail-Digest", region, end, f"{TRAIL}_{HOME}_{end:%Y%m%dT%H%M%S}Z")
    before, sha256, signature = previous or (None, None, None)
    stored, told = sign_digest(
        {
            "awsAccountId": ACCOUNT,
            "digestStartTime": written(end - timedelta(hours=1)),
            "digestEndTime": written(end),
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": fingerprint(signer.public_der),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before,
            "previousDigestHashValue": sha256,
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": signature,
            "logFiles": listings,
        },
        signer,
    )
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stored.body)
    with (folder / "objects-metadata.jsonl").open("a") as sidecar:
        sidecar.write(json.dumps({"key": key, "metadata": dict(stored.metadata)}) + "\n")
    return told


def _keys(folder: Path, signers: list[SigningKey]) -> None:
    import base64

    listed = [
        {
            "Value": base64.b64encode(signer.public_der).decode(),
            "Fingerprint": signer.fingerprint,
            "ValidityStartTime": "2024-01-01T00:00:00Z",
            "ValidityEndTime": "2060-01-01T00:00:00Z",
        }
        for signer in signers
    ]
    (folder.parent / f"{folder.name}-keys.json").write_text(json.dumps({"PublicKeyList": listed}))
