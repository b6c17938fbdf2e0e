"""What comes late to an account is seen, and what was there in the first tenth of the evidence is not."""

import pytest

import cttoolkit as ct
from tests.conftest import admitted, event
from tests.detections.samples.records import by_role, by_service, call

MADE = []


def at(hour, minute, record, label):
    made = event(len(MADE), f"2026-03-01T{hour:02d}:{minute:02d}:00Z") | record
    MADE.append((label, made))


def run(region, name="RunInstances", service="ec2"):
    return call(service, name, {"instanceType": "t3.micro"}, awsRegion=region)


at(0, 0, run("us-east-1"), "first")
at(5, 0, run("us-east-1"), "known")
at(5, 1, run("eu-west-3"), "late")
at(5, 2, run("eu-west-3", "CreateCluster", "ecs"), "late")
at(0, 5, run("eu-west-1", "CreateTags"), "tagged early")
at(5, 3, run("eu-west-1"), "region known by a tag")
at(0, 6, call("ec2", "DescribeInstances", awsRegion="sa-east-1"), "looked at early")
at(5, 4, by_role(run("sa-east-1")), "late by a role")
at(0, 7, by_service(run("ap-south-1")), "a service, early")
at(5, 5, run("ap-south-1"), "late, after a service")
at(5, 6, call("ec2", "CreateTags", awsRegion="af-south-1"), "no compute")
at(5, 30, call("bedrock", "InvokeModel", {"modelId": "m"}), "model")
at(5, 31, by_role(call("bedrock", "Converse", {"modelId": "m"})), "model by a role")
at(5, 32, call("bedrock", "InvokeModel", {"modelId": "m"}, errorCode="AccessDenied"), "refused")
at(5, 33, call("bedrock", "InvokeModel", {"modelId": "m"}, recipientAccountId="444455556666"), "elsewhere, late")
at(0, 10, call("bedrock", "InvokeModel", {"modelId": "m"}, recipientAccountId="777788889999"), "elsewhere, early")
at(5, 34, call("bedrock", "InvokeModel", {"modelId": "m"}, recipientAccountId="777788889999"), "known elsewhere")


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("arrivals"), *(made for _, made in MADE))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("region-new-to-compute", {"late", "late by a role", "late, after a service"}),
        ("models-invoked-first", {"model", "model by a role", "elsewhere, late"}),
    ],
)
def test_only_what_came_late_is_seen(events, name, labels):
    found = ct.detect(events, only=name)
    behind = [one.events.frame("event_id").event_id.tolist() for one in found]
    cited = sorted(one for ids in behind for one in ids)
    assert cited == sorted(made["eventID"] for label, made in MADE if label in labels)
    assert [one.count for one in found] == [len(ids) for ids in behind]


def test_the_rows_say_what_is_early(events):
    from cttoolkit.detections.arrivals import arrived

    rows = arrived(events, events, "aws_region")
    assert rows.notes == ("first seen after 2026-03-01T00:33:24.100000Z, a tenth of the evidence",)


def test_evidence_of_one_moment_has_nothing_late(events):
    alone = events.between("2026-03-01T05:01:00Z", "2026-03-01T05:01:01Z")
    assert len(alone) == 1
    assert len(ct.detect(alone, only="region-new-to-compute")) == 1
    assert not len(ct.detect(events.named("Nothing"), only="region-new-to-compute"))
