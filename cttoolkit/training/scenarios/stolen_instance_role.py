"""The story of the stolen instance role: a web server that fetches what it is told to, and miners in three regions.

A page of the web server can be made to fetch any address, and so it fetches the credentials of its own role from the instance's
metadata: that leaves no event. With them, from elsewhere, somebody looks around, finds that the role may run instances, and runs large
ones in three regions that the company does not use. The engineer on call terminates them, but for one region's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cttoolkit.training.bucket import Bucket
from cttoolkit.training.callers import Caller, instance, service
from cttoolkit.training.draws import Draws
from cttoolkit.training.people import sign_in
from cttoolkit.training.scenarios.ordinary import FROM_CONSOLE, live, moment, opened, told
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant

__all__ = ["build"]

ACCOUNT = "111122223333"
HOME = "us-east-1"
USED = (HOME, "eu-west-1")
MINED = ("ap-southeast-2", "eu-north-1", "sa-east-1")
START = instant("2026-04-14T00:00:00Z")
WINDOW = Window(moment(START, "13:18:05"), moment(START, "13:52:40"))
OWN, THIEF, MOVED = "192.0.2.105", "203.0.113.140", "192.0.2.206"
SERVERS_AGENT = "aws-sdk-go-v2/1.24.0 os/linux"
THIEFS_AGENT = "Boto3/1.35.20 md/Botocore#1.35.20 ua/2.0 os/linux lang/python#3.12.4"
SMALLER, LARGER = "c5.24xlarge", "p3.16xlarge"
MEANINGS = {
    "credentials_issued": "EC2 issues credentials of web-prod to the instance",
    "used_at_home": "the instance itself uses them, all the while, from its own address",
    "first_foreign_use": "the same credentials are used from an address that is not the instance's, for the first time",
    "looking_around": "the thief asks for buckets, regions, instances and quotas",
    "denied": "what the thief was refused",
    **{f"prepared_{region}": f"a key pair and a security group open to the world in {region}" for region in MINED},
    "dry_run": "the thief asks whether the role may run instances, and is told that it may",
    "limits_met": "instances with GPUs are asked for, and the account's limits forbid them",
    **{f"instances_run_{region}": f"six large instances are run in {region}" for region in MINED},
    "protected": "the instances are protected from termination",
    "last_seen": "the last call with the stolen credentials from elsewhere",
}
INNOCENT = {
    "cleaned_up": "nina, on call, lifts the protection and terminates the instances of Sydney and Stockholm",
    "clean_up_refused": "nina tries to terminate those of São Paulo and is refused, for they are protected",
    "moved_house": "another web server goes out by a new address of the company's own from 09:00 on",
}


def build(seed: int = 1, days: int = 1, volume: float = 0.3) -> tuple[Bucket, dict[str, Any]]:
    """The signed bucket of this world, and its truth."""
    sim = Simulator(seed)
    trail = opened(sim, ACCOUNT, HOME, (*USED, *MINED), START, days)
    live(trail, seed, days, volume, regions=USED)
    innocent = Scribe(trail, seed, "innocent")
    story = Scribe(trail, seed, "story")
    draws = Draws("theft", seed)
    since = moment(START, "12:04:31")
    server = instance(ACCOUNT, "web-prod", 5, since, OWN)
    story.assume(service("ec2"), HOME, since, server, hours=6, sharedEventID=draws.uuid(), story="credentials_issued")
    _beat(story, server, "12:06:00", 20, "used_at_home")
    thief = replace(server, address=THIEF, agent=THIEFS_AGENT)
    _look_around(story, thief)
    run = {region: _mine(story, thief, region, number, draws) for number, region in enumerate(MINED)}
    for region in MINED:
        at = moment(START, "13:52:40") - timedelta(minutes=1)
        story.write(thief, region, at, "ec2", "DescribeInstances", story="looking_around")
    story.write(thief, HOME, WINDOW.end - timedelta(seconds=1), "sts", "GetCallerIdentity", story="last_seen")
    _move_house(innocent, draws)
    _clean_up(innocent, run)
    truth = told(
        "stolen-instance-role",
        f"arn:aws:iam::{ACCOUNT}:role/web-prod",
        WINDOW,
        {**story.named, **innocent.named},
        MEANINGS,
        innocent=INNOCENT,
        absent=["CreateUser", "CreateAccessKey", "StopLogging", "DeleteTrail", "RequestSpotInstances"],
        unproven=[
            "how the credentials left the instance: the metadata service writes no event",
            "what ran on the instances: CloudTrail sees the calls that made them, and not inside",
            "whether the instances of sa-east-1 are still running",
        ],
        instance=server.identity["arn"].rpartition("/")[2],
        stolen_key=server.identity["accessKeyId"],
        known_address=OWN,
        foreign_addresses=[THIEF],
        instances=run,
        still_protected=["sa-east-1"],
    )
    return sim.seal(), truth


def _beat(scribe: Scribe, server: Caller, start: str, number: int, story: str) -> None:
    """The agent's heartbeat, every ten minutes or so."""
    told_of = {"instanceId": server.identity["arn"].rpartition("/")[2], "agentVersion": "3.3.859.0", "agentStatus": "Active"}  # fmt: skip
    for beat in range(number):
        at = moment(START, start) + timedelta(minutes=8 * beat)
        scribe.write(server, HOME, at, "ssm", "UpdateInstanceInformation", told_of, changes=True, story=story)


