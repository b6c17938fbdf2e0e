"""When trails were off: two witnesses, the calls and the digests, and what each says without the other."""

import pytest

import cttoolkit as ct
from cttoolkit.training import tamper
from cttoolkit.training.scenarios import ransom
from cttoolkit.training.simulator import Simulator
from tests.conftest import ACCOUNT, HOME, SAMPLES, Case, admitted, small_world
from tests.test_session_opened import act


def switch(number, time, call, trail="t", **parts):
    return act(number, time, call, "cloudtrail", request={"name": trail}, **parts)


def readings(events):
    return [(row[0], f"{row[3]:%H:%M:%S}", f"{row[4]:%H:%M:%S}", row[7]) for row in ct.outages(events).rows]


def test_a_stop_with_a_hole_in_the_digests_is_call_and_effect():
    place = SAMPLES / "ransom"
    events = ct.admit(ct.verify(ct.open_evidence(place), ct.load_keys(place / "public-keys.json")), ct.IntactOnly())
    (row,) = ct.outages(events.between(ransom.START, ransom.STOPPED.start)).rows
    assert row[0] == "call and effect"
    assert (row[3], row[4], row[7]) == (ransom.STOPPED.start, ransom.STOPPED.end, 0)
    assert row[5].endswith("user/svc-backup (StopLogging)")
    assert row[6] == "nina@example.com (StartLogging)"


def test_a_stop_while_all_was_recorded_is_without_effect(tmp_path):
    events = admitted(
        tmp_path,
        switch(1, "01:00:00", "StopLogging", "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"),
        act(2, "01:10:00", "CreateUser", "iam"),
        switch(3, "01:20:00", "StopLogging", "other"),
        switch(4, "01:30:00", "StartLogging", "other"),
        switch(5, "01:40:00", "StopLogging", "third", errorCode="AccessDenied"),
    )
    assert readings(events) == [("call without effect", "01:00:01", "01:30:00", 2)]


def test_a_stop_with_events_and_a_hole_is_not_called_without_effect(tmp_path):
    case = small_world(
        tmp_path,
        switch(1, "01:10:00", "StopLogging"),
        act(2, "01:20:00", "CreateUser", "iam"),
        switch(3, "05:10:00", "StartLogging"),
    )
    tamper.delete(case.bucket, case.digests[3])
    assert readings(ct.admit(case.verify(), ct.IntactOnly())) == [("call and effect", "01:10:01", "05:10:00", 1)]


def test_without_digests_the_effect_is_not_known(tmp_path):
    case = small_world(
        tmp_path,
        switch(1, "01:00:00", "DeleteTrail"),
        act(2, "01:10:00", "CreateUser", "iam"),
        act(3, "01:20:00", "CreateUser", "iam"),
    )
    for key in case.digests:
        del case.objects[key]
    events = ct.admit(case.verify(), ct.AcceptUnverified("a test"))
    assert readings(events) == [("call, effect unknown", "01:00:01", "01:20:01", 2)]
    assert ct.outages(events).rows[0][6] == "no call in the evidence"


@pytest.mark.parametrize("harm", ["deleted", "stopped"])
def test_a_hole_without_a_stop_is_an_effect_without_a_call(case, harm):
    if harm == "deleted":
        tamper.delete(case.bucket, case.digests[2])
    else:
        tamper.stop_validation(case.bucket, case.digests[2])
    (row,) = ct.outages(ct.admit(case.verify(), ct.IntactOnly())).rows
    assert row[0] == "effect without call"
    assert row[8].startswith(HOME)


def test_nothing_is_said_of_a_trail_that_went_on(case):
    assert ct.outages(ct.admit(case.verify(), ct.IntactOnly())).rows == ()


def test_the_ends_of_a_chain_are_no_outage(case):
    tamper.cut_tail(case.bucket, case.digests[0], 2)
    assert ct.outages(ct.admit(case.verify(), ct.IntactOnly())).rows == ()


def test_a_trail_made_anew_logs_nothing_until_it_is_started(tmp_path):
    events = admitted(
        tmp_path,
        switch(1, "01:00:00", "DeleteTrail"),
        switch(2, "01:10:00", "CreateTrail"),
        switch(3, "01:20:00", "StartLogging"),
        switch(4, "02:00:00", "DeleteTrail", "u"),
        switch(5, "02:10:00", "CreateTrail", "u"),
        act(6, "03:00:00", "CreateUser", "iam"),
    )
    assert [row[1:] for row in readings(events)] == [("01:00:01", "01:20:00", 1), ("02:00:01", "03:00:01", 2)]
    assert ct.outages(events).rows[1][6] == "no call in the evidence"


