"""A simulated CloudTrail that really signs: records in, a bucket with log files and digest chains out.

    sim = Simulator(seed=7)
    trail = sim.trail("management-events", account="111122223333", home="us-east-1", regions=("us-east-1",),
                      bucket="example-logs", start="2026-03-01T00:00:00Z", end="2026-03-01T06:00:00Z")
    trail.record("us-east-1", {"eventTime": "2026-03-01T02:05:11Z", "eventName": "CreateAccessKey", …})
    sim.seal().write("out/")

The same seed and records give the same bytes. Formats are those of the AWS CloudTrail User Guide, "CloudTrail log file name format"
and "CloudTrail digest file structure".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.integrity.signature import ALGORITHM, SigningKey, string_to_sign
from cttoolkit.training.bucket import COMPRESSION, Bucket, StoredObject
from cttoolkit.training.primes import signing_key
from cttoolkit.window import Instant, Window, instant, written

__all__ = ["Bucket", "Simulator", "StoredObject", "Trail"]

_HOUR = timedelta(hours=1)


@dataclass
class Trail:
    """One trail while its records are gathered."""

    name: str
    account: str
    home: str
    regions: tuple[str, ...]
    bucket: str
    prefix: str
    organization: str | None
    span: Window
    offset: timedelta
    seed: str
    every: timedelta
    selectors: dict[str, Any]
    records: dict[tuple[str, datetime], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    late: set[tuple[str, datetime]] = field(default_factory=set)
    restarts: dict[str, list[Window]] = field(default_factory=lambda: defaultdict(list))

    def record(
        self, region: str, event: dict[str, Any], delivered_at: Instant | None = None, *, listed_late: bool = False
    ) -> None:
        """Log one record. Without a time of delivery it comes two to nine minutes later, grouped with its neighbours.

        ``listed_late`` leaves its log file to the digest after its own hour's.
        """
        if delivered_at is not None:
            moment = instant(delivered_at)
        else:
            spread = hashlib.sha256(f"{self.seed}/{region}/{event['eventTime']}".encode()).digest()[0] % 8
            moment = instant(event["eventTime"]) + timedelta(minutes=2 + spread)
            moment += (self.span.start - moment) % self.every
        moment = moment.replace(second=0, microsecond=0)
        self.records[region, moment].append(event)
        if listed_late:
            self.late.add((region, moment))

    def restart(self, region: str, off: Window) -> None:
        """Validation was off in this window: its hours have no digests, and the next one starts a chain."""
        self.restarts[region].append(off)

    def _place(self, kind: str, region: str, moment: datetime) -> str:
        organization = f"{self.organization}/" if self.organization else ""
        return f"{self.prefix}AWSLogs/{organization}{self.account}/{kind}/{region}/{moment:%Y/%m/%d}"

    def log_files(self, region: str) -> Iterator[tuple[datetime, str, bytes, list[dict[str, Any]]]]:
        """Delivery time, key, content and records of each log file of a region, in order of delivery."""
        for place, moment in sorted(place for place in self.records if place[0] == region):
            records = self.records[place, moment]
            # CloudTrail promises no order inside a file.
            records = sorted(records, key=lambda record: _shuffled(self.seed, record))
            content = json.dumps({"Records": records}, separators=(",", ":")).encode()
            token = base64.b32encode(hashlib.sha256(self.seed.encode() + content).digest()[:10]).decode()
            name = f"{self.account}_CloudTrail_{region}_{moment:%Y%m%dT%H%M}Z_{token}.json.gz"
            yield moment, f"{self._place('CloudTrail', region, moment)}/{name}", content, records

    def digest_key(self, region: str, end: datetime) -> str:
        name = f"{self.account}_CloudTrail-Digest_{region}_{self.name}_{self.home}_{end:%Y%m%dT%H%M%S}Z.json.gz"
        return f"{self._place('CloudTrail-Digest', region, end)}/{name}"


def _shuffled(seed: str, record: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(f"{seed}/{record.get('eventID')}/{record.get('eventTime')}".encode()).digest()


class Simulator:
    """Trails that deliver into one bucket. Each region signs with a key of its own."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._trails: list[Trail] = []
        self._rotations: dict[str, list[datetime]] = defaultdict(list)

    def trail(
        self,
        name: str,
        *,
        account: str,
        home: str,
        regions: tuple[str, ...],
        bucket: str,
        start: Instant,
        end: Instant,
        prefix: str = "",
        organization: str | None = None,
        every: timedelta = timedelta(minutes=5),
        selectors: dict[str, Any] | None = None,
    ) -> Trail:
        """Add a trail with a digest for every hour of ``[start, end)`` in every region, also when nothing happens.

        ``every`` is how often log files are delivered, ``selectors`` an answer of GetEventSelectors (default: all management
        events, read and write).
        """
        seed = f"{self._seed}/{account}/{name}"
        # Digests of a chain end at a minute and second of their own.
        offset = timedelta(seconds=hashlib.sha256(seed.encode()).digest()[0] % 50 + 5)
        chosen = selectors or {
            "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
        }
        trail = Trail(
            name,
            account,
            home,
            regions,
            bucket,
            prefix,
            organization,
            Window.of(start, end),
            offset,
            seed,
            every,
            chosen,
        )
        self._trails.append(trail)
        return trail

    def rotate_key(self, region: str, at: Instant) -> None:
        """From then on the region signs with another key."""
        self._rotations[region].append(instant(at))
        self._rotations[region].sort()

    def _key(self, region: str, moment: datetime) -> SigningKey:
        number = sum(at <= moment for at in self._rotations[region])
        return signing_key(f"{self._seed}/{region}/{number}")

    def seal(self) -> Bucket:
        """Write every log file, close every hour, and sign it."""
        objects: dict[str, StoredObject] = {}
        keys: dict[str, SigningKey] = {}
        for trail in self._trails:
            for region in trail.regions:
                listings = []
                for moment, key, content, records in trail.log_files(region):
                    objects[key] = StoredObject(gzip.compress(content, COMPRESSION, mtime=0))
                    listed_at = moment + _HOUR if (region, moment) in trail.late else moment
                    listings.append((listed_at, _listing(trail.bucket, key, content, records)))
                listings.sort(key=lambda pair: pair[0])
                for key, stored, signer in self._chain(trail, region, listings):
                    objects[key] = stored
                    keys[signer.fingerprint] = signer
        span = Window(min(t.span.start for t in self._trails), max(t.span.end for t in self._trails))
        return Bucket(objects, keys, span, _configuration(self._trails, span))

    def _chain(
        self, trail: Trail, region: str, listings: list[tuple[datetime, dict[str, Any]]]
    ) -> Iterator[tuple[str, StoredObject, SigningKey]]:
        previous: tuple[str, str, str] | None = None
        start, at = trail.span.start + trail.offset, 0
        while start < trail.span.end:
            end = start + _HOUR
            mine = []
            while at < len(listings) and listings[at][0] < end:
                mine.append(listings[at][1])
                at += 1
            if any(off.start <= start < off.end for off in trail.restarts[region]):
                previous = None
            else:
                key, signer = trail.digest_key(region, end), self._key(region, end)
                document = _digest(trail, key, Window(start, end), mine, previous, signer.fingerprint)
                stored, previous = sign_digest(document, signer)
                yield key, stored, signer
            start = end


