"""Ways back in: what was opened, what closed it, and what used it."""

import json
from pathlib import Path

import pytest

import cttoolkit as ct
from cttoolkit.errors import ClaimError, ColumnError
from cttoolkit.survivors.ways import WAYS
from cttoolkit.training import tamper
from tests.conftest import ACCOUNT, admitted, event, small_world
from tests.test_session_opened import act

DATASET = Path(__file__).parents[3] / "shared" / "corpus" / "invictus-aws-dataset"
ADMIN = {
    "type": "IAMUser", "principalId": "AIDAADMIN", "arn": f"arn:aws:iam::{ACCOUNT}:user/admin", "accountId": ACCOUNT,
    "accessKeyId": "AKIAADMIN", "userName": "admin",
}  # fmt: skip
BACK = ADMIN | {
    "principalId": "AIDABACK", "arn": f"arn:aws:iam::{ACCOUNT}:user/back", "userName": "back", "accessKeyId": "AKIABACK",
}  # fmt: skip
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:check"


def iam(number, time, call, answer=None, by=None, **request):
    parts = {"userIdentity": by} if by else {}
    return act(number, time, call, "iam", request=request or None, answer=answer, **parts)


def assumed(number, time, role, account):
    caller = {"type": "AWSAccount", "principalId": f"AIDA{account}", "accountId": account}
    arn = f"arn:aws:iam::{ACCOUNT}:role/x/{role}"
    return act(number, time, "AssumeRole", "sts", request={"roleArn": arn}, userIdentity=caller)


