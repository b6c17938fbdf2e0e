"""The story of the leaked key: an access key in a public repository, found on a Sunday night.

alice's key was pushed to a public repository. Somebody finds it, looks around, makes a second key for alice and a user of
their own with administrator rights, and with that user's key, from another address, reads the claims archive.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, session, user
from cttoolkit.training.daily import live_a_day
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws
from cttoolkit.training.machines import ARCHIVE
from cttoolkit.training.people import click, sign_in
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.world import World
from cttoolkit.window import Window, instant

__all__ = ["build"]

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
HOME = "us-east-1"
START = instant("2026-03-01T00:00:00Z")
WINDOW = Window.of("2026-03-01T02:05:12Z", "2026-03-01T03:38:51Z")
OFFICE, FINDER, READER = "192.0.2.10", "203.0.113.7", "198.51.100.23"
COMMAND_LINE = "aws-cli/2.15.30 Python/3.11.8 Linux/6.5 exe/x86_64"
FINDERS_TOOL = "aws-cli/2.13.5 Python/3.11.4 Linux/6.3.0-kali1-amd64 exe/x86_64.kali.2023"
READERS_TOOL = "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux lang/python#3.11.4"
LEAKED, SECOND, OWN = (access_key("AKIA", name) for name in ("alice", "alice/second", "svc-backup-sync"))
SELECTORS = {
    "AdvancedEventSelectors": [
        {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {
            "Name": "claims archive",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{ARCHIVE}/"]},
            ],
        },
    ]
}
MEANINGS = {
    "first_foreign_use": "alice's key is used from an address that is not the office's, for the first time",
    "looking_around": "the finder asks who he is, what he may do, and what there is",
    **{f"looked_at_{region}": f"of these, the look at the instances of {region}" for region in REGIONS},
    "denied": "what the finder was refused",
    "second_key_minted": "alice's key makes a second key for alice",
    "user_created": "alice's key creates the user svc-backup-sync, named like a service's",
    "admin_attached": "the new user gets AdministratorAccess",
    "key_for_new_user": "the new user gets a key",
    "role_assumed": "alice's key assumes the role data-export",
    "role_used": "that session lists the buckets",
    "new_user_used": "the new user's key is used, from a second address",
    "objects_read": "the new user reads objects of the claims archive",
    "second_key_used": "alice's second key is used, from the second address",
    "last_seen": "the last call with alice's leaked key",
}


def build(seed: int = 1, days: int = 2, volume: float = 1.0) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    world = World("leaked-key", seed=seed, start=START, days=days, volume=volume)
    acme = world.account(ACCOUNT, regions=REGIONS, every=timedelta(minutes=15), selectors=SELECTORS)
    acme.live(live_a_day, _alice_works)
    _on_call(acme.everyday, world.draws("on call"))
    _attack(acme.story, world.draws("attack"))
    return world.seal(
        MEANINGS,
        suspect=f"arn:aws:iam::{ACCOUNT}:user/alice",
        window=WINDOW,
        leaked_key=LEAKED,
        keys_made={"alice": SECOND, "svc-backup-sync": OWN},
        known_address=OFFICE,
        foreign_addresses=[READER, FINDER],
        red_herring="nina@example.com, on call, 02:28 to 02:46, signed in with a security key",
        absent=["StopLogging", "DeleteTrail"],
    )


def _minute(text: str) -> datetime:
    return instant(f"2026-03-01T{text}Z")


def _alice_works(day: Day) -> None:
    """alice's own use of the key: from the office, in office hours, with the command line."""
    if not day.is_workday:
        return
    alice = user(ACCOUNT, "alice", LEAKED, OFFICE, COMMAND_LINE)
    for _ in range(14):
        at = day.sometime(day.draws.between(8, 16))
        name = day.draws.one(("DescribeInstances", "DescribeSecurityGroups", "DescribeVolumes"))
        day.scribe.write(alice, day.draws.one(REGIONS[:2]), at, "ec2", name)


def _on_call(scribe: Scribe, draws: Draws) -> None:
    """A red herring: the engineer on call, at home, from an address not seen before, at the hour of the attack."""
    nina = sign_in(scribe, ACCOUNT, "nina", "PowerUserAccess", _minute("02:28:40"), "192.0.2.177")
    for number in range(5):
        click(scribe, nina, "eu-west-1", _minute("02:29:00") + timedelta(minutes=4 * number), draws)
    rebooted = {"instancesSet": {"items": [{"instanceId": f"i-{Draws('instance', 1).hexadecimal(17)}"}]}}
    scribe.write(
        nina, "eu-west-1", _minute("02:44:10"), "ec2", "RebootInstances", rebooted, response={"_return": True},
        changes=True, sessionCredentialFromConsole="true",
    )  # fmt: skip


