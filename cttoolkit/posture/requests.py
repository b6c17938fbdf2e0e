"""The requests that policies of a trail's bucket, key and topic are weighed with.

Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail", "Amazon SNS
topic policy for CloudTrail". How digests are encrypted where the trail has a key of KMS is told in two ways there: "Security best
practices" has them as SSE-S3 (AES256) whatever the key is, the page on key policies names them beside the log files. Both are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cttoolkit.policies import ABSENT, ANYBODY, Caller, Policy, Request
from cttoolkit.posture.scene import Trail

__all__ = [
    "CHANGES",
    "STRANGER",
    "another_trail",
    "deliveries",
    "encryption",
    "foreign_trail",
    "grantees",
    "publication",
    "touch",
]

CLOUDTRAIL = Caller.service("cloudtrail.amazonaws.com")
STRANGER = "000000000000"
"""An account that nobody has."""
CHANGES: Mapping[str, tuple[str, ...]] = {
    "log": ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl"),
    "bucket": (
        "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutLifecycleConfiguration", "s3:PutBucketVersioning",
        "s3:PutReplicationConfiguration", "s3:DeleteBucket",
    ),
}  # fmt: skip
"""What changes, plants or deletes evidence, on log files and on their bucket."""
_ORGANIZATION = re.compile(r"/AWSLogs/(o-[a-z0-9]{4,40})/")


def foreign_trail(trail: Trail) -> str:
    """The ARN of a trail in somebody else's account."""
    return f"arn:{trail.partition}:cloudtrail:{trail.home}:{STRANGER}:trail/{trail.name}"


def another_trail(trail: Trail) -> str:
    """The ARN of a second trail in the same account."""
    return f"{trail.arn}-2"


def _place(trail: Trail, policy: Policy, kind: str) -> str:
    prefix = str(trail.described.get("S3KeyPrefix") or "").strip("/")
    found = None
    if trail.described.get("IsOrganizationTrail") is True:
        found = next((f for one in policy.statements if (f := _ORGANIZATION.search(one.text))), None)
    organization = f"{found[1]}/" if found else ""
    start = f"arn:{trail.partition}:s3:::{trail.bucket}/{prefix + '/' if prefix else ''}AWSLogs/{organization}"
    return f"{start}{trail.account}/{kind}/{trail.home}/2026/01/01/name.json.gz"


def touch(trail: Trail, policy: Policy, target: str) -> str:
    """The resource that a change is about: a log file, or the bucket."""
    return _place(trail, policy, "CloudTrail") if target == "log" else f"arn:{trail.partition}:s3:::{trail.bucket}"


def deliveries(trail: Trail, policy: Policy, source: str | None = None) -> dict[str, Request]:
    """What CloudTrail does to deliver: a log file, and a digest, encrypted as SSE-S3 does or under the trail's key.

    ``source`` is the ARN of the trail in whose name it is done; the trail's own if not given.
    """
    key = trail.described.get("KmsKeyId")
    log: dict[str, Any] = {"s3:x-amz-server-side-encryption": "aws:kms" if key else "AES256"}
    log["s3:x-amz-server-side-encryption-aws-kms-key-id"] = str(key) if key else ABSENT
    plain = {"s3:x-amz-server-side-encryption": "AES256", "s3:x-amz-server-side-encryption-aws-kms-key-id": ABSENT}
    shared = _sender(trail, source) | {"s3:x-amz-acl": "bucket-owner-full-control"}
    place = _place(trail, policy, "CloudTrail-Digest")
    return {
        "log files": Request(CLOUDTRAIL, "s3:PutObject", _place(trail, policy, "CloudTrail"), shared | log),
        "digests": Request(CLOUDTRAIL, "s3:PutObject", place, shared | plain),
        "digests under the key": Request(CLOUDTRAIL, "s3:PutObject", place, shared | log),
    }


def encryption(trail: Trail, key: str, source: str | None = None) -> Request:
    """CloudTrail asks the key for a data key, as for every log file."""
    arn = source or trail.arn
    context = _sender(trail, source) | {"kms:EncryptionContext:aws:cloudtrail:arn": arn}
    context |= {"kms:EncryptionContextKeys": ("aws:cloudtrail:arn", "aws:s3:arn"), "kms:CallerAccount": ABSENT}
    return Request(CLOUDTRAIL, "kms:GenerateDataKey", key, context)


def publication(trail: Trail, topic: str, source: str | None = None) -> Request:
    """CloudTrail tells the topic of a delivery."""
    return Request(CLOUDTRAIL, "sns:Publish", topic, _sender(trail, source))


def _sender(trail: Trail, source: str | None) -> dict[str, Any]:
    arn = source or trail.arn
    return {"aws:SourceArn": arn, "aws:SourceAccount": arn.split(":")[4], "aws:SecureTransport": True}


def grantees(policy: Policy) -> Iterator[Caller]:
    """Everybody whom statements that allow name, but CloudTrail; anybody, and somebody of no account here, where they name all."""
    somebody = Caller.arn(f"arn:aws:iam::{STRANGER}:user/somebody")
    seen: set[Caller] = set()
    for one in policy.statements:
        if one.problem or one.is_denial:
            continue
        names = one.principals if one.principals is not None else {"AWS": ("*",)}
        for kind, listed in names.items():
            for name in listed:
                callers = (ANYBODY, somebody) if name == "*" else (_caller(kind, name),)
                for caller in callers:
                    if caller != CLOUDTRAIL and caller not in seen:
                        seen.add(caller)
                        yield caller


def _caller(kind: str, name: str) -> Caller:
    return Caller.account_of(name) if kind == "AWS" and re.fullmatch(r"[0-9]{12}", name) else Caller(kind, name)
