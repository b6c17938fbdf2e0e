"""What was seen can be read, sorted, drilled and stated, and what could not be told is counted."""

from datetime import UTC, datetime

import pytest

import cttoolkit as ct
from cttoolkit.detection import Severity
from cttoolkit.detections import CATALOGUE, GROUPS
from tests.conftest import ACCOUNT, admitted, event
from tests.detections.samples.records import by_role, call, refused

TRAIL = {"name": "main"}
NARROWED = TRAIL | {"isMultiRegionTrail": False}
OMITTED = {"omitted": True, "originalSize": 150_000, "reasonForOmission": "too large"}
RECORDS = [
    call("cloudtrail", "UpdateTrail", NARROWED, eventTime="2026-03-01T00:40:00Z"),
    call("cloudtrail", "UpdateTrail", NARROWED, eventTime="2026-03-01T00:41:00Z"),
    call("cloudtrail", "UpdateTrail", OMITTED, eventTime="2026-03-01T00:42:00Z"),
    call("cloudtrail", "UpdateTrail", TRAIL | {"note": '{"omitted": true}'}, eventTime="2026-03-01T00:43:00Z"),
    refused(call("cloudtrail", "StopLogging", TRAIL, eventTime="2026-03-01T00:35:00Z")),
    by_role(call("cloudtrail", "StopLogging", TRAIL, eventTime="2026-03-01T00:50:00Z")),
]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [event(number, "2026-03-01T00:30:00Z") | part for number, part in enumerate(RECORDS)]
    return admitted(tmp_path_factory.mktemp("detected"), *records)


@pytest.fixture(scope="module")
def detected(events):
    return ct.detect(events, only=["trail-stopped", "trail-narrowed"])


def own(name, severity, find, unsure=None):
    return ct.Detection(name, "own", "Is it?", "do it", severity, (), "Some.", "Any.", find, unsure)


def test_rows_are_sorted_by_severity_and_then_by_time(events):
    stopped = own("late-and-grave", Severity.CRITICAL, ct.calls("cloudtrail", "StopLogging"))
    changed = own("early-and-slight", Severity.LOW, ct.calls("cloudtrail", "UpdateTrail", "StopLogging"))
    seen = ct.detect(events, only=[changed, stopped])
    assert [(one.detection.name, one.first.minute) for one in seen] == [
        ("late-and-grave", 35), ("late-and-grave", 50), ("early-and-slight", 35), ("early-and-slight", 50),
    ]  # fmt: skip


def test_a_row_leads_to_its_events_and_to_no_others(detected):
    alice, role = detected.of("trail-stopped")
    assert alice.actor.endswith("user/alice")
    assert (alice.count, alice.failed, alice.account) == (1, 1, ACCOUNT)
    assert alice.first == alice.last == datetime(2026, 3, 1, 0, 35, tzinfo=UTC)
    assert [time.minute for time in alice.events.frame().event_time] == [35]
    assert [time.minute for time in role.events.frame().event_time] == [50]
    (narrowed,) = detected.of("trail-narrowed")
    assert [time.minute for time in detected.drill(list(detected).index(narrowed)).frame().event_time] == [40, 41]
    assert len(narrowed.events) == narrowed.count


def test_an_attempt_is_not_told_as_a_deed(detected):
    alice, role = detected.of("trail-stopped")
    assert (
        alice.claim
        == f"arn:aws:iam::{ACCOUNT}:user/alice tried to stop or delete a trail in account {ACCOUNT}; every attempt failed."
    )
    assert "was seen to stop or delete a trail" in role.claim


def test_a_finding_cites_the_events_of_its_row(detected):
    for sighting in detected:
        found = sighting.finding()
        assert isinstance(found, ct.Finding)
        assert set(found.event_ids) == set(sighting.events.frame("event_id").event_id)
        assert found.standing.word is sighting.standing
        assert found.claim == sighting.claim
    assert len(detected.findings()) == len(detected)


def test_findings_can_be_of_some_severity_only(events):
    low = own("slight", Severity.LOW, ct.calls("cloudtrail", "StopLogging"))
    seen = ct.detect(events, only=low)
    assert seen.findings() == ()
    assert len(seen.findings("low")) == 2
    with pytest.raises(ct.errors.DetectionError, match="grave: no severity"):
        seen.findings("grave")


