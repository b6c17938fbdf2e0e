"""What is asked of the account beside its objects: public keys, trails, the bucket's own configuration, the policy of its key.

Each answer is kept as it came, under ``configuration/<service>.<Operation>[.<region>].json``. What is refused is noted and holds
nothing up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cttoolkit.errors import EvidenceError
from cttoolkit.sources.clients import Access, refusal, stops
from cttoolkit.sources.public_keys import dump, list_public_keys
from cttoolkit.window import Window, written

__all__ = ["BUCKET_ANSWERS", "Answers", "ask_account", "ask_caller"]

BUCKET_ANSWERS = {
    "GetBucketLocation": "get_bucket_location",
    "GetBucketPolicy": "get_bucket_policy",
    "GetBucketAcl": "get_bucket_acl",
    "GetBucketVersioning": "get_bucket_versioning",
    "GetBucketEncryption": "get_bucket_encryption",
    "GetBucketLogging": "get_bucket_logging",
    "GetBucketLifecycleConfiguration": "get_bucket_lifecycle_configuration",
    "GetBucketNotificationConfiguration": "get_bucket_notification_configuration",
    "GetBucketOwnershipControls": "get_bucket_ownership_controls",
    "GetBucketReplication": "get_bucket_replication",
    "GetObjectLockConfiguration": "get_object_lock_configuration",
    "GetPublicAccessBlock": "get_public_access_block",
}
_NONE_SET = (
    "NoSuchBucketPolicy ServerSideEncryptionConfigurationNotFoundError NoSuchLifecycleConfiguration OwnershipControlsNotFoundError "
    "ReplicationConfigurationNotFoundError ObjectLockConfigurationNotFoundError NoSuchPublicAccessBlockConfiguration "
    "InsightNotEnabledException"
).split()


@dataclass
class Answers:
    """Files to be written, by name, and what was refused."""

    files: dict[str, bytes] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def ask(
        self, client: Any, service: str, operation: str, method: str, region: str | None = None, **given: Any
    ) -> Any:
        """One answer, kept; None where it was refused. That nothing is set is an answer as well."""
        from botocore.exceptions import BotoCoreError, ClientError

        name = ".".join(part for part in (service, operation, region) if part)
        try:
            found = getattr(client, method)(**given)
        except (BotoCoreError, ClientError) as error:
            code, wrong, remedy = refusal(error)
            if code in _NONE_SET:
                self._keep(name, given, {"Error": {"Code": code}})
                return None
            if stops(code) and "xpired" in code:
                raise EvidenceError(name, wrong, remedy) from error
            self.refused[f"{name} {' '.join(map(str, given.values()))}".strip()] = f"{wrong}; {remedy}"
            return None
        found.pop("ResponseMetadata", None)
        self._keep(name, given, found)
        return found

    def _keep(self, name: str, given: Mapping[str, Any], answer: Any) -> None:
        path = f"configuration/{name}.json"
        held = json.loads(self.files[path])["answers"] if path in self.files else []
        held.append({"request": dict(given), "response": answer})
        self.files[path] = _legible({"answers": held})


def ask_caller(access: Access, answers: Answers) -> dict[str, str]:
    """Who collects, as STS names the credentials; empty where it was refused. No permission is needed for it."""
    found = answers.ask(access.client("sts", _region(access)), "sts", "GetCallerIdentity", "get_caller_identity") or {}
    answers.files.pop("configuration/sts.GetCallerIdentity.json", None)
    return {name.lower(): str(found[name]) for name in ("Arn", "Account", "UserId") if name in found}


def ask_account(
    access: Access, answers: Answers, bucket: str, regions: Iterable[str], window: Window | None, at: datetime | None
) -> None:
    """Keys of every region for the window, all trails that are seen there, and how the bucket is set up."""
    places = sorted(set(regions))
    if window is not None:
        _ask_keys(access, answers, places, window)
    trails = _ask_trails(access, answers, places)
    regional = [
        found
        for found in (
            answers.ask(
                access.client("account", _region(access)), "account", "ListRegions", "list_regions", MaxResults=50
            ),
        )
        if found is not None
    ]
    document: dict[str, Any] = {"collected_at": written(at) if at else None, "trails": [one for one, _ in trails]}
    owner = next((arn.split(":")[4] for _, arn in trails if arn.count(":") >= 5), None)
    if regional and owner:
        document["regions"] = [{"account": owner, **regional[0]}]
    if trails:
        answers.files["trail-configuration.json"] = _legible(document)
    s3 = access.client("s3")
    for operation, method in BUCKET_ANSWERS.items():
        answers.ask(s3, "s3", operation, method, Bucket=bucket)
    for key in sorted({str(one["trail"].get("KmsKeyId")) for one, _ in trails if one["trail"].get("KmsKeyId")}):
        region = key.split(":")[3] if key.count(":") >= 5 else _region(access)
        kms = access.client("kms", region)
        answers.ask(kms, "kms", "DescribeKey", "describe_key", region, KeyId=key)
        answers.ask(kms, "kms", "GetKeyPolicy", "get_key_policy", region, KeyId=key, PolicyName="default")


def _ask_keys(access: Access, answers: Answers, regions: list[str], window: Window) -> None:
    found: dict[str, dict[str, Any]] = {}
    for region in regions:
        try:
            document = list_public_keys([region], window, access.session())
        except EvidenceError as error:
            answers.refused[f"cloudtrail.ListPublicKeys.{region}"] = f"{error.wrong}; {error.remedy}"
            continue
        found.update({key["Fingerprint"]: key for key in document["PublicKeyList"]})
    if found:
        answers.files["public-keys.json"] = dump({"PublicKeyList": [found[name] for name in sorted(found)]})


def _ask_trails(access: Access, answers: Answers, regions: list[str]) -> list[tuple[dict[str, Any], str]]:
    """Description, status and selectors of every trail, each asked of its home region, with its ARN."""
    described: dict[str, dict[str, Any]] = {}
    for region in regions:
        client = access.client("cloudtrail", region)
        found = answers.ask(client, "cloudtrail", "DescribeTrails", "describe_trails", region, includeShadowTrails=True)
        for trail in (found or {}).get("trailList", ()):
            described.setdefault(trail.get("TrailARN", ""), trail)
    trails = []
    for arn, trail in sorted(described.items()):
        home = trail.get("HomeRegion") or arn.split(":")[3]
        client = access.client("cloudtrail", home)

        def ask(operation: str, method: str, name: str, client: Any = client, home: str = home, arn: str = arn) -> Any:
            return answers.ask(client, "cloudtrail", operation, method, home, **{name: arn}) or {}

        ask("GetTrail", "get_trail", "Name")
        status = ask("GetTrailStatus", "get_trail_status", "Name")
        selectors = ask("GetEventSelectors", "get_event_selectors", "TrailName")
        ask("GetInsightSelectors", "get_insight_selectors", "TrailName")
        trails.append(({"trail": trail, "status": status, "event_selectors": selectors}, arn))
    return trails


def _region(access: Access) -> str:
    return access.session().region_name or "us-east-1"


def _legible(document: Any) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    return written(value) if isinstance(value, datetime) else str(value)
