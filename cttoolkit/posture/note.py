"""What an audit learned of the trails, as the note that evidence carries: ``trail-configuration.json``, which absences rest on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cttoolkit.configuration.answers import Answered
from cttoolkit.posture.scene import Asked
from cttoolkit.window import written

__all__ = ["trail_note"]


def trail_note(asked: Iterable[Asked]) -> dict[str, Any]:
    """The note, from the answers of an audit: each trail once, with its status and its event selectors."""
    trails: dict[str, dict[str, Any]] = {}
    parts: dict[tuple[str, str], Any] = {}
    regions: dict[str, Any] = {}
    times = []
    for one in asked:
        if not isinstance(one.reply, Answered):
            continue
        value, parameters = one.reply.value, json.loads(one.parameters)
        if one.reply.at is not None:
            times.append(one.reply.at)
        if (one.service, one.operation) == ("account", "ListRegions"):
            regions[one.account] = {"account": one.account, "Regions": _listed(value, "Regions")}
        elif one.operation == "DescribeTrails":
            for trail in _listed(value, "trailList"):
                trails.setdefault(str(trail.get("TrailARN")), dict(trail))
        elif one.operation in ("GetTrailStatus", "GetEventSelectors"):
            parts[one.operation, str(parameters.get("Name") or parameters.get("TrailName"))] = value
    return {
        # The earliest: what was answered later may have been changed in between.
        "collected_at": written(min(times)) if times else None,
        "trails": [
            {
                "trail": trails[arn],
                "status": parts.get(("GetTrailStatus", arn), {}),
                "event_selectors": parts.get(("GetEventSelectors", arn), {}),
            }
            for arn in sorted(trails)
        ],
        "regions": [regions[account] for account in sorted(regions)],
    }


def _listed(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
