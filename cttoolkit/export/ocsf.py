"""Events as API Activity (6003) of the Open Cybersecurity Schema Framework: JSON lines, an event each.

Source of classes, attributes and their numbers: the OCSF schema, version 1.6.0, with its profile cloud. What CloudTrail does not
say is Unknown (0), what it says in words of its own is Other (99) with those words, and what has no place in the schema stands in
``unmapped`` under its column's name. docs/exports.md has the whole mapping.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import msgspec

from cttoolkit.errors import WindowError
from cttoolkit.export.lines import write_lines
from cttoolkit.export.rows import Exportable
from cttoolkit.export.writing import Export
from cttoolkit.finding import Finding
from cttoolkit.json_path import text_at
from cttoolkit.schema import COLUMNS
from cttoolkit.window import instant

__all__ = ["VERSION", "ocsf"]

VERSION = "1.6.0"
_UNKNOWN = "Unknown"
_ACTIVITIES = {0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 99: "Other"}
_KINDS = {"Create": 1, "Update": 3, "Delete": 4}
_KIND = re.compile(r"(Create|Update|Delete)(?![a-z])")
_USER_TYPES = {"IAMUser": 1, "AWSService": 4}
_USER = (
    "user_identity_arn",
    "user_identity_principal_id",
    "user_identity_user_name",
    "user_identity_account_id",
    "user_identity_type",
    "access_key_id",
)
_STATUSES = {0: "Unknown", 1: "Success", 2: "Failure"}
_ANSWERED = frozenset({"AwsApiCall", "AwsConsoleAction", "AwsConsoleSignIn"})
"""Types of events whose silence about an error means that there was none."""
_MAPPED = frozenset(
    """
    event_time event_name event_source aws_region source_ip_address user_agent error_code error_message event_id event_category
    event_type event_version recipient_account_id shared_event_id request_id vpc_endpoint_id user_identity_type user_identity_arn
    user_identity_principal_id user_identity_account_id user_identity_user_name invoked_by access_key_id session_issuer_arn
    session_created_at mfa_authenticated request_parameters response_elements resources record_sha256
    """.split()
)
_JSON = frozenset(column.name for column in COLUMNS if column.type == "json")


def ocsf(what: Exportable, path: str | os.PathLike[str]) -> Export:
    """Write events of class API Activity, ``.jsonl``; from findings, each with its claims and standings as enrichments.

    Events without a readable time are left out, and counted: the schema asks for one.
    """
    return write_lines(what, path, "ocsf", _event)


def _event(event: dict[str, Any], findings: tuple[Finding, ...]) -> dict[str, Any]:
    unmapped = {name: _json(value) if name in _JSON else value for name, value in event.items() if name not in _MAPPED}
    activity, status = _activity(event), _status(event)
    made: dict[str, Any] = {
        "metadata": _metadata(event),
        "time": event["event_time"] // 1000,
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": 6003,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": event.get("event_name", _UNKNOWN) if activity == 99 else _ACTIVITIES[activity],
        "type_uid": 600300 + activity,
        "type_name": f"API Activity: {_ACTIVITIES[activity]}",
        "severity_id": 0,
        "severity": _UNKNOWN,
        "status_id": status,
        "status": _STATUSES[status],
        "status_code": event.get("error_code"),
        "status_detail": event.get("error_message"),
        "actor": _actor(event, unmapped),
        "api": _api(event, unmapped),
        "src_endpoint": _source(event.get("source_ip_address"), event.get("vpc_endpoint_id")),
        "http_request": _some(user_agent=event.get("user_agent")),
        "cloud": _cloud(event.get("aws_region"), event.get("recipient_account_id")),
        "resources": _resources(event.get("resources"), unmapped),
        "raw_data_hash": {"algorithm_id": 3, "algorithm": "SHA-256", "value": event["record_sha256"]},
        "enrichments": [
            {
                "name": "finding",
                "value": one.claim,
                "provider": "cttoolkit",
                "data": {"standing": one.standing.word.value, "reasons": list(one.standing.reasons)},
            }
            for one in findings
        ],
        "unmapped": unmapped,
    }
    return {name: value for name, value in made.items() if value not in (None, {}, [])}


def _some(**members: Any) -> dict[str, Any] | None:
    """An object of those members that there are, or none."""
    return {name: value for name, value in members.items() if value is not None} or None


def _metadata(event: Mapping[str, Any]) -> dict[str, Any] | None:
    return _some(
        version=VERSION,
        profiles=["cloud"],
        product=_product(event.get("event_category")),
        log_version=event.get("event_version"),
        event_code=event.get("event_type"),
        uid=event.get("event_id"),
        correlation_uid=event.get("shared_event_id"),
    )


# What is the same for many events is made once. Nothing changes it afterwards.
@lru_cache(1024)
def _product(category: str | None) -> dict[str, Any] | None:
    return _some(name="CloudTrail", vendor_name="AWS", feature=_some(name=category))


@lru_cache(1024)
def _cloud(region: str | None, account: str | None) -> dict[str, Any] | None:
    return _some(provider="AWS", region=region, account=_some(uid=account))


def _activity(event: Mapping[str, Any]) -> int:
    """Read where CloudTrail says so, else what the call's own name says, else that it changes something, or nothing."""
    if event.get("read_only"):
        return 2
    kind = _KIND.match(event.get("event_name", ""))
    if kind:
        return _KINDS[kind[1]]
    return 0 if event.get("read_only") is None else 99


