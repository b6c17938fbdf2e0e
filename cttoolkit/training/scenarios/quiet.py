"""The story of nothing: a day on which a good deal looks like something, and all of it has its reason.

An alarm told of a new key, a sign-in as root, a password reset and a burst of refusals. Each has an owner, and events that go with it:
the right answer is that nothing happened, and how far the evidence says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import access_key, root, session, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.people import click, sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant

__all__ = ["build"]

ACCOUNT = "111122223333"
HOME = "us-east-1"
REGIONS = (HOME, "eu-west-1")
START = instant("2026-09-10T00:00:00Z")
WINDOW = Window(moment(START, "00:05:00"), moment(START, "22:30:00"))
"""The day, but for its edges: what may have been delivered after the last digest proves no silence."""
OFFICE, MOVED, ON_CALL = "192.0.2.10", "192.0.2.161", "192.0.2.177"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"
BATCH_AGENT = "Boto3/1.28.40 md/Botocore#1.31.40 ua/2.0 os/linux"
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io)"
NEXT_KEY, NEXT_OWNER = access_key("AKIA", "svc-invoice/next"), "svc-invoice"
LAST_KEY = access_key("AKIA", "svc-invoice")
PLANNED = {
    "ec2": "DescribeInstances DescribeVpcs DescribeSubnets DescribeRouteTables DescribeSecurityGroups DescribeVolumes DescribeAddresses "
    "DescribeNatGateways DescribeInternetGateways DescribeNetworkAcls DescribeKeyPairs DescribeLaunchTemplates DescribeImages",
    "iam": "ListRoles ListPolicies ListUsers ListInstanceProfiles ListOpenIDConnectProviders",
    "rds": "DescribeDBInstances DescribeDBSubnetGroups DescribeDBParameterGroups",
    "s3": "ListBuckets GetBucketPolicyStatus GetBucketVersioning GetBucketEncryption",
    "lambda": "ListFunctions20150331 ListEventSourceMappings20150331",
    "logs": "DescribeLogGroups DescribeMetricFilters",
}
INNOCENT = {
    "on_call": "nina, on call, is in the console at night from home, with a security key, and restarts an instance",
    "plan": "Terraform's plan lists all that there is, in a minute, from the runners' addresses, as every morning",
    "planned_root": "root signs in from the office with the device from the safe, and reads the account's contacts: a yearly check",
    "key_rotated": "anna makes the next key of svc-invoice, its host uses it, and she deletes the last one: in this order, within the hour",
    "password_reset": "anna gives jon a new password, and jon signs in with his second factor from the office",
    "refused": "farid, who may read some things only, opens the page of secrets, and the console asks for all of it",
    "moved_house": "the invoice host goes out by a new address, with the agent and the minutes that it always had",
}


def build(seed: int = 1, days: int = 1, volume: float = 0.3) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth: no claim, and what each thing was that looked like one."""
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, REGIONS, START, days)
    live(trail, seed, days, volume, regions=REGIONS)
    scribe, draws = Scribe(trail, seed, "innocent"), Draws("quiet", seed)
    _on_call(scribe, draws)
    _plan(scribe, draws)
    _check_contacts(scribe)
    _rotate(scribe)
    _reset(scribe, draws)
    _be_refused(scribe)
    truth = told(
        "quiet",
        None,
        WINDOW,
        scribe.named,
        {},
        innocent=INNOCENT,
        absent=["StopLogging", "DeleteTrail", "CreateUser", "AttachUserPolicy", "PutUserPolicy", "UpdateAssumeRolePolicy",
                "ModifySnapshotAttribute", "PutBucketPolicy", "GetSecretValue", "DeactivateMFADevice"],
        unproven=[
            "whether anybody read objects of other buckets than the claims archive: their data events are not recorded",
            "that each of the people was who they say: ask them, and keep the answer with the case",
        ],
        known_address=OFFICE,
    )  # fmt: skip
    return sim.seal(), truth


def _on_call(scribe: Scribe, draws: Draws) -> None:
    nina = sign_in(scribe, ACCOUNT, "nina", "PowerUserAccess", moment(START, "02:28:40"), ON_CALL)
    for minutes in (1, 5, 9):
        click(scribe, nina, "eu-west-1", moment(START, "02:28:40") + timedelta(minutes=minutes), draws)
    one = {"instancesSet": {"items": [{"instanceId": f"i-{Draws('instance', 1).hexadecimal(17)}"}]}}
    scribe.write(nina, "eu-west-1", moment(START, "02:44:10"), "ec2", "RebootInstances", one, response={"_return": True}, changes=True,
                 story="on_call", **FROM_CONSOLE)  # fmt: skip


