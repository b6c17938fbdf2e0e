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

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from cttoolkit.integrity.signature import SigningKey
from cttoolkit.packed import packed
from cttoolkit.progress import progress
from cttoolkit.training.bucket import Bucket
from cttoolkit.training.digests import Link, Listing, compose_digest, list_log, sign_digest
from cttoolkit.training.primes import signing_key
from cttoolkit.training.spool import Place, Shelf, Spool
from cttoolkit.training.stored import COMPRESSION, StoredObject
from cttoolkit.training.trail import HOUR, LogFile, Trail
from cttoolkit.window import Instant, Window, instant, written

__all__ = ["Bucket", "Simulator", "StoredObject", "Trail"]

_BACKFILL = timedelta(hours=6)
_ALL_MANAGEMENT_EVENTS = {
    "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
}


_Listed = tuple[datetime, Listing]


def _compress(log: LogFile) -> tuple[str, bytes]:
    return hashlib.sha256(log.content).hexdigest(), packed(log.content, COMPRESSION)


class Simulator:
    """Trails that deliver into one bucket. Each region signs with a key of its own."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._spool = Spool()
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
        owner: str | None = None,
    ) -> Trail:
        """Add a trail with a digest for every hour of ``[start, end)`` in every region, also when nothing happens.

        ``every`` is how often log files are delivered, ``selectors`` an answer of GetEventSelectors (default: all management
        events, read and write), ``owner`` the account whose trail it is where that is the organization's.
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
            len(self._trails),
            self._spool,
            owner,
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
        # Whatever was too much for memory before it was compressed may be so afterwards.
        objects: MutableMapping[str, StoredObject] = Shelf() if self._spool.is_on_disk else {}
        keys: dict[str, SigningKey] = {}
        chains: dict[tuple[int, str], tuple[list[_Listed], list[_Listed]]] = defaultdict(lambda: ([], []))
        events = 0
        for place, log, sha256, body in self._log_files():
            objects[log.key] = StoredObject(body)
            events += log.records
            trail = self._trails[place.trail]
            listing = list_log(trail.bucket, log.key, sha256, log.times)
            here = place.region, place.delivered_at
            chained, backfilled = chains[place.trail, place.region]
            if here in trail.backfilled:
                backfilled.append((log.delivered_at, listing))
            else:
                chained.append((log.delivered_at + HOUR if here in trail.late else log.delivered_at, listing))
        for trail in self._trails:
            for region in trail.regions:
                chained, backfilled = chains[trail.number, region]
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
        return Bucket(objects, keys, span, noted, events)

    def _log_files(self) -> Iterator[tuple[Place, LogFile, str, bytes]]:
        """Each log file with its hash and its compressed bytes, in order, a few at a time on all threads."""
        places = iter(progress(self._spool.places, desc="log files", unit="file"))
        with ThreadPoolExecutor(2) as pool:
            while some := list(islice(places, 16)):
                logs = [self._trails[place.trail].log_file(place) for place in some]
                for place, log, (sha256, body) in zip(some, logs, pool.map(_compress, logs), strict=True):
                    yield place, log, sha256, body

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
        self, trail: Trail, region: str, listings: list[_Listed], *, backfill: bool
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
