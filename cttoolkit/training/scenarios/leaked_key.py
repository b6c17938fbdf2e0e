"""The story of the leaked key: an access key in a public repository, found on a Sunday night.

alice's key was pushed to a public repository. Somebody finds it, looks around, makes a second key for alice and a user of
their own with administrator rights, and with that user's key, from another address, reads the claims archive.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.daily import CONSOLE, click, live_a_day, touch_object
from cttoolkit.training.draws import Draws
from cttoolkit.training.scribe import Scribe, access_key, person, session, user
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant, written

__all__ = ["build"]

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
HOME = "us-east-1"
START = instant("2026-03-01T00:00:00Z")
FINDER, READER = "203.0.113.7", "198.51.100.23"
SELECTORS = {
    "AdvancedEventSelectors": [
        {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {
            "Name": "claims archive",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::acme-claims-archive/"]},
            ],
        },
    ]
}


def build(seed: int = 1, days: int = 2, volume: float = 1.1) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    end = START + timedelta(days=days)
    trail = sim.trail(
        "management-events", account=ACCOUNT, home=HOME, regions=REGIONS, bucket="example-log-archive",
        start=START, end=end + timedelta(hours=1), every=timedelta(minutes=15), selectors=SELECTORS,
    )  # fmt: skip
    scribe = Scribe(trail, seed)
    for number in range(days):
        day = START + timedelta(days=number)
        live_a_day(scribe, ACCOUNT, REGIONS, day, seed, volume)
        if day.weekday() < 5:
            _alice_works(scribe, day, seed)
    _on_call(scribe, seed)
    _attack(scribe, seed)
    return sim.seal(), _truth(scribe.named)


def _minute(text: str) -> datetime:
    return instant(f"2026-03-01T{text}Z")


def _alice_works(scribe: Scribe, day: datetime, seed: int) -> None:
    """alice's own use of the key: from the office, in office hours, with the command line."""
    draws = Draws("alice", seed, day.date())
    alice = user(
        ACCOUNT,
        "alice",
        access_key("AKIA", "alice"),
        "192.0.2.10",
        "aws-cli/2.15.30 Python/3.11.8 Linux/6.5 exe/x86_64",
    )
    for _ in range(14):
        at = day + timedelta(hours=draws.between(8, 16), minutes=draws.below(60), seconds=draws.below(60))
        name = draws.one(("DescribeInstances", "DescribeSecurityGroups", "DescribeVolumes"))
        scribe.write(alice, draws.one(REGIONS[:2]), at, "ec2", name)


def _on_call(scribe: Scribe, seed: int) -> None:
    """A red herring: the engineer on call, at home, from an address not seen before, at the hour of the attack."""
    draws = Draws("on call", seed)
    nina = person(ACCOUNT, "nina", "PowerUserAccess", _minute("02:28:40"), "192.0.2.177", CONSOLE)
    for number in range(5):
        click(scribe, nina, "eu-west-1", _minute("02:29:00") + timedelta(minutes=4 * number), draws)
    rebooted = {"instancesSet": {"items": [{"instanceId": f"i-{Draws('instance', 1).hexadecimal(17)}"}]}}
    scribe.write(
        nina, "eu-west-1", _minute("02:44:10"), "ec2", "RebootInstances", rebooted, {"_return": True}, changes=True
    )


