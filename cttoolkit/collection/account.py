"""What is asked of the account beside its objects: who collects, the public keys, and all that the checks of posture rest on.

Answers are recorded as ``cttoolkit posture --record`` records them, so that ``ct.posture.audit`` comes to the same offline. What is
refused is noted and holds nothing up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cttoolkit.collection.questioned import Questioned
from cttoolkit.configuration import Answered, Answers, Recorder
from cttoolkit.errors import EvidenceError
from cttoolkit.posture.audit import audit
from cttoolkit.posture.note import trail_note
from cttoolkit.sources.account import Account
from cttoolkit.sources.clients import Access, is_expired, refusal
from cttoolkit.sources.public_keys import dump, list_public_keys
from cttoolkit.window import Window

__all__ = ["Gathered", "ask_account", "ask_caller"]

_BUCKET = (
    "GetBucketLocation GetBucketPolicy GetBucketPolicyStatus GetPublicAccessBlock GetBucketAcl GetBucketOwnershipControls "
    "GetBucketVersioning GetObjectLockConfiguration GetBucketLifecycleConfiguration GetBucketLogging GetBucketReplication"
).split()
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass
class Gathered:
    """Files to be written, by name, and what was refused."""

    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def ask_caller(access: Access, gathered: Gathered) -> dict[str, str]:
    """Who collects, as STS names the credentials; empty where it was refused. No permission is needed for it."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = access.client("sts", _region(access)).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        code, wrong, remedy = refusal(error)
        if is_expired(code):
            raise EvidenceError("sts.GetCallerIdentity", wrong, remedy) from error
        gathered.refused["sts.GetCallerIdentity"] = f"{wrong}; {remedy}"
        return {}
    return {name.lower(): str(found[name]) for name in ("Arn", "Account", "UserId") if name in found}


def ask_account(
    access: Access,
    gathered: Gathered,
    *,
    account: str | None,
    bucket: str,
    regions: Iterable[str],
    homes: Iterable[str],
    window: Window | None,
    place: Path,
) -> None:
    """Keys of every region for the window, every question of the audit, and how the bucket is set up.

    ``account`` is the caller's, ``homes`` the home regions of the trails that deliver to the bucket, ``place`` a folder that answers
    are recorded in for as long as the collection lasts. EvidenceError where the credentials have expired.
    """
    places = sorted(set(regions))
    if window is not None:
        _ask_keys(access, gathered, places, window)
    known = account if account and _ACCOUNT.fullmatch(account) else None
    live = Account(access.session(), known or "", _region(access), "live", access.endpoint_url)
    questioned = Questioned(live)
    asking: Answers = Recorder(questioned, place) if known else questioned
    audit(asking)
    _ask_trails(asking, places)
    for home in sorted(set(homes)) or [live.region]:
        _ask_bucket(asking, bucket, home, known)
    if known is None:
        gathered.refused["configuration"] = (
            "it cannot be told whose account answers; let sts:GetCallerIdentity be reached, and run it again"
        )
    gathered.refused |= questioned.refused
    gathered.files |= {path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.rglob("*.json"))}
    note = trail_note(questioned.asked)
    if note["trails"]:
        gathered.files["trail-configuration.json"] = (json.dumps(note, indent=2, sort_keys=True) + "\n").encode()


def _ask_keys(access: Access, gathered: Gathered, regions: list[str], window: Window) -> None:
    found: dict[str, dict[str, Any]] = {}
    for region in regions:
        try:
            document = list_public_keys([region], window, access.session())
        except EvidenceError as error:
            gathered.refused[f"cloudtrail.ListPublicKeys.{region}"] = f"{error.wrong}; {error.remedy}"
            continue
        found.update({key["Fingerprint"]: key for key in document["PublicKeyList"]})
    if found:
        gathered.files["public-keys.json"] = dump({"PublicKeyList": [found[name] for name in sorted(found)]})


def _ask_trails(asking: Answers, regions: Iterable[str]) -> None:
    """Trails of the regions that the objects name, which the audit does not see where the account's regions were refused."""
    for region in regions:
        reply = asking.ask("cloudtrail", "DescribeTrails", region, {"includeShadowTrails": True})
        listed = reply.value.get("trailList") if isinstance(reply, Answered) else None
        for trail in listed if isinstance(listed, list) else ():
            arn = str(trail.get("TrailARN", "")) if isinstance(trail, Mapping) else ""
            if arn.count(":") >= 5:
                home = str(trail.get("HomeRegion") or arn.split(":")[3])
                asking.ask("cloudtrail", "GetTrailStatus", home, {"Name": arn})
                asking.ask("cloudtrail", "GetEventSelectors", home, {"TrailName": arn})


def _ask_bucket(asking: Answers, bucket: str, region: str, account: str | None) -> None:
    """The bucket's own settings, in the words of the audit, which asks for them only where a trail of this account delivers there."""
    for operation in _BUCKET:
        asking.ask("s3", operation, region, {"Bucket": bucket})
    asking.ask("s3", "ListObjectsV2", region, {"Bucket": bucket, "Delimiter": "/"})
    if account:
        asking.ask("s3", "GetBucketLocation", region, {"Bucket": bucket, "ExpectedBucketOwner": account})


def _region(access: Access) -> str:
    return access.session().region_name or "us-east-1"
