"""One trail of a simulation, while its records are gathered: when each is delivered, and how its files are named."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cttoolkit.training.spool import Entry, Place, Spool
from cttoolkit.window import Instant, Window, instant, written

__all__ = ["HOUR", "LogFile", "Trail"]

HOUR = timedelta(hours=1)
_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file before it is compressed, with the times of its records."""

    delivered_at: datetime
    key: str
    content: bytes
    times: list[str]
    records: int


@lru_cache(maxsize=100_000)
def _delivered(seed: str, region: str, time: str, start: datetime, every: timedelta) -> datetime:
    """Two to nine minutes later, and then at the next round of deliveries."""
    spread = hashlib.sha256(f"{seed}/{region}/{time}".encode()).digest()[0] % 8
    moment = instant(time) + timedelta(minutes=2 + spread)
    return (moment + (start - moment) % every).replace(second=0, microsecond=0)


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
    number: int
    spool: Spool = field(repr=False)
    owner: str | None = None
    latest: datetime | None = None
    copies: list[Trail] = field(default_factory=list)
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
        """Log one record, if its region is one of the trail's.

        Without a time of delivery it comes two to nine minutes later, grouped with its neighbours.

        ``listed_late`` leaves its log file to the digest after its own hour's, ``backfilled`` to a backfill digest.
        """
        for copy in self.copies:
            if event.get("eventCategory") != "Data":
                copy.record(region, event, delivered_at)
        if region not in self.regions:
            return
        if delivered_at is not None:
            moment = instant(delivered_at).replace(second=0, microsecond=0)
        else:
            moment = _delivered(self.seed, region, event["eventTime"], self.span.start, self.every)
        time = event.get("eventTime")
        # CloudTrail promises no order inside a file.
        rank = hashlib.sha256(f"{self.seed}/{event.get('eventID')}/{time}".encode()).digest()[:16]
        self.spool.add(Place(self.number, region, moment), Entry(rank, time, _encode(event).encode()))
        self.latest = moment if self.latest is None else max(self.latest, moment)
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

    def log_file(self, place: Place) -> LogFile:
        """The log file of one place, its records in no order."""
        entries = sorted(self.spool.entries(place), key=lambda entry: entry.rank)
        content = b'{"Records":[' + b",".join(entry.body for entry in entries) + b"]}"
        token = base64.b32encode(hashlib.sha256(self.seed.encode() + content).digest()[:10]).decode()
        moment = place.delivered_at
        name = f"{self.account}_CloudTrail_{place.region}_{moment:%Y%m%dT%H%M}Z_{token}.json.gz"
        key = f"{self._place('CloudTrail', place.region, moment)}/{name}"
        return LogFile(moment, key, content, [entry.time for entry in entries if entry.time is not None], len(entries))

    def hours(self) -> Iterator[Window]:
        """The hours that digests speak of. They begin at the chain's own minute and second."""
        start = self.span.start + self.offset
        while start < self.span.end:
            yield Window(start, start + HOUR)
            start += HOUR

    def digest_key(self, region: str, end: datetime, *, backfill: bool = False) -> str:
        name = f"{self.account}_CloudTrail-Digest_{region}_{self.name}_{self.home}_{end:%Y%m%dT%H%M%S}Z"
        return f"{self._place('CloudTrail-Digest', region, end)}/{name}{'_backfill' * backfill}.json.gz"

    def describe(self) -> dict[str, Any]:
        """What DescribeTrails, GetTrailStatus and GetEventSelectors would answer once the last digest is delivered."""
        arn = f"arn:aws:cloudtrail:{self.home}:{self.owner or self.account}:trail/{self.name}"
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
        status = {
            "IsLogging": True,
            **({"LatestDeliveryTime": written(self.latest)} if self.latest else {}),
            "StartLoggingTime": written(self.span.start),
            "LatestDigestDeliveryTime": written(self.span.end + timedelta(minutes=3)),
        }
        return {"trail": described, "status": status, "event_selectors": {"TrailARN": arn, **self.selectors}}