def _listing(bucket: str, key: str, content: bytes, records: list[dict[str, Any]]) -> dict[str, Any]:
    times = sorted(record["eventTime"] for record in records)
    return {
        "s3Bucket": bucket,
        "s3Object": key,
        "hashValue": hashlib.sha256(content).hexdigest(),
        "hashAlgorithm": "SHA-256",
        "newestEventTime": times[-1],
        "oldestEventTime": times[0],
    }


def _digest(
    trail: Trail,
    key: str,
    hours: Window,
    listings: list[dict[str, Any]],
    previous: tuple[str, str, str] | None,
    name: str,
) -> dict[str, Any]:
    place, sha256, signature = previous if previous else (None, None, None)
    return {
        "awsAccountId": trail.account,
        "digestStartTime": written(hours.start),
        "digestEndTime": written(hours.end),
        "digestS3Bucket": trail.bucket,
        "digestS3Object": key,
        "digestPublicKeyFingerprint": name,
        "digestSignatureAlgorithm": ALGORITHM,
        "newestEventTime": max((one["newestEventTime"] for one in listings), default=None),
        "oldestEventTime": min((one["oldestEventTime"] for one in listings), default=None),
        "previousDigestS3Bucket": trail.bucket if place else None,
        "previousDigestS3Object": place,
        "previousDigestHashValue": sha256,
        "previousDigestHashAlgorithm": "SHA-256" if place else None,
        "previousDigestSignature": signature,
        "logFiles": listings,
    }


def sign_digest(document: dict[str, Any], signer: SigningKey) -> tuple[StoredObject, tuple[str, str, str]]:
    """A digest as the bucket holds it, and what the next one says of it: place, hash, signature."""
    content = json.dumps(document, separators=(",", ":")).encode()
    sha256, place = hashlib.sha256(content).hexdigest(), document["digestS3Object"]
    message = string_to_sign(
        document["digestEndTime"], document["digestS3Bucket"], place, sha256, document["previousDigestSignature"]
    )
    signature = signer.sign(message)
    metadata = {"signature": signature, "signature-algorithm": ALGORITHM}
    return StoredObject(gzip.compress(content, COMPRESSION, mtime=0), metadata), (place, sha256, signature)


def _configuration(trails: list[Trail], span: Window) -> dict[str, Any]:
    noted = []
    for trail in trails:
        arn = f"arn:aws:cloudtrail:{trail.home}:{trail.account}:trail/{trail.name}"
        described = {
            "Name": trail.name,
            "TrailARN": arn,
            "S3BucketName": trail.bucket,
            "HomeRegion": trail.home,
            "IsMultiRegionTrail": len(trail.regions) > 1,
            "IncludeGlobalServiceEvents": True,
            "LogFileValidationEnabled": True,
            "IsOrganizationTrail": trail.organization is not None,
        }
        status = {
            "IsLogging": True,
            "StartLoggingTime": written(trail.span.start),
            "LatestDigestDeliveryTime": written(trail.span.end + timedelta(minutes=3)),
        }
        noted.append({"trail": described, "status": status, "event_selectors": {"TrailARN": arn, **trail.selectors}})
    return {"collected_at": written(span.end + timedelta(minutes=30)), "trails": noted}