def _status(event: Mapping[str, Any]) -> int:
    if event.get("error_code") or event.get("error_message"):
        return 2
    kind = event.get("event_type")
    if kind not in _ANSWERED:
        return 0
    signed_in = text_at(event.get("response_elements"), '["ConsoleLogin"]') if kind == "AwsConsoleSignIn" else None
    return 2 if signed_in == "Failure" else 1


def _actor(event: Mapping[str, Any], unmapped: dict[str, Any]) -> dict[str, Any]:
    user = _user(*map(event.get, _USER))
    if user is None:
        unmapped |= {name: event[name] for name in ("user_identity_type", "access_key_id") if name in event}
    created, mfa = event.get("session_created_at"), event.get("mfa_authenticated")
    session = _session(event.get("session_issuer_arn"), created, mfa)
    if created is not None and "created_time" not in (session or ()):
        unmapped["session_created_at"] = created
    if mfa is not None and "is_mfa" not in (session or ()):
        unmapped["mfa_authenticated"] = mfa
    made = _some(user=user, session=session, invoked_by=event.get("invoked_by"))
    return made or {"user": {"name": _UNKNOWN, "type": _UNKNOWN, "type_id": 0}}


@lru_cache(65_536)
def _user(
    arn: str | None, principal: str | None, name: str | None, account: str | None, kind: str | None, key: str | None
) -> dict[str, Any] | None:
    named = _some(uid=arn, uid_alt=principal, name=name, account=_some(uid=account))
    if named is None:
        return None
    if named.keys() == {"uid_alt"}:
        named = {"uid": principal}
    type_id = _USER_TYPES.get(kind, 99) if kind else 0
    return {**named, "type": kind or _UNKNOWN, "type_id": type_id, **(_some(credential_uid=key) or {})}


@lru_cache(65_536)
def _session(issuer: str | None, created: str | None, mfa: str | None) -> dict[str, Any] | None:
    is_mfa = {"true": True, "false": False}.get(mfa or "")
    return _some(issuer=issuer, created_time=_milliseconds(created), is_mfa=is_mfa)


def _milliseconds(text: str | None) -> int | None:
    try:
        moment: datetime | None = instant(text) if text else None
    except WindowError:
        return None
    return None if moment is None else int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _api(event: Mapping[str, Any], unmapped: dict[str, Any]) -> dict[str, Any] | None:
    request = event.get("request_id")
    asked = _json(event.get("request_parameters"))
    if request is None and asked is not None:
        # The schema has no request without an id.
        unmapped["request_parameters"] = asked
    return _some(
        operation=event.get("event_name", _UNKNOWN),
        service=_some(name=event.get("event_source")),
        request=_some(uid=request, data=asked) if request is not None else None,
        response=_some(
            error=event.get("error_code"),
            error_message=event.get("error_message"),
            data=_json(event.get("response_elements")),
        ),
    )


def _json(text: str | None) -> msgspec.Raw | None:
    """JSON text as it stands, digits and all, on one line."""
    if text is None:
        return None
    return msgspec.Raw((msgspec.json.format(text, indent=-1) if "\n" in text or "\r" in text else text).encode())


@lru_cache(65_536)
def _source(address: str | None, endpoint: str | None) -> dict[str, Any]:
    """Where the call came from. CloudTrail gives an address, the DNS name of a service, or words of its own such as AWS Internal."""
    if address is None:
        place = {} if endpoint else {"name": _UNKNOWN}
    elif _is_address(address):
        place = {"ip": address}
    else:
        place = {"svc_name" if address.endswith(".amazonaws.com") else "name": address}
    return place | ({"uid": endpoint} if endpoint else {})


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


_listed = msgspec.json.Decoder(list[dict[str, Any]])


def _resources(text: str | None, unmapped: dict[str, Any]) -> list[dict[str, Any]] | None:
    if text is None:
        return None
    try:
        listed = _listed.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        unmapped["resources"] = _json(text)
        return None
    made = [_resource(one) for one in listed]
    if None in made or any(one.keys() - {"ARN", "type", "accountId"} for one in listed):
        unmapped["resources"] = _json(text)
    return [one for one in made if one is not None] or None


def _resource(one: Mapping[str, Any]) -> dict[str, Any] | None:
    texts = {name: value for name, value in one.items() if isinstance(value, str) and value}
    if "ARN" not in texts:
        return None
    owner = {"account": {"uid": texts["accountId"]}} if "accountId" in texts else None
    return _some(uid=texts["ARN"], type=texts.get("type"), owner=owner)
