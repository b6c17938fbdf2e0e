"""The story of the ransom: an archive encrypted under somebody else's key, and a trail that was off while it happened.

The key of a backup user is used from elsewhere. Versioning is suspended, objects are read, and then each is copied onto itself under a
key that the thief sends along and nobody else has (SSE-C). Minutes into it the trail is stopped. The engineer on call is woken by that,
starts it again hours later, and switches the key off; in between, a note was left. Object-level events are recorded for the archive
alone: whether the other bucket was touched, no event tells.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, access_key, session, user
from cttoolkit.training.draws import Draws
from cttoolkit.training.machines import ARCHIVE
from cttoolkit.training.people import click, sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, ask_bucket, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant, written

__all__ = ["build"]

ACCOUNT = "111122223333"
HOME = "us-east-1"
REGIONS = (HOME, "eu-west-1")
START = instant("2026-06-09T00:00:00Z")
WINDOW = Window(moment(START, "01:52:08"), moment(START, "06:26:41"))
STOPPED = Window(moment(START, "02:37:13"), moment(START, "06:01:08"))
"""From the second after the stop, which is itself recorded, to the start."""
SILENT = Window(moment(START, "03:00:00"), moment(START, "06:00:00"))
"""The hours without digests: a digest closes the hour in which the trail was stopped, and a chain starts in that of the start."""
HOST, THIEF, ON_CALL = "192.0.2.61", "203.0.113.91", "192.0.2.177"
HOSTS_AGENT = "Boto3/1.28.40 md/Botocore#1.31.40 ua/2.0 os/linux"
THIEFS_AGENT = "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/linux#6.8.11-amd64 md/arch#x86_64 lang/python#3.12.6"
KEY = access_key("AKIA", "svc-backup")
OTHER = "acme-hr-documents"
TRAIL = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/management-events"
SSE_C = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}
MEANINGS = {
    "first_foreign_use": "the backup user's key is used from an address that is not the backup host's, for the first time",
    "looking_around": "the thief looks at the buckets' settings and at the trail",
    "denied": "what the thief was refused",
    "versioning_suspended": "versioning of the archive is suspended",
    "objects_read": "objects of the archive are read",
    "objects_encrypted": "objects of the archive are copied onto themselves under a key that was sent along, before the trail was stopped",
    "trail_stopped": "the thief stops the trail",
    "objects_encrypted_later": "more of them, after the trail was started again",
    "note_left": "a note is left in the archive",
    "expiry_set": "the archive's objects are to expire after seven days",
    "last_seen": "the last call with the key",
}
INNOCENT = {
    "trail_started": "nina, on call, starts the trail again",
    "key_disabled": "nina switches the key off",
    "trail_set_up": "the pipeline starts the trail, minutes after midnight, when it was set up",
    "own_use": "the backup host uses the same key, from its own address, until the trail was stopped",
}


FAULTS = {
    "CT-12": "the bucket of the trail lies in the account that it records",
    "CT-15": "the bucket takes deliveries of every trail there is, since no aws:SourceArn is asked for",
    "CT-17": "versions of delivered objects are not kept",
    "CT-22": "the user whose key was stolen may do anything with trails",
}
"""What the recorded answers about the account have amiss, by the check of ``ct.posture`` that finds it."""


def build(seed: int = 1, days: int = 1, volume: float = 0.3) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, REGIONS, START, days)
    for region in REGIONS:
        trail.restart(region, SILENT)
    live(trail, seed, days, volume, regions=REGIONS, unrecorded=STOPPED)
    innocent = Scribe(trail, seed, "innocent", unrecorded=STOPPED)
    story = Scribe(trail, seed, "story", unrecorded=STOPPED)
    draws = Draws("ransom", seed)
    _set_up(innocent)
    _back_up(innocent)
    thief = user(ACCOUNT, "svc-backup", KEY, THIEF, THIEFS_AGENT)
    _look_around(story, thief)
    _encrypt(story, thief, draws)
    _demand(story, thief, draws)
    _respond(innocent, draws)
    bucket = sim.seal()
    for one in bucket.configuration["trails"]:
        one["status"] |= {"StartLoggingTime": written(STOPPED.end), "StopLoggingTime": written(STOPPED.start)}
    truth = told(
        "ransom",
        f"arn:aws:iam::{ACCOUNT}:user/svc-backup",
        WINDOW,
        {**story.named, **innocent.named},
        MEANINGS,
        innocent=INNOCENT,
        faults=FAULTS,
        absent=["DeleteTrail", "CreateUser", "CreateAccessKey", "PutBucketPolicy"],
        unproven=[
            "what happened between the stop and the start of the trail: how many objects were encrypted, or anything else",
            f"whether objects of {OTHER} were read or encrypted: data events are recorded for the archive alone",
            (
                "that something did not happen at another hour of that day: the trail's settings are known as they were in the end, and it "
                "was stopped and started in between"
            ),
            "whether what was read has left: bytes were sent, and no event says where to",
            "how the key was lost",
        ],
        stopped={"start": written(STOPPED.start), "end": written(STOPPED.end)},
        without_digests={"start": written(SILENT.start), "end": written(SILENT.end)},
        leaked_key=KEY,
        known_address=HOST,
        foreign_addresses=[THIEF],
        data_events_of=[ARCHIVE],
        no_data_events_of=[OTHER],
    )
    return bucket, truth


def _set_up(scribe: Scribe) -> None:
    """The trail is a day old: that explains why its chains begin when they do."""
    at = moment(START, "00:01:05")
    agent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io)"
    pipeline = session(ACCOUNT, "deploy-pipeline", "GitHubActions-0609night", at, "198.51.100.171", agent)
    provider, subject = (
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.example.com",
        "repo:acme/platform:ref:refs/heads/main",
    )
    runner = {"type": "WebIdentityUser", "principalId": f"{provider}:sts.amazonaws.com:{subject}", "userName": subject,
              "identityProvider": provider}  # fmt: skip
    scribe.assume(
        replace(pipeline, identity=runner), HOME, at, pipeline, how="AssumeRoleWithWebIdentity", story="trail_set_up"
    )
    scribe.write(pipeline, HOME, at + timedelta(seconds=3), "cloudtrail", "StartLogging", {"name": TRAIL}, changes=True,
                 story="trail_set_up")  # fmt: skip


def _back_up(scribe: Scribe) -> None:
    """The host that the key is for, every half hour; of what it did while the trail was off there is nothing."""
    host = user(ACCOUNT, "svc-backup", KEY, HOST, HOSTS_AGENT)
    for number in range(12):
        at = moment(START, "00:12:00") + timedelta(minutes=30 * number)
        for seconds, name in enumerate(("ListBuckets", "GetBucketLocation", "GetBucketVersioning")):
            _of_bucket(
                scribe, host, at + timedelta(seconds=seconds), name, "" if name == "ListBuckets" else ARCHIVE, "own_use"
            )


def _of_bucket(
    scribe: Scribe,
    caller: Caller,
    at: datetime,
    name: str,
    bucket: str,
    story: str,
    about: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    """A call about a bucket, or about all of them where none is named, with what S3 adds to its records."""
    told_of = {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0,
               "AuthenticationMethod": "AuthHeader", "bytesTransferredOut": 0}  # fmt: skip
    if bucket:
        asked = ask_bucket(bucket, HOME, **(about or {}))
        more["resources"] = [{"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
    else:
        asked = {"Host": f"s3.{HOME}.amazonaws.com"}
    scribe.write(caller, HOME, at, "s3", name, asked, story=story, additionalEventData=told_of, **more)


def _look_around(scribe: Scribe, thief: Caller) -> None:
    scribe.write(thief, HOME, WINDOW.start, "sts", "GetCallerIdentity", story="first_foreign_use")
    _of_bucket(scribe, thief, moment(START, "01:52:31"), "ListBuckets", "", "looking_around")
    at = moment(START, "01:53:10")
    for bucket in (ARCHIVE, OTHER):
        for name in ("GetBucketLocation", "GetBucketVersioning", "GetBucketEncryption", "GetBucketLifecycle"):
            missing = name == "GetBucketLifecycle"
            _of_bucket(
                scribe, thief, at, name, bucket, "looking_around",
                error="NoSuchLifecycleConfiguration" if missing else None,
                message="The lifecycle configuration does not exist" if missing else None,
            )  # fmt: skip
            at += timedelta(seconds=4)
        _of_bucket(
            scribe, thief, at, "GetBucketObjectLockConfiguration", bucket, "looking_around",
            error="ObjectLockConfigurationNotFoundError", message="Object Lock configuration does not exist for this bucket",
        )  # fmt: skip
    for clock, source, name in (
        ("01:56:02", "iam", "ListUsers"),
        ("01:56:20", "kms", "ListKeys"),
        ("01:56:44", "backup", "ListBackupVaults"),
    ):
        scribe.write(thief, HOME, moment(START, clock), source, name, refused=True, story="denied")
    scribe.write(thief, HOME, moment(START, "01:58:10"), "cloudtrail", "DescribeTrails", story="looking_around")
    for clock, name in (("01:58:19", "GetTrailStatus"), ("01:58:31", "GetEventSelectors")):
        asked = {"name" if name == "GetTrailStatus" else "trailName": TRAIL}
        scribe.write(thief, HOME, moment(START, clock), "cloudtrail", name, asked, story="looking_around")


def _encrypt(scribe: Scribe, thief: Caller, draws: Draws) -> None:
    suspended = {
        "versioning": "",
        "VersioningConfiguration": {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "Status": "Suspended"},
    }
    _of_bucket(scribe, thief, moment(START, "02:10:26"), "PutBucketVersioning", ARCHIVE, "versioning_suspended", suspended,
               changes=True)  # fmt: skip
    objects = [f"claims/2025/{number % 12 + 1:02d}/{draws.hexadecimal(8)}.pdf" for number in range(160)]
    for number, key in enumerate(objects[:60]):
        at = moment(START, "02:14:00") + timedelta(seconds=14 * number + draws.below(6))
        size = draws.between(20_000, 900_000)
        scribe.touch(thief, HOME, at, "GetObject", (ARCHIVE, key), size=size, story="objects_read")
    for number, key in enumerate(objects[:110]):
        _lock(scribe, thief, key, moment(START, "02:33:20") + timedelta(seconds=5 * number), draws, "objects_encrypted")
    # Of those that follow the stop there is no record, and nobody can say how many they were.
    scribe.write(thief, HOME, STOPPED.start - timedelta(seconds=1), "cloudtrail", "StopLogging", {"name": TRAIL}, changes=True,
                 story="trail_stopped")  # fmt: skip
    for number, key in enumerate(objects[110:]):
        at = moment(START, "06:02:10") + timedelta(seconds=4 * number)
        _lock(scribe, thief, key, at, draws, "objects_encrypted_later")


def _lock(scribe: Scribe, thief: Caller, key: str, at: datetime, draws: Draws, story: str) -> None:
    """An object is copied onto itself under the thief's key. The key is in no record, only that one was sent."""
    size = draws.between(20_000, 900_000)
    asked = ask_bucket(ARCHIVE, HOME, key=key, **SSE_C, **{"x-amz-copy-source": f"{ARCHIVE}/{key}"})
    told_of = {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0, "SSEApplied": "SSE_C",
               "AuthenticationMethod": "AuthHeader", "x-amz-id-2": draws.hexadecimal(40), "bytesTransferredOut": 234,
               "bytesCopied": size}  # fmt: skip
    scribe.write(
        thief, HOME, at, "s3", "CopyObject", asked, response=SSE_C, changes=True, data=True, story=story,
        additionalEventData=told_of, resources=_resources(key),
    )  # fmt: skip


