"""What somebody asks first who holds a credential and does not know what it is good for."""

import pytest

from cttoolkit.pivot.openings import openings
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

SINCE = "2026-03-01T02:00:00Z"
MOVES = ["GetCallerIdentity", "ListBuckets", "GetUser", "ListAttachedUserPolicies", "GetSendQuota"]


def who(name, key):
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{name}",
        "arn": f"arn:aws:iam::111122223333:user/{name}",
        "accessKeyId": key,
    }


def run(start, key, name, *names, address="192.0.2.10"):
    hour, begin = divmod(start, 3600)
    for n, one in enumerate(names):
        minute, second = divmod(begin + n, 60)
        time = f"2026-03-01T{hour:02d}:{minute:02d}:{second:02d}Z"
        yield event(start * 100 + n, time, one, userIdentity=who(name, key), sourceIPAddress=address)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [
        *run(3600, "ASIA1", "ALICE", *["DescribeInstances"] * 25),
        *run(3700, "AKIABOB1", "BOB", "ListBuckets", "GetCallerIdentity", *["GetObject"] * 3),
        # Alice's stolen key asks around; Bob's next key does what Bob always did, from where he always was.
        *run(7300, "AKIASTOLEN", "ALICE", *MOVES, *["DescribeInstances"] * 30, address="198.51.100.7"),
        *run(7400, "AKIABOB2", "BOB", "GetCallerIdentity", "ListBuckets", "GetObject"),
        # A job that asks late is no newcomer.
        *run(7500, "AKIAJOB", "JOB", *["GetObject"] * 20, "GetUser"),
    ]
    return admitted(tmp_path_factory.mktemp("openings"), *records)


def test_who_asks_around_comes_first(events):
    rows = openings(events, since=SINCE)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.credential.tolist() == ["key:AKIASTOLEN", "key:AKIABOB2"]
    assert (frame.moves[0], frame.new_moves[0], frame.events[0], frame.baseline_events[0]) == (5, 5, 20, 25)
    # Bob's GetCallerIdentity is not his first from there, and his ListBuckets is not new.
    assert (frame.moves[1], frame.new_moves[1], frame.baseline_events[1]) == (1, 0, 5)
    assert "too short" in rows.caption


def test_without_a_time_each_is_held_against_what_came_before_it(events):
    rows = openings(events)
    same_as_its_events(rows)
    frame = rows.frame().set_index("credential")
    assert frame.new_moves.to_dict() == {"key:AKIASTOLEN": 5, "key:AKIABOB1": 2, "key:AKIABOB2": 0}
    assert "no baseline named" in rows.caption


def test_who_was_never_seen_has_no_baseline_and_that_is_said(events):
    rows = openings(events, since="2026-03-01T01:00:00Z")
    assert "no baseline: no event before" in rows.caption
    assert (rows.frame().baseline_events == 0).all()


def test_get_caller_identity_counts_once_for_a_network(tmp_path):
    records = [*run(3600, "ASIA1", "TF", MOVES[0]), *run(3700, "ASIA2", "TF", MOVES[0])]
    records += [*run(3800, "ASIA3", "TF", MOVES[0], address="198.51.100.7")]
    assert openings(admitted(tmp_path, *records)).values == ["tmp:ASIA1", "tmp:ASIA3"]


def test_twenty_calls_go_to_the_end_of_their_second(tmp_path):
    same = [event(90 + n, "2026-03-01T01:00:18Z", userIdentity=who("A", "ASIA1")) for n in range(5)]
    (row,) = (
        openings(admitted(tmp_path, *run(3600, "ASIA1", "A", "ListBuckets", *["GetObject"] * 30), *same))
        .frame()
        .itertuples()
    )
    assert row.events == 19 + 5
    late = [
        *run(3600, "ASIA2", "B", *["GetObject"] * 10),
        *run(14000, "ASIA2", "B", *["GetObject"] * 9, "ListBuckets", "GetUser"),
    ]
    (row,) = openings(admitted(tmp_path / "late", *late)).frame().itertuples()
    assert (row.events, row.moves) == (20, 1)


def test_nulls_and_odd_times_open_nothing(tmp_path):
    odd = [
        event(1, "0001-01-01T00:00:00Z", "ListBuckets"),
        event(2, "9999-12-31T23:59:59Z", "GetUser", sourceIPAddress=None),
        event(3, "never", "GetUser"),
        event(4, "2026-03-01T01:00:00Z", None),
        event(5, "2026-03-01T01:00:00Z", "GetUser", userIdentity=None),
        event(6, "2026-03-01T01:00:00Z", "GetCallerIdentity", sourceIPAddress=None, userIdentity=who("C", "ASIA9")),
        event(7, "2026-03-01T01:00:00Z", "x" * 5000),
    ]
    rows = openings(admitted(tmp_path, *odd, delivered_at="2026-03-01T01:50:00Z"))
    assert rows.values == ["key:AKIAIOSFODNN7EXAMPLE", "tmp:ASIA9"]
    assert rows.frame().moves.tolist() == [2, 1]
    same_as_its_events(rows)
