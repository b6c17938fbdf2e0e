"""What a trail's event selectors take in, basic and advanced.

Source: CloudTrail API Reference, "EventSelector", "AdvancedEventSelector" and "AdvancedFieldSelector".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cttoolkit.posture.reading import objects, texts

__all__ = ["Management", "categories", "management", "takes_data_of"]

_DATA_TYPES = {"s3": "AWS::S3::Object", "lambda": "AWS::Lambda::Function", "dynamodb": "AWS::DynamoDB::Table"}


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
    """Whether reads and writes of all that a resource holds are recorded; None for a kind of resource that is not known here.

    Of a bucket its objects are meant. Several selectors that share the work are not added up.
    """
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    kind = _DATA_TYPES.get(service)
    if kind is None:
        return None
    whole = f"{arn}/" if service == "s3" and "/" not in arn else arn
    advanced = objects(answer, "AdvancedEventSelectors")
    if advanced:
        return any(_takes(one, kind, whole) for one in advanced)
    for one in objects(answer, "EventSelectors"):
        for resource in objects(one, "DataResources") if one.get("ReadWriteType", "All") == "All" else ():
            values = texts(resource, "Values")
            if resource.get("Type") == kind and any(whole.startswith(str(value)) for value in values):
                return True
    return False


def _takes(selector: Mapping[str, Any], kind: str, whole: str) -> bool:
    fields = {str(one.get("Field")): one for one in objects(selector, "FieldSelectors")}
    if set(fields) - {"eventCategory", "resources.type", "resources.ARN"}:
        return False
    if "Data" not in texts(fields.get("eventCategory"), "Equals"):
        return False
    if kind not in texts(fields.get("resources.type"), "Equals"):
        return False
    narrowed = fields.get("resources.ARN")
    if narrowed is None:
        return True
    others = set(narrowed) - {"Field", "StartsWith", "Equals"}
    starts, equal = texts(narrowed, "StartsWith"), texts(narrowed, "Equals")
    is_object_store = whole.endswith("/")
    return not others and (any(whole.startswith(one) for one in starts) or (whole in equal and not is_object_store))
