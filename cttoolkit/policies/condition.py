"""Condition elements: operators, what they do with a key that is not there, and with keys of several values.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys". An operator or
a key that is not known here answers unknown.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from cttoolkit.errors import WindowError
from cttoolkit.policies.document import Asked
from cttoolkit.policies.pattern import equals, like, like_arn
from cttoolkit.policies.request_keys import ABSENT, Context, values_of
from cttoolkit.policies.truth import Truth
from cttoolkit.window import instant

__all__ = ["holds"]

_NAME = re.compile(r"(?:(?P<set>ForAllValues|ForAnyValue):)?(?P<base>[A-Za-z]+?)(?P<maybe>IfExists)?")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Test = Callable[[str, str, Context, bool], Truth]
"""Holds one value of a policy against one of a request; the last argument says whether ``${…}`` are variables."""


def _text(pattern: str, value: str, context: Context, variables: bool, *, fold: bool = False) -> Truth:  # noqa: FBT001
    return equals(pattern, value, context, fold=fold, variables=variables)


def _pattern(pattern: str, value: str, context: Context, variables: bool) -> Truth:  # noqa: FBT001
    return like(pattern, value, context, variables=variables)


def _arn(pattern: str, value: str, context: Context, variables: bool) -> Truth:  # noqa: FBT001
    return like_arn(pattern, value, context, variables=variables)


def _bool(pattern: str, value: str, _: Context, __: bool) -> Truth:  # noqa: FBT001
    known = ("true", "false")
    if pattern.lower() not in known or value.lower() not in known:
        return Truth.UNKNOWN
    return Truth.of(pattern.lower() == value.lower())


def _address(pattern: str, value: str, _: Context, __: bool) -> Truth:  # noqa: FBT001
    try:
        network, address = ipaddress.ip_network(pattern, strict=False), ipaddress.ip_address(value)
    except ValueError:
        return Truth.UNKNOWN
    return Truth.of(address in network)


def _compared(
    pattern: str,
    value: str,
    _: Context,
    __: bool,  # noqa: FBT001
    *,
    read: Callable[[str], Any],
    test: Callable[[Any, Any], bool],
) -> Truth:
    theirs, own = read(pattern), read(value)
    return Truth.UNKNOWN if theirs is None or own is None else Truth.of(test(own, theirs))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _moment(text: str) -> datetime | None:
    try:
        if _NUMBER.fullmatch(text):
            return instant(float(text))
        return instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text)
    except WindowError:
        return None


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda own, theirs: bool(own == theirs),
    "LessThan": lambda own, theirs: bool(own < theirs),
    "LessThanEquals": lambda own, theirs: bool(own <= theirs),
    "GreaterThan": lambda own, theirs: bool(own > theirs),
    "GreaterThanEquals": lambda own, theirs: bool(own >= theirs),
}
_TESTS: Mapping[str, tuple[Test, bool]] = {
    "StringEquals": (_text, False),
    "StringNotEquals": (_text, True),
    "StringEqualsIgnoreCase": (partial(_text, fold=True), False),
    "StringNotEqualsIgnoreCase": (partial(_text, fold=True), True),
    "StringLike": (_pattern, False),
    "StringNotLike": (_pattern, True),
    "ArnEquals": (_arn, False),
    "ArnLike": (_arn, False),
    "ArnNotEquals": (_arn, True),
    "ArnNotLike": (_arn, True),
    "Bool": (_bool, False),
    "IpAddress": (_address, False),
    "NotIpAddress": (_address, True),
    **{f"Numeric{name}": (partial(_compared, read=_number, test=test), False) for name, test in _ORDER.items()},
    "NumericNotEquals": (partial(_compared, read=_number, test=_ORDER["Equals"]), True),
    **{f"Date{name}": (partial(_compared, read=_moment, test=test), False) for name, test in _ORDER.items()},
    "DateNotEquals": (partial(_compared, read=_moment, test=_ORDER["Equals"]), True),
}
"""Operator to its test, and whether it asks that no value passes it."""


def holds(asked: Asked, context: Context, *, variables: bool) -> Truth:
    """Whether one line of a condition holds for a request."""
    values = values_of(context, asked.key)
    if asked.operator == "Null":
        return _null(asked, values)
    found = _NAME.fullmatch(asked.operator)
    if found is None or found["base"] not in _TESTS or values is None:
        return Truth.UNKNOWN
    test, is_negated = _TESTS[found["base"]]
    if not isinstance(values, tuple) or not values:
        # A negated operator holds where there is nothing to compare, and so does one for all of no values.
        if found["set"] == "ForAnyValue" and not found["maybe"]:
            return Truth.NO
        return Truth.of(bool(found["maybe"]) or is_negated or found["set"] == "ForAllValues")
    each = [_one(asked, value, context, test, is_negated=is_negated, variables=variables) for value in values]
    if found["set"] == "ForAnyValue":
        return Truth.any(each)
    if found["set"] == "ForAllValues" or len(each) == 1:
        return Truth.all(each)
    # Without a set operator, how AWS takes several values is not documented.
    return each[0] if len(set(each)) == 1 else Truth.UNKNOWN


def _one(asked: Asked, value: str, context: Context, test: Test, *, is_negated: bool, variables: bool) -> Truth:
    found = Truth.any(test(pattern, value, context, variables) for pattern in asked.values)
    return found.opposite if is_negated else found


def _null(asked: Asked, values: Any) -> Truth:
    wanted = {value.lower() for value in asked.values}
    if values is None or len(wanted) != 1 or not wanted <= {"true", "false"}:
        return Truth.UNKNOWN
    return Truth.of((values is ABSENT or not values) == (wanted == {"true"}))
