"""What happens in an account on any day: machines around the clock, people in office hours.

Without it, every filter would isolate the attack. Amounts are per day and grow with ``volume`` (1.0 is about 2,500 events a day).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cttoolkit.training.draws import Draws
from cttoolkit.training.scribe import Caller, Scribe, access_key, instance, person, service, session, user

__all__ = ["PEOPLE", "live_a_day"]

PEOPLE = ("anna", "ben", "chloe", "david", "erin", "farid")
CONSOLE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36"
_CLICKS = {
    "ec2": ("DescribeInstances", "DescribeInstanceStatus", "DescribeVolumes", "DescribeSecurityGroups", "DescribeVpcs", "DescribeAddresses"),
    "s3": ("ListBuckets", "GetBucketLocation", "GetBucketVersioning", "GetBucketEncryption", "GetBucketPolicyStatus"),
    "rds": ("DescribeDBInstances", "DescribeDBClusters", "DescribeEvents", "DescribeDBSnapshots"),
    "lambda": ("ListFunctions20150331", "GetAccountSettings20160819", "ListEventSourceMappings20150331"),
    "logs": ("DescribeLogGroups", "DescribeMetricFilters", "FilterLogEvents"),
    "monitoring": ("DescribeAlarms", "ListMetrics", "GetMetricData"),
    "iam": ("ListRoles", "ListUsers", "GetAccountSummary", "ListPolicies"),
}  # fmt: skip
_GLOBAL = ("iam", "s3")
_HOME = "us-east-1"


def live_a_day(
    scribe: Scribe, account: str, regions: tuple[str, ...], day: datetime, seed: object, volume: float = 1.0
) -> None:
    """Write one day, midnight to midnight UTC. Saturdays and Sundays have no people in them."""
    draws = Draws("daily", seed, day.date())
    _instances(scribe, account, regions, day, draws, volume)
    _config(scribe, account, regions, day, draws, volume)
    _vendor(scribe, account, day, draws, volume)
    _batch(scribe, account, day, draws)
    _claims_app(scribe, account, day, draws, volume)
    _services(scribe, account, regions, day, draws)
    if day.weekday() < 5:
        _pipeline(scribe, account, day, draws, volume)
        for number, name in enumerate(PEOPLE):
            _person(scribe, account, regions, day, name, f"192.0.2.{20 + number}", draws, volume)


def _instances(
    scribe: Scribe, account: str, regions: tuple[str, ...], day: datetime, draws: Draws, volume: float
) -> None:
    for number in range(4):
        region = regions[number % len(regions)]
        for quarter in range(4):
            since = day + timedelta(hours=6 * quarter, minutes=draws.below(20))
            caller = instance(account, "web-prod", number, since, f"192.0.2.{100 + number}")
            scribe.assume(service("ec2"), region, since, caller, sharedEventID=draws.uuid())
            every = timedelta(minutes=max(1.0, 15 / volume))
            at = since + timedelta(minutes=1)
            while at < since + timedelta(hours=5, minutes=30):
                told = {
                    "instanceId": caller.identity["arn"].rpartition("/")[2],
                    "agentVersion": "3.3.859.0",
                    "agentStatus": "Active",
                }
                scribe.write(caller, region, at, "ssm", "UpdateInstanceInformation", told, changes=True)
                at += every


def _config(scribe: Scribe, account: str, regions: tuple[str, ...], day: datetime, draws: Draws, volume: float) -> None:
    reads = (
        "DescribeInstances",
        "DescribeVolumes",
        "DescribeSecurityGroups",
        "DescribeSubnets",
        "DescribeNetworkInterfaces",
    )
    for region in regions:
        for hour in range(24):
            since = day + timedelta(hours=hour, minutes=draws.between(3, 9))
            caller = session(account, "AWSServiceRoleForConfig", "AWSConfig-Describe", since, "config.amazonaws.com", "config.amazonaws.com",
                             path="/aws-service-role/config.amazonaws.com/")  # fmt: skip
            caller = Caller(
                {**caller.identity, "invokedBy": "config.amazonaws.com"}, caller.address, caller.agent, over_tls=False
            )
            scribe.assume(service("config"), region, since, caller, sharedEventID=draws.uuid())
            for step in range(round(8 * volume)):
                scribe.write(caller, region, since + timedelta(seconds=step + 1), "ec2", draws.one(reads))


def _vendor(scribe: Scribe, account: str, day: datetime, draws: Draws, volume: float) -> None:
    """A monitoring vendor's account assumes a role here, with the external id that was agreed."""
    outside = Caller(
        {"type": "AWSAccount", "principalId": "AROAVENDOREXAMPLE0000:poller", "accountId": "444455556666"},
        "198.51.100.200",
        "vendor-poller/4.2",
    )
    for step in range(round(48 * volume)):
        since = day + timedelta(minutes=step * 30 / max(volume, 0.1), seconds=draws.below(40))
        caller = session(account, "vendor-monitoring", "poller", since, "198.51.100.200", "vendor-poller/4.2")
        scribe.assume(outside, _HOME, since, caller, sharedEventID=draws.uuid())
        for second, name in enumerate(("DescribeAlarms", "GetMetricData", "ListMetrics"), 1):
            scribe.write(caller, _HOME, since + timedelta(seconds=second), "monitoring", name)


