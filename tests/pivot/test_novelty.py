"""What is new and rare is so against a baseline, and a lead says what that was."""

import math

import pytest

from cttoolkit import pivot
from cttoolkit.errors import ColumnError, WindowError
from cttoolkit.window import Window
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}
SERVICE = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [event(n, f"2026-03-01T00:{n:02d}:00Z") for n in range(10)]
    records += [event(10 + n, f"2026-03-01T01:{n:02d}:00Z", userIdentity=BOB) for n in range(9)]
    records += [
        event(
            30, "2026-03-01T01:20:00Z", "CreateUser", userIdentity=BOB, readOnly=False, eventSource="iam.amazonaws.com"
        ),
        event(31, "2026-03-01T03:00:00Z", "CreateUser", readOnly=False, eventSource="iam.amazonaws.com"),
        event(32, "2026-03-01T03:01:00Z", "GetSecretValue", awsRegion="eu-west-1"),
        event(33, "2026-03-01T03:02:00Z"),
        event(34, "2026-03-01T03:03:00Z", "AssumeRole", userIdentity=SERVICE),
        event(35, "2026-03-01T03:04:00Z", "GetSecretValue", userAgent="curl/8"),
    ]
    return admitted(tmp_path_factory.mktemp("novelty"), *records)


def test_the_least_expected_pair_comes_first(events):
    rows = pivot.rare(events)
    same_as_its_events(rows)
    frame = rows.frame()
    assert list(frame.event_name[:2]) == ["CreateUser", "CreateUser"]
    # Alice: 1 of 14, three values: -log2(1.5 / 15.5); the two principals both have it: log2(2 / 3).
    assert frame.surprisal[0] == pytest.approx(-math.log2(1.5 / 15.5))
    assert frame.idf[0] == pytest.approx(math.log2(2 / 3))
    assert frame.of[0] == 14


def test_services_are_left_out_and_counted(events):
    rows = pivot.rare(events)
    assert "AssumeRole" not in set(rows.frame().event_name)
    assert "1 event left out" in rows.caption


def test_new_is_what_the_principal_never_did_before(events):
    rows = pivot.first_seen(events, since="2026-03-01T02:30:00Z")
    same_as_its_events(rows)
    frame = rows.frame().set_index("event_name")
    assert list(frame.index) == ["GetSecretValue", "CreateUser"]
    assert frame.baseline_events.tolist() == [10, 10]
    assert frame.is_new_to_all.tolist() == [True, False]
    assert frame.events.tolist() == [2, 1]
    assert frame.surprisal["CreateUser"] == pytest.approx(-math.log2(0.5 / 11.5))
    assert "too short" in rows.caption
    assert "covered by verified digests" in rows.caption


def test_who_has_no_baseline_is_not_called_surprising(events):
    frame = pivot.first_seen(events, since="2026-03-01T00:30:00Z").frame().set_index("event_name")
    bobs = frame[frame.principal == "user:AIDABOB"]
    assert set(bobs.index) == {"DescribeInstances", "CreateUser"}
    assert (bobs.baseline_events == 0).all()
    assert bobs.surprisal.isna().all()


def test_nothing_before_is_said(events):
    rows = pivot.first_seen(events, since="2026-03-01T00:00:00Z")
    assert "no baseline" in rows.caption
    assert len(rows) == 5


def test_the_first_tenth_is_censored(events):
    frame = pivot.first_seen(events).frame()
    assert frame["first"].is_monotonic_increasing
    assert frame[frame.event_name == "DescribeInstances"].is_censored.tolist() == [True, False]


def test_a_baseline_ends_before_what_it_is_held_against(events):
    late = Window.of("2026-03-01T00:00:00Z", "2026-03-01T03:00:00Z")
    with pytest.raises(WindowError, match="runs past"):
        pivot.first_seen(events, since="2026-03-01T02:00:00Z", baseline=late)


def test_a_new_region_is_no_global_services(events):
    frame = pivot.new_regions(events, since="2026-03-01T02:30:00Z").frame()
    assert frame.aws_region.tolist() == ["eu-west-1"]
    assert frame.is_new_to_all.tolist() == [True]


def test_a_new_agent_is_a_new_family(events):
    rows = pivot.new_agents(events, since="2026-03-01T02:30:00Z")
    assert rows.frame().agent_family.tolist() == ["curl"]
    same_as_its_events(rows)


def test_a_network_may_be_new(events):
    assert len(pivot.first_seen(events, "network", since="2026-03-01T02:30:00Z")) == 0
    same_as_its_events(pivot.first_seen(events, "network"))


@pytest.mark.parametrize("axis", ["nothing", "events", ""])
def test_an_unknown_axis_is_an_error(events, axis):
    with pytest.raises(ColumnError, match="no such column"):
        pivot.rare(events, axis)
