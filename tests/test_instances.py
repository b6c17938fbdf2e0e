"""Instances that somebody ran, and whether the evidence shows that they are gone."""

import pytest

import cttoolkit as ct
from cttoolkit.training import tamper
from tests.conftest import admitted, event, small_world


def sets(*names, **more):
    return {"instancesSet": {"items": [{"instanceId": name} for name in names]}} | more


def run(number, *names, **parts):
    kept = {"requestParameters": {"instanceType": "p5.48xlarge"}, "responseElements": sets(*names)}
    return event(number, f"2026-03-01T01:{number:02d}:00Z", "RunInstances", **(kept | parts))


def later(number, name, request, **parts):
    who = {"type": "IAMUser", "principalId": "AIDANINA", "arn": "arn:aws:iam::111122223333:user/nina"}
    return event(number, f"2026-03-01T02:{number:02d}:00Z", name, requestParameters=request, userIdentity=who, **parts)


def protect(number, name, value):
    return later(number, "ModifyInstanceAttribute", {"instanceId": name, "disableApiTermination": {"value": value}})


REFUSED = {"errorCode": "Client.OperationNotPermitted"}
RECORDS = [
    run(0, "i-gone", "i-kept"),
    run(1, "i-guarded", requestParameters={"instanceType": "c5.large", "disableApiTermination": True}),
    run(2, "i-never", errorCode="Client.VcpuLimitExceeded", responseElements=None),
    run(3, "i-elsewhere", "i-asleep"),
    run(4, responseElements={"instancesSet": ["i-odd", {"items": 3}]}),
    run(5, responseElements={"instancesSet": {"items": [3, {"instanceId": 4}, {"instanceId": "i-bare"}]}}),
    later(10, "TerminateInstances", sets("i-gone", "i-guarded"), **REFUSED),
    later(11, "TerminateInstances", sets("i-gone")),
    later(12, "TerminateInstances", sets("i-gone"), **REFUSED),
    later(13, "TerminateInstances", sets("i-elsewhere"), awsRegion="eu-west-1"),
    later(14, "StopInstances", sets("i-asleep")),
    protect(15, "i-bare", True),
    protect(16, "i-bare", False),
    protect(17, "i-kept", True),
    later(18, "TerminateInstances", sets("i-kept"), errorCode="Client.DryRunOperation"),
    later(19, "StopInstances", sets("i-kept"), errorCode="Client.DryRunOperation"),
]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("instances"), *RECORDS)


@pytest.fixture(scope="module")
def rows(events):
    # What was done to them later lies outside of what was narrowed to.
    return {
        row[0]: dict(zip(table.columns, row, strict=True))
        for table in [ct.instances(events.by("user/alice"))]
        for row in table.rows
    }


def test_only_what_was_run_has_a_row(rows):
    assert set(rows) == {"i-gone", "i-kept", "i-guarded", "i-elsewhere", "i-asleep", "i-bare"}


def test_an_end_is_an_end_whatever_was_tried_before_or_after(rows):
    gone = rows["i-gone"]
    assert (gone["last seen"], f"{gone['at']:%H:%M}", gone["by"]) == (
        "terminated",
        "02:11",
        "arn:aws:iam::111122223333:user/nina",
    )


def test_a_refused_end_is_none(rows):
    assert rows["i-guarded"]["last seen"] == "termination refused"


def test_a_dry_run_refuses_nothing(rows):
    assert (rows["i-kept"]["last seen"], rows["i-kept"]["at"]) == ("no end seen", None)


def test_an_instance_of_that_name_in_another_region_is_another(rows):
    assert rows["i-elsewhere"]["last seen"] == "no end seen"


def test_a_stop_is_no_termination(rows):
    assert rows["i-asleep"]["last seen"] == "stopped"


def test_the_last_word_on_protection_counts(rows):
    assert {name for name, row in rows.items() if row["protected"]} == {"i-guarded", "i-kept"}


def test_those_without_an_end_come_first_and_are_counted(events):
    table = ct.instances(events)
    assert table.rows[-1][0] == "i-gone"
    assert table.caption == "6 instances were run; of 5 no termination was seen"


def test_where_nothing_was_run_there_is_nothing(events):
    assert len(ct.instances(events.named("CreateUser"))) == 0


def test_a_row_is_worth_no_more_than_its_least_call(tmp_path):
    """Calls in a file that no digest lists were planted, for all that is known."""
    case = small_world(tmp_path, run(0, "i-ended", "i-guarded", "i-plain"))
    planted = [later(30, "TerminateInstances", sets("i-ended")), protect(31, "i-guarded", True)]
    tamper.plant_log(case.bucket, case.logs[0], planted)
    table = ct.instances(ct.admit(case.verify(), ct.AcceptUnverified("a test")))
    assert {row[0]: (row[6], row[-1]) for row in table.rows} == {
        "i-ended": ("terminated", "reported present"),
        "i-guarded": ("no end seen", "reported present"),
        "i-plain": ("no end seen", "proved present"),
    }