def _batch(scribe: Scribe, account: str, day: datetime, draws: Draws) -> None:
    """A host in the cellar with an old IAM user key, at fixed minutes."""
    caller = user(
        account,
        "svc-report",
        access_key("AKIA", "svc-report"),
        "192.0.2.60",
        "Boto3/1.28.40 md/Botocore#1.31.40 ua/2.0 os/linux",
    )
    for hour in range(24):
        for minute in (7, 37):
            at = day + timedelta(hours=hour, minutes=minute, seconds=draws.below(3))
            scribe.write(caller, _HOME, at, "sts", "GetCallerIdentity")
            scribe.write(
                caller,
                _HOME,
                at + timedelta(seconds=2),
                "sqs",
                "GetQueueAttributes",
                {"queueUrl": f"https://sqs.{_HOME}.amazonaws.com/{account}/reports"},
            )
            if draws.chance(4):
                scribe.write(caller, _HOME, at + timedelta(seconds=3), "sqs", "ListQueues", error="AccessDenied")


def _claims_app(scribe: Scribe, account: str, day: datetime, draws: Draws, volume: float) -> None:
    """The application that owns the archive reads and writes a few objects an hour, as data events."""
    for hour in range(24):
        caller = instance(account, "claims-app", 9, day + timedelta(hours=hour - hour % 6), "192.0.2.109")
        for _ in range(round(5 * volume)):
            at = day + timedelta(hours=hour, minutes=draws.below(60), seconds=draws.below(60))
            key = f"claims/2026/{draws.between(1, 2):02d}/{draws.hexadecimal(8)}.pdf"
            name = "PutObject" if draws.chance(40) else "GetObject"
            touch_object(scribe, caller, account, at, name, key, draws)


