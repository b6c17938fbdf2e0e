"""Correlations: which windows meet their conditions, and which events lie in them."""

import pytest

import cttoolkit as ct
from tests.conftest import admitted, event
from tests.sigma.rules import loaded, numbers, one, rule
from tests.sigma.test_constructs import OMITTED


def at(seconds: int) -> str:
    return f"2026-03-01T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def who(name: str) -> dict:
    arn = f"arn:aws:iam::111122223333:user/{name}"
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{name.upper()}",
        "arn": arn,
        "accountId": "111122223333",
        "userName": name,
    }


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """Alice fails four times within a minute and gets in; bob fails twice, an hour apart; carol does as alice, in another order."""
    told = [
        (1, 0, "alice", "Fail", "a"), (2, 20, "alice", "Fail", "b"), (3, 40, "alice", "Fail", "a"), (4, 60, "alice", "Fail", "c"),
        (5, 90, "alice", "Login", "x"),
        (6, 100, "bob", "Fail", "a"), (7, 3700, "bob", "Fail", "b"), (8, 3701, "bob", "Login", "x"),
        (9, 7200, "carol", "Login", "x"), (10, 7230, "carol", "Fail", "a"), (11, 7230, "carol", "Probe", "a"),
        (12, 7600, "alice", "Fail", "a"), (13, 7610, "alice", "Fail", "a"),
        (14, 9000, "dora", "Probe", "x"), (15, 9000, "dora", "Fail", "x"), (16, 9010, "dora", "Login", "x"),
    ]  # fmt: skip
    made = [
        event(
            n,
            at(second),
            name,
            userIdentity=who(user),
            requestParameters={"host": host, "size": n, "ports": [n, n + 100]},
        )
        for n, second, user, name, host in told
    ]
    made.append(event(20, at(12000), "Fail", userIdentity=who("erin"), requestParameters=OMITTED))
    made.append(event(21, at(12001), "Fail", userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}))
    return admitted(tmp_path_factory.mktemp("world"), *made)


FAIL = rule("eventName: Fail", title="Failed", name="failed")
LOGIN = rule("eventName: Login", title="Got in", name="got_in")
PROBE = rule("eventName: Probe", title="Probed", name="probed")
BY = "userIdentity.userName"


def correlation(
    kind: str, of: str, more: str, by: str | None = BY, timespan: str = "1m", title: str = "Together"
) -> str:
    group = f"\n    group-by: [{by}]" if by else ""
    return f"""
title: {title}
level: critical
tags: [attack.t1110.001]
correlation:
    type: {kind}
    rules: [{of}]{group}
    timespan: {timespan}
    {more}
"""


class Found(list):
    """The rows of a correlation, equal to a list of each window's group and events: the last row is drilled, the others counted."""

    def __init__(self, pivot) -> None:
        super().__init__(pivot)
        self.pivot = pivot

    def __eq__(self, expected):
        told = [(*_key(row), row["events"]) for row in self]
        if told != [(*row[:-1], len(row[-1])) for row in expected]:
            return False
        return not expected or numbers(self.pivot.drill(self[-1])) == expected[-1][-1]

    __hash__ = None

    def __repr__(self) -> str:
        return repr([(*_key(row), row["events"]) for row in self])


def found(folder, events, *args, **options):
    """The rows of a correlation."""
    rules = loaded(folder, FAIL, LOGIN, PROBE, correlation(*args, **options))
    assert not rules.problems, rules
    return Found(rules["Together"].find(events))


def _key(row):
    names = list(row)
    return [row[name] for name in names[: names.index("actor")]]


