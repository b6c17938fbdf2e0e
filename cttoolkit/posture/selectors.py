"""What a trail's event selectors take in, basic and advanced.

Source: CloudTrail API Reference, "EventSelector", "AdvancedEventSelector" and "AdvancedFieldSelector".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cttoolkit.errors import ClaimError
from cttoolkit.integrity.selectors import DataAsked, Records, Selectors
from cttoolkit.posture.reading import objects, texts

__all__ = ["Management", "categories", "management", "takes_data_of"]


@dataclass(frozen=True, slots=True)
class Management:
    """Whether management events are recorded whole; what is left out of them, in words; None where it cannot be told."""

    is_whole: bool | None
    left_out: str = ""


def management(answer: Mapping[str, Any]) -> Management:
    """What an answer of GetEventSelectors says of management events."""
    basic, advanced = objects(answer, "EventSelectors"), objects(answer, "AdvancedEventSelectors")
    if not basic and not advanced:
        return Management(None, "no selectors were answered")
    found = [_of_advanced(one) for one in advanced] if advanced else [_of_basic(one) for one in basic]
    told = [one for one in found if one is not None]
    if "" in told:
        return Management(is_whole=True)
    return Management(is_whole=False, left_out="; ".join(told) or "management events are not selected at all")


def _of_basic(selector: Mapping[str, Any]) -> str | None:
    """What one leaves out, nothing where it takes all, None where it takes no management events."""
    if selector.get("IncludeManagementEvents", True) is not True:
        return None
    left = []
    kind = selector.get("ReadWriteType", "All")
    if kind != "All":
        left.append(f"only {kind} events")
    sources = selector.get("ExcludeManagementEventSources")
    if sources:
        left.append(f"none of {sources}")
    return ", ".join(left)


def _of_advanced(selector: Mapping[str, Any]) -> str | None:
    fields = objects(selector, "FieldSelectors")
    category = [one for one in fields if one.get("Field") == "eventCategory"]
    if not category or "Management" not in texts(category[0], "Equals"):
        return None
    rest = [one for one in fields if one not in category]
    return ", ".join(f"only where {one.get('Field')} {_test(one)}" for one in rest)


def _test(field: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in field.items() if name != "Field")


def categories(answer: Mapping[str, Any]) -> frozenset[str]:
    """The categories of events that any selector takes."""
    found: set[str] = set()
    for one in objects(answer, "AdvancedEventSelectors"):
        for part in objects(one, "FieldSelectors"):
            if part.get("Field") == "eventCategory":
                found.update(str(value) for value in texts(part, "Equals"))
    for one in objects(answer, "EventSelectors"):
        if one.get("IncludeManagementEvents", True) is True:
            found.add("Management")
        if one.get("DataResources"):
            found.add("Data")
    return frozenset(found)


def takes_data_of(answer: Mapping[str, Any], arn: str) -> bool | None:
    """Whether reads and writes of all that a resource holds are recorded; None where it cannot be told, or of another kind.

    Of a bucket its objects are meant.
    """
    try:
        asked = DataAsked.of(arn)
    except ClaimError:
        return None
    return {Records.YES: True, Records.NO: False, Records.UNKNOWN: None}[Selectors.of(answer).data(asked)]
