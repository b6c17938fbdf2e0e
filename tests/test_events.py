"""Events come through one door, narrow step by step, and keep what they rest on."""

import json

import pytest

from cttoolkit import pivot
from cttoolkit.errors import (
    ActorError,
    AdmissionError,
    ColumnError,
    EvidenceChangedError,
    EvidenceError,
)
from cttoolkit.events import Events, admit
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly, RequireIntact
from cttoolkit.integrity.verdict import Status
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, HOME, Case, event, small_world

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@pytest.fixture
def events(tmp_path):
    bob = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/ops/bob",
        "principalId": "AIDABOB",
        "accessKeyId": "AKIABOBEXAMPLE",
    }
    other = {"type": "IAMUser", "arn": "arn:aws:iam::444455556666:user/bob", "principalId": "AIDAOTHER"}
    role = {
        "type": "AssumedRole",
        "principalId": "AROADEPLOY:build-7",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build-7",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
    }
    return admit(
        small_world(
            tmp_path,
            event(1, "2026-03-01T01:00:00Z"),
            event(
                2, "2026-03-01T01:30:00Z", "CreateAccessKey", errorCode="AccessDenied", sourceIPAddress="203.0.113.7"
            ),
            event(3, "2026-03-01T02:00:00Z", userIdentity=bob),
            event(4, "2026-03-01T03:00:00Z", userIdentity=role, awsRegion="eu-west-1"),
            event(5, "2026-03-01T03:30:00Z", userIdentity=other),
            event(6, "2026-03-01T04:00:00Z", userIdentity=role, readOnly=False),
        ).verify(),
        RequireIntact(),
    )


def test_events_are_not_made_by_hand(events):
    with pytest.raises(AdmissionError, match="not made by hand"):
        Events(object(), events.table, events.verification, events.policy)


@pytest.mark.parametrize("thing", [None, "intact", [], object()])
def test_only_a_verification_is_admitted(thing):
    with pytest.raises(AdmissionError, match="not a verification"):
        admit(thing, IntactOnly())


def test_a_policy_from_elsewhere_is_refused(events):
    class Anything:
        admits = frozenset(Status)
        demands_all = False
        sentence = "trust me"

    with pytest.raises(AdmissionError, match="not a policy"):
        admit(events.verification, Anything())


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_accepting_the_unverified_costs_a_reason(reason):
    with pytest.raises(AdmissionError, match="no reason"):
        AcceptUnverified(reason)


def test_require_intact_refuses_what_is_not_whole(case):
    del case.objects[case.logs[0]]
    with pytest.raises(AdmissionError, match="1 missing"):
        admit(case.verify(), RequireIntact())


def test_nothing_intact_is_nothing_admitted(case):
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.verify import verify

    verification = verify(open_evidence(case.write()))
    with pytest.raises(AdmissionError, match="AcceptUnverified"):
        admit(verification, IntactOnly())
    assert len(admit(verification, AcceptUnverified("no keys at hand"))) == len(case.logs)


def test_an_actor_is_named_by_the_end_of_its_arn(events):
    assert len(events.by("user/alice")) == 2
    assert len(events.by(f"arn:aws:iam::{ACCOUNT}:user/ops/bob")) == 1
    assert len(events.by("ops/bob")) == 1


def test_a_role_names_all_its_sessions(events):
    assert len(events.by("role/deploy")) == 2
    assert len(events.by("build-7")) == 2


def test_an_ambiguous_actor_is_an_error_that_lists_them(events):
    with pytest.raises(ActorError, match="2 actors end so") as caught:
        events.by("bob")
    assert "user/ops/bob" in str(caught.value)
    assert "444455556666" in str(caught.value)


@pytest.mark.parametrize("nobody", ["user/mallory", "", "lice", "%", "'; drop table"])
def test_an_unknown_actor_is_an_error_with_the_nearest(events, nobody):
    with pytest.raises(ActorError, match="nobody"):
        events.by(nobody)


def test_somebody_known_may_have_no_events_left(events):
    assert len(events.between("2026-03-01T00:00Z", "2026-03-01T00:30Z").by("user/alice")) == 0


def test_narrowing_counts_and_remembers(events):
    narrowed = events.by("user/alice").between("2026-03-01T01:00Z", "2026-03-01T01:30Z").named("DescribeInstances")
    assert len(narrowed) == 1
    assert narrowed.steps[1:] == (
        f"by arn:aws:iam::{ACCOUNT}:user/alice",
        "between 2026-03-01T01:00:00Z – 2026-03-01T01:30:00Z",
        "named DescribeInstances",
    )
    assert "6 → 2 → 1 → 1 events" in narrowed._repr_html_()
    assert len(events) == 6