RECORDS = (
    iam(1, "01:00:00", "CreateUser", userName="back"),
    iam(2, "01:00:01", "CreateUser", userName="never") | {"errorCode": "AccessDenied"},
    iam(3, "01:00:02", "CreateAccessKey", {"accessKey": {"accessKeyId": "AKIABACK", "userName": "back"}}, userName="back"),
    iam(4, "01:00:03", "CreateLoginProfile", userName="back"),
    iam(5, "01:00:04", "AttachUserPolicy", userName="back", policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
    iam(6, "01:00:05", "AttachUserPolicy", userName="back", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
    assumed(7, "01:00:06", "audit", "444455556666"),
    iam(8, "01:01:00", "UpdateAssumeRolePolicy", roleName="audit", policyDocument="{}"),
    act(9, "01:02:00", "CreateFunctionUrlConfig", "lambda", request={"functionName": FUNCTION, "authType": "NONE"}),
    act(10, "01:02:01", "CreateFunctionUrlConfig", "lambda", request={"functionName": "own", "authType": "AWS_IAM"}),
    act(11, "01:02:02", "AddPermission20150331v2", "lambda", request={"functionName": FUNCTION, "statementId": "s"}),
    act(12, "01:03:00", "PutRule", "events", request={"name": "daily"}),
    iam(13, "01:04:00", "CreatePolicyVersion", policyArn="arn:p", setAsDefault=True),
    iam(14, "01:04:01", "CreatePolicyVersion", policyArn="arn:idle", setAsDefault=False),
    iam(15, "01:05:00", "DeactivateMFADevice", userName="marc", serialNumber="m"),
    iam(16, "01:05:01", "PutRolePolicy", roleName="check", policyName="<b>extra</b>"),
    iam(17, "01:06:00", "ChangePassword"),
    assumed(20, "02:00:00", "audit", "444455556666"),
    assumed(21, "02:00:01", "audit", "999988887777"),
    assumed(22, "02:00:02", "auditor", "999988887777"),
    event(23, "2026-03-01T02:01:00Z", "ListUsers", userIdentity=BACK),
    iam(24, "02:02:00", "DeleteLoginProfile", by=BACK, userName="Back"),
    iam(25, "02:03:00", "DetachUserPolicy", by=ADMIN, userName="back", policyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
    act(26, "02:04:00", "RemovePermission20150331v2", "lambda", request={"functionName": "check", "statementId": "other"}),
    act(27, "02:04:01", "DeleteFunctionUrlConfig", "lambda", request={"functionName": "check"}, userIdentity=ADMIN),
    act(28, "02:05:00", "DisableRule", "events", request={"name": "daily"}, userIdentity=ADMIN, awsRegion="us-west-2"),
    iam(29, "02:06:00", "CreatePolicyVersion", by=ADMIN, policyArn="arn:p", setAsDefault=True),
    iam(30, "02:07:00", "EnableMFADevice", by=ADMIN, userName="marc", serialNumber="m2") | {"errorCode": "AccessDenied"},
)  # fmt: skip


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("survivors"), *RECORDS)


@pytest.fixture(scope="module")
def left(events):
    return ct.survivors(events.by("user/alice"))


def numbers(found):
    return sorted(int(one[-12:]) for one in found.frame("event_id").event_id)


def test_each_way_back_is_told_with_its_end(left):
    told = {(one.kind, one.name): one.state for one in left}
    assert told == {
        ("user", "back"): "open",
        ("access key", "AKIABACK"): "open",
        ("password", "back"): "closed",
        ("policy of a user", "back · arn:aws:iam::aws:policy/AdministratorAccess"): "open",
        ("policy of a user", "back · arn:aws:iam::aws:policy/ReadOnlyAccess"): "closed",
        ("trust of a role", "audit"): "open",
        ("public address of a function", FUNCTION): "closed",
        ("permission to call a function", f"{FUNCTION} · s"): "open",
        ("rule", "daily"): "open",
        ("policy rewritten", "arn:p"): "changed since",
        ("second factor taken away", "marc"): "open",
        ("inline policy of a role", "check · <b>extra</b>"): "open",
        ("password", "alice"): "open",
    }
    assert [one.state for one in left] == sorted(
        (one.state for one in left), key=["open", "changed since", "closed"].index
    )


def test_what_failed_opened_nothing_and_what_was_refused_closed_nothing(left):
    assert not [one for one in left if "never" in one.name]
    assert 30 not in numbers(left.closed)


def test_opened_closed_and_left_are_events_to_be_cited(left):
    assert numbers(left.opened) == [1, 3, 4, 5, 6, 8, 9, 11, 12, 13, 15, 16, 17]
    assert numbers(left.closed) == [24, 25, 27]
    assert numbers(left.left) == [1, 3, 5, 8, 11, 12, 15, 16, 17]
    assert numbers(left.of("user", "access key")) == [1, 3]
    claim = ct.finding("Ways back were closed.", cites=left.closed)
    assert len(claim.event_ids) == 3


def test_use_is_by_whoever_it_lets_in(left):
    """Not the account that had assumed the role before its trust was changed, nor another role whose name begins alike."""
    used = {one.kind: numbers(one.used) for one in left if one.used is not None and one.name != "alice"}
    assert used == {"user": [23, 24], "access key": [23, 24], "password": [], "trust of a role": [21]}
    assert numbers(left.used) == [21, 23, 24]
    assert [one.used for one in left if one.kind == "rule"] == [None]


def test_a_row_leads_to_all_that_concerns_it(left):
    row = next(number for number, one in enumerate(left) if one.kind == "password" and one.name == "back")
    assert numbers(left.drill(row)) == [4, 24]
    assert left.frame().ended[row] == f"DeleteLoginProfile 2026-03-01T02:02:00Z by arn:aws:iam::{ACCOUNT}:user/back"


def test_of_nothing_nothing_is_left(events):
    nothing = ct.survivors(events.named("Nothing"))
    assert (len(nothing), len(nothing.opened), len(nothing.used)) == (0, 0, 0)
    assert "0 open" in repr(nothing)


def test_a_name_that_an_attacker_chose_stays_text(left):
    assert "<b>extra" not in left._repr_html_()
    assert "&lt;b&gt;extra" in left._repr_html_()


def test_what_is_opened_again_is_open_and_what_goes_with_its_owner_is_closed(tmp_path):
    records = (
        iam(1, "01:00:00", "UpdateAccessKey", accessKeyId="AKIAOLD", status="Active"),
        iam(2, "01:10:00", "UpdateAccessKey", by=ADMIN, accessKeyId="AKIAOLD", status="Inactive"),
        iam(3, "01:20:00", "UpdateAccessKey", accessKeyId="AKIAOLD", status="Active"),
        iam(4, "01:30:00", "CreateUser", userName="quick"),
        iam(5, "01:30:00", "DeleteUser", userName="quick"),
        iam(6, "01:40:00", "PutRolePolicy", roleName="gone", policyName="all"),
        iam(7, "01:41:00", "PutRolePolicy", roleName="gone-not", policyName="all"),
        iam(8, "01:42:00", "DeleteRole", roleName="gone"),
    )
    told = {one.name: (one.state, len(one.opened)) for one in ct.survivors(admitted(tmp_path, *records))}
    assert told == {
        "AKIAOLD": ("open", 2),
        "quick": ("open", 1),
        "gone · all": ("closed", 1),
        "gone-not · all": ("open", 1),
    }


def test_a_reach_is_taken_as_the_suspects_events(events):
    reached = ct.session.reach(events, events.by("user/alice"))
    assert {23, 24} <= set(numbers(reached.events))
    assert len(ct.survivors(reached)) == 13


def test_what_cannot_be_asked_is_an_error(left):
    with pytest.raises(ClaimError, match="a str leads to no events"):
        ct.survivors("user/alice")
    with pytest.raises(ColumnError, match="no such kind"):
        left.of("passport")


def test_a_closing_from_a_file_that_nobody_vouches_for_is_worth_less(tmp_path):
    case = small_world(tmp_path, *RECORDS[:1])
    planted = [json.loads(json.dumps(iam(40, "02:30:00", "DeleteUser", by=ADMIN, userName="back")))]
    tamper.plant_log(case.bucket, case.logs[0], planted)
    events = ct.admit(case.verify(), ct.AcceptUnverified("a test"))
    (one,) = ct.survivors(events.by("user/alice"))
    assert (one.state, one.standing) == ("closed", ct.Word.REPORTED_PRESENT)


def test_no_call_opens_and_closes_the_same_way():
    for way in WAYS:
        told = [(act.service, act.name, tuple(sorted(act.when.items()))) for act in (*way.opens, *way.closes)]
        assert len(told) == len(set(told)), way.kind


def test_that_nothing_was_opened_is_searched_anew_in_newer_evidence(tmp_path):
    """An absence holds a question and no list: a call that turns up later is found by it."""
    before = admitted(tmp_path / "before", *RECORDS[1:3])
    nobody = ct.absence("No user was made.", ct.survivors(before).of("user"), before.root.window)
    assert len(nobody.cites) == 0
    later = small_world(tmp_path / "later", *RECORDS[:3])
    assert numbers(nobody.cites.repeated(later.verify())) == [1]


def test_the_condition_and_the_rows_agree_on_every_call(tmp_path):
    records = []
    for number, one in enumerate(one for way in WAYS for one in way.opens):
        asked, answer = {}, {}
        for path, value in [*((place, f"n{number}") for place in one.places), *one.when.items()]:
            root, *parts = path.split(".")
            at = asked if root == "requestParameters" else answer
            for part in parts[:-1]:
                name = part.removesuffix("[]")
                inner = at.setdefault(name, {} if name == part else [{}])
                at = inner if name == part else inner[0]
            at[parts[-1]] = value
        time = f"01:{number // 60:02d}:{number % 60:02d}"
        records.append(act(number, time, one.name, one.service, request=asked, answer=answer))
    found = ct.survivors(admitted(tmp_path, *records))
    assert numbers(found.opened) == list(range(len(records)))
    assert {place for one in found for place in one.opened_at} == {
        (row.log_file, row.record_index) for row in found.opened.frame().itertuples()
    }
    assert len(found.of("identity provider", "rule")) == 6


def test_a_tool_that_cleans_up_after_itself_leaves_nothing_open():
    """A public capture of attack simulations, each of which takes back what it made."""
    if not DATASET.is_dir():
        pytest.skip("the Invictus AWS dataset is not beside this checkout")
    events = ct.admit(ct.verify(ct.open_evidence(DATASET), ct.load_keys()), ct.AcceptUnverified("public training data"))
    found = ct.survivors(events)
    assert len(found) == 41
    assert [(one.kind, one.name, one.state) for one in found if one.state != "closed"] == []
    assert {one.standing for one in found} == {ct.Word.REPORTED_PRESENT}
