"""A busy day: a company of two offices that deploys often, and services that look after it all the time.

About seven times the events of a plain day (daily.py), most of them by services; two to six in a hundred fail. A story in it is
found by what it did, not by being alone: an hourly plan enumerates more than an intruder does, and refusals are everyday.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from cttoolkit.training.callers import Caller, service, service_linked, session
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws
from cttoolkit.training.machines import run_machines, run_pipeline
from cttoolkit.training.people import click, sign_in

__all__ = ["live_a_busy_day"]

_OFFICES = (
    # Hours that the local clock is behind UTC, the office's address, who works there with which permissions.
    (0, 40, {"anna": "PowerUserAccess", "ben": "ReadOnlyAccess", "chloe": "PowerUserAccess", "david": "Billing", "hana": "ReadOnlyAccess"}),
    (5, 80, {"erin": "PowerUserAccess", "farid": "ReadOnlyAccess", "grace": "DatabaseAdministrator", "ivan": "PowerUserAccess"}),
)  # fmt: skip
_PLANNED = {
    "iam": "GetRole ListRolePolicies ListAttachedRolePolicies GetPolicy GetPolicyVersion GetInstanceProfile",
    "ec2": "DescribeVpcs DescribeSubnets DescribeSecurityGroups DescribeRouteTables DescribeInstances DescribeVolumes",
    "s3": "GetBucketLocation GetBucketVersioning GetBucketEncryption GetBucketLifecycle GetBucketPublicAccessBlock GetBucketTagging",
    "lambda": "GetFunction20150331v2 GetPolicy20150331v2 ListVersionsByFunction20150331",
    "kms": "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
    "rds": "DescribeDBInstances DescribeDBSubnetGroups ListTagsForResource",
}
_MISSING = {
    "GetBucketLifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "GetBucketTagging": ("NoSuchTagSet", "The TagSet does not exist"),
    "GetBucketPublicAccessBlock": ("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"),
    "GetPolicy20150331v2": ("ResourceNotFoundException", "The resource you requested does not exist."),
}  # fmt: skip
_TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.82.2"
_LOOKED_AFTER = (
    # The service, its role, its session, what it does where, how often in an hour.
    ("inspector2", "AWSServiceRoleForAmazonInspector2", "inspector2", "ec2", "DescribeInstances DescribeImages DescribeSnapshots", 44),
    ("trustedadvisor", "AWSServiceRoleForTrustedAdvisor", "TrustedAdvisor", "ec2", "DescribeAddresses DescribeVolumes DescribeReservedInstances", 14),
    ("backup", "AWSServiceRoleForBackup", "AWSBackup", "ec2", "DescribeVolumes DescribeSnapshots DescribeTags", 20),
    ("rds", "AWSServiceRoleForRDS", "RDS", "ec2", "DescribeSecurityGroups DescribeSubnets DescribeVpcs", 30),
)  # fmt: skip
_SECRETS = "secretsmanager.amazonaws.com"
_RUNTIME = "Boto3/1.35.90 md/Botocore#1.35.90 ua/2.0 os/linux#5.10 lang/python#3.12.8 exec-env/AWS_Lambda_python3.12"
_FUNCTIONS = ("claims-intake", "claims-thumbnails", "nightly-export", "mail-bounces")


def live_a_busy_day(day: Day) -> None:
    """Services and machines around the clock; plans, deployments and people on workdays. About 18,000 events at a volume of 1."""
    run_machines(day)
    _look_after(day)
    _run_functions(day)
    _scale_with_the_sun(day)
    if day.is_workday:
        run_pipeline(replace(day, volume=day.volume * day.draws.between(2, 4)))
        _plan(day)
    _work_in_two_offices(day)


def _work_in_two_offices(day: Day) -> None:
    """From half past seven to half past six by the local clock, less at lunch; on a weekend hardly anybody."""
    desks = max(1, int(day.volume))
    for desk in range(desks):
        for behind, address, staff in _OFFICES:
            for number, (name, permissions) in enumerate(staff.items()):
                if not day.is_workday and not day.draws.chance(1):
                    continue
                where = f"192.0.2.{address + (number + len(staff) * desk) % 40}"
                for local in (day.draws.between(7, 10), day.draws.between(12, 14)):
                    at = day.sometime((local + behind) % 24)
                    caller = sign_in(day.scribe, day.account, f"{name}{desk or ''}", permissions, at, where)
                    at += timedelta(seconds=4)
                    for _ in range(day.times(day.draws.between(5, 9) / desks)):
                        if at > day.at(23, 30):
                            break
                        region, within = day.draws.one(day.regions), day.draws.between(1, 3)
                        click(day.scribe, caller, region, at, day.draws, reads=(8, 40), within=within)
                        at += timedelta(minutes=day.draws.between(1, 20), seconds=day.draws.below(60))


def _plan(day: Day) -> None:
    """Every hour of work Terraform compares what is with what should be: hundreds of reads in a minute, from one address."""
    provider = f"arn:aws:iam::{day.account}:oidc-provider/token.actions.example.com"
    subject = "repo:acme/infrastructure:ref:refs/heads/main"
    runner = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    for hour in range(8, 18):
        start = day.at(hour, 2, day.draws.below(30))
        caller = session(day.account, "terraform-plan", f"plan-{start:%m%dT%H}", start, "198.51.100.140", _TERRAFORM)
        day.scribe.assume(
            replace(caller, identity=runner), day.home, start, caller,
            how="AssumeRoleWithWebIdentity", asked={"durationSeconds": 3600},
        )  # fmt: skip
        reads = day.times(day.draws.between(300, 420))
        for read in range(reads):
            at = start + timedelta(milliseconds=1_000 + 60_000 * read // reads)
            _read(day, caller, at)


def _read(day: Day, caller: Caller, at: datetime) -> None:
    source = day.draws.one(tuple(_PLANNED))
    name = day.draws.one(_PLANNED[source].split())
    region = "us-east-1" if source == "iam" else day.home
    drawn = day.draws.below(100)
    if name in _MISSING and drawn < 60:
        error, message = _MISSING[name]
        day.scribe.write(caller, region, at, source, name, error=error, message=message)
    elif drawn >= 94:
        day.scribe.write(caller, region, at, source, name, error="ThrottlingException", message="Rate exceeded")
    else:
        day.scribe.write(caller, region, at, source, name)


def _look_after(day: Day) -> None:
    """Services in the roles that they keep in the account, hour by hour in every region."""
    for region in day.regions:
        for hour in range(24):
            for name, role, called, source, looks, often in _LOOKED_AFTER:
                since = day.sometime(hour)
                caller = service_linked(day.account, role, called, since, name)
                day.scribe.assume(service(name), region, since, caller, sharedEventID=day.draws.uuid())
                looked = day.times(often)
                for look in range(looked):
                    at = since + timedelta(milliseconds=900 + 40_000 * look // looked)
                    day.scribe.write(caller, region, at, source, day.draws.one(looks.split()))


def _run_functions(day: Day) -> None:
    """Functions take up their roles again and again, write their logs, and read a secret, whose key is asked for on their behalf."""
    key = f"arn:aws:kms:{day.home}:{day.account}:key/{Draws('kms', day.account).uuid()}"
    held = [{"accountId": day.account, "type": "AWS::KMS::Key", "ARN": key}]
    for hour in range(24):
        for run in range(day.times(60)):
            at = day.sometime(hour)
            function = day.draws.one(_FUNCTIONS)
            place = Draws("function", function, day.start.date()).between(200, 250)
            caller = session(day.account, f"{function}-role", function, at, f"192.0.2.{place}", _RUNTIME)
            day.scribe.assume(service("lambda"), day.home, at, caller, sharedEventID=day.draws.uuid())
            stream = {"logGroupName": f"/aws/lambda/{function}", "logStreamName": day.draws.hexadecimal(32)}
            at += timedelta(seconds=1)
            day.scribe.write(caller, day.home, at, "logs", "CreateLogStream", stream, changes=True)
            if run % 2:
                continue
            secret = f"arn:aws:secretsmanager:{day.home}:{day.account}:secret:{function}"
            at += timedelta(seconds=day.draws.below(2))
            day.scribe.write(caller, day.home, at, "secretsmanager", "GetSecretValue", {"secretId": secret})
            # The service that passes a call on names itself, and the caller stays who it was.
            passing = {**caller.identity, "invokedBy": _SECRETS}
            forwarded = Caller(passing, _SECRETS, _SECRETS, over_tls=False)
            context = {"SecretARN": secret, "SecretVersionId": Draws("secret", function).uuid()}
            asked = {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
            day.scribe.write(forwarded, day.home, at, "kms", "Decrypt", asked, resources=held)


def _scale_with_the_sun(day: Day) -> None:
    """Instances come as the day grows and go as it ends, in the first region."""
    running: list[str] = []
    for hour in range(24):
        wanted = round(day.times(6) * (1 - math.cos(2 * math.pi * (hour - 3) / 24)) / 2)
        while len(running) != wanted:
            grows = len(running) < wanted
            name = (
                f"i-{Draws('sun', day.account, day.start.date(), hour, len(running)).hexadecimal(17)}"
                if grows
                else running[-1]
            )
            at = day.sometime(hour)
            caller = service_linked(day.account, "AWSServiceRoleForAutoScaling", "AutoScaling", at, "autoscaling")
            day.scribe.assume(service("autoscaling"), day.regions[0], at, caller, sharedEventID=day.draws.uuid())
            at += timedelta(seconds=1)
            one = {"instancesSet": {"items": [{"instanceId": name}]}}
            if grows:
                running.append(name)
                asked = {"instanceType": "m6i.large", "instancesSet": {"items": [{"imageId": "ami-0example0example01", "minCount": 1, "maxCount": 1}]}}  # fmt: skip
                day.scribe.write(caller, day.regions[0], at, "ec2", "RunInstances", asked, response=one, changes=True)
            else:
                running.pop()
                day.scribe.write(
                    caller, day.regions[0], at, "ec2", "TerminateInstances", one, response=one, changes=True
                )
