"""Well-known calls, by the category that CloudTrail gives them and the region that it records them in."""

from __future__ import annotations

from typing import Any

__all__ = [
    "CATEGORIES",
    "DATA_CALLS",
    "DENIALS",
    "GLOBAL_CALLS",
    "GLOBAL_SERVICES",
    "MANAGEMENT_CALLS",
    "MODEL_CALLS",
    "REGIONAL_CALLS",
    "SHARED_NAMES",
    "TRAIL_CALLS",
    "is_denied",
    "is_failed",
]

MANAGEMENT_CALLS = frozenset(
    """
    StopLogging StartLogging CreateTrail UpdateTrail DeleteTrail PutEventSelectors PutInsightSelectors DescribeTrails
    CreateUser DeleteUser UpdateUser CreateAccessKey DeleteAccessKey UpdateAccessKey ListAccessKeys CreateLoginProfile
    UpdateLoginProfile DeleteLoginProfile CreateRole DeleteRole UpdateAssumeRolePolicy AttachUserPolicy AttachRolePolicy
    AttachGroupPolicy PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion
    AddUserToGroup CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice CreateSAMLProvider UpdateSAMLProvider
    CreateOpenIDConnectProvider GetCallerIdentity AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity GetSessionToken
    GetFederationToken ConsoleLogin SwitchRole RunInstances TerminateInstances ModifySnapshotAttribute ModifyImageAttribute
    CreateSnapshot AuthorizeSecurityGroupIngress CreateKeyPair ImportKeyPair PutBucketPolicy DeleteBucketPolicy PutBucketAcl
    PutBucketVersioning PutBucketLifecycle PutBucketReplication PutBucketEncryption DeleteBucket CreateBucket ListBuckets
    DisableKey ScheduleKeyDeletion PutKeyPolicy CreateGrant DeleteDetector UpdateDetector StopConfigurationRecorder
    DeleteConfigurationRecorder DeleteFlowLogs DeleteLogGroup LeaveOrganization GetSecretValue EnableRegion DisableRegion
    """.split()
)
"""Calls that CloudTrail records as management events (User Guide, "Logging management events"), so that an absence of them
can be held against the trail's selectors without being told their category."""

DATA_CALLS = frozenset(
    """
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateMultipartUpload DeleteObject DeleteObjects DeleteObjectTagging
    GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent HeadObject
    ListObjects ListObjectVersions ListParts PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging
    RestoreObject SelectObjectContent UploadPart UploadPartCopy
    Invoke
    BatchGetItem BatchWriteItem DeleteItem GetItem PutItem Query Scan TransactGetItems TransactWriteItems UpdateItem
    GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks PutSnapshotBlock
    Publish PublishBatch
    """.split()
)
"""Calls on objects of S3, functions of Lambda, items of DynamoDB, blocks of EBS snapshots and topics of SNS, which are data events
(User Guide, "Logging data events", and each service's page on CloudTrail): a trail has them only where its selectors ask for them."""

CATEGORIES = {"Management": MANAGEMENT_CALLS, "Data": DATA_CALLS}

REGIONAL_CALLS = frozenset(
    """
    StopLogging StartLogging CreateTrail UpdateTrail DeleteTrail PutEventSelectors PutInsightSelectors DescribeTrails
    RunInstances TerminateInstances ModifySnapshotAttribute ModifyImageAttribute CreateSnapshot AuthorizeSecurityGroupIngress
    CreateKeyPair ImportKeyPair DisableKey ScheduleKeyDeletion PutKeyPolicy CreateGrant DeleteDetector UpdateDetector
    StopConfigurationRecorder DeleteConfigurationRecorder DeleteFlowLogs DeleteLogGroup GetSecretValue
    """.split()
)
"""Management calls that are recorded in the region they are made in. Others, of IAM, sign-in, organizations and more, are global
services' and recorded in one region of the partition only, so that silence elsewhere says nothing of them."""

MODEL_CALLS = ("InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream")
"""Calls that have a model of Bedrock answer, and are management events (Bedrock User Guide, "Monitor Amazon Bedrock API calls
using CloudTrail"). Agents, asynchronous calls and streams in both directions are data events."""

TRAIL_CALLS = frozenset(
    "StopLogging StartLogging UpdateTrail DeleteTrail PutEventSelectors PutInsightSelectors".split()
)
"""Changes to a trail, which only its home region takes (API Reference: InvalidHomeRegionException)."""

GLOBAL_CALLS = frozenset(
    """
    CreateUser DeleteUser UpdateUser CreateAccessKey DeleteAccessKey UpdateAccessKey ListAccessKeys CreateLoginProfile
    UpdateLoginProfile DeleteLoginProfile CreateRole DeleteRole UpdateAssumeRolePolicy AttachUserPolicy AttachRolePolicy
    AttachGroupPolicy PutUserPolicy PutRolePolicy PutGroupPolicy CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion
    AddUserToGroup CreateVirtualMFADevice EnableMFADevice DeactivateMFADevice CreateSAMLProvider UpdateSAMLProvider
    CreateOpenIDConnectProvider LeaveOrganization
    """.split()
)
"""Calls of IAM and Organizations, which are recorded in one region of the partition and nowhere else (User Guide, "About global
service events"). Sign-in and STS have endpoints in many regions, and are not among them."""

SHARED_NAMES = frozenset(
    "CreateUser DeleteUser UpdateUser CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion".split()
)
"""Names of GLOBAL_CALLS that services of single regions have too (IoT, Transfer Family, Identity Store, Amazon MQ and others), so
that the name alone does not say where the call is recorded."""

GLOBAL_SERVICES = tuple(
    f"{name}.amazonaws.com" for name in "iam sts signin cloudfront route53 organizations support health".split()
)
"""Services that record in one region of the partition, whoever called from wherever; STS and sign-in do so for their global
endpoints."""

DENIALS = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "Client.UnauthorizedOperation",
    "Forbidden",
    "UnauthorizedAccess",
    "VpceAccessDenied",
)
"""Error codes of calls that were refused for want of permission, in the spellings that services use."""


def is_failed(table: Any) -> Any:
    """Whether a call returned an error, of a table of events; never null.

    It has a code then, or a message, which is the description of an error (User Guide, "CloudTrail record contents"): a sign-in that
    failed has the message alone. Both absent, null and empty mean success.
    """
    return (table.error_code.fill_null("") != "") | (table.error_message.fill_null("") != "")


def is_denied(error_code: Any) -> Any:
    """Whether a call was refused for want of permission; the column of error codes becomes one of truth, never null."""
    return (error_code.isin(DENIALS) | error_code.endswith(".UnauthorizedAccess")).fill_null(False)