COUNTED = {
    "at least": ("gte: 3", [("alice", [1, 2, 3, 4])]),
    "more than": ("gt: 3", [("alice", [1, 2, 3, 4])]),
    "more than there are": ("gt: 4", []),
    "just as many": ("eq: 2", [("alice", [1, 2]), ("alice", [12, 13])]),
    "another number": ("neq: 1", [("alice", [1, 2, 3, 4]), ("alice", [12, 13])]),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_events_are_counted_in_sliding_windows(name, events, tmp_path):
    condition, rows = COUNTED[name]
    assert found(tmp_path, events, "event_count", "failed", f"condition: {{{condition}}}") == rows


@pytest.mark.parametrize("condition", ["lt: 2", "lte: 1"])
def test_few_events_are_counted_where_there_is_one(condition, events, tmp_path):
    rules = loaded(tmp_path, FAIL, correlation("event_count", "failed", f"condition: {{{condition}}}"))
    rows = rules["Together"].find(events)
    assert [(row[BY], row["events"], row["found"]) for row in rows] == [
        (name, 1, 1) for name in ("alice", "bob", "bob", "carol", "alice", "dora", "erin")
    ]


def test_both_ends_of_a_window_belong_to_it(events, tmp_path):
    assert found(tmp_path, events, "event_count", "failed", "condition: {gte: 4}", timespan="60s") == [
        ("alice", [1, 2, 3, 4])
    ]
    assert not found(tmp_path, events, "event_count", "failed", "condition: {gte: 4}", timespan="59s")


def test_windows_are_not_bound_to_the_clock_and_overlapping_ones_are_one(events, tmp_path):
    rows = found(tmp_path, events, "event_count", "failed, got_in", "condition: {gte: 2}", timespan="30s")
    assert rows == [
        ("alice", [1, 2, 3, 4, 5]),
        ("bob", [7, 8]),
        ("carol", [9, 10]),
        ("alice", [12, 13]),
        ("dora", [15, 16]),
    ]


def test_without_groups_all_events_are_one(events, tmp_path):
    rows = found(tmp_path, events, "event_count", "failed", "condition: {gte: 5}", by=None, timespan="100s")
    assert rows == [([1, 2, 3, 4, 6],)]


def test_an_event_that_two_rules_match_counts_once(events, tmp_path):
    also = rule("eventName: Fail\nrequestParameters.host: a", title="Also", name="also")
    text = correlation("event_count", "failed, also", "condition: {gte: 5}")
    rules = loaded(tmp_path, FAIL, also, text)
    assert not rules.problems
    assert not rules["Together"].find(events).values


def test_a_group_may_be_a_value_in_a_list(events, tmp_path):
    text = correlation("event_count", "failed", "condition: {gte: 1}", by="requestParameters.ports")
    rows = loaded(tmp_path, FAIL, text)["Together"].find(events)
    assert {("1", 1), ("101", 1)} < {(row["requestParameters.ports"], row["events"]) for row in rows}
    assert numbers(rows.drill(next(row for row in rows if row["requestParameters.ports"] == "101"))) == [1]


def test_different_values_are_counted(events, tmp_path):
    condition = "condition: {{field: requestParameters.host, gte: {}}}"
    assert found(tmp_path, events, "value_count", "failed", condition.format(3)) == [("alice", [1, 2, 3, 4])]
    assert not found(tmp_path, events, "value_count", "failed", condition.format(4))
    rows = found(tmp_path, events, "value_count", "failed", condition.format(2), timespan="20s")
    assert rows == [("alice", [1, 2, 3, 4])]


MEASURED = {
    "value_sum": ("gte: 10", [("alice", [1, 2, 3, 4]), ("carol", [10]), ("alice", [12, 13]), ("dora", [15])]),
    "value_avg": ("gt: 12", [("alice", [12, 13]), ("dora", [15])]),
    "value_median": ("gte: 12.5", [("alice", [12, 13]), ("dora", [15])]),
    "value_percentile": ("gte: 12.5, percentile: 50", [("alice", [12, 13]), ("dora", [15])]),
}


@pytest.mark.parametrize("kind", MEASURED)
def test_numbers_are_measured(kind, events, tmp_path):
    condition, rows = MEASURED[kind]
    condition = f"condition: {{field: requestParameters.size, {condition}}}"
    assert found(tmp_path, events, kind, "failed", condition) == rows


def test_rules_together_in_any_order(events, tmp_path):
    rows = found(tmp_path, events, "temporal", "failed, got_in", "generate: false")
    assert rows == [("alice", [3, 4, 5]), ("bob", [7, 8]), ("carol", [9, 10]), ("dora", [15, 16])]


def test_some_of_the_rules_together(events, tmp_path):
    rows = found(tmp_path, events, "temporal", "failed, got_in, probed", "condition: {gte: 3}")
    assert rows == [("carol", [9, 10, 11]), ("dora", [14, 15, 16])]


def test_an_expression_of_rules(events, tmp_path):
    rows = found(tmp_path, events, "temporal", "failed, got_in, probed", "condition: failed and got_in and not probed")
    assert rows == [("alice", [3, 4, 5]), ("bob", [7, 8])]


def test_rules_in_order(events, tmp_path):
    rows = found(tmp_path, events, "temporal_ordered", "failed, got_in", "generate: false")
    assert rows == [("alice", [4, 5]), ("bob", [7, 8]), ("dora", [15, 16])]
    rows = found(tmp_path, events, "temporal_ordered", "got_in, failed", "generate: false")
    assert rows == [("carol", [9, 10])]
    rows = found(tmp_path, events, "temporal_ordered", "failed, got_in", "generate: false", timespan="1s")
    assert rows == [("bob", [7, 8])]


def test_in_one_second_any_order_is_in_order(events, tmp_path):
    rows = found(tmp_path, events, "temporal_ordered", "failed, probed, got_in", "generate: false")
    assert rows == [("dora", [14, 15, 16])]
    rows = found(tmp_path, events, "temporal_ordered", "probed, failed, got_in", "generate: false")
    assert rows == [("dora", [14, 15, 16])]


TOGETHER = [[3, 4, 5], [7, 8], [9, 10], [15, 16]]


def test_an_alias_is_another_field_in_each_rule(events, tmp_path):
    text = correlation(
        "temporal", "failed, got_in", "aliases: {host: {failed: requestParameters.host, got_in: eventName}}", by="host"
    )
    assert not loaded(tmp_path, FAIL, LOGIN, text)["Together"].find(events).values
    more = "aliases: {user: {failed: userIdentity.arn, got_in: userIdentity.arn}}"
    rows = found(tmp_path, events, "temporal", "failed, got_in", more, by="user")
    assert rows == [
        (who(name)["arn"], told) for name, told in zip(["alice", "bob", "carol", "dora"], TOGETHER, strict=True)
    ]


def test_a_correlation_of_a_correlation(events, tmp_path):
    many = correlation("event_count", "failed", "condition: {gte: 3}", title="Many") + "name: many\n"
    text = correlation("temporal_ordered", "many, got_in", "generate: false", timespan="5m")
    rules = loaded(tmp_path, FAIL, LOGIN, many, text)
    assert not rules.problems
    rows = rules["Together"].find(events)
    assert [numbers(rows.drill(row)) for row in rows] == [[4, 5]]
    assert numbers(rules["Many"].matched(events)) == [1, 2, 3, 4]
    assert [one.name for one in rules.detections] == ["sigma-together"]


def test_events_without_a_group_are_in_none_and_untold_ones_are_unsure(events, tmp_path):
    text = correlation("event_count", "failed", "condition: {gte: 1}", by="requestParameters.host")
    made = loaded(tmp_path, FAIL, text)["Together"]
    assert 21 not in numbers(made.matched(events))
    assert numbers(made.unsure(events)) == [20]
    text = correlation("value_count", "failed", "condition: {field: requestParameters.size, gte: 1}")
    made = loaded(tmp_path, FAIL, text)["Together"]
    assert numbers(made.unsure(events)) == [20]


def test_parts_run_alone_only_where_it_is_said(events, tmp_path):
    text = correlation("event_count", "failed", "condition: {gte: 3}")
    assert [one.name for one in loaded(tmp_path, FAIL, text).detections] == ["sigma-together"]
    rules = loaded(tmp_path, FAIL, text + "    generate: true\n")
    assert [one.name for one in rules.detections] == ["sigma-failed", "sigma-together"]


def test_a_correlation_is_a_detection_whose_sightings_lead_to_events(events, tmp_path):
    rules = loaded(tmp_path, FAIL, LOGIN, correlation("event_count", "failed", "condition: {gte: 3}"))
    (sighting,) = [one for one in ct.detect(events, only=rules.detections) if one.detection.name == "sigma-together"]
    assert sighting.actor == who("alice")["arn"]
    assert numbers(sighting.events) == [1, 2, 3, 4]
    assert sighting.row["found"] == 4
    assert "Sigma rule “Together”" in sighting.finding().claim
    assert sighting.detection.severity == ct.Severity.CRITICAL


def test_a_rule_is_a_detection_and_what_cannot_be_told_is_counted(events, tmp_path):
    made = one(tmp_path, rule("requestParameters.host: a", title="On a", falsepositives="[tests, drills]"))
    seen = ct.detect(events, only=made.detection)
    assert {sighting.actor.rpartition("/")[2]: sighting.count for sighting in seen} == {
        "alice": 4,
        "bob": 1,
        "carol": 2,
    }
    assert seen.unsure == {"sigma-on-a": 1}
    assert made.detection.false_positives == "tests; drills"


BROKEN = {
    "a rule that is not there": (correlation("event_count", "nobody", "condition: {gte: 1}"), "rule nobody", "could be read"),
    "a rule that cannot run": (correlation("event_count", "broken", "condition: {gte: 1}"), "rule broken", "no column"),
    "a circle": (correlation("event_count", "ring", "condition: {gte: 1}") + "name: ring\n", "rule ring", "circle"),
    "an unknown kind": (correlation("event_sort", "failed", "condition: {gte: 1}"), "correlation", "no valid Sigma correlation"),
    "no timespan": (correlation("event_count", "failed", "condition: {gte: 1}").replace("timespan", "time"), "correlation", "timespan"),
    "a timespan that is none": (correlation("event_count", "failed", "condition: {gte: 1}", timespan="soon"), "correlation", "invalid"),
    "a timespan without end": (correlation("event_count", "failed", "condition: {gte: 1}", timespan="9999y"), "timespan", "hundred"),
    "no condition": (correlation("event_count", "failed", "generate: false"), "correlation", "without condition"),
    "a range": (correlation("event_count", "failed", "condition: {gt: 1, lt: 9}"), "correlation", "exactly one"),
    "no field to count": (correlation("value_count", "failed", "condition: {gte: 1}"), "correlation", "field"),
    "a part of an order": (correlation("temporal_ordered", "failed, got_in", "condition: {gte: 1}"), "condition", "order"),
    "a percentile that is none": (
        correlation("value_percentile", "failed", "condition: {field: requestParameters.size, gte: 1}"), "percentile", "0 and 100"),
    "an alias that misses a rule": (
        correlation("temporal", "failed, got_in", "aliases: {h: {failed: eventName}}", by="h"), "alias h", "got_in"),
    "a group that Events do not keep": (
        correlation("event_count", "failed", "condition: {gte: 1}", by="tlsDetails.x"), "field tlsDetails", "no column"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_correlation_that_cannot_be_honoured_is_named(name, tmp_path):
    text, construct, wrong = BROKEN[name]
    broken = rule("tlsDetails.x: y", title="Broken", name="broken")
    rules = loaded(tmp_path, FAIL, LOGIN, broken, text)
    assert {one.title for one in rules} == {"Failed", "Got in"}
    problem = next(one for one in rules.problems if one.rule == "Together")
    assert problem.construct.startswith(construct)
    assert wrong in problem.wrong