def _look_around(scribe: Scribe, thief: Caller) -> None:
    scribe.write(thief, HOME, moment(START, "13:18:05"), "sts", "GetCallerIdentity", story="first_foreign_use")
    for clock, source, name in (
        ("13:18:41", "iam", "ListUsers"),
        ("13:18:58", "iam", "ListRoles"),
        ("13:19:12", "iam", "GetAccountAuthorizationDetails"),
        ("13:20:02", "secretsmanager", "ListSecrets"),
        ("13:20:30", "rds", "DescribeDBInstances"),
        ("13:20:49", "ssm", "DescribeParameters"),
    ):
        scribe.write(thief, HOME, moment(START, clock), source, name, refused=True, story="denied")
    for clock, source, name in (("13:18:22", "s3", "ListBuckets"), ("13:21:10", "ec2", "DescribeRegions")):
        scribe.write(thief, HOME, moment(START, clock), source, name, story="looking_around")
    for number, region in enumerate((*USED, *MINED)):
        at = moment(START, "13:21:40") + timedelta(seconds=9 * number)
        scribe.write(thief, region, at, "ec2", "DescribeInstances", story="looking_around")
        quota = {"serviceCode": "ec2", "quotaCode": "L-417A185B"}
        scribe.write(thief, region, at + timedelta(seconds=3), "servicequotas", "GetServiceQuota", quota, story="looking_around")  # fmt: skip
        kinds = {"DescribeInstanceTypeOfferingsRequest": {"LocationType": "region"}}
        scribe.write(thief, region, at + timedelta(seconds=5), "ec2", "DescribeInstanceTypeOfferings", kinds, story="looking_around")  # fmt: skip


