"""The log group that a trail also delivers to, asked of FilterLogEvents: each message is one record of CloudTrail.

It has no digests. Source: Amazon CloudWatch Logs API Reference, "FilterLogEvents", and AWS CloudTrail User Guide, "Monitoring CloudTrail
Log Files with Amazon CloudWatch Logs".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from cttoolkit.collection.event_collection import Caller, EventCollection, Plan, keep_events
from cttoolkit.collection.pace import Pace
from cttoolkit.collection.spans import SOURCES, Place, whole_seconds
from cttoolkit.collection.transcript import Message, Page, told_at
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.clients import Access, is_expired, refusal
from cttoolkit.window import Window, written

__all__ = ["PER_SECOND", "collect_log_group"]

PER_SECOND = 5.0
"""Below what any region allows: other tools of the account ask as well, and may have to in an incident."""
_THREADS = 4
_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_ARN = re.compile(r"arn:[a-z-]+:logs:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):log-group:(?P<name>[^:]+)(?::\*)?")
_LONGEST_NAME = 200
_BEFORE = timedelta(days=14)
"""Log events may be older than their group by so much (PutLogEvents)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def collect_log_group(
    group: str,
    folder: str | os.PathLike[str],
    *,
    window: Window | None = None,
    region: str | None = None,
    profile: str | None = None,
    role_arn: str | None = None,
    endpoint_url: str | None = None,
    signing_key: str | os.PathLike[str] | None = None,
    clock: Callable[[], datetime] | None = None,
    pace: Callable[[float], Pace] = Pace,
) -> EventCollection:
    """Ask FilterLogEvents for the messages of a log group, into a folder that open_evidence() opens.

    ``group`` is a name, or an ARN as a trail's configuration has it (``CloudWatchLogsLogGroupArn``), which tells its region. ``window`` is
    of the messages' timestamps, by default all that the group keeps; ``region`` is by default the profile's. Records of
    more than 256 KB were never sent there. Each stays byte for byte as it was told; messages that are no record of CloudTrail lie in
    files beside. ``endpoint_url`` is that of CloudWatch Logs. A run that was broken off, or a later one, asks only what is not there yet.

    EvidenceError where there is no such group or it cannot be read; days that could not be had are named in what is returned.
    """
    given = group
    arn = _ARN.fullmatch(given)
    if arn is not None:
        group = arn["name"]
        if region not in (None, arn["region"]):
            raise EvidenceError(given, f"not in {region}", "leave the region out, or name that of the ARN")
        region = arn["region"]
    if not _GROUP.fullmatch(group):
        raise EvidenceError(given, "no name of a log group", "write it as aws logs describe-log-groups does")
    access = Access(profile, role_arn, endpoint_url, _THREADS * 2, endpoint_of="logs")

    def plan(caller: Caller) -> Plan:
        if arn is not None and arn["account"] != caller.account:
            remedy = "ask with credentials of that account, or with a role of it"
            raise EvidenceError(given, f"these credentials are of account {caller.account}", remedy)
        home = region or access.session().region_name
        if home is None:
            raise EvidenceError(group, "its region is not known", "name it")
        client = access.client("logs", home)
        about, refused = _about(client, group, home)
        kept = _kept(about, caller.now)
        asked = _within(group, window, kept, caller.now)
        place = Place("CloudWatchLogs", caller.account, home, f"CloudWatchLogs/{caller.account}/{home}/{_named(group)}")
        told = {
            "log_group": group,
            "log_group_told": None if about is None else {name: str(value) for name, value in about.items()},
            "window": None if window is None else [written(window.start), written(window.end)],
            "asked": [written(asked.start), written(asked.end)],
            "regions": [home],
        }
        notes = _notes(group, window, kept)
        return Plan(
            SOURCES["CloudWatchLogs"],
            told,
            [(_Group(client, group, place, pace(PER_SECOND)), asked)],
            _THREADS,
            notes,
            refused,
        )

    return keep_events(folder, access, plan, signing_key=signing_key, clock=clock)


@dataclass
class _Group:
    """One log group of one account and region."""

    client: Any
    group: str
    place: Place
    pace: Pace
    is_newest_first: bool = False

    def pages(self, window: Window) -> Iterator[Page]:
        """Both ends of what is asked belong to it, in milliseconds. A page may be empty and others follow it."""
        asked: dict[str, Any] = {
            "logGroupName": self.group,
            "startTime": _milliseconds(window.start),
            "endTime": _milliseconds(window.end) - 1,
        }
        while True:
            self.pace.wait()
            answer = self.client.filter_log_events(**asked)
            yield Page(list(map(_message, answer.get("events", ()))), told_at(answer))
            token = answer.get("nextToken")
            if not token:
                return
            if token == asked.get("nextToken"):
                raise EvidenceError(f"FilterLogEvents of {self.group}", "it turns in a circle", "run it again")
            asked["nextToken"] = token


def _message(entry: dict[str, Any]) -> Message:
    return Message(_EPOCH + entry["timestamp"] * _MILLISECOND, entry.get("message"), entry)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _about(client: Any, group: str, region: str) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What DescribeLogGroups says of the group, for the manifest; None and why where that was refused."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        pages = client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=group)
        found = next((one for page in pages for one in page["logGroups"] if one["logGroupName"] == group), None)
    except (BotoCoreError, ClientError) as error:
        code, wrong, remedy = refusal(error)
        if is_expired(code):
            raise EvidenceError(group, wrong, remedy) from error
        return None, {f"logs.DescribeLogGroups {group}": f"{wrong}; {remedy}"}
    if found is None:
        raise EvidenceError(
            group, f"no such log group in {region}", "name the group and the region that the trail names"
        )
    return {
        name: found[name] for name in ("arn", "creationTime", "retentionInDays", "storedBytes") if name in found
    }, {}


def _kept(about: dict[str, Any] | None, now: datetime) -> Window | None:
    """The time that the group may hold messages of; None where it is not known."""
    if about is None or "creationTime" not in about:
        return None
    start = _EPOCH + about["creationTime"] * _MILLISECOND - _BEFORE
    if "retentionInDays" in about:
        start = max(start, now - timedelta(days=about["retentionInDays"] + 1))
    return whole_seconds(Window(min(start, now), now))


def _within(group: str, window: Window | None, kept: Window | None, now: datetime) -> Window:
    if window is None:
        if kept is None:
            raise EvidenceError(
                group, "how far back it reaches is not known", "name a window, or ask for logs:DescribeLogGroups"
            )
        return kept
    possible = kept if kept is not None else Window(min(window.start, now), now)
    found = whole_seconds(window).intersection(whole_seconds(possible))
    if found is None:
        raise EvidenceError(str(window), f"{group} holds messages of {possible} at most", "ask within it")
    return found


def _notes(group: str, window: Window | None, kept: Window | None) -> tuple[str, ...]:
    if window is None or kept is None or window.start >= kept.start:
        return ()
    return (f"{group} keeps nothing of {Window(window.start, kept.start)}",)


def _named(group: str) -> str:
    """A folder's name for a group's, which may be longer, and may be dots."""
    name = quote(group, safe="")
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 17]}-{sha256(group.encode()).hexdigest()[:16]}"
