"""Facts for containment: each leads to its events, says what it is worth, and writes a call out without making it."""

import csv
import json
import shlex
import subprocess

import pytest

import cttoolkit as ct
from cttoolkit.containment.facts import Task, weakest
from cttoolkit.errors import ClaimError, ColumnError, EvidenceError
from tests.conftest import ACCOUNT, event, small_world
from tests.test_session import AKIA, assume, console, login, session, use
from tests.test_session_opened import act

NEW = "AKIANEWEXAMPLE000001"
SPARE = "AKIASPAREEXAMPLE0001"
EVIL = "x'; echo owned #<img src=x>"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
SSO = "AWSReservedSSO_Admin_0123456789abcdef"
BOB = {
    "type": "IAMUser", "principalId": "AIDABOB", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "accountId": ACCOUNT,
    "accessKeyId": "AKIABOBEXAMPLE000001", "userName": "bob",
}  # fmt: skip
ROOT = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}


def key_for(number, time, key, user, **parts):
    answer = {"accessKey": {"accessKeyId": key, "userName": user, "status": "Active"}}
    return act(number, time, "CreateAccessKey", "iam", request={"userName": user}, answer=answer, **parts)


def sso(as_):
    who = session(SSO, as_, key="ASIASSO")
    issuer = who["sessionContext"]["sessionIssuer"]
    issuer["arn"] = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{SSO}"
    return who


