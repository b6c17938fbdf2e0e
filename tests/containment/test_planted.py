"""What an attacker writes into a record, or plants beside it, to send containment astray."""

import gzip
import json
import re
import shlex

import pytest

import cttoolkit as ct
from cttoolkit.containment import Containment
from cttoolkit.containment.keys import keys
from cttoolkit.containment.people import people
from cttoolkit.containment.resources import resources
from cttoolkit.containment.sessions import sessions
from tests.conftest import ACCOUNT, event, small_world
from tests.test_session import AKIA, OTHER, assume, session, use
from tests.test_session_opened import act

POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
MANY = range(1000, 1201)
IDS = [f"i-{number:017x}" for number in range(150)]
BOB = {
    "type": "IAMUser", "principalId": "AIDABOB", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "accountId": ACCOUNT,
    "accessKeyId": "AKIABOBEXAMPLE000001", "userName": "bob",
}  # fmt: skip


ALICE = event(0, "")["userIdentity"]
GONE, SWITCHED, UNREAD = (f"AKIA{name}EXAMPLE0001" for name in ("GONE", "SWITCHED", "UNREAD"))


def ran(number, *ids, **parts):
    items = {"instancesSet": {"items": [{"instanceId": one} for one in ids]}}
    return act(number, "01:00:00", "RunInstances", "ec2", answer=items, **parts)


def user(number, name, **parts):
    return act(number, "01:00:00", "CreateUser", parts.pop("source", "iam"), request={"userName": name}, **parts)


def made(number, key):
    answer = {"accessKey": {"accessKeyId": key, "userName": "alice"}}
    return act(number, "01:05:00", "CreateAccessKey", "iam", request={"userName": "alice"}, answer=answer)


def switched(number, key, status):
    return act(
        number, "02:00:00", "UpdateAccessKey", "iam", request={"accessKeyId": key, "status": status}, userIdentity=BOB
    )


def issued(who, time):
    """The same caller, whose record names another time of issue."""
    context = who["sessionContext"]
    return who | {"sessionContext": context | {"attributes": context["attributes"] | {"creationDate": time}}}


def nameless(record):
    return {key: value for key, value in record.items() if key != "eventName"}


