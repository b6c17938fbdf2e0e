"""An id without a name gets the one that the evidence has for it, and only where it has just one."""

import pytest

from cttoolkit import pivot
from cttoolkit.identity import Rung
from tests.conftest import ACCOUNT, admitted, event
from tests.pivot.people import session, user

OTHER = "444455556666"


def half(principal):
    """What the called account sees of a caller from another one."""
    return {"type": "AWSAccount", "accountId": ACCOUNT, "principalId": principal}


def actors(events):
    frame = events.frame("event_name", "actor", "actor_rung", "principal")
    return {row.event_name: (row.actor, row.actor_rung) for row in frame.itertuples()}


def test_the_called_accounts_half_is_named_from_the_callers_own_calls(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "ListBuckets", userIdentity=user("bob")),
        event(2, "2026-03-01T01:01:00Z", "AssumeRole", userIdentity=half("AIDABOB1"), recipientAccountId=OTHER),
    )
    assert actors(events)["AssumeRole"] == (f"arn:aws:iam::{ACCOUNT}:user/bob", Rung.NAMED_ELSEWHERE.value)
    assert len(events.by("user/bob")) == 2
    assert set(pivot.principals(events).values) == {"user:AIDABOB1", f"ext:{ACCOUNT}:AIDABOB1"}


@pytest.mark.parametrize(
    ("name", "answer", "principal"),
    [
        ("CreateUser", {"user": {"userId": "AIDAGONE", "arn": f"arn:aws:iam::{ACCOUNT}:user/gone"}}, "AIDAGONE"),
        (
            "CreateRole",
            {"role": {"roleId": "AROAGONE", "arn": f"arn:aws:iam::{ACCOUNT}:role/gone"}},
            "AROAGONE:session",
        ),
        (
            "AssumeRole",
            {"assumedRoleUser": {"assumedRoleId": "AROAGONE:s", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/gone/s"}},
            "AROAGONE:s",
        ),
    ],
)
def test_an_id_is_named_by_the_answer_that_made_it(tmp_path, name, answer, principal):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", name, responseElements=answer, readOnly=False),
        event(2, "2026-03-01T01:01:00Z", "GetObject", userIdentity=half(principal)),
    )
    actor, rung = actors(events)["GetObject"]
    assert actor.startswith(f"arn:aws:{'sts' if name == 'AssumeRole' else 'iam'}::{ACCOUNT}:")
    assert rung == Rung.NAMED_ELSEWHERE.value


def test_a_session_nobody_names_goes_by_its_role(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "ListBuckets", userIdentity=session("deploy", "one")),
        event(2, "2026-03-01T01:01:00Z", "GetObject", userIdentity=half("AROADEPLOY:two")),
        event(3, "2026-03-01T01:02:00Z", "PutObject", userIdentity=half("AROADEPLOY:one")),
    )
    found = actors(events)
    assert found["GetObject"][0] == f"arn:aws:iam::{ACCOUNT}:role/deploy"
    assert found["PutObject"][0] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/one"


def test_two_names_for_one_id_name_nobody(tmp_path):
    moved = user("bob") | {"arn": f"arn:aws:iam::{ACCOUNT}:user/ops/bob"}
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "ListBuckets", userIdentity=user("bob")),
        event(2, "2026-03-01T01:00:00Z", "ListUsers", userIdentity=moved),
        event(3, "2026-03-01T01:01:00Z", "GetObject", userIdentity=half("AIDABOB1")),
    )
    assert actors(events)["GetObject"] == (f"account {ACCOUNT} AIDABOB1", Rung.ACCOUNT.value)


@pytest.mark.parametrize("principal", ["AIDAUNKNOWN", "Anonymous", "", "x" * 5000, "AROA:", "AROAX:a:b", None, 7])
def test_an_id_that_nobody_names_stays(tmp_path, principal):
    records = [
        event(1, "2026-03-01T01:00:00Z", "GetObject", userIdentity=half(principal)),
        event(2, "2026-03-01T01:01:00Z"),
    ]
    assert Rung.NAMED_ELSEWHERE.value not in {rung for _, rung in actors(admitted(tmp_path, *records)).values()}


def test_a_failed_answer_names_nobody(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "CreateUser", responseElements={"user": {"userId": "AIDAGONE", "arn": ["x"]}}),
        event(2, "2026-03-01T01:01:00Z", "GetObject", userIdentity=half("AIDAGONE")),
    )
    assert actors(events)["GetObject"][1] == Rung.ACCOUNT.value
