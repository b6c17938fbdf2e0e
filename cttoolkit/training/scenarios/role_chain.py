"""The story of the chain of roles: three accounts, one organization trail, and a key that could do next to nothing.

The key of a contractor in the development account may assume one role there. That role is trusted by one of the management account, which
makes the nightly inventory, and that one by the role which the organization left in every member: with it somebody reads the secrets
of the payments account, and lets the contractor's user in directly. Each step across accounts was recorded in both.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, session, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.scenarios.ordinary import live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant

__all__ = ["build"]

DEVELOPMENT, MANAGEMENT, PAYMENTS = "111122223333", "123456789012", "777788889999"
ORGANIZATION = "o-exampleorg"
HOME = "us-east-1"
REGIONS = (HOME, "eu-west-1")
START = instant("2026-07-15T00:00:00Z")
WINDOW = Window(moment(START, "16:02:20"), moment(START, "18:05:12"))
CONTRACTOR, THIEF, INVENTORY = "192.0.2.44", "203.0.113.18", "198.51.100.155"
KEY = access_key("AKIA", "lena")
CONTRACTORS_AGENT = "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/macos#24.5.0 md/arch#arm64 lang/python#3.12.6"
THIEFS_AGENT = "Boto3/1.35.20 md/Botocore#1.35.20 ua/2.0 os/linux#6.10.9-amd64 md/arch#x86_64 lang/python#3.12.4"
INVENTORYS_AGENT = "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux lang/python#3.11.4"
SECRETS = tuple(
    f"payments/{name}"
    for name in ("database", "database-replica", "gateway", "gateway-test", "ledger", "mail", "partner-bank", "queue", "signing", "sms",
                 "storage", "webhook")
)  # fmt: skip
MEANINGS = {
    "first_foreign_use": "lena's key is used from an address that is not the contractor's, for the first time",
    "denied": "what the key was refused in the development account",
    "first_role": "lena's key assumes ci-runner in the development account",
    "second_role": "that session assumes org-inventory in the management account: recorded in both",
    "looked_at_organization": "that session lists the accounts of the organization",
    "third_role": "that session assumes OrganizationAccountAccessRole in the payments account: recorded in both",
    "looking_around": "the session in the payments account looks at roles, databases and secrets",
    "secrets_read": "it reads twelve secrets",
    "secrets_decrypted": "the same twelve, as KMS saw them: decrypted by the service on behalf of that session",
    "way_back_made": "it makes a role support-access with AdministratorAccess, which trusts lena's user",
    "way_back_used": "lena's key assumes support-access directly: recorded in both",
    "way_back_looked": "that session looks at the databases",
}
INNOCENT = {
    "inventory": "the nightly inventory goes the same way, with the same session name, from the runners' address",
    "own_use": "lena uses the key from the contractor's address",
}
CHAIN = ("first_role", "second_role", "third_role")


def build(seed: int = 1, days: int = 1, volume: float = 0.15) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    more: dict[str, Any] = {"organization": ORGANIZATION, "every": timedelta(hours=1)}
    trails = {one: opened(sim, one, HOME, REGIONS, START, days, **more) for one in (DEVELOPMENT, MANAGEMENT, PAYMENTS)}
    named: dict[str, list[str]] = {}
    for account in (DEVELOPMENT, PAYMENTS):
        live(trails[account], seed, days, volume, regions=REGIONS)
    innocent = _scribes(trails, seed, "innocent", named)
    story = _scribes(trails, seed, "story", named)
    _take_inventory(innocent, Draws("inventory", seed))
    _work(innocent[DEVELOPMENT])
    *roles, back = _climb(story, Draws("chain", seed))
    bucket = sim.seal()
    _describe_once(bucket)
    truth = told(
        "role-chain",
        f"arn:aws:iam::{DEVELOPMENT}:user/lena",
        WINDOW,
        named,
        MEANINGS,
        innocent=INNOCENT,
        absent=["StopLogging", "DeleteTrail", "LeaveOrganization", "CreateUser", "CreateAccessKey"],
        unproven=[
            "how the key was lost, and who used it",
            "what was done with the secrets outside of AWS",
            "the other half of the monitoring vendor's calls: account 444455556666 is not in the evidence",
        ],
        leaked_key=KEY,
        known_address=CONTRACTOR,
        foreign_addresses=[THIEF],
        accounts={"development": DEVELOPMENT, "management": MANAGEMENT, "payments": PAYMENTS},
        chain=[KEY, *(one.identity["accessKeyId"] for one in roles)],
        chained_by=list(CHAIN),
        way_back=back.identity["accessKeyId"],
        secrets=list(SECRETS),
        survivors=["role/support-access"],
    )
    return bucket, truth


def _scribes(trails: Any, seed: int, name: str, named: dict[str, list[str]]) -> dict[str, Scribe]:
    """A scribe for each account; what they name goes to one place."""
    scribes = {account: Scribe(trail, seed, name, account) for account, trail in trails.items()}
    for scribe in scribes.values():
        scribe.named = named
    return scribes


def _describe_once(bucket: Bucket) -> None:
    """An organization trail is one trail, of the management account: what its members see is the same ARN."""
    trails = bucket.configuration["trails"]
    bucket.configuration["trails"] = [one for one in trails if f":{MANAGEMENT}:" in one["trail"]["TrailARN"]]


def _cross(scribes: dict[str, Scribe], draws: Draws, caller: Caller, at: datetime, into: Caller, story: str) -> None:
    """A role of another account is assumed: the caller's account and the role's account each record a half.

    As in the IAM User Guide, "Example cross-account AWS STS API events": the role's account knows the caller by account and id alone.
    """
    both: dict[str, Any] = {"sharedEventID": draws.uuid(), "requestID": draws.uuid()}
    mine, theirs = caller.identity["accountId"], into.identity["accountId"]
    outside = {"type": "AWSAccount", "principalId": caller.identity["principalId"], "accountId": mine}
    scribes[mine].assume(caller, HOME, at, into, story=story, **both)
    scribes[theirs].assume(replace(caller, identity=outside), HOME, at, into, story=story, **both)


def _take_inventory(scribes: dict[str, Scribe], draws: Draws) -> None:
    """A red herring: the way was built for this, and is gone every night."""
    at = moment(START, "01:30:04")
    provider, subject = (
        f"arn:aws:iam::{DEVELOPMENT}:oidc-provider/token.actions.example.com",
        "repo:acme/inventory:ref:refs/heads/main",
    )
    identity = {"type": "WebIdentityUser", "principalId": f"{provider}:sts.amazonaws.com:{subject}", "userName": subject,
                "identityProvider": provider}  # fmt: skip
    runner = session(DEVELOPMENT, "ci-runner", "inventory", at, INVENTORY, INVENTORYS_AGENT)
    scribes[DEVELOPMENT].assume(
        replace(runner, identity=identity), HOME, at, runner, how="AssumeRoleWithWebIdentity", story="inventory"
    )
    at += timedelta(seconds=2)
    lister = session(MANAGEMENT, "org-inventory", "inventory", at, INVENTORY, INVENTORYS_AGENT)
    _cross(scribes, draws, runner, at, lister, "inventory")
    scribes[MANAGEMENT].write(
        lister, HOME, at + timedelta(seconds=1), "organizations", "ListAccounts", story="inventory"
    )
    at += timedelta(seconds=3)
    member = session(PAYMENTS, "OrganizationAccountAccessRole", "inventory", at, INVENTORY, INVENTORYS_AGENT)
    _cross(scribes, draws, lister, at, member, "inventory")
    for number, region in enumerate(REGIONS):
        for name in ("DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups", "DescribeVpcs"):
            scribes[PAYMENTS].write(member, region, at + timedelta(seconds=2 + number), "ec2", name, story="inventory")


def _work(scribe: Scribe) -> None:
    """lena's own use of the key."""
    lena = user(DEVELOPMENT, "lena", KEY, CONTRACTOR, CONTRACTORS_AGENT)
    for number in range(14):
        at = moment(START, "08:11:00") + timedelta(minutes=27 * number)
        scribe.write(lena, HOME, at, "ecr", "DescribeRepositories", story="own_use")
        scribe.write(lena, HOME, at + timedelta(seconds=4), "ecr", "GetAuthorizationToken", story="own_use")