def _attack(scribe: Scribe, draws: Draws) -> None:
    finder = user(ACCOUNT, "alice", LEAKED, FINDER, FINDERS_TOOL)
    _look_around(scribe, finder)
    _settle(scribe, finder)

    export = session(ACCOUNT, "data-export", "backup", _minute("02:24:18"), FINDER, FINDERS_TOOL)
    scribe.assume(finder, HOME, _minute("02:24:18"), export, story="role_assumed")
    scribe.write(export, HOME, _minute("02:25:02"), "s3", "ListBuckets", story="role_used")

    _read_the_archive(scribe, user(ACCOUNT, "svc-backup-sync", OWN, READER, READERS_TOOL), draws)

    again = user(ACCOUNT, "alice", SECOND, READER, READERS_TOOL)
    whose = {"userName": "alice"}
    scribe.write(again, HOME, _minute("03:21:15"), "sts", "GetCallerIdentity", story="second_key_used")
    scribe.write(again, HOME, _minute("03:22:48"), "iam", "ListAccessKeys", whose, story="second_key_used")
    scribe.write(finder, HOME, _minute("03:38:50"), "iam", "ListAccessKeys", whose, story="last_seen")


def _look_around(scribe: Scribe, finder: Caller) -> None:
    """The opening moves: who am I, what may I do, what is there."""
    scribe.write(finder, HOME, _minute("02:05:12"), "sts", "GetCallerIdentity", story="first_foreign_use")
    for at, source, name, asked in (
        ("02:06:03", "iam", "GetUser", None),
        ("02:06:31", "iam", "ListAttachedUserPolicies", {"userName": "alice"}),
        ("02:06:58", "s3", "ListBuckets", None),
        ("02:12:05", "iam", "ListUsers", None),
        ("02:12:49", "iam", "ListRoles", None),
    ):
        scribe.write(finder, HOME, _minute(at), source, name, asked, story="looking_around")
    for at, region in zip(("02:07:30", "02:07:41", "02:07:52"), REGIONS, strict=True):
        scribe.write(finder, region, _minute(at), "ec2", "DescribeInstances", story="looking_around")
        scribe.named[f"looked_at_{region}"] = scribe.named["looking_around"][-1:]
    for at, source, name in (
        ("02:08:44", "iam", "GetAccountAuthorizationDetails"),
        ("02:09:02", "secretsmanager", "ListSecrets"),
        ("02:09:40", "ses", "GetSendQuota"),
        ("02:10:15", "cloudtrail", "DescribeTrails"),
        ("02:10:21", "organizations", "DescribeOrganization"),
        ("02:11:37", "bedrock", "ListFoundationModels"),
    ):
        scribe.write(finder, HOME, _minute(at), source, name, refused=True, story="denied")


def _settle(scribe: Scribe, finder: Caller) -> None:
    """Ways back in: a second key for alice, and a user that looks like a service's."""
    scribe.make_key(finder, _minute("02:14:40"), "alice", SECOND, story="second_key_minted")
    name = {"userName": "svc-backup-sync"}
    made = {"user": {"path": "/", **name, "arn": f"arn:aws:iam::{ACCOUNT}:user/svc-backup-sync"}}
    scribe.write(
        finder, HOME, _minute("02:19:06"), "iam", "CreateUser", name, response=made, changes=True, story="user_created"
    )
    policy = {**name, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    scribe.write(
        finder, HOME, _minute("02:19:31"), "iam", "AttachUserPolicy", policy, changes=True, story="admin_attached"
    )
    scribe.make_key(finder, _minute("02:20:02"), "svc-backup-sync", OWN, story="key_for_new_user")


def _read_the_archive(scribe: Scribe, reader: Caller, draws: Draws) -> None:
    scribe.write(reader, HOME, _minute("02:31:40"), "sts", "GetCallerIdentity", story="new_user_used")
    scribe.write(reader, HOME, _minute("02:31:52"), "s3", "ListBuckets", story="new_user_used")
    for number in range(140):
        at = _minute("02:33:00") + timedelta(seconds=14 * number + draws.below(9))
        place = (ARCHIVE, f"claims/2025/{number % 12 + 1:02d}/{draws.hexadecimal(8)}.pdf")
        size = draws.between(20_000, 900_000)
        scribe.touch(reader, HOME, at, "GetObject", place, size=size, story="objects_read")
