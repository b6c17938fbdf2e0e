"""Which events a trail was set to record, by its event selectors.

Of management events it is asked whether all are taken; of data events whether those of a resource are, since a trail has none of a
resource that no selector names (User Guide, "Logging data events"; API Reference, EventSelector and AdvancedFieldSelector).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cttoolkit.errors import ClaimError

__all__ = ["DataAsked", "Records", "Selectors", "truth"]


class Records(StrEnum):
    """Whether a trail could have recorded a kind of event."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def truth(value: object) -> Records:
    """Yes or no of a boolean; unknown of anything else."""
    return Records.YES if value is True else Records.NO if value is False else Records.UNKNOWN


_TYPES = (
    (re.compile(r"arn:[a-z-]+:s3:::[^/]+/.*", re.ASCII), "AWS::S3::Object"),
    (re.compile(r"arn:[a-z-]+:lambda:[^:]+:\d{12}:function:[^:]+", re.ASCII), "AWS::Lambda::Function"),
    (re.compile(r"arn:[a-z-]+:dynamodb:[^:]+:\d{12}:table/[^/]+", re.ASCII), "AWS::DynamoDB::Table"),
)
_READS, _WRITES = ("Get", "Head", "List", "BatchGet"), ("Put", "Delete", "Upload", "BatchWrite")
_WHOLE = {"AWS::S3::Object": "s3", "AWS::Lambda::Function": "lambda", "AWS::DynamoDB::Table": "dynamodb"}


@dataclass(frozen=True, slots=True)
class DataAsked:
    """Data events of a resource: all objects under an ARN that ends in / (``arn:aws:s3:::bucket/``), an object, a function or a table.

    ``names`` are the calls that were asked about, none for all.
    """

    arn: str
    type: str
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, resource: str, names: Iterable[str] = ()) -> DataAsked:
        """ClaimError where it is no ARN of a bucket or object, of a function, or of a table."""
        arn = f"{resource}/" if re.fullmatch(r"arn:[a-z-]+:s3:::[^/]+", resource, re.ASCII) else resource
        for pattern, kind in _TYPES:
            if pattern.fullmatch(arn):
                return cls(arn, kind, tuple(names))
        raise ClaimError(
            resource,
            "no ARN of a bucket, an object, a function or a table",
            "give resource= as arn:aws:s3:::bucket, arn:aws:s3:::bucket/key, arn:aws:lambda:…:function:name or "
            "arn:aws:dynamodb:…:table/name",
        )

    @property
    def is_many(self) -> bool:
        """Whether it stands for all objects under a prefix rather than for one."""
        return self.type == "AWS::S3::Object" and self.arn.endswith("/")

    @property
    def place(self) -> tuple[str, tuple[str, ...]]:
        """Where a record's parameters name the resource, and how."""
        parts = self.arn.split(":", 5)
        if self.type == "AWS::S3::Object":
            return "requestParameters.bucketName", (parts[5].split("/")[0],)
        name = parts[5].split(":")[-1].split("/")[-1]
        where = "functionName" if self.type == "AWS::Lambda::Function" else "tableName"
        return f"requestParameters.{where}", (name, self.arn)

    @property
    def kinds(self) -> tuple[bool, ...]:
        """Whether reads are asked about, writes, or both; a name that does not tell is both."""
        if self.names and all(name.startswith(_READS) for name in self.names):
            return (True,)
        if self.names and all(name.startswith(_WRITES) for name in self.names):
            return (False,)
        return (True, False)

    def __str__(self) -> str:
        return f"all objects under {self.arn}" if self.is_many else self.arn


@dataclass(frozen=True, slots=True)
class Selectors:
    """The event selectors of a trail, of either kind; where neither is known, nothing is."""

    basic: tuple[Mapping[str, Any], ...] = ()
    advanced: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Selectors:
        """From an answer of GetEventSelectors, or the parameters of PutEventSelectors spelt like it."""
        return cls(_mappings(answer.get("EventSelectors")), _mappings(answer.get("AdvancedEventSelectors")))

    @classmethod
    def of_new_trail(cls) -> Selectors:
        """What a trail has until others are put: all management events, and no data events."""
        return cls(({"IncludeManagementEvents": True, "ReadWriteType": "All", "DataResources": []},))

    @property
    def management(self) -> Records:
        """Whether read and write management events of all services are taken: by a selector that leaves none out."""
        if self.advanced:
            return truth(any(_takes_all_management(one) for one in self.advanced))
        if not self.basic:
            return Records.UNKNOWN
        return truth(
            any(
                one.get("IncludeManagementEvents") is True
                and one.get("ReadWriteType", "All") == "All"
                and not one.get("ExcludeManagementEventSources")
                for one in self.basic
            )
        )

    def data(self, asked: DataAsked) -> Records:
        """Whether all data events that were asked about are taken: by one selector, or by one of reads and another of writes."""
        if self.advanced:
            halves = [[_advanced(one, asked, is_read=is_read) for one in self.advanced] for is_read in asked.kinds]
        elif self.basic:
            halves = [[_basic(one, asked, is_read=is_read) for one in self.basic] for is_read in asked.kinds]
        else:
            return Records.UNKNOWN
        return _all(_any(half) for half in halves)


