"""Where a trail keeps its log files: the buckets and keys that the evidence itself names as a trail's, and what was done to them.

Buckets are those that digests state, that calls to CloudTrail name, and that CloudTrail looked at; keys those that calls to
CloudTrail name, and that it encrypted with. A bucket in an account whose logs are not in the evidence is known, and what was done
to it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED
from cttoolkit.detections.callers import NOT_BY_SERVICE
from cttoolkit.events import Events
from cttoolkit.param import Match, Param, param
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["bucket_weakened", "key_weakened"]

_TRAIL_CALLS = ("CreateTrail", "UpdateTrail")
_CLOUDTRAIL = "cloudtrail.amazonaws.com"
_BUCKET = param("requestParameters.bucketName")
_SUSPENDED = param("requestParameters.VersioningConfiguration.Status") == "Suspended"
_WITHOUT_MFA_DELETE = param("requestParameters.VersioningConfiguration.MfaDelete") == "Disabled"
_KEY_ID = param("requestParameters.keyId")
_LAST = r"([^/:]+)$"
_BUCKET_CALLS = (
    "DeleteBucket", "DeleteBucketEncryption", "DeleteBucketLifecycle", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock",
    "DeleteObjects", "PutBucketAcl", "PutBucketEncryption", "PutBucketLifecycle", "PutBucketObjectLockConfiguration",
    "PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketReplication", "PutObjectLockConfiguration",
)  # fmt: skip
_KEY_CALLS = ("DeleteImportedKeyMaterial", "DisableKey", "PutKeyPolicy", "RevokeGrant", "ScheduleKeyDeletion")


def bucket_weakened(events: Events) -> Pivot:
    """Calls that change who may read a trail's bucket, how long it keeps its objects, and with what; or that empty or delete it."""
    called = events.named(*_BUCKET_CALLS, "PutBucketVersioning").to_service("s3").where(NOT_BY_SERVICE)
    weakened = called.where(Match("weakening a bucket", _is_weakening))
    stated = {one.digest.bucket for chain in events.verification.chains for one in chain.digests if one.digest}
    return on(weakened.where(_among("on a trail's bucket", _BUCKET, _buckets(events.root), stated)), *GROUPED)


def key_weakened(events: Events) -> Pivot:
    """Calls that take the key away with which a trail encrypts, or change who may use it.

    A call that names the key by an alias is told only where CloudTrail's does so too.
    """
    called = events.named(*_KEY_CALLS).to_service("kms").where(NOT_BY_SERVICE)
    return on(called.where(_among("on a trail's key", _KEY_ID, _keys(events.root), pattern=_LAST)), *GROUPED)


def _is_weakening(table: ibis.Table) -> Any:
    versions = (_SUSPENDED | _WITHOUT_MFA_DELETE)(table).fill_null(False)
    return (table.event_name != "PutBucketVersioning") | versions


def _among(
    told: str, place: Param, known: Iterable[ibis.Table], stated: Iterable[str] = (), pattern: str | None = None
) -> Match:
    def holds(table: ibis.Table) -> Any:
        name = _last(place.value(table), pattern)
        return reduce(or_, (name.isin(one.name) for one in known), name.isin(sorted(stated))).fill_null(False)

    return Match(told, holds)


def _last(text: Any, pattern: str | None) -> Any:
    return text if pattern is None else text.re_extract(pattern, 1)


def _buckets(events: Events) -> list[ibis.Table]:
    named = events.named(*_TRAIL_CALLS).table
    looked = events.named("GetBucketAcl").where(Match("by CloudTrail", _is_cloudtrail)).table
    return [
        _told(named, param("requestParameters.s3BucketName").value(named)),
        _told(named, param("responseElements.s3BucketName").value(named)),
        _told(looked, _BUCKET.value(looked)),
    ]


def _keys(events: Events) -> list[ibis.Table]:
    named = events.named(*_TRAIL_CALLS).table
    encrypted = events.named("GenerateDataKey").where(Match("by a trail", _is_for_trail)).table
    places = (
        (named, param("requestParameters.kmsKeyId")),
        (named, param("responseElements.kmsKeyId")),
        (encrypted, _KEY_ID),
    )
    return [_told(table, _last(place.value(table), _LAST)) for table, place in places]


def _told(table: ibis.Table, name: Any) -> ibis.Table:
    found = table.select(name=name)
    return found.filter(found.name.notnull() & (found.name != "")).distinct()


def _is_cloudtrail(table: ibis.Table) -> Any:
    return (table.principal == f"svc:{_CLOUDTRAIL}") | (table.invoked_by == _CLOUDTRAIL).fill_null(False)


def _is_for_trail(table: ibis.Table) -> Any:
    return table.request_parameters.contains("aws:cloudtrail:arn").fill_null(False)