@pytest.mark.parametrize(
    ("narrow", "count"),
    [
        (lambda e: e.failed(), 1),
        (lambda e: e.denied(), 1),
        (lambda e: e.succeeded(), 5),
        (lambda e: e.in_region("eu-west-1"), 1),
        (lambda e: e.from_address("203.0.113.7"), 1),
        (lambda e: e.with_key("AKIABOBEXAMPLE"), 1),
        (lambda e: e.in_account(ACCOUNT), 6),
        (lambda e: e.to_service("ec2"), 6),
        (lambda e: e.where(aws_region=HOME), 5),
        (lambda e: e.where(error_code=None), 5),
        (lambda e: e.where(lambda t: t.user_agent.contains("aws-cli"), read_only=False), 1),
        (lambda e: e.named("CreateAccessKey", "NoSuchCall"), 1),
    ],
)
def test_each_way_to_narrow(events, narrow, count):
    assert len(narrow(events)) == count


def test_a_hostile_value_is_a_value(events):
    assert len(events.where(user_agent="' or 1=1 --")) == 0
    assert len(events.named("x'); drop table shards; --")) == 0


def test_an_unknown_column_is_an_error_with_a_guess(events):
    with pytest.raises(ColumnError, match="source_ip_address"):
        events.where(source_ip="x")
    with pytest.raises(ColumnError):
        events.frame("nothing")


def test_the_window_ends_a_second_after_the_last_event(events):
    assert events.window == Window.of("2026-03-01T01:00:00Z", "2026-03-01T04:00:01Z")
    with pytest.raises(EvidenceError, match="no window"):
        events.named("Nothing").window  # noqa: B018


def test_a_frame_is_a_copy_in_order_of_time(events):
    frame = events.frame()
    assert list(frame.event_time) == sorted(frame.event_time)
    assert str(frame.event_time.dtype) == "datetime64[us, UTC]"
    frame["actor"] = "changed"
    assert "changed" not in set(events.frame().actor)


def test_the_original_is_untouched_and_checked(events):
    record = json.loads(events.original("00000000-0000-4000-8000-000000000002"))
    assert record == event(
        2, "2026-03-01T01:30:00Z", "CreateAccessKey", errorCode="AccessDenied", sourceIPAddress="203.0.113.7"
    )
    with pytest.raises(ColumnError, match="no such event"):
        events.original("nothing")
    key = events.frame("log_file", "event_id").set_index("event_id").log_file["00000000-0000-4000-8000-000000000002"]
    from pathlib import Path

    path = Path(events.verification.evidence.name) / key
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(EvidenceChangedError):
        events.original("00000000-0000-4000-8000-000000000002")


def test_repeats_of_an_event_count_once(tmp_path):
    from cttoolkit.training.simulator import Simulator

    sim = Simulator(seed=7)
    trail = sim.trail(
        "t",
        account=ACCOUNT,
        home=HOME,
        regions=(HOME,),
        bucket="b",
        start="2026-03-01T00:00:00Z",
        end="2026-03-01T06:00:00Z",
    )
    same, conflict = event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T01:00:00Z")
    for delivered_at in ("2026-03-01T01:05:00Z", "2026-03-01T02:05:00Z", "2026-03-01T03:05:00Z"):
        trail.record(HOME, same, delivered_at=delivered_at)
    trail.record(HOME, conflict, delivered_at="2026-03-01T01:05:00Z")
    trail.record(HOME, conflict | {"userAgent": "another"}, delivered_at="2026-03-01T02:05:00Z")
    verification = Case(sim.seal(), tmp_path).verify()
    done = verification.completeness
    assert (done.records, done.rows, done.duplicates, done.conflicting) == (5, 3, 2, 1)
    events = admit(verification, IntactOnly())
    assert len(events) == 3
    frame = events.frame("event_id", "log_file", "also_in", "is_conflicting").set_index("event_id")
    once = frame.loc[same["eventID"]]
    places = {once["log_file"], *(place.split("#")[0] for place in once["also_in"].splitlines())}
    assert len(places) == 3
    assert not once["is_conflicting"]
    assert frame.loc[conflict["eventID"]]["is_conflicting"].tolist() == [True, True]
    assert frame.loc[conflict["eventID"]]["also_in"].isna().all()
    assert sorted(events.frame().event_id.str[-1]) == ["1", "2", "2"]


