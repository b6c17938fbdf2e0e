"""An account as AWS would describe it: sound in every point that the posture checks ask about, until something is changed.

Shapes are those of the API references, with what the checks look at.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from cttoolkit.configuration.answers import Absent, Answered, Denied, Failed, Parameters, Reply
from cttoolkit.configuration.operations import find_operation
from cttoolkit.window import instant, written

__all__ = ["ACCOUNTS", "MadeAccount", "ransom_account", "sound_account"]

REGIONS = ("eu-west-1", "us-east-1")
DETECTOR = "12abc34d567e8fa901bc2d34e56789f0"
_YEARS = 2
Key = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class MadeAccount:
    """Answers that were made up, for one account. What was not made is answered like a service that is out of reach."""

    account: str
    region: str
    source: str
    at: str
    replies: Mapping[Key, Reply] = field(repr=False)

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """The reply to just this, or to the call with whatever parameters, in whatever region."""
        find_operation(service, operation)
        call, told = f"{service}.{operation}", _told(parameters)
        for key in ((call, region, told), (call, None, told), (call, region, None), (call, None, None)):
            if key in self.replies:
                return self.replies[key]
        return Failed("nothing was made up for this")

    def but(
        self, call: str, reply: Reply | None = None, /, *, region: str | None = None, parameters: Parameters | None = None,
        **values: Any,
    ) -> MadeAccount:  # fmt: skip
        """The same account with another reply, or with other values in the one that it gives."""
        key = (call, region, None if parameters is None else _told(parameters))
        if reply is None:
            before = self.replies.get(key)
            reply = Answered({**(before.value if isinstance(before, Answered) else {}), **values}, instant(self.at))
        return replace(self, replies={**self.replies, key: reply})


def _told(parameters: Parameters) -> str:
    return json.dumps(parameters, sort_keys=True)


def sound_account(
    account: str = "111122223333", trail: str = "management-events", bucket: str = "example-log-archive",
    at: str = "2026-06-10T01:30:00Z", *, home: str = "us-east-1", regions: tuple[str, ...] = REGIONS,
) -> MadeAccount:  # fmt: skip
    """An account with one trail of all regions and a bucket in an archive account, all as AWS recommends it."""
    arn = f"arn:aws:cloudtrail:{home}:{account}:trail/{trail}"
    key = f"arn:aws:kms:{home}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    topic = f"arn:aws:sns:{home}:{account}:alarms"
    group = f"arn:aws:logs:{home}:{account}:log-group:trail:*"
    moment = instant(at)
    recent = written(moment - timedelta(minutes=4))
    made: dict[Key, Reply] = {}

    def say(call: str, value: Mapping[str, Any] | Reply, region: str | None = None, **parameters: Any) -> None:
        reply = Answered(value, moment) if isinstance(value, Mapping) else value
        made[call, region, _told(parameters) if parameters else None] = reply

    say(
        "account.ListRegions",
        {"Regions": [{"RegionName": one, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for one in regions]},
    )
    described = {
        "Name": trail, "S3BucketName": bucket, "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": True, "HomeRegion": home,
        "TrailARN": arn, "LogFileValidationEnabled": True, "CloudWatchLogsLogGroupArn": group, "KmsKeyId": key,
        "CloudWatchLogsRoleArn": f"arn:aws:iam::{account}:role/trail-to-logs", "HasCustomEventSelectors": True,
        "HasInsightSelectors": True, "IsOrganizationTrail": False,
    }  # fmt: skip
    say("cloudtrail.DescribeTrails", {"trailList": [described]})
    say("cloudtrail.GetTrailStatus", {
        "IsLogging": True, "LatestDeliveryTime": recent, "LatestDigestDeliveryTime": written(moment - timedelta(minutes=27)),
        "LatestCloudWatchLogsDeliveryTime": recent, "StartLoggingTime": written(moment - timedelta(days=90)),
    })  # fmt: skip
    say("cloudtrail.GetEventSelectors", {"TrailARN": arn, "AdvancedEventSelectors": [
        {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {"Name": "claims archive", "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::acme-claims-archive/"]},
        ]},
    ]})  # fmt: skip
    say(
        "cloudtrail.GetInsightSelectors", {"TrailARN": arn, "InsightSelectors": [{"InsightType": "ApiCallRateInsight"}]}
    )
    say("cloudtrail.ListEventDataStores", {"EventDataStores": []})
    _say_bucket(say, account, arn, bucket)
    say(
        "kms.DescribeKey",
        {"KeyMetadata": {"Arn": key, "KeyState": "Enabled", "KeyManager": "CUSTOMER", "Origin": "AWS_KMS"}},
    )
    say("kms.GetKeyRotationStatus", {"KeyRotationEnabled": True})
    say("kms.GetKeyPolicy", {"Policy": json.dumps(_key_policy(account, arn)), "PolicyName": "default"})
    say("logs.DescribeLogGroups", {"logGroups": [{"logGroupName": "trail", "arn": group, "retentionInDays": 400}]})
    say("logs.DescribeMetricFilters", {"metricFilters": [_filter(name, test) for name, test in _FILTERS.items()]})
    say("cloudwatch.DescribeAlarms", {"CompositeAlarms": [], "MetricAlarms": [
        {"AlarmName": name, "Namespace": "Trail", "MetricName": name, "ActionsEnabled": True, "AlarmActions": [topic]}
        for name in _FILTERS
    ]})  # fmt: skip
    say("sns.ListSubscriptionsByTopic", {"Subscriptions": [
        {"SubscriptionArn": f"{topic}:0b1c2d3e-0000-4000-8000-000000000001", "Protocol": "email", "TopicArn": topic}
    ]})  # fmt: skip
    say("guardduty.ListDetectors", {"DetectorIds": [DETECTOR]})
    say("guardduty.GetDetector", {"Status": "ENABLED", "FindingPublishingFrequency": "SIX_HOURS"})
    say("securityhub.DescribeHub", {"HubArn": f"arn:aws:securityhub:{home}:{account}:hub/default"})
    say("securityhub.GetEnabledStandards", {"StandardsSubscriptions": [{
        "StandardsArn": f"arn:aws:securityhub:{home}::standards/aws-foundational-security-best-practices/v/1.0.0",
        "StandardsStatus": "READY",
    }]})  # fmt: skip
    say("config.DescribeConfigRules", {"ConfigRules": [
        {"ConfigRuleName": name.lower(), "Source": {"Owner": "AWS", "SourceIdentifier": name}} for name in RULES
    ]})  # fmt: skip
    say("config.DescribeComplianceByConfigRule", {"ComplianceByConfigRules": [
        {"ConfigRuleName": name.lower(), "Compliance": {"ComplianceType": "COMPLIANT"}} for name in RULES
    ]})  # fmt: skip
    say("organizations.DescribeOrganization", Absent("AWSOrganizationsNotInUseException"))
    say("organizations.ListPolicies", Absent("AWSOrganizationsNotInUseException"))
    say("iam.ListEntitiesForPolicy", Absent("NoSuchEntity"))
    say("iam.ListEntitiesForPolicy", {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []},
        PolicyArn="arn:aws:iam::aws:policy/AWSCloudTrail_FullAccess")  # fmt: skip
    say("iam.GetAccountAuthorizationDetails", {
        "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [{
            "RoleName": "break-glass", "Arn": f"arn:aws:iam::{account}:role/break-glass", "RolePolicyList": [],
            "AttachedManagedPolicies": [
                {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
            ],
        }],
    })  # fmt: skip
    return MadeAccount(account, home, "made-up answers", at, made)


def _say_bucket(say: Any, account: str, arn: str, bucket: str) -> None:
    place = {"Bucket": bucket}
    say("s3.GetBucketLocation", {"LocationConstraint": "us-east-1"}, Bucket=bucket)
    say("s3.GetBucketLocation", Denied("s3:GetBucketLocation"), **place, ExpectedBucketOwner=account)
    say("s3.ListObjectsV2", {"CommonPrefixes": [{"Prefix": "AWSLogs/"}], "KeyCount": 1, "Name": bucket})
    say("s3.GetBucketPolicy", {"Policy": json.dumps(_bucket_policy(account, arn, bucket))})
    say("s3.GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": False}})
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    say("s3.GetPublicAccessBlock", {"PublicAccessBlockConfiguration": dict.fromkeys(blocks, True)})
    say("s3.GetBucketAcl", {"Owner": {"ID": "79a59df9"}, "Grants": [
        {"Grantee": {"ID": "79a59df9", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    ]})  # fmt: skip
    say("s3.GetBucketOwnershipControls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}})
    say("s3.GetBucketVersioning", {"Status": "Enabled"})
    say("s3.GetObjectLockConfiguration", {"ObjectLockConfiguration": {
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": _YEARS}}
    }})  # fmt: skip
    say("s3.GetBucketLifecycleConfiguration", {"Rules": [
        {"ID": "archive", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}
    ]})  # fmt: skip
    say("s3.GetBucketLogging", {"LoggingEnabled": {"TargetBucket": f"{bucket}-access", "TargetPrefix": ""}})
    say("s3.GetBucketReplication", Absent("ReplicationConfigurationNotFoundError"))


def _bucket_policy(account: str, arn: str, bucket: str) -> dict[str, Any]:
    place, service = f"arn:aws:s3:::{bucket}", {"Service": "cloudtrail.amazonaws.com"}
    return {"Version": "2012-10-17", "Statement": [
        {"Sid": "Look", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": place,
         "Condition": {"StringEquals": {"aws:SourceArn": arn}}},
        {"Sid": "Deliver", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": f"{place}/AWSLogs/{account}/*",
         "Condition": {"StringEquals": {"aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control"}}},
        {"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [place, f"{place}/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]}  # fmt: skip


def _key_policy(account: str, arn: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [
        {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Encrypt", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
         "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:SourceArn": arn},
                       "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}}},
        {"Sid": "Decrypt", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": account},
                       "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}}},
    ]}  # fmt: skip


def _filter(name: str, test: str) -> dict[str, Any]:
    return {
        "filterName": name,
        "filterPattern": f"{{ {test} }}",
        "logGroupName": "trail",
        "metricTransformations": [{"metricName": name, "metricNamespace": "Trail", "metricValue": "1"}],
    }


def _by(service: str, *names: str) -> str:
    return f"$.eventSource = {service}.amazonaws.com && ({' || '.join(f'$.eventName = {name}' for name in names)})"


_FILTERS = {
    "refusals": '$.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*"',
    "no-second-factor": '$.eventName = ConsoleLogin && $.additionalEventData.MFAUsed != "Yes"',
    "root": '$.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"',
    "iam-policies": _by("iam", "Put*Policy", "Delete*Policy", "Create*Policy*", "Delete*PolicyVersion", "Attach*", "Detach*"),
    "trails": _by("cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    "failed-sign-in": '$.eventName = ConsoleLogin && $.errorMessage = "Failed authentication"',
    "keys": _by("kms", "DisableKey", "ScheduleKeyDeletion"),
    "buckets": _by("s3", "PutBucket*", "DeleteBucket*"),
    "config": _by("config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
    "network": _by(
        "ec2", "*SecurityGroup*", "*NetworkAcl*", "*Gateway", "*Route*", "*Vpc", "*Vpc*", "*ClassicLink*",
    ),
    "organization": _by("organizations", "*"),
}  # fmt: skip
RULES = (
    "MULTI_REGION_CLOUD_TRAIL_ENABLED", "CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", "CLOUD_TRAIL_ENCRYPTION_ENABLED",
    "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", "CLOUDTRAIL_SECURITY_TRAIL_ENABLED",
)  # fmt: skip


def ransom_account(at: str = "2026-06-10T01:30:00Z") -> MadeAccount:
    """The account of the sample ``ransom`` after the incident, with four faults.

    Its logs lie in a bucket of its own, which takes deliveries of every trail there is and keeps no versions, and the user whose
    key was stolen may do anything with trails.
    """
    account, bucket = "111122223333", "example-log-archive"
    sound = sound_account(account, "management-events", bucket, at)
    policy = _bucket_policy(account, "", bucket)
    for statement in policy["Statement"][:2]:
        statement["Condition"] = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}
    del policy["Statement"][0]["Condition"]
    everything = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:*", "cloudtrail:*"], "Resource": "*"}
    ]}  # fmt: skip
    user = {
        "UserName": "svc-backup",
        "Arn": f"arn:aws:iam::{account}:user/svc-backup",
        "UserPolicyList": [{"PolicyName": "backup", "PolicyDocument": everything}],
        "AttachedManagedPolicies": [],
    }
    return (
        sound.but(
            "cloudtrail.GetTrailStatus", StartLoggingTime="2026-06-09T06:01:08Z", StopLoggingTime="2026-06-09T02:37:13Z"
        )
        .but(
            "s3.GetBucketLocation",
            parameters={"Bucket": bucket, "ExpectedBucketOwner": account},
            LocationConstraint=None,
        )
        .but("s3.GetBucketPolicy", Policy=json.dumps(policy))
        .but("s3.GetBucketVersioning", Status="Suspended")
        .but("iam.GetAccountAuthorizationDetails", UserDetailList=[user])
    )


ACCOUNTS = {"ransom": ransom_account}
"""Accounts whose recorded answers lie in a sample, by its name."""