RECORDS = (
    key_for(1, "00:01:00", AKIA, "alice", userIdentity=BOB),
    use(2, "00:20:00", BOB),
    # Alice's key in other hands from here on.
    event(3, "2026-03-01T01:00:00Z", "ListUsers"),
    act(4, "01:01:00", "CreateUser", "iam", request={"userName": EVIL}, answer={"user": {"userName": EVIL}}),
    act(5, "01:02:00", "AttachUserPolicy", "iam", request={"userName": EVIL, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    key_for(6, "01:03:00", NEW, EVIL),
    key_for(7, "01:04:00", SPARE, "alice"),
    assume(8, "01:10:00", "deploy", "ASIA1", readOnly=True),
    act(9, "01:12:00", "CreateUser", "iam", request={"userName": "no"}, errorCode="AccessDenied"),
    act(10, "01:13:00", "RunInstances", "ec2", awsRegion="us-east-1",
        answer={"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}, {"instanceId": "i-0123456789abcdef1"}]}}),
    act(11, "01:14:00", "CreateRepository", "ecr"),
    event(12, "2026-03-01T01:15:00Z", "GetObject", eventSource="s3.amazonaws.com", eventCategory="Data", managementEvent=False,
          requestParameters={"bucketName": "claims", "key": "a"}),
    act(13, "01:16:00", "CreateUser", "iam", request={"userName": "two\nlines"}, answer={"user": {"userName": "two\nlines"}}),
    use(14, "01:20:00", session("deploy", key="ASIA1", made="01:10:00")),
    use(15, "01:25:00", session("deploy", key="ASIA1", made="01:10:00")),
    *(event(30 + n, f"2026-03-01T01:3{n}:00Z", call, eventSource="bedrock.amazonaws.com", requestParameters={"modelId": MODEL}, **parts)
      for n, (call, parts) in enumerate((
          ("Converse", {}), ("ConverseStream", {}), ("Converse", {"errorCode": "AccessDenied"}), ("Converse", {"awsRegion": "eu-west-1"}),
          ("CreateFoundationModelAgreement", {"readOnly": False}),
      ))),
    act(36, "01:40:00", "CreateServiceSpecificCredential", "iam",
        request={"userName": "model-user", "serviceName": "bedrock.amazonaws.com"},
        answer={"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCAEXAMPLE000001"}}),
    # Others.
    act(16, "02:00:00", "UpdateAccessKey", "iam", request={"accessKeyId": AKIA, "status": "Inactive"}, userIdentity=BOB),
    act(17, "02:01:00", "DeleteAccessKey", "iam", request={"userName": "alice", "accessKeyId": SPARE}, userIdentity=BOB),
    act(18, "02:02:00", "CreateBucket", "s3", request={"bucketName": "else"}, userIdentity=BOB),
    use(19, "03:00:00", sso("carol@example.com")),
    use(20, "03:01:00", ROOT | {"accessKeyId": "ASIAROOT", "sessionContext": {"attributes": {"creationDate": "2026-03-01T03:00:30Z"}}}),
    use(21, "03:02:00", ROOT | {"accessKeyId": "AKIAROOTEXAMPLE00001"}),
    login(22, "03:03:00", console("admin", "03:03:00")),
)  # fmt: skip


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    case = small_world(tmp_path_factory.mktemp("containment"), *RECORDS)
    return ct.admit(case.verify(), ct.IntactOnly())


@pytest.fixture(scope="module")
def facts(events):
    return ct.containment(ct.session.reach(events.between("2026-03-01T01:00Z", "2026-03-01T02:00Z"), AKIA))


def named(facts, name):
    (fact,) = [fact for fact in facts if fact.name == name]
    return fact


def numbers(fact):
    return [int(one[-12:]) for one in fact.event_ids]


def test_a_key_that_was_used_is_to_be_disabled_with_its_user(facts):
    fact = named(facts, AKIA)
    assert (fact.task, fact.holder, fact.account) == (Task.DISABLE, "alice", ACCOUNT)
    assert fact.commands == (f"aws iam update-access-key --access-key-id {AKIA} --status Inactive --user-name alice",)
    assert "sessions that it opened go on" in fact.note


def test_a_key_that_was_made_and_not_used_is_there_too(facts):
    fact = named(facts, NEW)
    assert (fact.first, fact.last, numbers(fact)) == (None, None, [6])
    assert "not seen in use" in fact.note
    assert "made 2026-03-01T01:03:00Z by" in fact.note


def test_what_others_did_to_a_key_since_is_told(facts):
    assert "switched off 2026-03-01T02:00:00Z by" in named(facts, AKIA).note
    gone = named(facts, SPARE)
    assert "deleted 2026-03-01T02:01:00Z by" in gone.note
    assert gone.commands == ()


def test_a_session_is_revoked_from_the_second_after_its_issue(facts):
    fact = named(facts, "work")
    assert (fact.task, numbers(fact)) == (Task.REVOKE, [14, 15])
    assert (
        f"{fact.issued:%H:%M:%S} {fact.expires:%H:%M:%S} {fact.revoke_before:%H:%M:%S}" == "01:10:00 05:00:00 01:10:01"
    )
    (line,) = fact.commands
    words = shlex.split(line)
    assert words[:5] == ["aws", "iam", "put-role-policy", "--role-name", "deploy"]
    (statement,) = json.loads(words[-1])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T01:10:01Z"}}


def test_roles_that_take_no_policy_and_root_get_no_call_but_advice(events):
    held = ct.containment(events.between("2026-03-01T03:00Z", "2026-03-01T03:02:30Z"))
    assert [fact.commands for fact in held.of("session to revoke")] == [(), ()]
    carol, root = held.of(Task.REVOKE)
    assert (carol.name, root.name) == ("carol@example.com", "root")
    assert "Identity Center" in carol.note
    assert "binds root" in root.note
    key = named(held, "AKIAROOTEXAMPLE00001")
    assert key.holder == "root"
    assert "--user-name" not in key.commands[0]


def test_what_was_made_is_listed_with_what_takes_it_back(facts):
    fact = named(facts, EVIL)
    assert (fact.kind, fact.holder, numbers(fact)) == ("user", "CreateUser, AttachUserPolicy", [4, 5])
    assert [shlex.split(line)[2] for line in fact.commands] == ["attach-user-policy", "detach-user-policy"]
    assert all(EVIL in shlex.split(line) for line in fact.commands)


def test_instances_of_one_call_are_stopped_by_one(facts):
    fact = named(facts, "i-0123456789abcdef0, i-0123456789abcdef1")
    assert fact.commands == (
        "aws ec2 stop-instances --region us-east-1 --instance-ids i-0123456789abcdef0 i-0123456789abcdef1",
    )


def test_a_planted_id_is_no_option_of_a_call(tmp_path):
    items = [{"instanceId": "i-0123456789abcdef0"}, {"instanceId": "--profile"}]
    case = small_world(tmp_path, act(1, "01:00:00", "RunInstances", "ec2", answer={"instancesSet": {"items": items}}))
    (fact,) = ct.containment(ct.admit(case.verify(), ct.IntactOnly())).of(Task.LOOK)
    assert fact.commands == ()


def test_a_name_of_two_lines_gets_no_call(facts):
    fact = named(facts, "two\nlines")
    assert fact.commands == ()
    assert numbers(fact) == [13]


def test_models_are_counted_by_region_and_the_agreement_stays_apart(facts):
    found = [(fact.region, numbers(fact), fact.commands) for fact in facts if fact.name == MODEL]
    assert found == [
        ("us-east-1", [34], (f"aws bedrock delete-foundation-model-agreement --region us-east-1 --model-id {MODEL}",)),
        ("eu-west-1", [33], ()),
        ("us-east-1", [30, 31], ()),
    ]


def test_a_key_for_one_service_is_switched_off_by_its_id(facts):
    assert named(facts, "model-user").commands == (
        (
            "aws iam update-service-specific-credential --user-name model-user --service-specific-credential-id ACCAEXAMPLE000001 "
            "--status Inactive"
        ),
    )


def test_no_change_is_left_untold(events, facts):
    assert numbers(named(facts, "ecr")) == [11]
    assert numbers(named(facts, "claims")) == [12]
    succeeded = facts.events.succeeded().where(read_only=False)
    told = {one for fact in facts if fact.task in (Task.LOOK, Task.DISABLE) for one in fact.event_ids}
    assert set(succeeded.frame("event_id").event_id) <= told


def test_what_failed_made_nothing(facts):
    assert not [fact for fact in facts if fact.name == "no"]


def test_who_made_a_key_and_who_reacted_are_to_be_asked(facts):
    asked = {(fact.kind, fact.name): numbers(fact) for fact in facts.of(Task.ASK)}
    bob = BOB["arn"]
    assert asked["made or changed it before", bob] == [1]
    # What else he did that day is no reaction.
    assert asked["reacted", bob] == [16, 17]
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    # What a suspect did to what he made is no reaction either.
    assert {kind for kind, name in asked if name == alice} == {"stood behind"}


def test_every_row_counts_what_it_drills_to(facts):
    for number, fact in enumerate(facts):
        assert len(facts.drill(number)) == fact.count, fact
        assert fact.standing is ct.Word.PROVED_PRESENT


def test_a_fact_is_worth_what_its_weakest_event_is():
    assert weakest(["proved present", "reported present"]) is ct.Word.REPORTED_PRESENT
    assert weakest(["contradicted", "reported present"]) is ct.Word.CONTRADICTED


def test_rows_on_files_that_nobody_vouches_for_say_so(tmp_path):
    case = small_world(tmp_path, *RECORDS[2:6])
    for key in case.digests:
        del case.objects[key]
    events = ct.admit(case.verify(), ct.AcceptUnverified("a test"))
    assert {fact.standing for fact in ct.containment(events)} == {ct.Word.REPORTED_PRESENT}


def test_a_hostile_name_is_shown_and_not_run(facts, tmp_path):
    shown = facts._repr_html_()
    assert "<img" not in shown
    assert "two\\nlines" in shown
    assert "None was made" in facts.commands
    for line in facts.commands.splitlines():
        assert line.startswith(("#", "aws ")) or not line
    place = facts.save(tmp_path / "facts.csv").path
    rows = list(csv.DictReader(place.read_text().splitlines()))
    assert len(rows) == len(facts) == len(facts.frame())
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_a_quoted_name_is_no_code_for_whoever_pastes_what_was_saved(tmp_path):
    name = "x;=$(echo owned >&2);=y"
    case = small_world(tmp_path, act(1, "01:00:00", "CreateKeyPair", "ec2", request={"keyName": name}))
    saved = ct.containment(ct.admit(case.verify(), ct.IntactOnly())).save(tmp_path / "facts.csv")
    cells = [cell for row in csv.reader(saved.path.read_text().splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.startswith("aws ")]
    beside = tmp_path / "facts.commands.txt"
    assert "2 left out: calls to AWS, which are text in facts.commands.txt" in repr(saved)
    line = f"aws ec2 delete-key-pair --region us-east-1 --key-name '{name}'"
    assert line in beside.read_text().splitlines()
    ran = subprocess.run(
        ["sh", "-c", f"aws() {{ :; }}\n{beside.read_text()}"], capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("", "")


def test_every_call_says_in_which_account(facts):
    lines = facts.commands.splitlines()
    above = [
        lines[at - 1] for at, line in enumerate(lines) if line.startswith("aws ") and lines[at - 1].startswith("#")
    ]
    assert above
    assert all(line.startswith(f"# in account {ACCOUNT}: ") for line in above)


def test_the_table_is_never_written_into_the_evidence(facts):
    inside = facts.events.verification.evidence
    from pathlib import Path

    with pytest.raises(EvidenceError, match="never written to"):
        facts.save(Path(inside.name) / "facts.csv")


def test_it_takes_findings_and_what_was_detected(events):
    finding = ct.finding("A user was made.", events.named("CreateUser").succeeded())
    seen = ct.detect(events, only="key-for-another-user")
    assert len(seen.matched) == 2
    of_both = ct.containment([finding, seen, seen[0]])
    assert len(of_both.events) == len(finding.cites) + 2
    assert {fact.kind for fact in of_both.of(Task.LOOK)} == {"user"}
    assert NEW in [fact.name for fact in of_both.of(Task.DISABLE)]
    nothing = ct.detect(events, only="trail-stopped")
    assert len(ct.containment(nothing)) == len(nothing.matched) == 0


def test_what_leads_to_no_events_is_refused(facts):
    for wrong in ("user/alice", 7, []):
        with pytest.raises(ClaimError, match="leads to no events"):
            ct.containment(wrong)
    with pytest.raises(ColumnError, match="there are"):
        facts.drill(99)
    with pytest.raises(ColumnError, match="0 facts of that name"):
        facts.drill("nobody")
    with pytest.raises(ColumnError, match="no such task"):
        facts.of("key to keep")


def test_a_public_address_of_a_function_is_taken_back_by_a_call_that_names_it(tmp_path):
    asked = {"functionName": "check; reboot", "authType": "NONE"}
    case = small_world(tmp_path, act(1, "01:00:00", "CreateFunctionUrlConfig", "lambda", request=asked))
    (fact,) = ct.containment(ct.admit(case.verify(), ct.IntactOnly())).of(Task.LOOK)
    assert (fact.kind, fact.name) == ("function", "check; reboot")
    (call,) = fact.commands
    assert shlex.split(call)[-4:] == ["--region", "us-east-1", "--function-name", "check; reboot"]
    assert shlex.split(call)[:3] == ["aws", "lambda", "delete-function-url-config"]