def test_parameters_that_were_left_out_are_unsure_and_not_unseen(events, detected):
    assert detected.unsure == {"trail-narrowed": 1}
    (row,) = [row for row in detected.questions().rows if row[0] == "trail-narrowed"]
    assert row[2:5] == (1, 2, 1)
    narrowed = next(one for one in CATALOGUE if one.name == "trail-narrowed")
    (unsure,) = narrowed.find.unsure(events).frame().event_time
    assert unsure.minute == 42
    assert "of 1 call it cannot be told" in detected.caption


def test_a_quick_condition_does_not_rule_out_what_was_left_out(events):
    """A record without its parameters has no text to look for."""
    named = ct.calls("cloudtrail", "UpdateTrail", when=ct.param("requestParameters.name") == "other")
    seen = ct.detect(events, only=own("named", Severity.LOW, named))
    assert (len(seen), seen.unsure) == (0, {"named": 1})


def test_whoever_sees_nothing_is_still_listed(events):
    seen = ct.detect(events, only=own("quiet", Severity.HIGH, ct.calls("iam", "CreateUser")))
    assert len(seen) == 0
    assert [row[:5] for row in seen.questions().rows] == [("quiet", "high", 0, 0, 0)]
    assert "0 sightings by 0 of 1 detections" in repr(seen)


def test_a_detection_of_several_events_finds_by_a_pivot(events):
    def by_name(events):
        return ct.pivot.names(events.to_service("cloudtrail"))

    seen = ct.detect(events, only=own("names", Severity.HIGH, by_name, lambda events: events.failed()))
    assert [(one.row["event_name"], one.count, len(one.events)) for one in seen] == [
        ("StopLogging", 2, 2),
        ("UpdateTrail", 4, 4),
    ]
    assert seen.unsure == {"names": 1}
    assert {one.actor for one in seen} == {None}
    assert seen[0].claim == "Somebody was seen to do it."


def test_detections_are_chosen_by_name_family_and_group(events):
    assert ct.detect(events, only="trail-stopped").asked == tuple(
        one for one in CATALOGUE if one.name == "trail-stopped"
    )
    assert ct.detect(events, only="trail-tampering").asked == GROUPS["trail-tampering"]
    assert ct.detect(events, only=["trail-tampering", "trail-stopped"]).asked == GROUPS["trail-tampering"]
    with pytest.raises(ct.errors.DetectionError, match=r"trail-stoped: no detection.*nearest: trail-stopped"):
        ct.detect(events, only="trail-stoped")
    with pytest.raises(ct.errors.DetectionError, match="no detection is named"):
        ct.detect(events, only=[])
    with pytest.raises(ct.errors.DetectionError, match="two detections have this name"):
        ct.detect(events, only=["trail-stopped", own("trail-stopped", Severity.LOW, ct.calls("iam", "CreateUser"))])


def test_one_detection_at_a_time_sees_the_same_as_all_together(events):
    together = ct.detect(events)
    saw = {sighting.detection.name for sighting in together}
    assert "trail-stopped" in saw
    for one in [one for one in CATALOGUE if one.name in saw or one.family == "trail-tampering"]:
        alone = ct.detect(events, only=one)
        assert [sighting.row for sighting in alone] == [sighting.row for sighting in together.of(one.name)]


def test_calls_find_alone_what_they_find_together(events, detected):
    """As a function of events, and from the table that all of them share."""
    for one in detected.asked:
        rows = {(row["actor"], row["recipient_account_id"]): row for row in one.find(events)}
        assert rows == {(seen.actor, seen.account): seen.row for seen in detected.of(one.name)}


def test_more_events_than_a_finding_takes_are_cited_up_to_a_time(events, monkeypatch):
    monkeypatch.setattr("cttoolkit.detected.MOST_CITED", 2)
    (sighting,) = ct.detect(
        events, only=own("many", Severity.LOW, lambda events: ct.pivot.services(events.by("user/alice")))
    )
    found = sighting.finding()
    assert sighting.count == 5
    assert len(found.event_ids) == 2
    assert found.claim.endswith("Of 5 events, those before 2026-03-01T00:41:00Z are cited.")
