"""Who was refused, and what that looks like: a search, or a job that repeats itself."""

import math

import pytest

from cttoolkit import pivot
from tests.conftest import admitted, event
from tests.pivot.people import service, session, user
from tests.pivot.rows import same_as_its_events

DENIED = {"errorCode": "AccessDenied"}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    mallory = {"userIdentity": user("mallory")}
    job = {"userIdentity": session("job", "nightly")}
    records = [event(n, f"2026-03-01T00:{n:02d}:00Z", f"List{n}", **mallory) for n in range(20)]
    records += [event(20 + n, f"2026-03-01T02:{n:02d}:00Z", f"Get{n}", **mallory, **DENIED) for n in range(12)]
    records += [event(40, "2026-03-01T02:20:00Z", "GetAllowed", **mallory)]
    records += [event(41 + n, f"2026-03-01T02:2{n + 1}:00Z", f"Put{n}", **mallory, **DENIED) for n in range(3)]
    records += [
        event(50 + n, f"2026-03-01T{n // 2:02d}:{30 * (n % 2):02d}:10Z", "PutLogs", **job, **DENIED) for n in range(8)
    ]
    records += [event(90, "2026-03-01T02:00:00Z", "Get", userIdentity=service("x.amazonaws.com"), **DENIED)]
    return admitted(tmp_path_factory.mktemp("refusals"), *records)


def test_a_search_and_a_broken_job_are_told_apart(events):
    rows = pivot.refusals(events)
    same_as_its_events(rows)
    frame = rows.frame().set_index("principal")
    assert frame.loc["role:AROAJOB", ["events", "calls", "names", "entropy"]].tolist() == [8, 8, 1, 0]
    mallory = frame.loc["user:AIDAMALLORY1"]
    assert (mallory.events, mallory.calls, mallory.names) == (15, 36, 15)
    assert mallory.entropy == pytest.approx(math.log2(15))
    # Wilson's lower bound for 15 of 36.
    assert mallory.lower == pytest.approx(0.2714, abs=1e-4)
    assert "svc" not in str(list(frame.index))


def test_more_refusals_than_before_are_a_lead(events):
    rows = pivot.refusals(events, since="2026-03-01T01:45:00Z")
    same_as_its_events(rows)
    frame = rows.frame().set_index("principal")
    assert frame.is_lead.to_dict() == {"user:AIDAMALLORY1": True, "role:AROAJOB": False}
    assert frame.baseline_rate["user:AIDAMALLORY1"] == 0
    assert frame.baseline_rate["role:AROAJOB"] == 1
    assert "too short" in rows.caption


def test_who_was_not_there_before_is_no_lead(events):
    frame = pivot.refusals(events, since="2026-03-01T00:00:00Z").frame()
    assert frame.is_lead.isna().all()


def test_a_run_ends_where_a_call_succeeds(events):
    rows = pivot.denied_runs(events)
    same_as_its_events(rows)
    assert rows.frame().events.tolist() == [12, 8, 3]
    assert rows.frame().names.tolist() == [12, 1, 3]


def test_within_one_second_refusals_come_first(tmp_path):
    at = "2026-03-01T00:00:05Z"
    events = admitted(
        tmp_path,
        *(event(n, at, f"A{n}", **DENIED) for n in range(3)),
        event(3, at, "B"),
        *(event(4 + n, at, f"C{n}", **DENIED) for n in range(3)),
        *(event(8 + n, "2026-03-01T00:00:06Z", f"D{n}", **DENIED) for n in range(4)),
    )
    rows = pivot.denied_runs(events)
    assert rows.frame().events.tolist() == [6, 4]
    same_as_its_events(rows)


def test_who_looks_at_everything_comes_first(events):
    rows = pivot.enumerations(events)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.calls.tolist() == [10, 10, 10]
    assert frame.denied.tolist() == [0, 0, 10]
    assert not frame.is_console.any()


def test_nobody_refused_is_no_row(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T00:00:05Z"))
    for rows in (pivot.refusals(events), pivot.denied_runs(events), pivot.enumerations(events)):
        assert len(rows) == 0
        assert "0 by" in repr(rows)
