"""What runs in an account around the clock: instances, services, a vendor's poller, a batch host, the pipeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cttoolkit.training.callers import Caller, access_key, instance, service, service_linked, session, user
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws

__all__ = ["ARCHIVE", "run_machines", "run_pipeline"]

ARCHIVE = "acme-claims-archive"
_SCANS = (
    "DescribeInstances",
    "DescribeVolumes",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeNetworkInterfaces",
)


def run_machines(day: Day) -> None:
    """All that does not know of weekends."""
    _instances(day)
    _claims_app(day)
    _autoscaling(day)
    _config(day)
    _vendor(day)
    _batch(day)
    _services(day)


def _instances(day: Day) -> None:
    """Web servers, each a session every six hours, with the agent's heartbeat. With the volume there are more of them."""
    fleets = max(1, int(day.volume / 2))
    for fleet in range(fleets):
        for place in range(4):
            # The ninth is the claims application's.
            number = place + (10 + 4 * fleet if fleet else 0)
            region = day.regions[place % len(day.regions)]
            for quarter in range(4):
                since = day.at(6 * quarter, day.draws.below(20))
                caller = instance(day.account, "web-prod", number, since, f"192.0.2.{100 + number % 100}")
                day.scribe.assume(service("ec2"), region, since, caller, hours=6, sharedEventID=day.draws.uuid())
                told = {
                    "instanceId": caller.identity["arn"].rpartition("/")[2],
                    "agentVersion": "3.3.859.0",
                    "agentStatus": "Active",
                }
                beats = day.times(27 / fleets)
                for beat in range(beats):
                    at = since + timedelta(minutes=1, seconds=beat * 19_800 // beats)
                    day.scribe.write(caller, region, at, "ssm", "UpdateInstanceInformation", told, changes=True)


def _claims_app(day: Day) -> None:
    """The application that owns the archive reads and writes a few objects an hour, as data events."""
    for hour in range(24):
        since = day.at(hour - hour % 6)
        caller = instance(day.account, "claims-app", 9, since, "192.0.2.109")
        if hour % 6 == 0:
            day.scribe.assume(service("ec2"), day.home, since, caller, hours=7, sharedEventID=day.draws.uuid())
        for _ in range(day.times(5)):
            key = f"claims/2026/{day.draws.between(1, 2):02d}/{day.draws.hexadecimal(8)}.pdf"
            name = "PutObject" if day.draws.chance(40) else "GetObject"
            size = day.draws.between(20_000, 900_000)
            day.scribe.touch(caller, day.home, day.sometime(hour), name, (ARCHIVE, key), size=size)


def _autoscaling(day: Day) -> None:
    """In each region an instance comes in the morning and goes at night."""
    for number, region in enumerate(day.regions):
        name = f"i-{Draws('scaled', day.start.date(), region).hexadecimal(17)}"
        comes, goes = day.at(6, 10 + number, day.draws.below(60)), day.at(20, 20 + number, day.draws.below(60))
        asked = {"instanceType": "m6i.large", "instancesSet": {"items": [{"imageId": "ami-0example0example01", "minCount": 1, "maxCount": 1}]}}  # fmt: skip
        pending = {"instancesSet": {"items": [{"instanceId": name, "instanceState": {"code": 0, "name": "pending"}}]}}
        for at, call, parameters, response in (
            (comes, "RunInstances", asked, pending),
            (goes, "TerminateInstances", {"instancesSet": {"items": [{"instanceId": name}]}}, None),
        ):
            caller = service_linked(day.account, "AWSServiceRoleForAutoScaling", "AutoScaling", at, "autoscaling")
            day.scribe.assume(service("autoscaling"), region, at, caller, sharedEventID=day.draws.uuid())
            day.scribe.write(
                caller, region, at + timedelta(seconds=1), "ec2", call, parameters, response=response, changes=True
            )


def _config(day: Day) -> None:
    for region in day.regions:
        for hour in range(24):
            since = day.at(hour, day.draws.between(3, 9))
            caller = service_linked(day.account, "AWSServiceRoleForConfig", "AWSConfig-Describe", since, "config")
            day.scribe.assume(service("config"), region, since, caller, sharedEventID=day.draws.uuid())
            scans = day.times(10)
            for scan in range(scans):
                # A second each, and within the hour however many there are.
                at = since + timedelta(seconds=1 + scan * min(scans, 2_900) // scans)
                day.scribe.write(caller, region, at, "ec2", day.draws.one(_SCANS))


def _vendor(day: Day) -> None:
    """A monitoring vendor's account assumes a role here, with the external id that was agreed."""
    outside = Caller(
        {"type": "AWSAccount", "principalId": "AROAVENDOREXAMPLE0000:poller", "accountId": "444455556666"},
        "198.51.100.200",
        "vendor-poller/4.2",
    )
    polls = day.times(48)
    for poll in range(polls):
        since = day.at(0, 0, poll * 86_400 // polls + day.draws.below(40))
        caller = session(day.account, "vendor-monitoring", "poller", since, outside.address, outside.agent)
        day.scribe.assume(
            outside, day.home, since, caller,
            asked={"durationSeconds": 3600, "externalId": "acme-monitoring-7"}, sharedEventID=day.draws.uuid(),
        )  # fmt: skip
        for second, name in enumerate(("DescribeAlarms", "GetMetricData", "ListMetrics"), 1):
            day.scribe.write(caller, day.home, since + timedelta(seconds=second), "monitoring", name)


def _batch(day: Day) -> None:
    """A host in the cellar with an old IAM user key, at fixed minutes."""
    agent = "Boto3/1.28.40 md/Botocore#1.31.40 ua/2.0 os/linux"
    caller = user(day.account, "svc-report", access_key("AKIA", "svc-report"), "192.0.2.60", agent)
    queue = {"queueUrl": f"https://sqs.{day.home}.amazonaws.com/{day.account}/reports"}
    for hour in range(24):
        for minute in (7, 37):
            at = day.at(hour, minute, day.draws.below(3))
            day.scribe.write(caller, day.home, at, "sts", "GetCallerIdentity")
            day.scribe.write(caller, day.home, at + timedelta(seconds=2), "sqs", "GetQueueAttributes", queue)
            if day.draws.chance(4):
                day.scribe.write(caller, day.home, at + timedelta(seconds=3), "sqs", "ListQueues", refused=True)


def _services(day: Day) -> None:
    bucket = {"bucketName": "example-log-archive"}
    for region in day.regions:
        for hour in range(24):
            at = day.sometime(hour)
            shared = day.draws.uuid()
            day.scribe.write(service("cloudtrail"), region, at, "s3", "GetBucketAcl", bucket, sharedEventID=shared)
            at += timedelta(minutes=4)
            watch = service_linked(day.account, "AWSServiceRoleForAmazonGuardDuty", "guardduty", at, "guardduty")
            day.scribe.assume(service("guardduty"), region, at, watch, sharedEventID=day.draws.uuid())


def run_pipeline(day: Day) -> None:
    """GitHub's runners deploy through OpenID Connect, a session a run."""
    function = {"functionName": "claims-intake"}
    provider = f"arn:aws:iam::{day.account}:oidc-provider/token.actions.example.com"
    subject = "repo:acme/claims:ref:refs/heads/main"
    runner = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    agent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io)"
    for run in range(day.times(9)):
        at = day.sometime(day.draws.between(8, 17))
        name, address = f"GitHubActions-{day.start:%m%d}{run:02d}", f"198.51.100.{day.draws.between(150, 180)}"
        caller = session(day.account, "deploy-pipeline", name, at, address, agent)
        day.scribe.assume(
            replace(caller, identity=runner), day.home, at, caller,
            how="AssumeRoleWithWebIdentity", asked={"durationSeconds": 3600},
        )  # fmt: skip
        for call in (
            "GetFunction20150331v2",
            "UpdateFunctionCode20150331v2",
            "PublishVersion20150331",
            "UpdateAlias20150331",
        ):
            at += timedelta(seconds=day.draws.between(2, 20))
            changes = not call.startswith("Get")
            day.scribe.write(caller, day.home, at, "lambda", call, function, response=function if changes else None, changes=changes)  # fmt: skip
        for _ in range(8):
            at += timedelta(seconds=day.draws.between(1, 4))
            call = day.draws.one(("GetRole", "ListRolePolicies", "ListAttachedRolePolicies"))
            day.scribe.write(caller, day.home, at, "iam", call, {"roleName": "claims-intake"})