def test_a_trail_of_that_name_in_another_region_is_another(tmp_path):
    """Neither its start nor its digests speak of this one."""
    events = admitted(
        tmp_path,
        switch(1, "01:00:00", "StopLogging", awsRegion="eu-west-1"),
        switch(2, "01:10:00", "StartLogging"),
        act(3, "02:00:00", "CreateUser", "iam"),
        switch(4, "02:00:00", "StopLogging", "u", awsRegion="eu-west-1"),
        switch(5, "02:00:00", "StopLogging", "u"),
        switch(6, "02:10:00", "StartLogging", "u", awsRegion="eu-west-1"),
        act(7, "03:00:00", "CreateUser", "iam"),
    )
    assert [(row[2], f"{row[4]:%H:%M:%S}", row[9]) for row in ct.outages(events).rows] == [
        ("t", "03:00:01", "eu-west-1"),
        ("u", "02:10:00", "eu-west-1"),
        ("u", "03:00:01", "us-east-1"),
    ]


def test_the_digests_of_a_trail_of_that_name_elsewhere_are_another_trails(tmp_path):
    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    one, other = (
        sim.trail("t", account=ACCOUNT, home=home, regions=(home,), bucket="b", **span) for home in (HOME, "eu-west-1")
    )
    other.record("eu-west-1", switch(1, "01:10:00", "StopLogging", awsRegion="eu-west-1"))
    one.record(HOME, act(2, "02:10:00", "CreateUser", "iam"))
    other.record("eu-west-1", switch(3, "04:10:00", "StartLogging", awsRegion="eu-west-1"))
    case = Case(sim.seal(), tmp_path)
    tamper.delete(case.bucket, [key for key in case.digests if "eu-west-1" in key][2])
    (row,) = ct.outages(ct.admit(case.verify(), ct.IntactOnly())).rows
    assert (row[0], row[7], row[8]) == ("call and effect", 1, "0 of 1 chain cover it")


def test_of_a_stop_and_a_start_in_one_second_the_order_is_not_known(tmp_path):
    events = admitted(
        tmp_path,
        switch(1, "01:00:00", "StopLogging"),
        switch(2, "01:10:00", "StopLogging"),
        switch(3, "01:10:00", "StartLogging"),
        act(4, "02:00:00", "CreateUser", "iam"),
    )
    assert readings(events) == [
        ("call and effect", "01:00:01", "01:10:00", 0),
        ("order unknown", "01:10:01", "01:10:01", 0),
    ]


def test_a_hole_after_a_stop_that_may_have_come_last_is_told(tmp_path):
    case = small_world(
        tmp_path,
        switch(1, "01:10:00", "StopLogging"),
        switch(2, "01:10:00", "StartLogging"),
        act(3, "05:00:00", "CreateUser", "iam"),
    )
    tamper.delete(case.bucket, case.digests[1])
    rows = ct.outages(ct.admit(case.verify(), ct.AcceptUnverified("a test"))).rows
    assert sorted(row[0] for row in rows) == ["effect without call", "order unknown"]


def test_a_row_is_worth_no_more_than_its_least_call(tmp_path):
    """A start in a file that no digest lists was planted, for all that is known."""
    case = small_world(
        tmp_path,
        switch(1, "01:00:00", "StopLogging"),
        switch(2, "02:00:00", "StopLogging", "u"),
        switch(3, "02:10:00", "StartLogging", "u"),
    )
    tamper.plant_log(case.bucket, case.logs[0], [switch(4, "01:10:00", "StartLogging")])
    rows = ct.outages(ct.admit(case.verify(), ct.AcceptUnverified("a test"))).rows
    assert {row[2]: row[-1] for row in rows} == {"t": "reported present", "u": "proved present"}


def test_where_no_call_is_seen_no_call_has_a_standing(case):
    tamper.delete(case.bucket, case.digests[2])
    (row,) = ct.outages(ct.admit(case.verify(), ct.IntactOnly())).rows
    assert row[-2:] == (HOME, "")
