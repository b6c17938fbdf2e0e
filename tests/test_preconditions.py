"""What claims presuppose is told from the evidence: what is not there is said to be not there, and what follows."""

import pytest

import cttoolkit as ct
from tests.conftest import event, small_world

WINDOW = ct.Window.of("2026-03-01T01:00Z", "2026-03-01T02:00Z")


def told(events, window=WINDOW):
    return {name: (met, found, follows) for name, met, found, follows in ct.preconditions(events, window).rows}


def read(number, bucket):
    return event(
        number, "2026-03-01T01:30:00Z", "GetObject", eventSource="s3.amazonaws.com", eventCategory="Data", managementEvent=False,
        requestParameters={"bucketName": bucket, "key": "a"},
    )  # fmt: skip


@pytest.fixture
def records():
    reads, writes = event(1, "2026-03-01T00:30:00Z"), event(2, "2026-03-01T01:10:00Z", "CreateUser", readOnly=False)
    return [reads, event(3, "2026-03-01T01:20:00Z"), writes, event(4, "2026-03-01T03:30:00Z")]


def test_whole_evidence_meets_all_but_data_events(tmp_path, records):
    found = told(ct.admit(small_world(tmp_path, *records).verify(), ct.IntactOnly()))
    assert {name for name, (met, _, _) in found.items() if met != "met"} == {"data events"}
    assert found["data events"] == ("not met", "none of any resource", found["data events"][2])
    assert "neither reads nor writes" in found["data events"][2]
    assert all(not follows for met, _, follows in found.values() if met == "met")


def test_data_events_of_one_bucket_say_nothing_of_others(tmp_path, records):
    case = small_world(tmp_path, *records, read(5, "claims"), read(6, "claims"))
    met, found, follows = told(ct.admit(case.verify(), ct.IntactOnly()))["data events"]
    assert (met, found) == ("unknown", "2 events of claims (s3.amazonaws.com)")
    assert follows


def test_without_digests_and_selectors_nothing_is_assumed(tmp_path, records):
    case = small_world(tmp_path, *records)
    for key in case.digests:
        del case.objects[key]
    found = told(ct.admit(case.verify(), ct.AcceptUnverified("a test")))
    assert found["coverage"][0] == "not met"
    assert found["coverage"][2] == "that something did not happen is unproven"
    assert found["provenance of the keys"][0] != "met"


def test_a_lost_file_and_a_window_beyond_the_evidence_are_said(tmp_path, records):
    case = small_world(tmp_path, *records)
    lost = case.logs[1]
    del case.objects[lost]
    events = ct.admit(case.verify(), ct.IntactOnly())
    assert told(events)["listed log files"][0] == "not met"
    assert told(events, ct.Window.of("2026-02-01T00:00Z", "2026-03-01T02:00Z"))["time"][0] == "not met"


def test_narrowed_events_are_asked_as_a_whole(tmp_path, records):
    events = ct.admit(small_world(tmp_path, *records).verify(), ct.IntactOnly())
    assert told(events.named("NothingOfTheKind")) == told(events)
