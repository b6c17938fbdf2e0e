"""What a collector noted of the trails themselves: whether they were on, and what they were to record.

Read from ``trail-configuration.json`` beside the objects: ``{"collected_at", "trails": [{"trail", "status",
"event_selectors"}], "regions": [{"account", "Regions"}]}``, the parts being answers of DescribeTrails, GetTrailStatus,
GetEventSelectors and account ListRegions. It is a note, not signed by AWS: it can support an absence, and never the integrity of
a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from cttoolkit.errors import EvidenceError, WindowError
from cttoolkit.integrity.selectors import Records, Selectors
from cttoolkit.window import instant

__all__ = ["TrailConfiguration", "TrailNote", "read_configuration"]


@dataclass(frozen=True, slots=True)
class TrailNote:
    """What was noted of one trail; None where the answers did not say."""

    name: str
    home_region: str | None
    is_logging: bool | None
    is_multi_region: bool | None
    started_at: datetime | None
    latest_digest_at: datetime | None
    owner: str | None
    """The account that the trail belongs to, in which changes to it are recorded: of an organization's trail, another's."""
    is_organization: bool
    has_global_services: bool | None
    is_validated: bool | None
    selectors: Selectors

    @property
    def management(self) -> Records:
        """Whether it was selected to record read and write management events of all services."""
        return self.selectors.management


@dataclass(frozen=True, slots=True)
class TrailConfiguration:
    """The noted configuration; empty where the collector noted none."""

    trails: tuple[TrailNote, ...] = ()
    collected_at: datetime | None = None
    enabled_regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Account to the regions it had enabled; an account of which nothing was noted is not in it."""

    def records_management_events(self, trail: str, account: str | None = None, home: str | None = None) -> Records:
        """Whether a trail was selected to record read and write management events of all services."""
        found = self.trail(trail, account, home)
        return found.management if found else Records.UNKNOWN

    def trail(self, name: str, account: str | None = None, home: str | None = None) -> TrailNote | None:
        """What was noted of one trail, by its name, an account whose events it records, and its home region.

        None where nothing was, or what was could be of two trails.
        """
        found = [
            one
            for one in self.trails
            if one.name == name
            and (account is None or one.owner in (account, None) or one.is_organization)
            and (home is None or one.home_region in (home, None))
        ]
        # An account's own trail goes before an organization's of the same name.
        own = [one for one in found if account is not None and one.owner == account]
        found = own or found
        return found[0] if len(found) == 1 else None


def read_configuration(name: str, body: bytes | None) -> TrailConfiguration:
    """Read the collector's note. EvidenceError where it is there and cannot be used."""
    if body is None:
        return TrailConfiguration()
    remedy = "restore what the collector wrote, or move it out of the folder"
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EvidenceError(name, "not JSON", remedy) from error
    if not isinstance(document, dict) or not isinstance(document.get("trails"), list):
        raise EvidenceError(name, "no list of trails in it", remedy)
    collected = document.get("collected_at")
    trails = tuple(_trail(entry) for entry in document["trails"] if isinstance(entry, dict))
    return TrailConfiguration(
        trails,
        instant(collected, subject=f"{name} collected_at") if isinstance(collected, str) else None,
        _enabled(document.get("regions")),
    )


def _enabled(noted: Any) -> dict[str, frozenset[str]]:
    """The regions that each account has enabled; the states are those of account ListRegions."""
    found: dict[str, frozenset[str]] = {}
    for entry in noted if isinstance(noted, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("Regions"), list):
            continue
        enabled = (
            str(region.get("RegionName"))
            for region in entry["Regions"]
            if isinstance(region, dict) and region.get("RegionOptStatus") != "DISABLED"
        )
        account = str(entry.get("account"))
        found[account] = found.get(account, frozenset()).union(enabled)
    return found


def _trail(entry: Mapping[str, Any]) -> TrailNote:
    described, status, selectors = (_inner(entry, part) for part in ("trail", "status", "event_selectors"))
    owner = (str(described.get("TrailARN")).split(":") + [""] * 5)[4]
    return TrailNote(
        str(described.get("Name", "")),
        described.get("HomeRegion") if isinstance(described.get("HomeRegion"), str) else None,
        _said(status, "IsLogging"),
        _said(described, "IsMultiRegionTrail"),
        _moment(status.get("StartLoggingTime")),
        _moment(status.get("LatestDigestDeliveryTime")),
        owner if re.fullmatch(r"\d{12}", owner, re.ASCII) else None,
        described.get("IsOrganizationTrail") is True,
        _said(described, "IncludeGlobalServiceEvents"),
        _said(described, "LogFileValidationEnabled"),
        Selectors.of(selectors),
    )


def _said(answer: Mapping[str, Any], name: str) -> bool | None:
    value = answer.get(name)
    return value if isinstance(value, bool) else None


def _moment(value: Any) -> datetime | None:
    """A time as either version of the AWS CLI writes it."""
    if not isinstance(value, str | int | float):
        return None
    try:
        return instant(value)
    except WindowError:
        return None


def _inner(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    return value if isinstance(value, dict) else {}