SIGNED = (
    *(act(10 + n, f"01:00:{n:02d}", "GetSecretValue", "secretsmanager", request={"secretId": "s"}) for n in range(8)),
    *(act(20 + n, f"01:01:{n:02d}", "CreateKeyPair", "ec2", request={"keyName": f"pair-{n}"}) for n in range(6)),
    user(30, "backdoor", eventTime="2026-03-01T01:30:00Z"),
    act(31, "01:31:00", "AttachUserPolicy", "iam", request={"userName": "backdoor", "policyArn": POLICY}),
    user(32, "incident-responder", source="transfer"),
    user(33, "backdoor", recipientAccountId=OTHER),
    ran(34, *IDS),
    ran(35),
    *(user(300 + n, f"svc-{n:06d}", eventTime="2026-03-01T01:40:00Z") for n in range(204)),
    act(36, "04:00:00", "DeleteUser", "iam", request={"userName": "svc-000203"}, userIdentity=BOB),
    # Alice's key, and others that she makes.
    use(40, "01:00:00", ALICE),
    *(made(41 + n, key) for n, key in enumerate((GONE, SWITCHED, UNREAD))),
    switched(45, SWITCHED, "Inactive"),
    switched(46, SWITCHED, "Active"),
    act(47, "02:00:00", "DeleteAccessKey", "iam", request={"accessKeyId": GONE}, userIdentity=BOB),
    # One role, two sessions; another role of the same name, of an account that is not this trail's.
    use(50, "01:10:00", session("deploy", "a", key="ASIAA1", made="01:09:00")),
    use(51, "02:10:00", session("deploy", "b", key="ASIAB1", made="02:09:00")),
    use(52, "05:10:00", session("deploy", "a", key="ASIAA2", made="05:09:00")),
    use(53, "02:20:00", session("Responder", "x", key="ASIAX1", made="02:19:00", account=OTHER)),
    *(assume(n - 300, "01:20:00", "many", f"ASIAMANY{n}", as_="m") for n in MANY),
    *(use(n, "01:21:00", session("many", "m", key=f"ASIAMANY{n}", made="01:20:00")) for n in MANY),
    use(54, "02:30:00", session("build", "c", key="ASIAC1", made="02:29:00")),
)  # fmt: skip
UNSIGNED = (
    ran(100, '["i-1","i-2"]'),
    act(101, "01:00:00", "StopLogging", "cloudtrail", request={"name": "t"}, awsRegion="--endpoint-url=https://x"),
    nameless(user(102, "nobody")),
    nameless(use(103, "02:00:00", ALICE | {"sessionContext": {"sourceIdentity": "mallory", "attributes": {}}})),
    nameless(act(104, "03:00:00", "?", "iam", request={"userName": "svc-000007"}, userIdentity=BOB)),
    act(110, "02:00:00", "DeleteAccessKey", "iam", request={"accessKeyId": AKIA}, userIdentity=BOB),
    act(
        111,
        "02:00:00",
        "DeleteAccessKey",
        "iam",
        request={"accessKeyId": UNREAD},
        userIdentity=BOB,
        eventTime="garbage",
    ),
    use(120, "02:31:00", issued(session("build", "c", key="ASIAC1"), "9999-12-31T23:59:59Z")),
    use(121, "02:32:00", issued(session("build", "c", key="ASIAC1"), "2026")),
    assume(122, "02:29:00", "build", "ASIAC1", as_="c", expires="Feb 31, 2026, 1:00:00 PM"),
    use(123, "03:31:00", session("build", "c", key="ASIAC2", made="03:30:00")),
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


@pytest.fixture(scope="module")
def chains(events):
    return ct.session.chains(events)


def numbers(fact):
    return [int(one[-12:]) for one in fact.event_ids]


# Keys ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def held(only):
    return {fact.name: fact for fact in keys(only(40, 41, 42, 43))}


def test_a_planted_deletion_is_cited_and_takes_no_call_away(held):
    fact = held[AKIA]
    assert fact.standing is ct.Word.REPORTED_PRESENT
    assert "deleted 2026-03-01T02:00:00Z by" in fact.note
    assert "reported present only" in fact.note
    assert 110 in numbers(fact)
    assert len(fact.events) == fact.count == 5
    assert len(fact.commands) == 1


def test_a_deletion_that_is_vouched_for_is_cited_and_takes_the_call_away(held):
    fact = held[GONE]
    assert (fact.standing, fact.commands, numbers(fact)) == (ct.Word.PROVED_PRESENT, (), [41, 47])


def test_a_key_that_was_switched_off_and_on_within_one_second_is_called_on(held):
    fact = held[SWITCHED]
    assert "switched off and on within the second 2026-03-01T02:00:00Z" in fact.note
    assert "called on" in fact.note
    assert sorted(numbers(fact)) == [42, 45, 46]
    assert len(fact.commands) == 1


def test_a_deletion_at_no_readable_time_is_told(held):
    assert "deleted at a time that cannot be read" in held[UNREAD].note
    assert len(held[UNREAD].commands) == 1


# Sessions --------------------------------------------------------------------------------------------------------------


def revoked(fact):
    (line,) = fact.commands
    words = shlex.split(line)
    return words[4], json.loads(words[-1])["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]


def test_no_revocation_of_a_role_undoes_another(only):
    facts = sessions(only(50, 51, 52))
    assert [(fact.name, numbers(fact)) for fact in facts] == [("a", [50, 52]), ("b", [51])]
    assert {revoked(fact) for fact in facts} == {("deploy", "2026-03-01T05:09:01Z")}


def test_a_role_of_another_account_gets_no_call_in_this_one(only):
    (fact,) = sessions(only(53))
    assert (fact.account, fact.commands) == (OTHER, ())
    assert f"is of account {OTHER}" in fact.note


@pytest.mark.parametrize("planted", [120, 121])
def test_a_time_of_issue_after_its_use_or_unreadable_moves_no_revocation(only, planted):
    (fact,) = sessions(only(54, planted))
    assert revoked(fact) == ("build", "2026-03-01T02:29:01Z")
    assert f"{fact.issued:%H:%M:%S}" == "02:29:00"


def test_a_session_whose_time_of_issue_says_nothing_is_revoked_up_to_its_use(only):
    (fact,) = sessions(only(120))
    assert (fact.issued, revoked(fact)) == (None, ("build", "2026-03-01T02:31:01Z"))


def test_a_revocation_says_that_its_time_is_not_vouched_for(only):
    (fact,) = sessions(only(54, 123))
    assert revoked(fact) == ("build", "2026-03-01T03:30:01Z")
    assert "vouched for lead to 2026-03-01T02:29:01Z" in fact.note


def test_an_expiry_on_a_day_that_is_none_is_no_expiry(only):
    (fact,) = sessions(only(54))
    assert fact.expires is None


# People ----------------------------------------------------------------------------------------------------------------


def test_who_reacted_to_the_last_of_many_names_is_told(only, chains):
    asked = people(only(*range(300, 504)), [f"svc-{n:06d}" for n in range(204)], chains)
    reacted = {fact.name: numbers(fact) for fact in asked if fact.kind == "reacted"}
    assert reacted == {BOB["arn"]: [104, 36]}


def test_names_that_do_not_fit_into_one_question_are_asked_for_in_several(only, chains, monkeypatch):
    monkeypatch.setitem(people.__globals__, "_MOST_TEXT", 25)
    asked = people(only(300, 301), ["svc-000007", "svc-000100", "svc-000203", "x" * 30], chains)
    assert [numbers(fact) for fact in asked if fact.kind == "reacted"] == [[104, 36]]


def test_a_name_is_no_pattern(only, chains):
    asked = people(only(300), ["svc-.*", "svc-000204|svc-000203", "two\nlines"], chains)
    assert not [fact for fact in asked if fact.kind == "reacted"]


def test_a_call_without_a_name_is_told_of_its_source_identity(only, chains):
    (fact,) = [fact for fact in people(only(103), [], chains) if fact.kind == "source identity"]
    assert (fact.name, numbers(fact)) == ("mallory", [103])


def test_every_credential_of_a_person_is_counted(only, chains):
    (fact,) = [fact for fact in people(only(*MANY), [], chains) if fact.kind == "stood behind"]
    assert (fact.name, fact.count, len(fact.events)) == (ALICE["arn"], 201, 201)


# Resources -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(only):
    facts = resources(only(*range(10, 18), *range(30, 36), 100, 101, 102))
    return {number: fact for fact in facts for number in numbers(fact)}


def test_many_reads_of_one_secret_are_one_thing(told):
    secret = told[10]
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


def test_a_user_of_another_service_is_no_user_of_iam(told):
    fact = told[32]
    assert (fact.kind, fact.name, fact.commands) == ("other changes", "transfer", ())


def test_users_of_one_name_in_two_accounts_are_two(only, told):
    facts = told[33], told[30]
    assert [(fact.account, numbers(fact)) for fact in facts] == [(OTHER, [33]), (ACCOUNT, [30, 31])]
    text = Containment(only(30, 31, 33), facts).commands
    assert f"# in account {OTHER}: resource to look at: user backdoor" in text


def test_every_instance_of_one_call_is_named_and_stopped(told):
    fact = told[34]
    assert fact.name.split(", ") == IDS
    stopped = [shlex.split(line)[6:] for line in fact.commands]
    assert [one for ids in stopped for one in ids] == IDS
    assert max(map(len, stopped)) == 100


def test_a_call_that_names_nothing_is_a_row_of_its_own(told):
    fact = told[35]
    assert (fact.name, fact.commands, numbers(fact)) == ("not named in the record", (), [35])


def test_an_id_that_the_cli_reads_as_a_list_gets_no_call(told):
    fact = told[100]
    assert (fact.name, fact.commands) == ('["i-1","i-2"]', ())


def test_a_region_that_is_none_gets_no_call(told):
    fact = told[101]
    assert (fact.kind, fact.commands) == ("trail", ())


def test_a_change_without_a_name_is_told(told):
    fact = told[102]
    assert (fact.kind, fact.name, fact.note, numbers(fact)) == ("other changes", "iam", "1 ?", [102])