def test_pivots_agree_with_the_frame(events):
    frame = events.frame()
    actors = pivot.actors(events)
    assert {row.actor: row.events for row in actors.frame().itertuples()} == frame.actor.value_counts().to_dict()
    regions = pivot.regions(events).frame().set_index("aws_region")
    assert regions.events.to_dict() == {HOME: 5, "eu-west-1": 1}
    assert regions.failed.to_dict() == {HOME: 1, "eu-west-1": 0}
    assert list(pivot.roles(events).values) == [ROLE]
    assert len(pivot.hours(events)) == 4
    assert pivot.errors(events).values == ["AccessDenied"]


def test_a_row_of_a_pivot_drills_back_to_its_events(events):
    for axis in (pivot.actors, pivot.addresses, pivot.names, pivot.hours, pivot.regions, pivot.services, pivot.agents):
        rows = axis(events)
        for value, count in zip(rows.values, rows.frame().events, strict=True):
            assert len(rows.drill(value)) == count
    with pytest.raises(ColumnError, match="no such"):
        pivot.actors(events).drill("nobody")


def test_hostile_text_is_inert_when_shown(tmp_path):
    hostile = "<script>alert(1)</script>\x1b[31m\u202e"
    events = admit(
        small_world(tmp_path, event(1, "2026-03-01T01:00:00Z", hostile, userAgent=hostile)).verify(), IntactOnly()
    )
    for shown in (events._repr_html_(), pivot.agents(events)._repr_html_(), repr(pivot.agents(events))):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "<script>" not in events._repr_html_() + pivot.agents(events)._repr_html_()


def test_a_place_to_begin_is_the_key_with_the_most_addresses(tmp_path, events):
    assert pivot.widest_key_owner(events).endswith("user/alice")
    nobody = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/anna",
        "accessKeyId": "ASIAEXAMPLE",
    }
    keyless = admit(
        small_world(tmp_path / "keyless", event(1, "2026-03-01T01:00:00Z", userIdentity=nobody)).verify(), IntactOnly()
    )
    assert pivot.widest_key_owner(keyless).endswith("deploy/anna")
    with pytest.raises(ActorError, match="there are none"):
        pivot.widest_key_owner(events.named("Nothing"))


def test_steps_are_one_filter_and_find_what_they_found_one_by_one(events):
    from ibis.expr.operations import Filter

    flat = (
        events.named("GetObject", "ListBuckets").succeeded().where(read_only=True).where(lambda e: e.aws_region != "x")
    )
    assert len(flat.table.op().find(Filter)) == 1
    table = events.table
    for condition in flat.table.op().predicates:
        table = table.filter(condition.to_expr())
    assert flat.table.count().to_pyarrow() == table.count().to_pyarrow()


def test_a_condition_on_other_rows_means_those_that_are_left(events):
    names = events.frame("event_name").event_name
    some = events.named(names.value_counts().index[-1])
    last = some.where(lambda e: e.event_time == e.event_time.max())
    assert last.frame().event_time.max() == some.frame().event_time.max()
    assert len(last) >= 1
    own = some.where(lambda e: e.event_id.isin(some.table.event_id))
    assert len(own) == len(some)
    assert len(some.where(lambda _: some.table.event_name == names.iloc[0])) in (0, len(some))
    first = events.where(lambda e: e.event_time == e.event_time.min()).succeeded()
    assert set(first.frame().event_time) == {events.frame().event_time.min()}
    # A value that is looked up is that of what is left, and the step says the same.
    latest = some.where(lambda e: e.event_time == e.event_time.max().to_pyarrow().as_py())
    assert set(latest.frame().event_time) == {some.frame().event_time.max()}
    listed = some.where(lambda e: e.event_id.isin(e.limit(1000).to_pyarrow()["event_id"].to_pylist()))
    assert len(listed) == len(some)


def test_what_was_taken_together_is_narrowed_on(events):
    """Two steps after it: the conditions of the parts speak of the parts, and stay as they are."""
    both = events.succeeded().united(events.where(lambda e: e.read_only))
    name = events.frame().event_name.iloc[0]
    left = both.succeeded().named(name)
    assert len(left) == len(events.succeeded().named(name)) > 0
