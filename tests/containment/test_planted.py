"""What an attacker writes into a record, or plants beside it, to send containment astray."""

import gzip
import json
import re
import shlex

import pytest

import cttoolkit as ct
from cttoolkit.containment import Containment
from cttoolkit.containment.resources import resources
from tests.conftest import ACCOUNT, small_world
from tests.test_session import OTHER
from tests.test_session_opened import act

POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
IDS = [f"i-{number:017x}" for number in range(150)]
BOB = {
    "type": "IAMUser", "principalId": "AIDABOB", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "accountId": ACCOUNT,
    "accessKeyId": "AKIABOBEXAMPLE000001", "userName": "bob",
}  # fmt: skip


def ran(number, *ids, **parts):
    items = {"instancesSet": {"items": [{"instanceId": one} for one in ids]}}
    return act(number, "01:00:00", "RunInstances", "ec2", answer=items, **parts)


def user(number, name, **parts):
    return act(number, "01:00:00", "CreateUser", parts.pop("source", "iam"), request={"userName": name}, **parts)


SIGNED = (
    *(act(10 + n, f"01:00:{n:02d}", "GetSecretValue", "secretsmanager", request={"secretId": "s"}) for n in range(8)),
    *(act(20 + n, f"01:01:{n:02d}", "CreateKeyPair", "ec2", request={"keyName": f"pair-{n}"}) for n in range(6)),
    user(30, "backdoor", eventTime="2026-03-01T01:30:00Z"),
    act(31, "01:31:00", "AttachUserPolicy", "iam", request={"userName": "backdoor", "policyArn": POLICY}),
    user(32, "incident-responder", source="transfer"),
    user(33, "backdoor", recipientAccountId=OTHER),
    ran(34, *IDS),
    ran(35),
)  # fmt: skip
UNSIGNED = (
    ran(100, '["i-1","i-2"]'),
    act(101, "01:00:00", "StopLogging", "cloudtrail", request={"name": "t"}, awsRegion="--endpoint-url=https://x"),
    {key: value for key, value in user(102, "nobody").items() if key != "eventName"},
)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """A world with a file that no digest lists, admitted all the same."""
    case = small_world(tmp_path_factory.mktemp("planted"), *SIGNED)
    evidence = case.write()
    beside = re.sub(r"_[A-Za-z0-9]{16}\.json\.gz$", "_PLANTED0PLANTED0.json.gz", case.logs[0])
    (evidence / beside).write_bytes(gzip.compress(json.dumps({"Records": UNSIGNED}).encode()))
    verification = ct.verify(ct.open_evidence(evidence), ct.load_keys(case.folder / "keys.json"))
    return ct.admit(verification, ct.AcceptUnverified("a test"))


@pytest.fixture(scope="module")
def only(events):
    """The events with these numbers."""

    def of(*numbers):
        ids = [f"00000000-0000-4000-8000-{number:012d}" for number in numbers]
        return events.where(lambda e: e.event_id.isin(ids))

    return of


def numbers(fact):
    return [int(one[-12:]) for one in fact.event_ids]


# Resources -------------------------------------------------------------------------------------------------------------


def test_many_reads_of_one_secret_are_one_thing(only):
    (secret,) = resources(only(*range(10, 18)))
    assert (secret.name, secret.count, numbers(secret)) == ("s", 8, [*range(10, 18)])


def test_a_flood_of_one_call_hides_no_other(only, monkeypatch):
    monkeypatch.setitem(resources.__globals__, "_MOST", 4)
    flooded = resources(only(*range(20, 26), 30, 31))
    told = {fact.name: numbers(fact) for fact in flooded}
    assert told == {
        "pair-0": [20],
        "pair-1": [21],
        "backdoor": [30, 31],
        "4 further known calls, not read": [22, 23, 24, 25],
    }
    assert "4 CreateKeyPair" in flooded[-1].note


def test_where_all_is_told_nothing_is_told_as_further(only, monkeypatch):
    monkeypatch.setitem(resources.__globals__, "_MOST", 8)
    assert "further calls" not in {fact.kind for fact in resources(only(*range(20, 26), 30, 31))}


def test_a_user_of_another_service_is_no_user_of_iam(only):
    (fact,) = resources(only(32))
    assert (fact.kind, fact.name, fact.commands) == ("other changes", "transfer", ())


def test_users_of_one_name_in_two_accounts_are_two(only):
    facts = resources(only(30, 31, 33))
    assert [(fact.account, numbers(fact)) for fact in facts] == [(OTHER, [33]), (ACCOUNT, [30, 31])]
    text = Containment(only(30, 31, 33), tuple(facts)).commands
    assert f"# in account {OTHER}: resource to look at: user backdoor" in text


def test_every_instance_of_one_call_is_named_and_stopped(only):
    (fact,) = resources(only(34))
    assert fact.name.split(", ") == IDS
    stopped = [shlex.split(line)[6:] for line in fact.commands]
    assert [one for ids in stopped for one in ids] == IDS
    assert max(map(len, stopped)) == 100


def test_a_call_that_names_nothing_is_a_row_of_its_own(only):
    (fact,) = resources(only(35))
    assert (fact.name, fact.commands, numbers(fact)) == ("not named in the record", (), [35])


def test_an_id_that_the_cli_reads_as_a_list_gets_no_call(only):
    (fact,) = resources(only(100))
    assert (fact.name, fact.commands) == ('["i-1","i-2"]', ())


def test_a_region_that_is_none_gets_no_call(only):
    (fact,) = resources(only(101))
    assert (fact.kind, fact.commands) == ("trail", ())


def test_a_change_without_a_name_is_told(only):
    (fact,) = resources(only(102))
    assert (fact.kind, fact.name, fact.note, numbers(fact)) == ("other changes", "iam", "1 ?", [102])