def _climb(scribes: dict[str, Scribe], draws: Draws) -> tuple[Caller, ...]:
    """From the key to the payments account, and a shorter way back. Returns the sessions, that of the way back last."""
    thief = user(DEVELOPMENT, "lena", KEY, THIEF, THIEFS_AGENT)
    here, top, there = scribes[DEVELOPMENT], scribes[MANAGEMENT], scribes[PAYMENTS]
    here.write(thief, HOME, WINDOW.start, "sts", "GetCallerIdentity", story="first_foreign_use")
    for clock, source, name in (
        ("16:02:48", "iam", "ListAttachedUserPolicies"),
        ("16:03:05", "iam", "ListRoles"),
        ("16:03:22", "s3", "ListBuckets"),
        ("16:03:49", "ec2", "DescribeInstances"),
        ("16:04:10", "secretsmanager", "ListSecrets"),
        ("16:04:31", "organizations", "DescribeOrganization"),
    ):
        here.write(thief, HOME, moment(START, clock), source, name, refused=True, story="denied")
    at = moment(START, "16:11:27")
    runner = session(DEVELOPMENT, "ci-runner", "inventory", at, THIEF, THIEFS_AGENT)
    here.assume(thief, HOME, at, runner, story="first_role")
    at = moment(START, "16:14:02")
    lister = session(MANAGEMENT, "org-inventory", "inventory", at, THIEF, THIEFS_AGENT)
    _cross(scribes, draws, runner, at, lister, "second_role")
    top.write(lister, HOME, moment(START, "16:14:40"), "organizations", "ListAccounts", story="looked_at_organization")
    top.write(lister, HOME, moment(START, "16:15:02"), "organizations", "ListRoots", story="looked_at_organization")
    at = moment(START, "16:21:55")
    member = session(PAYMENTS, "OrganizationAccountAccessRole", "inventory", at, THIEF, THIEFS_AGENT)
    _cross(scribes, draws, lister, at, member, "third_role")
    _rob(there, member)
    return runner, lister, member, _come_back(scribes, draws, thief)