def touch_object(
    scribe: Scribe,
    caller: Caller,
    account: str,
    at: datetime,
    name: str,
    key: str,
    draws: Draws,
    story: str | None = None,
) -> None:
    """One data event on an object of the claims archive."""
    bucket = "acme-claims-archive"
    size = draws.between(20_000, 900_000)
    moved = {
        "bytesTransferredIn": size if name == "PutObject" else 0,
        "bytesTransferredOut": size if name == "GetObject" else 0,
    }
    resources = [
        {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
        {"accountId": account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
    ]
    asked = {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com", "key": key}
    told = {
        "SignatureVersion": "SigV4",
        "AuthenticationMethod": "AuthHeader",
        **moved,
        "x-amz-id-2": draws.hexadecimal(40),
    }
    scribe.write(
        caller, _HOME, at, "s3", name, asked, changes=name == "PutObject", data=True, story=story,
        additionalEventData=told, resources=resources,
    )  # fmt: skip


def _services(scribe: Scribe, account: str, regions: tuple[str, ...], day: datetime, draws: Draws) -> None:
    for region in regions:
        for hour in range(24):
            at = day + timedelta(hours=hour, minutes=draws.below(60), seconds=draws.below(60))
            bucket = {"bucketName": "example-log-archive"}
            scribe.write(service("cloudtrail"), region, at, "s3", "GetBucketAcl", bucket, sharedEventID=draws.uuid())
            scribe.write(service("guardduty"), region, at + timedelta(minutes=4), "sts", "AssumeRole",
                         {"roleArn": f"arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
                          "roleSessionName": "guardduty"}, sharedEventID=draws.uuid())  # fmt: skip


def _pipeline(scribe: Scribe, account: str, day: datetime, draws: Draws, volume: float) -> None:
    """GitHub's runners deploy through OpenID Connect, a session a run."""
    for run in range(round(8 * volume)):
        since = day + timedelta(hours=draws.between(8, 17), minutes=draws.below(60), seconds=draws.below(60))
        caller = session(account, "deploy-pipeline", f"GitHubActions-{day:%m%d}{run:02d}", since, f"198.51.100.{draws.between(150, 180)}",
                         "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io)")  # fmt: skip
        subject = {
            "type": "WebIdentityUser",
            "principalId": f"arn:aws:iam::{account}:oidc-provider/token.actions.example.com:sts.amazonaws.com:repo:acme/claims:ref:refs/heads/main",
            "userName": "repo:acme/claims:ref:refs/heads/main",
            "identityProvider": f"arn:aws:iam::{account}:oidc-provider/token.actions.example.com",
        }
        scribe.assume(
            Caller(subject, caller.address, caller.agent), _HOME, since, caller, how="AssumeRoleWithWebIdentity"
        )
        at = since
        for name in (
            "GetFunction20150331v2",
            "UpdateFunctionCode20150331v2",
            "PublishVersion20150331",
            "UpdateAlias20150331",
        ):
            at += timedelta(seconds=draws.between(2, 20))
            scribe.write(caller, _HOME, at, "lambda", name, {"functionName": "claims-intake"}, {"functionName": "claims-intake"},
                         changes=not name.startswith("Get"))  # fmt: skip
        for _ in range(8):
            at += timedelta(seconds=draws.between(1, 4))
            scribe.write(
                caller,
                "us-east-1",
                at,
                "iam",
                draws.one(("GetRole", "ListRolePolicies", "ListAttachedRolePolicies")),
                {"roleName": "claims-intake"},
            )


def _person(
    scribe: Scribe,
    account: str,
    regions: tuple[str, ...],
    day: datetime,
    name: str,
    address: str,
    draws: Draws,
    volume: float,
) -> None:
    permissions = draws.one(("ReadOnlyAccess", "PowerUserAccess"))
    for start in (draws.between(8, 10), draws.between(13, 15)):
        since = day + timedelta(hours=start, minutes=draws.below(60), seconds=draws.below(60))
        caller = person(account, name, permissions, since, address, CONSOLE)
        at = since + timedelta(seconds=5)
        for _ in range(round(draws.between(6, 9) * volume)):
            click(scribe, caller, draws.one(regions), at, draws)
            at += timedelta(minutes=draws.between(2, 14), seconds=draws.below(60))


def click(scribe: Scribe, caller: Caller, region: str, at: datetime, draws: Draws) -> None:
    """One click in the console: a burst of reads in a few seconds, now and then one that is refused."""
    source = draws.one(tuple(_CLICKS))
    place = _HOME if source in _GLOBAL else region
    for _ in range(draws.between(6, 16)):
        refused = draws.chance(4)
        scribe.write(caller, place, at, source, draws.one(_CLICKS[source]), error="AccessDenied" if refused else None,
                     sessionCredentialFromConsole="true")  # fmt: skip
        at += timedelta(seconds=draws.below(2))