def _resources(key: str) -> list[dict[str, str]]:
    return [
        {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{ARCHIVE}/{key}"},
        {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{ARCHIVE}"},
    ]


def _demand(scribe: Scribe, thief: Caller, draws: Draws) -> None:
    place = (ARCHIVE, "HOW_TO_RESTORE_YOUR_FILES.txt")
    scribe.touch(
        thief, HOME, moment(START, "06:08:02"), "PutObject", place, size=draws.between(900, 1_400), story="note_left"
    )
    rule = {"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}
    expiring = {
        "lifecycle": "",
        "LifecycleConfiguration": {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "Rule": rule},
    }
    _of_bucket(scribe, thief, moment(START, "06:11:37"), "PutBucketLifecycle", ARCHIVE, "expiry_set", expiring, changes=True)  # fmt: skip
    _of_bucket(scribe, thief, moment(START, "06:26:40"), "GetBucketLifecycle", ARCHIVE, "last_seen")


def _respond(scribe: Scribe, draws: Draws) -> None:
    """The engineer on call signs in while nothing is recorded: her session begins before the first event of it."""
    nina = sign_in(scribe, ACCOUNT, "nina", "PowerUserAccess", moment(START, "05:52:30"), ON_CALL)
    scribe.write(nina, HOME, STOPPED.end, "cloudtrail", "StartLogging", {"name": TRAIL}, changes=True, story="trail_started",
                 **FROM_CONSOLE)  # fmt: skip
    for minutes in (4, 11, 19):
        click(scribe, nina, HOME, STOPPED.end + timedelta(minutes=minutes), draws)
    off = {"userName": "svc-backup", "accessKeyId": KEY, "status": "Inactive"}
    scribe.write(nina, HOME, moment(START, "06:31:15"), "iam", "UpdateAccessKey", off, changes=True, story="key_disabled",
                 **FROM_CONSOLE)  # fmt: skip
