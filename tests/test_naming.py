"""An id without a name gets the one that the evidence has for it, and only where it has just one."""

import pytest

from cttoolkit import pivot
from cttoolkit.errors import ClaimError
from cttoolkit.events import admit
from cttoolkit.finding import finding
from cttoolkit.identity import Rung
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.report import report
from cttoolkit.training import tamper
from tests.conftest import ACCOUNT, admitted, event, small_world
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


def planted(folder, *records, keys=True, plant=()):
    """Events of a world with a log file that no digest lists, admitted with all that cannot be verified."""
    case = small_world(folder, *records)
    if plant:
        tamper.plant_log(case.bucket, case.logs[0], list(plant))
    if not keys:
        for digest in case.digests:
            del case.objects[digest]
    return admit(case.verify(), AcceptUnverified("to look at all of it"))


CALLED = event(1, "2026-03-01T01:00:00Z", "AssumeRole", userIdentity=half("AIDABOB1"))
AS_BOB = event(2, "2026-03-01T01:01:00Z", "ListBuckets", userIdentity=user("bob"))
AS_EVE = event(
    3, "2026-03-01T01:02:00Z", "ListUsers", userIdentity=user("bob") | {"arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}
)


def test_a_planted_record_does_not_name_whom_an_intact_one_shows_by_id(tmp_path):
    events = planted(tmp_path, CALLED, plant=[AS_BOB])
    assert actors(events)["AssumeRole"] == (f"account {ACCOUNT} AIDABOB1", Rung.ACCOUNT.value)
    with pytest.raises(ClaimError, match="not all of it is by"):
        finding("Bob assumed a role.", events.named("AssumeRole"), attributed_to="user/bob")


def test_a_planted_record_does_not_take_a_name_away(tmp_path):
    events = planted(tmp_path, CALLED, AS_BOB, plant=[AS_EVE])
    assert actors(events)["AssumeRole"] == (f"arn:aws:iam::{ACCOUNT}:user/bob", Rung.NAMED_ELSEWHERE.value)


def test_a_planted_record_that_borrows_an_id_does_not_lend_its_name(tmp_path):
    own, borrowed = (
        {"type": "New", "principalId": "AIDAEVE1"},
        {"type": "New", "principalId": "AIDABOB1", "arn": "AIDAEVE1"},
    )
    eves = [event(number, "2026-03-01T01:00:00Z", "AssumeRole", userIdentity=own) for number in (4, 5)]
    lent = event(6, "2026-03-01T01:03:00Z", "Lent", userIdentity=borrowed)
    events = planted(tmp_path, *eves, AS_BOB, plant=[lent])
    assert actors(events)["AssumeRole"] == ("New:AIDAEVE1", Rung.UNNAMED.value)


def test_where_nothing_can_be_verified_names_come_from_what_there_is(tmp_path):
    events = planted(tmp_path, CALLED, AS_BOB, keys=False)
    assert set(events.frame("status").status) == {"unverifiable"}
    assert actors(events)["AssumeRole"] == (f"arn:aws:iam::{ACCOUNT}:user/bob", Rung.NAMED_ELSEWHERE.value)


def test_a_planted_record_is_named_by_an_intact_one(tmp_path):
    events = planted(tmp_path, AS_BOB, plant=[CALLED])
    assert actors(events)["AssumeRole"] == (f"arn:aws:iam::{ACCOUNT}:user/bob", Rung.NAMED_ELSEWHERE.value)


def test_a_finding_says_that_other_records_name_the_actor(tmp_path):
    events = admitted(tmp_path, CALLED, AS_BOB)
    own, called, both = events.named("ListBuckets"), events.named("AssumeRole"), events.by("user/bob")
    said = [finding("Bob called.", cited, attributed_to="user/bob") for cited in (own, called, both)]
    assert said[0].sentence.endswith("user/bob, by the identity in each of them.")
    assert "each of them shows an id alone, which other records of the evidence name so." in said[1].sentence
    assert "1 of them shows an id alone" in said[2].sentence
    assert [one.named_elsewhere for one in said] == [0, 1, 1]
    for one in said[1:]:
        assert "by the identity in each" not in one.sentence
        assert "by the identity in each" not in report([one]).markdown()
    assert "Attributed" not in finding("Somebody called.", called).sentence
