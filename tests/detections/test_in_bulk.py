"""Many things in a short time are seen, and nearly as many are not; each sighting leads to exactly its events."""

from typing import ClassVar

import pytest

import cttoolkit as ct
from cttoolkit.detections import GROUPS
from tests.conftest import ACCOUNT, admitted, event
from tests.detections.samples.records import call, refused

EVERY = {one.name: one for group in GROUPS.values() for one in group}
GIB = 1024**3


class Actor:
    """A user with a key of their own, whose records are kept apart."""

    made: ClassVar[dict] = {}
    count = 0

    def __init__(self, name):
        self.name = name
        Actor.made[name] = []

    def __call__(self, minute, record, second=0, identity=None, **parts):
        Actor.count += 1
        hour, minute = divmod(minute, 60)
        who = {
            "type": "IAMUser", "principalId": f"AIDA{self.name.upper()}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{self.name}",
            "accountId": ACCOUNT, "accessKeyId": f"AKIA{self.name.upper()}", "userName": self.name,
        }  # fmt: skip
        time = f"2026-03-01T{hour:02d}:{minute:02d}:{second:02d}Z"
        made = event(Actor.count, time) | record | {"userIdentity": who | (identity or {})} | parts
        Actor.made[self.name].append(made)
        return made


def ids(names):
    return [f"i-{number:017x}" for number in names]


def secret(number):
    return call("secretsmanager", "GetSecretValue", {"secretId": f"secret-{number}", "versionStage": "AWSCURRENT"})


def attribute(number, name="userData"):
    return call("ec2", "DescribeInstanceAttribute", {"instanceId": f"i-{number}", "attribute": name})


def terminated(count):
    items = [{"instanceId": one} for one in ids(range(count))]
    return call("ec2", "TerminateInstances", {"instancesSet": {"items": items}})


def sent(**parameters):
    return call("ssm", "SendCommand", {"documentName": "AWS-RunShellScript", "parameters": "HIDDEN", **parameters})


def invoked(region, model="m", failed=True):
    made = call("bedrock", "InvokeModel", {"modelId": model}, awsRegion=region)
    return refused(made, "AccessDeniedException") if failed else made


def got(number, sent_out=89.0):
    parameters = {"bucketName": "data", "key": f"k{number}"}
    return call(
        "s3", "GetObject", parameters, additionalEventData={"bytesTransferredOut": sent_out}, eventCategory="Data"
    )


BY = {
    name: Actor(name)
    for name in (
        "harvester few spread lister plain onward datareader typereader coder again deleter sparing pruner tidy wrecker stubborn "
        "ender mild runner quiet prober happy sweeper homely blocks reader gulper sipper opener looker clicker refused retry"
    ).split()
}


