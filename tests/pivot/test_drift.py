"""How far somebody's calls moved from what they were, and from what the others call."""

import math

import pytest

from cttoolkit.pivot.drift import drift
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

SINCE = "2026-03-01T03:00:00Z"


def run(start, who, *names, **parts):
    user = {
        "type": "IAMUser",
        "principalId": f"AIDA{who}",
        "arn": f"arn:aws:iam::111122223333:user/{who}",
        "accountId": "111122223333",
        "accessKeyId": f"AKIA{who}",
    }
    for n, one in enumerate(names):
        hour, rest = divmod(start + n, 3600)
        time = f"2026-03-01T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}Z"
        yield event(start * 100 + n, time, one, userIdentity=user | parts)


def apart(one, other):
    """Lin's definition, by entropies."""

    def entropy(shares):
        return -sum(share * math.log2(share) for share in shares if share)

    names = one.keys() | other.keys()
    p, q = ([counts.get(name, 0) / sum(counts.values()) for name in names] for counts in (one, other))
    return entropy([(a + b) / 2 for a, b in zip(p, q, strict=True)]) - (entropy(p) + entropy(q)) / 2


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [
        *run(3600, "EVE", *["List", "Get"] * 10),
        *run(4000, "BOB", *["List", "Get"] * 10),
        *run(5000, "CAT", *["List", "Get", "Get", "Put"] * 5),
        *run(10800, "EVE", *["CreateUser"] * 10, *["List"] * 5),
        *run(11200, "BOB", *["List", "Get"] * 10),
        *run(11600, "CAT", *["List", "Get", "Get", "Put"] * 5),
        *run(12000, "FEW", *["List"] * 9),
    ]
    return admitted(tmp_path_factory.mktemp("drift"), *records)


def test_who_changed_among_others_who_did_not_comes_first(events):
    rows = drift(events, since=SINCE)
    same_as_its_events(rows)
    frame = rows.frame().set_index("actor")
    eve, bob = (frame.loc[f"arn:aws:iam::111122223333:user/{who}"] for who in ("EVE", "BOB"))
    assert rows.values[0] == "user:AIDAEVE"
    now = {"CreateUser": 10, "List": 5}
    assert eve.from_itself == pytest.approx(apart(now, {"List": 10, "Get": 10}), abs=1e-6)
    peers = {"List": 10 + 5 + 9, "Get": 10 + 10, "Put": 5}
    assert eve.from_peers == pytest.approx(apart(now, peers), abs=1e-6)
    assert (eve.events, eve.baseline_events, eve.peer_events) == (15, 20, 49)
    assert bob.from_itself == 0
    assert bob.from_peers == pytest.approx(
        apart({"List": 10, "Get": 10}, {"CreateUser": 10, "List": 5 + 5 + 9, "Get": 10, "Put": 5}), abs=1e-6
    )
    assert "too short" in rows.caption


def test_few_calls_are_no_distribution(events):
    rows = drift(events, since=SINCE)
    assert "user:AIDAFEW" not in rows.values
    assert "at least 10 calls" in rows.caption


def test_without_a_baseline_nobody_drifted_and_that_is_said(events):
    rows = drift(events, since="2026-03-01T01:00:00Z")
    assert rows.frame().from_itself.isna().all()
    assert rows.frame().from_peers.notna().all()
    assert "no baseline: no event before" in rows.caption


def test_who_has_no_peers_is_held_against_nobody(tmp_path):
    other = {"accountId": "444455556666"}
    events = admitted(
        tmp_path,
        *run(3600, "EVE", *["List"] * 12),
        *run(10800, "EVE", *["Get"] * 12),
        *run(10900, "FAR", *["Get"] * 12, **other),
    )
    frame = drift(events, since=SINCE).frame()
    assert frame.from_itself.tolist()[:1] == [1.0]
    assert frame.from_peers.isna().all()
    assert frame.peer_events.tolist() == [0, 0]


def test_nulls_and_odd_times_do_not_count(tmp_path):
    odd = [event(1, "0001-01-01T00:00:00Z"), event(2, "9999-12-31T23:59:59Z", "x" * 5000), event(3, "never")]
    odd += [event(4, "2026-03-01T04:00:00Z", None), event(5, "2026-03-01T04:00:00Z", userIdentity=None)]
    odd += list(run(10800, "EVE", *["Get"] * 12, accountId=None))
    rows = drift(admitted(tmp_path, *odd, delivered_at="2026-03-01T05:50:00Z"), since=SINCE)
    assert rows.values == ["user:AIDAEVE"]
    same_as_its_events(rows)