def _any(answers: Iterable[Records]) -> Records:
    found = set(answers)
    return Records.YES if Records.YES in found else Records.UNKNOWN if Records.UNKNOWN in found else Records.NO


def _all(answers: Iterable[Records]) -> Records:
    found = set(answers)
    return Records.NO if Records.NO in found else Records.UNKNOWN if Records.UNKNOWN in found else Records.YES


def _mappings(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _takes_all_management(selector: Mapping[str, Any]) -> bool:
    fields = selector.get("FieldSelectors")
    if not isinstance(fields, list) or len(fields) != 1 or not isinstance(fields[0], Mapping):
        return False
    return fields[0].get("Field") == "eventCategory" and fields[0].get("Equals") == ["Management"]


def _basic(selector: Mapping[str, Any], asked: DataAsked, *, is_read: bool) -> Records:
    if selector.get("ReadWriteType", "All") not in ("All", "ReadOnly" if is_read else "WriteOnly"):
        return Records.NO
    named = [
        value
        for one in _mappings(selector.get("DataResources"))
        if one.get("Type") == asked.type
        for value in _texts(one.get("Values"))
    ]
    return truth(any(_names(value, asked) for value in named))


def _names(value: str, asked: DataAsked) -> bool:
    """Whether a value takes the whole of what was asked: all of a service, or a prefix of objects, or the very resource."""
    if re.fullmatch(rf"arn:[a-z-]+:{_WHOLE[asked.type]}(:::)?", value, re.ASCII):
        return True
    return asked.arn.startswith(value) if asked.type == "AWS::S3::Object" and "/" in value else asked.arn == value


def _advanced(selector: Mapping[str, Any], asked: DataAsked, *, is_read: bool) -> Records:
    fields = _mappings(selector.get("FieldSelectors"))
    named = {str(one.get("Field")) for one in fields}
    if not {"eventCategory", "resources.type"} <= named:
        return Records.NO
    return _all(_field(one, asked, is_read=is_read) for one in fields)


def _field(selector: Mapping[str, Any], asked: DataAsked, *, is_read: bool) -> Records:
    field = selector.get("Field")
    if field == "eventCategory":
        return truth(_texts(selector.get("Equals")) == ["Data"])
    if field == "resources.type":
        return truth(asked.type in _texts(selector.get("Equals")))
    if field == "readOnly":
        return truth(str(is_read).lower() in _texts(selector.get("Equals")))
    if field == "eventName":
        # Of calls that were not named, some may be left out.
        return _all(_operators(selector, name) for name in asked.names) if asked.names else Records.NO
    if field == "resources.ARN":
        return _operators(selector, asked.arn, is_many=asked.is_many)
    return Records.UNKNOWN


def _operators(selector: Mapping[str, Any], value: str, *, is_many: bool = False) -> Records:
    """One field's operators: any that takes is enough, and any that leaves out prevails.

    ``is_many`` asks it of all values that begin with this one: what takes or leaves out a part of them does not take all.
    """
    excluded = [
        value.startswith(one) or (is_many and one.startswith(value)) for one in _texts(selector.get("NotStartsWith"))
    ]
    excluded += [one.startswith(value) if is_many else one == value for one in _texts(selector.get("NotEquals"))]
    if any(excluded):
        return Records.NO
    ends = _texts(selector.get("NotEndsWith"))
    if any(is_many or value.endswith(one) for one in ends):
        return Records.NO
    taking = [_texts(selector.get(name)) for name in ("Equals", "StartsWith", "EndsWith")]
    if not any(taking):
        return Records.YES
    equal, begin, end = taking
    taken = any(value.startswith(one) for one in begin) or (
        not is_many and (value in equal or any(value.endswith(one) for one in end))
    )
    return truth(taken)