def acts():
    for number in range(10):
        BY["harvester"](60, secret(number), number)
        BY["spread"](65 + 10 * (number // 5), secret(number), number)
        BY["onward"](60, secret(number), number, {"accessKeyId": "ASIAONWARD", "invokedBy": "rds.amazonaws.com"})
        BY["coder"](60, call("lambda", "GetFunction20150331v2", {"functionName": f"f{number}"}), number)
        BY["again"](60, call("lambda", "GetFunction20150331v2", {"functionName": "f"}), number)
        BY["deleter"](60, call("s3", "DeleteObjects", {"bucketName": "data", "delete": ""}), number)
        BY["pruner"](60, call("ec2", "DeleteSnapshot", {"snapshotId": f"snap-{number}"}), number)
        BY["few"](60, secret(min(number, 8)), number)
        BY["plain"](60, call("ssm", "GetParameter", {"name": f"p{number}", "withDecryption": False}), number)
    BY["harvester"](180, secret(0))
    BY["lister"](60, call("ssm", "GetParameters", {"names": [f"p{n}" for n in range(10)], "withDecryption": True}))
    for number in range(5):
        BY["datareader"](60, refused(attribute(number)), number)
        BY["typereader"](60, attribute(number, "instanceType"), number)
        BY["wrecker"](60, call("s3", "DeleteBucket", {"bucketName": f"b{number}"}), number)
        BY["stubborn"](60, call("s3", "DeleteBucket", {"bucketName": "b"}), number)
    for number in range(9):
        BY["sparing"](60, call("s3", "DeleteObjects", {"bucketName": "data", "delete": ""}), number)
        BY["tidy"](60, call("backup", "DeleteRecoveryPoint", {"recoveryPointArn": f"r{number}"}), number)
    BY["ender"](60, terminated(10))
    BY["mild"](60, terminated(9))
    BY["runner"](60, sent(targets=[{"key": "tag:env", "values": ["prod"]}]))
    BY["quiet"](60, sent(instanceIds=ids(range(4))))
    for number, region in enumerate(("us-east-1", "us-west-2", "eu-west-3")):
        BY["prober"](60 + 10 * number, invoked(region))
        BY["happy"](60 + 10 * number, invoked(region, failed=False))
        BY["sweeper"](60 + 10 * number, call("ses", "GetSendQuota", awsRegion=region))
        BY["homely"](60 + 10 * number, call("ses", "GetSendQuota"))
    for number in range(200):
        parameters = {"snapshotId": "snap-1", "blockIndex": number}
        BY["blocks"](60, call("ebs", "GetSnapshotBlock", parameters, eventCategory="Data"), number % 60)
    for number in range(1000):
        BY["reader"](60 + number % 10, got(number), number % 60)
    BY["gulper"](60, got(1, 2.0 * GIB))
    for time in ("2026-02-28T12:00:00Z", "2026-03-01T01:00:00Z"):
        BY["sipper"](60, got(2, 1.2 * GIB), eventTime=time)
    for name in ("GetCallerIdentity", "ListBuckets", "GetAccountSummary"):
        BY["opener"](60, call("sts", name))
    for number in range(24):
        BY["looker"](60, call("ec2", f"Describe{number}"))
        BY["clicker"](60, call("ec2", f"Describe{number}"))
    BY["looker"](60, call("ec2", "DescribeOther"))
    for number in range(5):
        BY["refused"](60, refused(call("ec2", f"Create{number}")), number)
        BY["retry"](60, refused(call("ec2", "CreateTags")), number)


acts()
EXPECTED = {
    "secrets-read-in-bulk": {"harvester", "lister"},
    "user-data-read-in-bulk": {"datareader"},
    "functions-read-in-bulk": {"coder"},
    "objects-deleted-in-bulk": {"deleter"},
    "copies-deleted-in-bulk": {"pruner"},
    "stores-deleted-in-a-row": {"wrecker"},
    "instances-terminated-in-bulk": {"ender"},
    "commands-sent-to-many": {"runner"},
    "models-probed": {"prober"},
    "quota-sweep": {"sweeper"},
    "snapshot-read-directly": {"blocks"},
    "objects-read-in-bulk": {"reader"},
    "volume-out": {"gulper"},
    "opening-moves": {"opener"},
    "enumeration-sweep": {"looker"},
    "refused-run": {"refused"},
}
LEFT_OUT = {"harvester": 1}
"""Events at the end of an actor's that are no part of what they are seen for."""


@pytest.fixture(scope="module")
def detected(tmp_path_factory):
    records = [record for made in Actor.made.values() for record in made]
    events = admitted(tmp_path_factory.mktemp("bulk"), *records)
    return ct.detect(events, only=[EVERY[name] for name in EXPECTED])


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_done_in_bulk_is_seen_with_its_events_and_what_was_nearly_so_is_not(detected, name):
    found = detected.of(name)
    assert {one.actor.rsplit("/")[-1] for one in found} == EXPECTED[name]
    for one in found:
        actor = one.actor.rsplit("/")[-1]
        made = [record["eventID"] for record in Actor.made[actor]]
        made = made[: len(made) - LEFT_OUT.get(actor, 0)]
        behind = one.events.frame("event_id", "event_time")
        assert sorted(behind.event_id) == sorted(made)
        assert one.count == len(made)
        assert (behind.event_time.min(), behind.event_time.max()) == (one.first, one.last)


def test_it_says_how_many_attempts_failed_and_in_which_account(detected):
    (reader,) = detected.of("user-data-read-in-bulk")
    assert (reader.failed, reader.account) == (5, ACCOUNT)
    assert reader.claim.endswith("every attempt failed.")
    (harvester, _) = detected.of("secrets-read-in-bulk")
    assert harvester.failed == 0
    assert harvester.finding().standing.word is harvester.standing


def test_every_question_of_several_events_has_its_world():
    from cttoolkit.detection import Calls
    from tests.detections.samples import seen

    here = {"discovery", "secrets", "exfiltration", "destruction", "compute", "cost", "network", "accounts", "cis"}
    asked = {one.name for one in EVERY.values() if one.family in here and not isinstance(one.find, Calls)}
    assert asked - {*EXPECTED} - {*seen()} == {"region-new-to-compute", "models-invoked-first"}


@pytest.mark.parametrize("name", [name for name, one in EVERY.items() if one.needs])
def test_no_question_needs_calls_that_it_does_not_ask_for(detected, name):
    one = EVERY[name]
    without = detected.events.where(lambda table: ~table.event_name.isin(one.needs))
    assert len(one.find(without)) == 0
