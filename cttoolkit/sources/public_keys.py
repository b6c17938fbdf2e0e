"""Public keys, asked of AWS: the one thing that a copy of a bucket cannot hold by itself."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import EvidenceError
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["dump", "list_public_keys", "open_session"]

_AFTER = timedelta(hours=2)
"""The AWS CLI asks for keys up to two hours past the last digest, since a digest is signed after its hour."""


def list_public_keys(regions: Iterable[str], window: Window, session: Any = None) -> dict[str, Any]:
    """What ListPublicKeys answers in each region for a window, as one document of the same shape.

    Each region signs with keys of its own. ``session`` is a boto3 session (default: the environment's). EvidenceError where
    boto3 is not installed or AWS refuses, with what it said. Needs the permission cloudtrail:ListPublicKeys and no other.
    """
    asking = session or open_session()
    from botocore.exceptions import BotoCoreError, ClientError

    found: dict[str, dict[str, Any]] = {}
    for region in sorted(set(regions)):
        try:
            client = asking.client("cloudtrail", region_name=region)
            answer = client.list_public_keys(StartTime=window.start, EndTime=window.end + _AFTER)
        except (BotoCoreError, ClientError) as error:
            remedy = "check the credentials and the permission cloudtrail:ListPublicKeys"
            raise EvidenceError(f"ListPublicKeys in {region}", str(error), remedy) from error
        for key in answer.get("PublicKeyList", []):
            found[key["Fingerprint"]] = _plain(key)
    return {"PublicKeyList": [found[name] for name in sorted(found)]}


def open_session(profile: str | None = None) -> Any:
    """A boto3 session of a profile. EvidenceError where there is no such profile, or no boto3."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise EvidenceError("boto3", "not installed", "install cttoolkit[aws], or use the AWS CLI") from error
    remedy = "name a profile of the AWS configuration"
    try:
        session = boto3.Session(profile_name=profile)
        # boto3 may find out only at the first request.
        known = profile is None or profile in session.available_profiles
        _read_times_quickly(session)
    except BotoCoreError as error:
        raise EvidenceError(f"profile {profile}", str(error), remedy) from error
    if not known:
        raise EvidenceError(f"profile {profile}", "no such profile", remedy)
    return session


def _read_times_quickly(session: Any) -> None:
    """Let botocore read times in ISO 8601 as Python does: its own way takes half of the time that a listing takes."""
    from botocore.utils import parse_timestamp

    def read(value: Any) -> datetime:
        if isinstance(value, str) and value.endswith("Z") and "T" in value:
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
        other: datetime = parse_timestamp(value)
        return other

    session._session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read)


def _plain(key: dict[str, Any]) -> dict[str, Any]:
    import base64

    value = key["Value"]
    return {
        "Value": base64.b64encode(value).decode() if isinstance(value, bytes) else value,
        "ValidityStartTime": written(key["ValidityStartTime"]),
        "ValidityEndTime": written(key["ValidityEndTime"]),
        "Fingerprint": key["Fingerprint"],
    }


def dump(document: dict[str, Any]) -> bytes:
    """The document as a file holds it."""
    return (json.dumps(document, indent=2) + "\n").encode()
