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
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.integrity.signature import SigningKey
from cttoolkit.training.bucket import COMPRESSION, Bucket, StoredObject
from cttoolkit.training.digests import Link, Listing, compose_digest, list_log, sign_digest
from cttoolkit.training.primes import signing_key
from cttoolkit.window import Instant, Window, instant, written

__all__ = ["Bucket", "Simulator", "StoredObject", "Trail"]

_HOUR = timedelta(hours=1)
_BACKFILL = timedelta(hours=6)
_ALL_MANAGEMENT_EVENTS = {
    "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
}


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
    backfilled: set[tuple[str, datetime]] = field(default_factory=set)
    restarts: dict[str, list[Window]] = field(default_factory=lambda: defaultdict(list))

    def record(
        self,
        region: str,
        event: dict[str, Any],
        delivered_at: Instant | None = None,
        *,
        listed_late: bool = False,
        backfilled: bool = False,
    ) -> None:
        """Log one record. Without a time of delivery it comes two to nine minutes later, grouped with its neighbours.

        ``listed_late`` leaves its log file to the digest after its own hour's, ``backfilled`` to a backfill digest.
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
        if backfilled:
            self.backfilled.add((region, moment))

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

    def hours(self) -> Iterator[Window]:
        """The hours that digests speak of. They begin at the chain's own minute and second."""
        start = self.span.start + self.offset
        while start < self.span.end:
            yield Window(start, start + _HOUR)
            start += _HOUR

    def digest_key(self, region: str, end: datetime, *, backfill: bool = False) -> str:
        name = f"{self.account}_CloudTrail-Digest_{region}_{self.name}_{self.home}_{end:%Y%m%dT%H%M%S}Z"
        return f"{self._place('CloudTrail-Digest', region, end)}/{name}{'_backfill' * backfill}.json.gz"

    def describe(self) -> dict[str, Any]:
        """What DescribeTrails, GetTrailStatus and GetEventSelectors would answer once the last digest is delivered."""
        arn = f"arn:aws:cloudtrail:{self.home}:{self.account}:trail/{self.name}"
        described = {
            "Name": self.name,
            "S3BucketName": self.bucket,
            **({"S3KeyPrefix": self.prefix.rstrip("/")} if self.prefix else {}),
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": len(self.regions) > 1,
            "HomeRegion": self.home,
            "TrailARN": arn,
            "LogFileValidationEnabled": True,
            "HasCustomEventSelectors": "AdvancedEventSelectors" in self.selectors,
            "HasInsightSelectors": False,
            "IsOrganizationTrail": self.organization is not None,
        }
        delivered = max((moment for _, moment in self.records), default=None)
        status = {
            "IsLogging": True,
            **({"LatestDeliveryTime": written(delivered)} if delivered else {}),
            "StartLoggingTime": written(self.span.start),
            "LatestDigestDeliveryTime": written(self.span.end + timedelta(minutes=3)),
        }
        return {"trail": described, "status": status, "event_selectors": {"TrailARN": arn, **self.selectors}}


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
        trail = Trail(
            name,
            account,
            home,
            regions,
            bucket,
            f"{prefix.rstrip('/')}/" if prefix else "",
            organization,
            Window.of(start, end),
            offset,
            seed,
            every,
            selectors or _ALL_MANAGEMENT_EVENTS,
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
                chained: list[tuple[datetime, Listing]] = []
                backfilled: list[tuple[datetime, Listing]] = []
                for moment, key, content, records in trail.log_files(region):
                    objects[key] = StoredObject(gzip.compress(content, COMPRESSION, mtime=0))
                    listing = list_log(trail.bucket, key, content, records)
                    if (region, moment) in trail.backfilled:
                        backfilled.append((moment, listing))
                    else:
                        chained.append((moment + _HOUR if (region, moment) in trail.late else moment, listing))
                for backfill, listings in ((False, chained), (True, backfilled)):
                    for key, stored, signer in self._chain(trail, region, listings, backfill=backfill):
                        objects[key] = stored
                        keys[signer.fingerprint] = signer
        span = Window(min(t.span.start for t in self._trails), max(t.span.end for t in self._trails))
        noted = {
            "collected_at": written(span.end + timedelta(minutes=30)),
            "trails": [trail.describe() for trail in self._trails],
            "regions": self._regions(),
        }
        return Bucket(objects, keys, span, noted)

    def _regions(self) -> list[dict[str, object]]:
        """account ListRegions, for accounts that have those regions enabled that their trails record."""
        enabled: dict[str, set[str]] = defaultdict(set)
        for trail in self._trails:
            enabled[trail.account].update(trail.regions)
        return [
            {
                "account": account,
                "Regions": [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in sorted(names)],
            }
            for account, names in sorted(enabled.items())
        ]

    def _chain(
        self, trail: Trail, region: str, listings: list[tuple[datetime, Listing]], *, backfill: bool
    ) -> Iterator[tuple[str, StoredObject, SigningKey]]:
        """The digests of one chain. A backfill chain has none for the hours that it has nothing to add to."""
        waiting = deque(sorted(listings, key=lambda pair: pair[0]))
        previous: Link | None = None
        for hours in trail.hours():
            mine: list[Listing] = []
            while waiting and waiting[0][0] < hours.end:
                mine.append(waiting.popleft()[1])
            if any(off.start <= hours.start < off.end for off in trail.restarts[region]):
                previous = None
                continue
            if backfill and not mine:
                continue
            generated_at = hours.end + _BACKFILL if backfill else None
            signer = self._key(region, generated_at or hours.end)
            key = trail.digest_key(region, hours.end, backfill=backfill)
            document = compose_digest(
                trail.bucket, key, trail.account, hours, mine, previous=previous, signer=signer.fingerprint
            )
            stored, previous = sign_digest(document, signer, generated_at=generated_at)
            yield key, stored, signer
