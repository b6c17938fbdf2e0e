"""Changes to trails, as the events themselves show them, and what each of them set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.integrity.selectors import DataAsked, Records, Selectors, truth
from cttoolkit.integrity.verdict import Status
from cttoolkit.key import LogKey, parse_key
from cttoolkit.window import written

__all__ = ["TRAIL_CHANGES", "Aspect", "TrailChange", "trail_changes"]

TRAIL_CHANGES = ("StopLogging", "StartLogging", "DeleteTrail", "CreateTrail", "UpdateTrail", "PutEventSelectors")
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_COLUMNS = (
    "event_time", "event_name", "event_id", "aws_region", "actor", "status", "recipient_account_id", "log_file", "record_index",
    "request_parameters", "response_elements",
)  # fmt: skip
_ARN = re.compile(r"arn:[a-z-]+:cloudtrail:([a-z0-9-]+):(\d{12}):trail/(.+)", re.ASCII)


class Aspect(StrEnum):
    """What can be said of a trail at a time."""

    LOGGING = "logging"
    MANAGEMENT = "all management events"
    ALL_REGIONS = "all regions"
    GLOBAL = "global services"
    VALIDATION = "log file validation"
    DATA = "data events of a resource"
    """Told only where a resource is asked about."""


@dataclass(frozen=True, slots=True)
class TrailChange:
    """One successful call that changed a trail, with what it set; ``moved`` are the places that it named (bucket, prefix, key).

    ``account`` and ``trail`` are empty where neither the record nor the key of its log file tells them.
    """

    at: datetime
    name: str
    account: str
    trail: str
    region: str
    """The trail's home region, since no other takes such calls."""
    event_id: str
    actor: str
    status: Status
    log_file: str
    record_index: int
    sets: Mapping[Aspect, Records]
    moved: Mapping[str, str]

    def may_be_of(self, owner: str | None, trail: str, home: str | None) -> bool:
        """Whether it was made to this trail, or does not say to which; an owner or home that is not known may be any."""
        return (
            (owner is None or self.account in (owner, ""))
            and self.trail in (trail, "")
            and (home is None or self.region in (home, ""))
        )

    def __str__(self) -> str:
        return f"{self.name} at {written(self.at)} ({self.event_id})"


def trail_changes(events: Events, asked: DataAsked | None = None) -> list[TrailChange]:
    """The changes that succeeded, of all admitted events, in order of time; with what they set for data events asked about."""
    table = events.root.table
    found = table.filter(
        table.event_name.isin(TRAIL_CHANGES)
        & (table.event_source == _CLOUDTRAIL)
        & table.event_time.notnull()
        & ~is_failed(table)
    )
    rows = found.select(_COLUMNS).order_by(["event_time", "log_file", "record_index"]).to_pyarrow().to_pylist()
    return [_change(row, asked) for row in rows]


def _change(row: Mapping[str, Any], data: DataAsked | None) -> TrailChange:
    asked, answered = _object(row["request_parameters"]), _object(row["response_elements"])
    named = str(asked.get("name") or asked.get("trailName") or answered.get("name") or answered.get("trailARN") or "")
    key = parse_key(row["log_file"])
    account, region = (key.account, key.region) if isinstance(key, LogKey) else ("", "")
    account, region = row["recipient_account_id"] or account, row["aws_region"] or region
    # An organization's trail is changed by its ARN from another account, too.
    if arn := _ARN.fullmatch(named):
        region, account, named = arn.groups()
    return TrailChange(
        row["event_time"],
        row["event_name"],
        account,
        named.rsplit("/", 1)[-1],
        region,
        row["event_id"] or f"{row['log_file']}#{row['record_index']}",
        row["actor"] or "",
        Status(row["status"]),
        row["log_file"],
        row["record_index"],
        _sets(row["event_name"], asked, answered, data),
        {name: str(asked[name]) for name in ("s3BucketName", "s3KeyPrefix", "kmsKeyId") if asked.get(name) is not None},
    )


_OF_TRAIL = {
    "isMultiRegionTrail": Aspect.ALL_REGIONS,
    "includeGlobalServiceEvents": Aspect.GLOBAL,
    "enableLogFileValidation": Aspect.VALIDATION,
    "logFileValidationEnabled": Aspect.VALIDATION,
}


def _sets(
    name: str, asked: Mapping[str, Any], answered: Mapping[str, Any], data: DataAsked | None
) -> dict[Aspect, Records]:
    """What a call sets. What it was answered with counts before what it asked for."""
    if name == "StopLogging":
        return {Aspect.LOGGING: Records.NO}
    if name == "StartLogging":
        return {Aspect.LOGGING: Records.YES}
    if name == "DeleteTrail":
        return dict.fromkeys(Aspect, Records.NO)
    if name == "PutEventSelectors":
        return _selected(Selectors.of(_capital({**asked})), data)
    found = {
        aspect: truth(part[field])
        for part in (asked, answered)
        for field, aspect in _OF_TRAIL.items()
        if isinstance(part.get(field), bool)
    }
    if name == "CreateTrail":
        # A new trail takes all management events, and logs nothing until it is started.
        found |= {Aspect.LOGGING: Records.NO, **_selected(Selectors.of_new_trail(), data)}
    return found


def _selected(selectors: Selectors, data: DataAsked | None) -> dict[Aspect, Records]:
    found = {Aspect.MANAGEMENT: selectors.management}
    return found if data is None else {**found, Aspect.DATA: selectors.data(data)}


def _capital(value: Any) -> Any:
    """Members spelt as the API answers them; records spell them with a small letter first."""
    if isinstance(value, Mapping):
        return {str(name)[:1].upper() + str(name)[1:]: _capital(part) for name, part in value.items()}
    return [_capital(one) for one in value] if isinstance(value, list) else value


def _object(text: str | None) -> Mapping[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