def _attack(scribe: Scribe, seed: int) -> None:
    draws = Draws("attack", seed)
    agent = "aws-cli/2.13.5 Python/3.11.4 Linux/6.3.0-kali1-amd64 exe/x86_64.kali.2023"
    alice = user(ACCOUNT, "alice", access_key("AKIA", "alice"), FINDER, agent)

    scribe.write(alice, HOME, _minute("02:05:12"), "sts", "GetCallerIdentity", story="first_foreign_use")
    scribe.write(alice, HOME, _minute("02:06:03"), "iam", "GetUser", story="looking_around")
    scribe.write(
        alice,
        HOME,
        _minute("02:06:31"),
        "iam",
        "ListAttachedUserPolicies",
        {"userName": "alice"},
        story="looking_around",
    )
    scribe.write(alice, HOME, _minute("02:06:58"), "s3", "ListBuckets", story="looking_around")
    for number, region in enumerate(REGIONS):
        looked_at = _minute("02:07:30") + timedelta(seconds=11 * number)
        scribe.write(alice, region, looked_at, "ec2", "DescribeInstances", story="looking_around")
        scribe.named[f"looked_at_{region}"] = scribe.named["looking_around"][-1:]
    for at, source, name in (
        ("02:08:44", "iam", "GetAccountAuthorizationDetails"),
        ("02:09:02", "secretsmanager", "ListSecrets"),
        ("02:09:40", "ses", "GetSendQuota"),
        ("02:10:15", "cloudtrail", "DescribeTrails"),
        ("02:10:21", "organizations", "DescribeOrganization"),
        ("02:11:37", "bedrock", "ListFoundationModels"),
    ):
        scribe.write(alice, HOME, _minute(at), source, name, error="AccessDenied", story="denied")
    scribe.write(alice, HOME, _minute("02:12:05"), "iam", "ListUsers", story="looking_around")
    scribe.write(alice, HOME, _minute("02:12:49"), "iam", "ListRoles", story="looking_around")

    second, own = access_key("AKIA", "alice/second"), access_key("AKIA", "svc-backup-sync")
    _make_key(scribe, alice, "02:14:40", "alice", second, "second_key_minted")
    made = {"user": {"userName": "svc-backup-sync", "arn": f"arn:aws:iam::{ACCOUNT}:user/svc-backup-sync"}}
    scribe.write(
        alice,
        HOME,
        _minute("02:19:06"),
        "iam",
        "CreateUser",
        {"userName": "svc-backup-sync"},
        made,
        changes=True,
        story="user_created",
    )
    policy = {"userName": "svc-backup-sync", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    scribe.write(
        alice, HOME, _minute("02:19:31"), "iam", "AttachUserPolicy", policy, changes=True, story="admin_attached"
    )
    _make_key(scribe, alice, "02:20:02", "svc-backup-sync", own, "key_for_new_user")

    export = session(ACCOUNT, "data-export", "backup", _minute("02:24:18"), FINDER, agent)
    scribe.assume(alice, HOME, _minute("02:24:18"), export, story="role_assumed")
    scribe.write(export, HOME, _minute("02:25:02"), "s3", "ListBuckets", story="role_used")

    backup = user(
        ACCOUNT, "svc-backup-sync", own, READER, "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux lang/python#3.11.4"
    )
    scribe.write(backup, HOME, _minute("02:31:40"), "sts", "GetCallerIdentity", story="new_user_used")
    scribe.write(backup, HOME, _minute("02:31:52"), "s3", "ListBuckets", story="new_user_used")
    for number in range(140):
        read_at = _minute("02:33:00") + timedelta(seconds=14 * number + draws.below(9))
        touch_object(
            scribe,
            backup,
            ACCOUNT,
            read_at,
            "GetObject",
            f"claims/2025/{number % 12 + 1:02d}/{draws.hexadecimal(8)}.pdf",
            draws,
            "objects_read",
        )
    again = user(
        ACCOUNT, "alice", second, READER, "Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux lang/python#3.11.4"
    )
    scribe.write(again, HOME, _minute("03:21:15"), "sts", "GetCallerIdentity", story="second_key_used")
    scribe.write(
        again, HOME, _minute("03:22:48"), "iam", "ListAccessKeys", {"userName": "alice"}, story="second_key_used"
    )
    scribe.write(alice, HOME, _minute("03:38:50"), "iam", "ListAccessKeys", {"userName": "alice"}, story="last_seen")


def _make_key(scribe: Scribe, alice: Any, at: str, name: str, key: str, story: str) -> None:
    made = {
        "accessKey": {
            "userName": name,
            "accessKeyId": key,
            "status": "Active",
            "createDate": f"Mar 1, 2026, {at[1:]} AM",
        }
    }
    scribe.write(
        alice, HOME, _minute(at), "iam", "CreateAccessKey", {"userName": name}, made, changes=True, story=story
    )


def _truth(named: dict[str, list[str]]) -> dict[str, Any]:
    window = Window.of("2026-03-01T02:05:12Z", "2026-03-01T03:38:51Z")
    return {
        "world": "leaked-key",
        "suspect": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "window": {"start": written(window.start), "end": written(window.end)},
        "leaked_key": access_key("AKIA", "alice"),
        "keys_made": {
            "alice": access_key("AKIA", "alice/second"),
            "svc-backup-sync": access_key("AKIA", "svc-backup-sync"),
        },
        "foreign_addresses": [READER, FINDER],
        "red_herring": "nina@example.com, on call, 02:28 to 02:46",
        "absent": ["StopLogging", "DeleteTrail"],
        "claims": dict(sorted(named.items())),
    }
