"""The operations that may be asked of an account. Each reads; none changes anything.

Permissions follow the Service Authorization Reference, codes the API reference of each service.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cttoolkit.errors import ConfigurationError

__all__ = ["DENIALS", "OPERATIONS", "Operation", "find_operation", "label"]

DENIALS = frozenset(
    """
    AccessDenied AccessDeniedException AuthorizationError AuthorizationErrorException UnauthorizedOperation Forbidden 403
    AccessDeniedForDependencyException InsufficientDependencyServiceAccessPermissionException
    """.split()
)
"""Error codes of calls that were refused for want of a permission."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the permission that it takes, and the codes by which AWS says that there is no such thing."""

    service: str
    name: str
    permission: str
    absent: frozenset[str] = frozenset()
    whole: bool = True
    """Whether all pages are asked for, rather than the first."""


def _operation(name: str, permission: str, *absent: str, whole: bool = True) -> tuple[str, Operation]:
    service, _, operation = name.partition(".")
    return name, Operation(service, operation, permission, frozenset(absent), whole)


_NO_BUCKET = ("NoSuchBucket",)
_NO_ORGANIZATION = "AWSOrganizationsNotInUseException"
OPERATIONS: Mapping[str, Operation] = dict(
    (
        _operation("account.ListRegions", "account:ListRegions"),
        _operation("ec2.DescribeRegions", "ec2:DescribeRegions"),
        _operation("cloudtrail.DescribeTrails", "cloudtrail:DescribeTrails"),
        _operation("cloudtrail.GetTrailStatus", "cloudtrail:GetTrailStatus", "TrailNotFoundException"),
        _operation("cloudtrail.GetEventSelectors", "cloudtrail:GetEventSelectors", "TrailNotFoundException"),
        _operation("cloudtrail.GetInsightSelectors", "cloudtrail:GetInsightSelectors", "InsightNotEnabledException"),
        _operation("cloudtrail.ListEventDataStores", "cloudtrail:ListEventDataStores"),
        _operation("cloudtrail.GetEventDataStore", "cloudtrail:GetEventDataStore", "EventDataStoreNotFoundException"),
        _operation("s3.GetBucketLocation", "s3:GetBucketLocation", *_NO_BUCKET),
        _operation("s3.ListObjectsV2", "s3:ListBucket", *_NO_BUCKET, whole=False),
        _operation("s3.GetBucketPolicy", "s3:GetBucketPolicy", "NoSuchBucketPolicy", *_NO_BUCKET),
        _operation("s3.GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "NoSuchBucketPolicy", *_NO_BUCKET),
        _operation(
            "s3.GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration", *_NO_BUCKET
        ),
        _operation("s3.GetBucketAcl", "s3:GetBucketAcl", *_NO_BUCKET),
        _operation(
            "s3.GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError", *_NO_BUCKET
        ),
        _operation("s3.GetBucketVersioning", "s3:GetBucketVersioning", *_NO_BUCKET),
        _operation(
            "s3.GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "ObjectLockConfigurationNotFoundError",
            *_NO_BUCKET,
        ),
        _operation(
            "s3.GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "NoSuchLifecycleConfiguration", *_NO_BUCKET
        ),
        _operation("s3.GetBucketLogging", "s3:GetBucketLogging", *_NO_BUCKET),
        _operation(
            "s3.GetBucketReplication", "s3:GetReplicationConfiguration", "ReplicationConfigurationNotFoundError", *_NO_BUCKET
        ),
        _operation(
            "s3control.GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"
        ),
        _operation("kms.DescribeKey", "kms:DescribeKey", "NotFoundException"),
        _operation("kms.GetKeyPolicy", "kms:GetKeyPolicy", "NotFoundException"),
        _operation("kms.GetKeyRotationStatus", "kms:GetKeyRotationStatus", "NotFoundException"),
        _operation("logs.DescribeLogGroups", "logs:DescribeLogGroups"),
        _operation("logs.DescribeMetricFilters", "logs:DescribeMetricFilters", "ResourceNotFoundException"),
        _operation("cloudwatch.DescribeAlarms", "cloudwatch:DescribeAlarms"),
        _operation("sns.ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic", "NotFound", "NotFoundException"),
        _operation("sns.GetTopicAttributes", "sns:GetTopicAttributes", "NotFound", "NotFoundException"),
        _operation("guardduty.ListDetectors", "guardduty:ListDetectors"),
        _operation("guardduty.GetDetector", "guardduty:GetDetector"),
        _operation("securityhub.DescribeHub", "securityhub:DescribeHub", "InvalidAccessException", "ResourceNotFoundException"),
        _operation("securityhub.GetEnabledStandards", "securityhub:GetEnabledStandards", "InvalidAccessException"),
        _operation("organizations.DescribeOrganization", "organizations:DescribeOrganization", _NO_ORGANIZATION),
        _operation(
            "organizations.ListDelegatedAdministrators", "organizations:ListDelegatedAdministrators", _NO_ORGANIZATION
        ),
        _operation("organizations.ListPolicies", "organizations:ListPolicies", _NO_ORGANIZATION),
        _operation("organizations.DescribePolicy", "organizations:DescribePolicy", "PolicyNotFoundException"),
        _operation("organizations.ListTargetsForPolicy", "organizations:ListTargetsForPolicy", "PolicyNotFoundException"),
        _operation("iam.ListEntitiesForPolicy", "iam:ListEntitiesForPolicy", "NoSuchEntity"),
        _operation("iam.GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails"),
        _operation("config.DescribeConfigRules", "config:DescribeConfigRules"),
        _operation("config.DescribeComplianceByConfigRule", "config:DescribeComplianceByConfigRule"),
    )
)  # fmt: skip


def find_operation(service: str, name: str) -> Operation:
    """One of OPERATIONS. ConfigurationError where it is none of them."""
    found = OPERATIONS.get(f"{service}.{name}")
    if found is None:
        raise ConfigurationError(
            f"{service}.{name}", "not among the operations that may be asked", "ask one of configuration.OPERATIONS"
        )
    return found


def label(service: str, operation: str, parameters: Mapping[str, Any]) -> str:
    """The name of an answer: service, operation, and with parameters a hash of them."""
    if not parameters:
        return f"{service}.{operation}"
    told = json.dumps(parameters, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{service}.{operation}.{hashlib.sha256(told.encode()).hexdigest()[:16]}"