def _plan(scribe: Scribe, draws: Draws) -> None:
    """Everything is listed in a minute, by the role that deploys."""
    at = moment(START, "06:30:02")
    planner = session(ACCOUNT, "deploy-pipeline", "GitHubActions-plan", at, "198.51.100.171", TERRAFORM)
    provider, subject = (
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.example.com",
        "repo:acme/platform:ref:refs/heads/main",
    )
    runner = {"type": "WebIdentityUser", "principalId": f"{provider}:sts.amazonaws.com:{subject}", "userName": subject,
              "identityProvider": provider}  # fmt: skip
    scribe.assume(replace(planner, identity=runner), HOME, at, planner, how="AssumeRoleWithWebIdentity", story="plan")
    scribe.write(planner, HOME, at, "sts", "GetCallerIdentity", story="plan")
    for source, names in PLANNED.items():
        for name in names.split():
            at += timedelta(seconds=draws.below(3))
            scribe.write(planner, HOME, at, source, name, story="plan")


def _check_contacts(scribe: Scribe) -> None:
    at = moment(START, "09:05:30")
    scribe.note(
        root(ACCOUNT, OFFICE, BROWSER), at, "signin", "ConsoleLogin", kind="AwsConsoleSignIn", story="planned_root",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No",
                             "MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:mfa/safe", "MFAUsed": "Yes"},
    )  # fmt: skip
    caller = root(ACCOUNT, OFFICE, BROWSER, key=access_key("ASIA", "root/yearly"), since=at, mfa=True)
    for seconds, kind in ((40, "BILLING"), (52, "SECURITY"), (60, "OPERATIONS")):
        scribe.write(caller, HOME, at + timedelta(seconds=seconds), "account", "GetAlternateContact",
                     {"alternateContactType": kind}, story="planned_root", **FROM_CONSOLE)  # fmt: skip


def _rotate(scribe: Scribe) -> None:
    """A key is rotated as it should be: made, used by its host, and only then is the last one deleted."""
    anna = sign_in(scribe, ACCOUNT, "anna", "PowerUserAccess", moment(START, "10:02:10"), "192.0.2.20")
    made = {
        "accessKey": {
            "userName": NEXT_OWNER,
            "accessKeyId": NEXT_KEY,
            "status": "Active",
            "createDate": "Sep 10, 2026 10:06:33 AM",
        }
    }
    whose = {"userName": NEXT_OWNER}
    scribe.write(anna, HOME, moment(START, "10:06:33"), "iam", "CreateAccessKey", whose, response=made, changes=True,
                 story="key_rotated", **FROM_CONSOLE)  # fmt: skip
    for hour in range(24):
        key, address = (LAST_KEY if hour < 10 else NEXT_KEY), (MOVED if hour >= 14 else "192.0.2.61")
        host = user(ACCOUNT, NEXT_OWNER, key, address, BATCH_AGENT)
        at = moment(START, "00:22:00") + timedelta(hours=hour)
        name = "key_rotated" if hour == 10 else "moved_house" if hour >= 14 else "as_always"
        scribe.write(host, HOME, at, "sts", "GetCallerIdentity", story=name)
    scribe.write(anna, HOME, moment(START, "10:51:04"), "iam", "DeleteAccessKey", {**whose, "accessKeyId": LAST_KEY}, changes=True,
                 story="key_rotated", **FROM_CONSOLE)  # fmt: skip


def _reset(scribe: Scribe, draws: Draws) -> None:
    """The help desk gives a colleague a new password; he comes in with the second factor that he always had."""
    anna = sign_in(scribe, ACCOUNT, "anna", "PowerUserAccess", moment(START, "13:31:00"), "192.0.2.20")
    asked = {"userName": "jon", "passwordResetRequired": True}
    scribe.write(anna, HOME, moment(START, "13:33:12"), "iam", "UpdateLoginProfile", asked, changes=True, story="password_reset",
                 **FROM_CONSOLE)  # fmt: skip
    at = moment(START, "13:40:26")
    jon = user(ACCOUNT, "jon", "", "192.0.2.28", BROWSER)
    without_key = {part: value for part, value in jon.identity.items() if part != "accessKeyId"}
    scribe.note(
        replace(jon, identity=without_key, over_tls=False), at, "signin", "ConsoleLogin", kind="AwsConsoleSignIn",
        story="password_reset", responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No",
                             "MFAIdentifier": f"arn:aws:iam::{ACCOUNT}:mfa/jon", "MFAUsed": "Yes"},
    )  # fmt: skip
    context = {"attributes": {"creationDate": f"{at:%Y-%m-%dT%H:%M:%SZ}", "mfaAuthenticated": "true"}}
    click(scribe, replace(jon, identity={**jon.identity, "sessionContext": context}, over_tls=False), HOME,
          at + timedelta(minutes=2), draws)  # fmt: skip


def _be_refused(scribe: Scribe) -> None:
    """One page of the console is a dozen calls, and this reader may make none of them."""
    farid = sign_in(scribe, ACCOUNT, "farid", "ReadOnlyAccess", moment(START, "15:20:00"), "192.0.2.25")
    for seconds, (source, name) in enumerate(
        (("secretsmanager", "ListSecrets"), ("kms", "ListAliases"), ("kms", "ListKeys"), ("secretsmanager", "GetRandomPassword"),
         ("ssm", "DescribeParameters"), ("backup", "ListBackupVaults"))
    ):  # fmt: skip
        scribe.write(farid, HOME, moment(START, "15:22:10") + timedelta(seconds=seconds), source, name, refused=True, story="refused",
                     **FROM_CONSOLE)  # fmt: skip
