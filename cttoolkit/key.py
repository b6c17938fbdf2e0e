"""The grammar of CloudTrail's object keys.

Source: AWS CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest file structure". A key is
read from its last part, which alone says account, region and time, so copies that lost their folders keep their names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import TypeAlias

from cttoolkit.window import Window, compact_instant

__all__ = ["AnswerKey", "DigestKey", "Key", "LogKey", "OtherKey", "last_part", "parse_key"]

_REGION = r"[a-z0-9-]{4,32}"
_HOME_REGION = r"[a-z]{2,8}(?:-[a-z]+)+-\d+"
_PLACE = re.compile(
    r"(?:(?P<prefix>.*)/)?AWSLogs/(?:(?P<organization>o-[a-z0-9]{4,64})/)?(?P<account>\d{12})/(?P<folder>CloudTrail[A-Za-z-]*)"
    rf"/(?P<region>{_REGION})/(?P<date>\d{{4}}/\d\d/\d\d)/[^/]+",
    re.ASCII | re.DOTALL,
)
_LOG = re.compile(
    rf"(?P<account>\d{{12}})_(?P<folder>CloudTrail(?:-[A-Za-z]+)?)_(?P<region>{_REGION})_(?P<time>\d{{8}}T\d{{4}}Z)"
    r"_(?P<token>[A-Za-z0-9]{16})\.json(?:\.gz)?",
    re.ASCII,
)
# A trail's name may hold "_" and "-", so it takes what the ends leave over (greedy up to the last home region).
_DIGEST = re.compile(
    rf"(?P<account>\d{{12}})_CloudTrail-Digest_(?P<region>{_REGION})_(?P<trail>.+)_(?P<home>{_HOME_REGION})"
    r"_(?P<time>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json(?:\.gz)?",
    re.ASCII,
)
# Names of our own, which no trail gives: the second part is not CloudTrail, and no token stands at the end.
_ANSWER = re.compile(
    rf"(?P<account>\d{{12}})_(?P<kind>EventHistory|CloudWatchLogs)_(?P<region>{_REGION})_(?P<start>\d{{8}}T\d{{6}}Z)"
    r"_(?P<end>\d{8}T\d{6}Z)(?:-\d{1,4})?\.(?P<rest>json(?:\.gz)?|not-records\.txt)",
    re.ASCII,
)
_EXPORTED = re.compile(
    r"(?:.*/)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/[^/]+/\d{6}\.gz", re.ASCII | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A log file. ``kind`` is the folder's word: CloudTrail, or CloudTrail-Insight and others that hold no API events."""

    key: str
    kind: str
    account: str
    region: str
    delivered_at: datetime
    token: str
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class DigestKey:
    """A digest. ``region`` is where it was delivered from, ``home_region`` where its trail lives."""

    key: str
    account: str
    region: str
    trail: str
    home_region: str
    ended_at: datetime
    backfill: bool = False
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """Records that an API of AWS told when it was asked about a window, as cttoolkit collect writes them.

    ``kind`` is EventHistory or CloudWatchLogs; ``account`` and ``region`` are whose API was asked.
    """

    key: str
    kind: str
    account: str
    region: str
    window: Window


@dataclass(frozen=True, slots=True)
class OtherKey:
    """Neither a log file nor a digest by its name, and why. ``is_exported`` where it lies as an export of CloudWatch Logs does."""

    key: str
    reason: str
    is_exported: bool = False


Key: TypeAlias = LogKey | DigestKey | AnswerKey | OtherKey


_FIRST_YEAR, _LAST_YEAR = 2013, 2200
"""CloudTrail came in November 2013. Times near the ends of the calendar leave no room to reckon with."""

# Many objects share a minute, and one datetime will do for all of them.
_moment = lru_cache(maxsize=100_000)(compact_instant)


def last_part(key: str) -> str:
    """What follows the last slash. Names of log files and digests are unique, so this identifies one across copies."""
    return key.rpartition("/")[2]


def parse_key(key: str) -> Key:
    """Read a key. Anything is accepted: what fits no grammar is an OtherKey with its reason, never an error.

    The name decides. A file in another account's or day's folder than its name says has been moved, and is judged by what
    it is.
    """
    name = last_part(key)
    match = _DIGEST.fullmatch(name)
    log = None if match else _LOG.fullmatch(name)
    found = match or log
    if found is None:
        return _answer(key, name) or OtherKey(
            key, "its name is neither a log file's nor a digest's", _EXPORTED.fullmatch(key) is not None
        )
    try:
        moment = _moment(found["time"])
    except ValueError:
        return OtherKey(key, "the time in its name is none")
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        return OtherKey(key, "the time in its name is not within CloudTrail's life")
    place = _PLACE.fullmatch(key) if "/o-" in key else None
    organization = place["organization"] if place else None
    if match:
        return DigestKey(
            key,
            intern(match["account"]),
            intern(match["region"]),
            intern(match["trail"]),
            intern(match["home"]),
            moment,
            bool(match["backfill"]),
            organization,
        )
    assert log is not None
    return LogKey(
        key, intern(log["folder"]), intern(log["account"]), intern(log["region"]), moment, log["token"], organization
    )


def _answer(key: str, name: str) -> AnswerKey | OtherKey | None:
    found = _ANSWER.fullmatch(name)
    if found is None:
        return None
    if found["rest"] == "not-records.txt":
        return OtherKey(key, "what came in the place of records and is none, kept as it came")
    try:
        start, end = _moment(found["start"]), _moment(found["end"])
    except ValueError:
        return OtherKey(key, "a time in its name is none")
    if not _FIRST_YEAR <= start.year <= end.year < _LAST_YEAR or end <= start:
        return OtherKey(key, "the times in its name are no window within CloudTrail's life")
    return AnswerKey(key, found["kind"], intern(found["account"]), intern(found["region"]), Window(start, end))