def _rob(scribe: Scribe, member: Caller) -> None:
    for clock, source, name in (
        ("16:22:30", "sts", "GetCallerIdentity"),
        ("16:22:52", "iam", "ListRoles"),
        ("16:23:20", "rds", "DescribeDBInstances"),
        ("16:24:08", "secretsmanager", "ListSecrets"),
    ):
        scribe.write(member, HOME, moment(START, clock), source, name, story="looking_around")
    for number, name in enumerate(SECRETS):
        at = moment(START, "16:25:10") + timedelta(seconds=3 * number)
        scribe.write(member, HOME, at, "secretsmanager", "GetSecretValue", {"secretId": name}, story="secrets_read")
        _decrypt(scribe, member, at, name)
    trusted = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
               "Principal": {"AWS": f"arn:aws:iam::{DEVELOPMENT}:user/lena"}}]}  # fmt: skip
    asked = {"roleName": "support-access", "assumeRolePolicyDocument": json.dumps(trusted), "description": "support"}
    made = {"role": {"path": "/", "roleName": "support-access", "arn": f"arn:aws:iam::{PAYMENTS}:role/support-access",
                     "roleId": f"AROA{Draws('role', PAYMENTS, 'support-access').token(17)}"}}  # fmt: skip
    scribe.write(
        member,
        HOME,
        moment(START, "16:31:44"),
        "iam",
        "CreateRole",
        asked,
        response=made,
        changes=True,
        story="way_back_made",
    )
    policy = {"roleName": "support-access", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    scribe.write(
        member, HOME, moment(START, "16:32:05"), "iam", "AttachRolePolicy", policy, changes=True, story="way_back_made"
    )


def _decrypt(scribe: Scribe, member: Caller, at: datetime, secret: str) -> None:
    """The second witness of a secret that was read: the service decrypts it on the caller's behalf, with a key of its own making."""
    service, draws = "secretsmanager.amazonaws.com", Draws("secret", secret)
    identity = {**member.identity, "accessKeyId": access_key("ASIA", f"onward/{secret}"), "invokedBy": service}
    arn = f"arn:aws:secretsmanager:{HOME}:{PAYMENTS}:secret:{secret}-{draws.token(6)}"
    scribe.write(
        Caller(identity, service, service, over_tls=False), HOME, at, "kms", "Decrypt",
        {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"SecretARN": arn, "SecretVersionId": draws.uuid()}},
        resources=[{"accountId": PAYMENTS, "type": "AWS::KMS::Key",
                    "ARN": f"arn:aws:kms:{HOME}:{PAYMENTS}:key/{Draws('kms', PAYMENTS).uuid()}"}],
        story="secrets_decrypted",
    )  # fmt: skip


def _come_back(scribes: dict[str, Scribe], draws: Draws, thief: Caller) -> Caller:
    at = moment(START, "18:02:36")
    back = session(PAYMENTS, "support-access", "lena", at, THIEF, THIEFS_AGENT)
    _cross(scribes, draws, thief, at, back, "way_back_used")
    for clock, name in (("18:03:40", "DescribeDBInstances"), ("18:05:11", "DescribeDBSnapshots")):
        scribes[PAYMENTS].write(back, HOME, moment(START, clock), "rds", name, story="way_back_looked")
    return back
