"""Calls that seldom follow one another, and sessions that are unlike their principal."""

import math

import pytest

from cttoolkit.pivot.sequences import rare_sequences, unusual_sessions
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

SINCE = "2026-03-01T03:00:00Z"


def key(name):
    return {
        "type": "IAMUser",
        "principalId": "AIDAJOB",
        "arn": "arn:aws:iam::111122223333:user/job",
        "accessKeyId": name,
    }


def run(start, who, *names):
    for n, one in enumerate(names):
        hour, rest = divmod(start + n, 3600)
        time = f"2026-03-01T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}Z"
        yield event(start * 100 + n, time, one, userIdentity=key(who))


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [
        *run(3600, "ASIA1", *["List", "Get", "Put"] * 4),
        *run(7200, "ASIA2", *["List", "Get", "Put"] * 4),
        *run(10800, "ASIA3", "List", "Get", "Put"),
        # All three are known, and never came in that order.
        *run(11000, "ASIA4", "List", "Put", "Get"),
    ]
    return admitted(tmp_path_factory.mktemp("sequences"), *records)


def test_what_never_followed_before_comes_first(events):
    rows = rare_sequences(events, since=SINCE)
    same_as_its_events(rows)
    frame = rows.frame()
    assert list(zip(frame.before, frame.event_name, frame.steps, frame.known, strict=True)) == [
        ("List", "Put", 1, 0), ("Put", "Get", 1, 0), ("List", "Get", 1, 8), ("Get", "Put", 1, 8),
    ]  # fmt: skip
    # Of 22 steps before, none; five different steps that anybody made: List-Get, Get-Put, Put-List, List-Put, Put-Get.
    assert (frame.baseline_steps == 22).all()
    assert frame.surprisal.tolist() == pytest.approx(
        [-math.log2(0.5 / 24.5)] * 2 + [-math.log2(8.5 / 24.5)] * 2, abs=1e-6
    )
    assert "too short" in rows.caption


def test_nobody_is_surprising_without_a_baseline(events):
    rows = rare_sequences(events, since="2026-03-01T01:00:00Z")
    assert rows.frame().surprisal.isna().all()
    assert "no baseline: no event before" in rows.caption
    same_as_its_events(rows)


def test_a_step_is_within_one_credential(tmp_path):
    events = admitted(tmp_path, *run(3600, "ASIA1", "One"), *run(3700, "ASIA2", "Two"))
    assert len(rare_sequences(events, since="2026-03-01T01:00:00Z")) == 0


def test_calls_of_one_second_are_put_by_name(tmp_path):
    names = ["Zeta", "Alpha", "Alpha", "Mid"]
    events = admitted(tmp_path, *(event(n, "2026-03-01T01:00:00Z", one) for n, one in enumerate(names)))
    rows = rare_sequences(events, since="2026-03-01T01:00:00Z")
    assert rows.frame()[["before", "event_name", "events"]].to_numpy().tolist() == [
        ["Alpha", "Mid", 1],
        ["Mid", "Zeta", 1],
    ]
    same_as_its_events(rows)


def test_a_step_onto_itself_counts_from_second_to_second(tmp_path):
    rows = rare_sequences(admitted(tmp_path, *run(3600, "ASIA1", "A", "A", "A")), since="2026-03-01T01:00:00Z")
    assert rows.frame()[["before", "event_name", "events", "steps"]].to_numpy().tolist() == [["A", "A", 2, 2]]
    same_as_its_events(rows)


def test_nulls_and_odd_times_make_no_steps(tmp_path):
    odd = [
        event(0, "0001-01-01T00:00:00Z", "Z"),
        event(1, "2026-03-01T01:00:00Z", "A"),
        event(2, "9999-12-31T23:59:59Z", "x" * 5000),
        event(3, "never", "C"),
        event(4, "2026-03-01T01:00:00Z", None),
        event(5, "2026-03-01T01:00:00Z", "D", userIdentity=None),
    ]
    events = admitted(tmp_path, *odd, delivered_at="2026-03-01T01:50:00Z")
    rows = rare_sequences(events, since="2026-03-01T00:00:00Z")
    assert rows.frame()[["before", "events"]].to_numpy().tolist() == [["A", 1]]
    same_as_its_events(rows)
    same_as_its_events(unusual_sessions(events))


def test_the_session_unlike_its_principal_comes_first(tmp_path):
    usual = [one for n in range(6) for one in run(3600 + n * 100, f"ASIA{n}", *["List", "Get", "Put"] * 4)]
    strange = list(
        run(9000, "ASIAX", "List", "CreateUser", "AttachUserPolicy", "CreateAccessKey", "Get", "StopLogging")
    )
    rows = unusual_sessions(admitted(tmp_path, *usual, *strange))
    same_as_its_events(rows)
    first, *others = rows.frame().itertuples()
    # 78 events, seven names: four of them once, and the fifth of the session is List or Get, 25 times.
    rarest, common = -math.log2(1.5 / 81.5), -math.log2(25.5 / 81.5)
    assert first.credential == "tmp:ASIAX"
    assert first.surprisal == pytest.approx((4 * rarest + common) / 5, abs=1e-6)
    assert (first.names, first.rarest, first.of) == (6, "AttachUserPolicy", 78)
    assert others[0].surprisal == pytest.approx((2 * common - math.log2(24.5 / 81.5)) / 3, abs=1e-6)


def test_a_long_session_is_no_stranger_than_a_short_one(tmp_path):
    events = admitted(tmp_path, *run(3600, "ASIA1", "List", "Get"), *run(3700, "ASIA2", *["List", "Get"] * 30))
    assert unusual_sessions(events).frame().surprisal.nunique() == 1


def test_what_is_repeated_in_one_second_is_one_step_of_the_baseline(tmp_path):
    again = [event(7000 + n, "2026-03-01T01:00:01Z", "Get", userIdentity=key("ASIA1")) for n in range(5)]
    events = admitted(tmp_path, *run(3600, "ASIA1", "List", "Get"), *again, *run(10800, "ASIA2", "List", "Get"))
    (row,) = rare_sequences(events, since=SINCE).frame().itertuples()
    assert (row.known, row.baseline_steps) == (1, 1)
