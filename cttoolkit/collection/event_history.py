"""Event history, asked of LookupEvents: what CloudTrail keeps of every account for 90 days, whether or not there is a trail.

It has no digests. Source: AWS CloudTrail API Reference, "LookupEvents", and User Guide, "Working with CloudTrail Event history".
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.collection.event_collection import Caller, EventCollection, Plan, keep_events
from cttoolkit.collection.pace import Pace
from cttoolkit.collection.spans import SOURCES, Place, whole_seconds
from cttoolkit.collection.transcript import Message, Page, told_at
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.clients import Access, refusal
from cttoolkit.text import visible
from cttoolkit.window import Window, instant, written

__all__ = ["LONGEST", "PER_SECOND", "collect_event_history"]

LONGEST = timedelta(days=90)
PER_SECOND = 2.0
"""Of one account in one region."""
_PAGE = 50
_THREADS_A_REGION = 2
_MOST_THREADS = 32
_SECOND = timedelta(seconds=1)


def collect_event_history(
    folder: str | os.PathLike[str],
    *,
    window: Window | None = None,
    regions: Iterable[str] = (),
    profile: str | None = None,
    role_arn: str | None = None,
    endpoint_url: str | None = None,
    signing_key: str | os.PathLike[str] | None = None,
    clock: Callable[[], datetime] | None = None,
    pace: Callable[[float], Pace] = Pace,
) -> EventCollection:
    """Ask LookupEvents for all that it keeps, region by region, into a folder that open_evidence() opens.

    ``window`` is of event times, by default the last 90 days, which are the most; ``regions`` are by default those that the account
    has enabled. Management events only, read and write. Each record stays byte for byte as it was told. A run that was broken
    off, or one on a later day, asks only what is not there yet. ``endpoint_url`` is CloudTrail's. ``pace`` makes what gives
    requests their turn, from their number a second.

    EvidenceError where nothing can be asked, and where the window lies before what is kept; regions that refuse, and days that
    could not be had, are named in what is returned.
    """
    wanted = tuple(dict.fromkeys(regions))
    access = Access(profile, role_arn, endpoint_url, _MOST_THREADS, endpoint_of="cloudtrail")

    def plan(caller: Caller) -> Plan:
        asked, notes = _within(window, caller.now)
        places = wanted or _enabled(access, caller)
        apis = [(_History(access, caller.account, region, pace(PER_SECOND)), asked) for region in places]
        told = {
            "window": None if window is None else [written(window.start), written(window.end)],
            "asked": [written(asked.start), written(asked.end)],
            "regions": list(places),
        }
        return Plan(SOURCES["EventHistory"], told, apis, min(_MOST_THREADS, _THREADS_A_REGION * len(apis)), notes)

    return keep_events(folder, access, plan, signing_key=signing_key, clock=clock)


@dataclass
class _History:
    """Event history of one account and region."""

    access: Access
    account: str
    region: str
    pace: Pace
    is_newest_first: bool = True

    def __post_init__(self) -> None:
        self.place = Place("EventHistory", self.account, self.region, f"EventHistory/{self.account}/{self.region}")
        # Here and not in a thread: sessions of boto3 make clients one at a time.
        self._client = self.access.client("cloudtrail", self.region)

    def pages(self, window: Window) -> Iterator[Page]:
        """Both ends of what is asked belong to it, and times are whole seconds."""
        asked: dict[str, Any] = {"StartTime": window.start, "EndTime": window.end - _SECOND, "MaxResults": _PAGE}
        while True:
            self.pace.wait()
            answer = self._client.lookup_events(**asked)
            yield Page(list(map(_message, answer.get("Events", ()))), told_at(answer))
            token = answer.get("NextToken")
            if not token:
                return
            if token == asked.get("NextToken"):
                raise EvidenceError(f"LookupEvents in {self.region}", "it turns in a circle", "run it again")
            asked["NextToken"] = token


def _message(entry: dict[str, Any]) -> Message:
    return Message(instant(entry["EventTime"]), entry.get("CloudTrailEvent"), entry)


def _within(window: Window | None, now: datetime) -> tuple[Window, tuple[str, ...]]:
    """What can be asked of a window, and what has to be said of the rest."""
    now = now.replace(microsecond=0)
    kept = Window(now - LONGEST, now)
    if window is None:
        return kept, ()
    asked = whole_seconds(window)
    found = asked.intersection(kept)
    if found is None:
        wrong = f"Event history keeps 90 days, at this time {kept}"
        raise EvidenceError(str(window), wrong, "ask within it, or look for a trail's bucket")
    if asked.start >= kept.start:
        return found, ()
    lost = Window(asked.start, kept.start)
    return found, (f"Event history keeps 90 days: nothing can be had of {lost}",)


def _enabled(access: Access, caller: Caller) -> tuple[str, ...]:
    """The regions that the account has enabled, as account ListRegions or else ec2 DescribeRegions says."""
    from botocore.exceptions import BotoCoreError, ClientError

    home = access.session().region_name or "us-east-1"
    try:
        pages = access.client("account", home).get_paginator("list_regions")
        states = ["ENABLED", "ENABLED_BY_DEFAULT"]
        found = [
            one["RegionName"]
            for page in pages.paginate(RegionOptStatusContains=states)
            for one in page["Regions"]
            if one.get("RegionOptStatus") in states
        ]
    except (BotoCoreError, ClientError):
        try:
            answer = access.client("ec2", home).describe_regions()
        except (BotoCoreError, ClientError) as error:
            _, wrong, _ = refusal(error)
            remedy = "name the regions, or ask for account:ListRegions or ec2:DescribeRegions"
            raise EvidenceError(f"regions of {visible(caller.account)}", wrong, remedy) from error
        found = [one["RegionName"] for one in answer["Regions"]]
    return tuple(sorted(found))
