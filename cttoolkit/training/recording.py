"""What an audit asks of a made-up account, written down as a collector would have recorded it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cttoolkit.configuration.answers import Answered, Parameters
from cttoolkit.configuration.recorder import Recorder
from cttoolkit.training.account import DETECTOR, REGIONS, RULES, MadeAccount

__all__ = ["record"]

_OF_STATUS, _OF_TRAIL = "cloudtrail.GetTrailStatus", "cloudtrail.GetEventSelectors cloudtrail.GetInsightSelectors"
_OF_BUCKET = (
    "s3.GetBucketPolicy s3.GetBucketPolicyStatus s3.GetPublicAccessBlock s3.GetBucketAcl s3.GetBucketOwnershipControls "
    "s3.GetBucketVersioning s3.GetObjectLockConfiguration s3.GetBucketLifecycleConfiguration s3.GetBucketLogging s3.GetBucketReplication"
)
_OF_KEY = "kms.DescribeKey kms.GetKeyRotationStatus"
_OF_ACCOUNT = (
    "cloudtrail.ListEventDataStores cloudwatch.DescribeAlarms securityhub.DescribeHub securityhub.GetEnabledStandards "
    "config.DescribeConfigRules organizations.DescribeOrganization"
)
_CALLS = (_OF_STATUS, _OF_TRAIL, _OF_BUCKET, _OF_KEY, _OF_ACCOUNT)


def record(account: MadeAccount, folder: str | Path) -> None:
    """Write what an audit asks of the account, as a collector would have recorded it."""
    recorder = Recorder(account, folder)
    for call, region, parameters in _questions(account):
        service, _, operation = call.partition(".")
        recorder.ask(service, operation, region, parameters)


def _questions(account: MadeAccount) -> Iterator[tuple[str, str, Parameters]]:
    home = account.region
    told = account.replies["cloudtrail.DescribeTrails", None, None]
    assert isinstance(told, Answered)
    (trail,) = told.value["trailList"]
    arn, bucket, key = trail["TrailARN"], trail["S3BucketName"], trail["KmsKeyId"]
    yield "account.ListRegions", home, {}
    for region in REGIONS:
        yield "cloudtrail.DescribeTrails", region, {"includeShadowTrails": True}
        yield "guardduty.ListDetectors", region, {}
        yield "guardduty.GetDetector", region, {"DetectorId": DETECTOR}
    yield "s3.GetBucketLocation", home, {"Bucket": bucket, "ExpectedBucketOwner": account.account}
    yield "s3.ListObjectsV2", home, {"Bucket": bucket, "Delimiter": "/"}
    yield "logs.DescribeLogGroups", home, {"logGroupNamePrefix": "trail"}
    yield "logs.DescribeMetricFilters", home, {"logGroupName": "trail"}
    yield "sns.ListSubscriptionsByTopic", home, {"TopicArn": f"arn:aws:sns:{home}:{account.account}:alarms"}
    yield "kms.GetKeyPolicy", home, {"KeyId": key, "PolicyName": "default"}
    yield "organizations.ListPolicies", home, {"Filter": "SERVICE_CONTROL_POLICY"}
    yield "config.DescribeComplianceByConfigRule", home, {"ConfigRuleNames": sorted(name.lower() for name in RULES)}
    yield "iam.GetAccountAuthorizationDetails", home, {"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]}
    for policy in ("AWSCloudTrail_FullAccess", "AWSCloudTrailFullAccess"):
        yield "iam.ListEntitiesForPolicy", home, {"PolicyArn": f"arn:aws:iam::aws:policy/{policy}"}
    named: tuple[Parameters, ...] = ({"Name": arn}, {"TrailName": arn}, {"Bucket": bucket}, {"KeyId": key}, {})
    for parameters, calls in zip(named, _CALLS, strict=True):
        for call in calls.split():
            yield call, home, parameters