def _mine(scribe: Scribe, thief: Caller, region: str, number: int, draws: Draws) -> list[str]:
    """Get a region ready and run instances in it. Returns their ids."""
    begun = moment(START, "13:25:00") + timedelta(minutes=8 * number)

    def write(seconds: int, name: str, asked: dict[str, Any], story: str, **more: Any) -> None:
        at = begun + timedelta(seconds=seconds)
        scribe.write(thief, region, at, "ec2", name, asked, changes=True, story=story, **more)

    group, pair, image = (f"{kind}-{draws.hexadecimal(17)}" for kind in ("sg", "key", "ami"))
    ready = f"prepared_{region}"
    write(0, "CreateKeyPair", {"keyName": "web-backup", "keyType": "rsa", "keyFormat": "pem"}, ready,
          response={"keyName": "web-backup", "keyFingerprint": ":".join(draws.hexadecimal(2) for _ in range(20)),
                    "keyPairId": pair, "keyMaterial": "<sensitiveDataRemoved>"})  # fmt: skip
    write(6, "CreateSecurityGroup", {"groupName": "web-backup", "groupDescription": "web backup"}, ready,
          response={"_return": True, "groupId": group})  # fmt: skip
    opening = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]},
               "ipv6Ranges": {}, "prefixListIds": {}}  # fmt: skip
    write(11, "AuthorizeSecurityGroupIngress", {"groupId": group, "ipPermissions": {"items": [opening]}}, ready,
          response={"_return": True})  # fmt: skip
    asked = _asked(image, group, SMALLER, 6)
    if number == 0:
        write(20, "RunInstances", asked, "dry_run", error="Client.DryRunOperation",
              message="Request would have succeeded, but DryRun flag is set.")  # fmt: skip
    write(32, "RunInstances", _asked(image, group, LARGER, 8), "limits_met", error="Client.VcpuLimitExceeded",
          message="You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance bucket "
                  "that the specified instance type belongs to.")  # fmt: skip
    ids = [f"i-{draws.hexadecimal(17)}" for _ in range(6)]
    launched = [
        {"instanceId": one, "imageId": image, "instanceState": {"code": 0, "name": "pending"}, "instanceType": SMALLER,
         "amiLaunchIndex": place, "placement": {"availabilityZone": f"{region}a", "tenancy": "default"}, "keyName": "web-backup",
         "groupSet": {"items": [{"groupId": group, "groupName": "web-backup"}]}}
        for place, one in enumerate(ids)
    ]  # fmt: skip
    answer = {"reservationId": f"r-{draws.hexadecimal(17)}", "ownerId": ACCOUNT, "instancesSet": {"items": launched}}
    write(51, "RunInstances", asked, f"instances_run_{region}", response=answer)
    for place, one in enumerate(ids):
        kept = {"instanceId": one, "disableApiTermination": {"value": True}}
        write(75 + 2 * place, "ModifyInstanceAttribute", kept, "protected", response={"_return": True})
    return ids


def _asked(image: str, group: str, kind: str, number: int) -> dict[str, Any]:
    return {
        "instancesSet": {"items": [{"imageId": image, "minCount": number, "maxCount": number, "keyName": "web-backup"}]},
        "groupSet": {"items": [{"groupId": group}]},
        "userData": "<sensitiveDataRemoved>",
        "instanceType": kind,
        "blockDeviceMapping": {},
        "monitoring": {"enabled": False},
        "disableApiTermination": False,
    }  # fmt: skip


def _move_house(scribe: Scribe, draws: Draws) -> None:
    """A red herring: another server of the role, behind a new NAT gateway of the company's own."""
    since = moment(START, "06:03:10")
    server = instance(ACCOUNT, "web-prod", 6, since, "192.0.2.106")
    scribe.assume(service("ec2"), HOME, since, server, hours=6, sharedEventID=draws.uuid())
    _beat(scribe, server, "06:05:00", 20, "at_home")
    _beat(scribe, replace(server, address=MOVED), "09:00:00", 18, "moved_house")


def _clean_up(scribe: Scribe, run: dict[str, list[str]]) -> None:
    """The engineer on call finds the bill rising."""
    nina = sign_in(scribe, ACCOUNT, "nina", "PowerUserAccess", moment(START, "15:31:20"), "192.0.2.31")
    at = moment(START, "15:34:00")

    def write(region: str, name: str, asked: dict[str, Any], story: str, **more: Any) -> None:
        scribe.write(nina, region, at, "ec2", name, asked, changes=True, story=story, **FROM_CONSOLE, **more)

    for region in MINED:
        all_of_them = {"instancesSet": {"items": [{"instanceId": one} for one in run[region]]}}
        first = run[region][0]
        write(region, "TerminateInstances", all_of_them, "clean_up_refused" if region == MINED[-1] else "cleaned_up",
              error="Client.OperationNotPermitted",
              message=f"The instance '{first}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.")  # fmt: skip
        at += timedelta(seconds=40)
        if region == MINED[-1]:
            continue
        for one in run[region]:
            write(region, "ModifyInstanceAttribute", {"instanceId": one, "disableApiTermination": {"value": False}}, "cleaned_up",
                  response={"_return": True})  # fmt: skip
            at += timedelta(seconds=3)
        gone = {"instancesSet": {"items": [{"instanceId": one, "currentState": {"code": 32, "name": "shutting-down"},
                                            "previousState": {"code": 16, "name": "running"}} for one in run[region]]}}  # fmt: skip
        write(region, "TerminateInstances", all_of_them, "cleaned_up", response=gone)
        at += timedelta(seconds=50)
