"""Which thing a call is about: what is closed has to be what was opened, and not something of a like name."""

import sys
from itertools import count

import pytest

import cttoolkit as ct
from tests.conftest import ACCOUNT, admitted
from tests.survivors.test_survivors import ADMIN, iam
from tests.test_session_opened import act

LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function"
BUSES = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus"
numbers = count()


def by_alice(call, service, **request):
    return act(next(numbers), f"01:00:{next(numbers) % 60:02d}", call, service, request=request)


def by_admin(call, service, **request):
    return act(next(numbers), f"02:00:{next(numbers) % 60:02d}", call, service, request=request, userIdentity=ADMIN)


PAIRS = {
    "target, another": (
        by_alice("PutTargets", "events", rule="r1", targets=[{"id": "evil"}, {"id": "two"}]),
        by_admin("RemoveTargets", "events", rule="r1", ids=["benign", "two"]),
        {"r1 · evil": "open", "r1 · two": "closed"},
    ),
    "target, with its rule": (
        by_alice("PutTargets", "events", rule="r2", targets=[{"id": "evil"}]),
        by_admin("DeleteRule", "events", name="r2"),
        {"r2 · evil": "closed"},
    ),
    "target without a readable id": (
        by_alice("PutTargets", "events", rule="r3", targets="all"),
        by_admin("RemoveTargets", "events", rule="r3", ids=["one"]),
        {"r3": "open"},
    ),
    "target of a bus": (
        by_alice("PutTargets", "events", rule="r4", targets=[{"id": "x"}], eventBusName="mine"),
        by_admin("RemoveTargets", "events", rule="r4", ids=["x"]),
        {"r4 · mine · x": "open"},
    ),
    "rule, another bus": (
        by_alice("PutRule", "events", name="r5"),
        by_admin("DeleteRule", "events", name="r5", eventBusName="other"),
        {"r5": "open"},
    ),
    "rule, the bus said": (
        by_alice("PutRule", "events", name="r6", eventBusName=f"{BUSES}/default"),
        by_admin("DisableRule", "events", name="r6"),
        {f"r6 · {BUSES}/default": "closed"},
    ),
    "rule, a bus of another account": (
        by_alice("PutRule", "events", name="r7", eventBusName="arn:aws:events:us-east-1:444455556666:event-bus/default"),
        by_admin("DeleteRule", "events", name="r7"),
        {"r7 · arn:aws:events:us-east-1:444455556666:event-bus/default": "open"},
    ),
    "schedule, another group": (
        by_alice("CreateSchedule", "scheduler", name="s1", groupName="g1"),
        by_admin("DeleteSchedule", "scheduler", name="s1", groupName="g2"),
        {"s1 · g1": "open"},
    ),
    "schedule, the group said": (
        by_alice("CreateSchedule", "scheduler", name="s2"),
        by_admin("DeleteSchedule", "scheduler", name="s2", groupName="default"),
        {"s2": "closed"},
    ),
    "function, a version of it": (
        by_alice("CreateFunction20150331", "lambda", functionName="f1"),
        by_admin("DeleteFunction20150331", "lambda", functionName="f1", qualifier="1"),
        {"f1": "open"},
    ),
    "function, a version in its name": (
        by_alice("CreateFunction20150331", "lambda", functionName="f2"),
        by_admin("DeleteFunction20150331", "lambda", functionName=f"{LAMBDA}:f2:1"),
        {"f2": "open"},
    ),
    "function, by its ARN": (
        by_alice("CreateFunction20150331", "lambda", functionName="f3"),
        by_admin("DeleteFunction20150331", "lambda", functionName=f"{ACCOUNT}:function:f3"),
        {"f3": "closed"},
    ),
    "function, another case": (
        by_alice("CreateFunction20150331", "lambda", functionName="F4"),
        by_admin("DeleteFunction20150331", "lambda", functionName="f4"),
        {"F4": "open"},
    ),
    "address of another alias": (
        by_alice("CreateFunctionUrlConfig", "lambda", functionName="f5", qualifier="live", authType="NONE"),
        by_admin("DeleteFunctionUrlConfig", "lambda", functionName="f5"),
        {"f5 · live": "open"},
    ),
    "address of the alias": (
        by_alice("CreateFunctionUrlConfig", "lambda", functionName="f6", qualifier="live", authType="NONE"),
        by_admin("DeleteFunctionUrlConfig", "lambda", functionName="f6:live"),
        {"f6 · live": "closed"},
    ),
    "address, with its function": (
        by_alice("CreateFunctionUrlConfig", "lambda", functionName="f7", qualifier="live", authType="NONE"),
        by_admin("DeleteFunction20150331", "lambda", functionName="f7"),
        {"f7 · live": "closed"},
    ),
    "permission, on another alias": (
        by_alice("AddPermission20150331v2", "lambda", functionName="f8", statementId="s"),
        by_admin("RemovePermission20150331v2", "lambda", functionName="f8", statementId="s", qualifier="live"),
        {"f8 · s": "open"},
    ),
    "key pair, another case": (
        by_alice("CreateKeyPair", "ec2", keyName="Ops"),
        by_admin("DeleteKeyPair", "ec2", keyName="ops"),
        {"Ops": "open"},
    ),
    "user, another case": (
        by_alice("CreateUser", "iam", userName="Back"),
        by_admin("DeleteUser", "iam", userName="back"),
        {"Back": "closed"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    records = [record for pair in PAIRS.values() for record in pair[:2]]
    events = admitted(tmp_path_factory.mktemp("found"), *records)
    return {one.name: one.state for one in ct.survivors(events.by("user/alice"))}


@pytest.mark.parametrize("told", [pair[2] for pair in PAIRS.values()], ids=list(PAIRS))
def test_only_what_was_opened_is_closed(states, told):
    assert {name: states.get(name) for name in told} == told


def test_nothing_else_is_told_as_opened(states):
    assert set(states) == {name for *_, told in PAIRS.values() for name in told}


def test_a_suspect_who_sets_up_an_own_second_factor_gives_none_back(tmp_path):
    """Also where it is the suspects' events that were narrowed to a time before it."""
    records = (
        iam(1, "01:00:00", "DeactivateMFADevice", userName="kim", serialNumber="good"),
        iam(2, "01:00:01", "DeactivateMFADevice", userName="lea", serialNumber="good"),
        iam(3, "02:00:00", "EnableMFADevice", userName="kim", serialNumber="evil"),
        iam(4, "02:00:01", "EnableMFADevice", by=ADMIN, userName="lea", serialNumber="new"),
    )
    theirs = admitted(tmp_path, *records).by("user/alice")
    for suspects in (theirs, theirs.named("DeactivateMFADevice")):
        told = {one.name: one.state for one in ct.survivors(suspects) if one.kind == "second factor taken away"}
        assert told == {"kim": "open", "lea": "closed"}


def test_what_an_accomplice_closes_in_the_same_interest_stays_open(tmp_path):
    records = (
        iam(1, "01:00:00", "DeactivateMFADevice", userName="kim", serialNumber="good"),
        iam(2, "02:00:00", "EnableMFADevice", by=ADMIN, userName="kim", serialNumber="evil"),
    )
    told = {one.kind: one.state for one in ct.survivors(admitted(tmp_path, *records))}
    assert told == {"second factor taken away": "open", "second factor set up": "open"}


def test_what_was_opened_at_an_unknown_time_is_not_known_to_be_closed(tmp_path):
    untimed = iam(1, "01:00:00", "CreateUser", userName="back") | {"eventTime": "garbage"}
    records = (untimed, iam(2, "01:00:00", "DeleteUser", by=ADMIN, userName="back"))
    events = admitted(tmp_path, *records, delivered_at="2026-03-01T03:00:00Z")
    (one,) = ct.survivors(events.by("user/alice"))
    assert (one.state, one.first, one.told) == ("open", None, "")


def test_calls_that_were_not_read_are_told(tmp_path, monkeypatch):
    records = [iam(number, f"01:00:{number:02d}", "CreateUser", userName=f"u{number}") for number in range(3)]
    events = admitted(tmp_path, *records)
    whole = ct.survivors(events)
    assert (len(whole), whole.is_cut) == (3, False)
    assert "were read" not in whole.caption
    for module in ("found", "table"):
        monkeypatch.setattr(sys.modules[f"cttoolkit.survivors.{module}"], "MOST", 2)
    cut = ct.survivors(events)
    assert (len(cut), cut.is_cut) == (2, True)
    assert "only the first 2 calls that open or close were read" in repr(cut)
