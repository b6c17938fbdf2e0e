"""Credential chains: each join with its grade, followed up to who stood behind and down to what was reached."""

import json

import pytest

import cttoolkit as ct
from cttoolkit.errors import ActorError
from cttoolkit.session import Grade
from tests.conftest import ACCOUNT, SAMPLES, admitted, event, small_world

OTHER = "444455556666"
DAY = "2026-03-01T"
AKIA = "AKIAIOSFODNN7EXAMPLE"
"""Of alice, who makes every event of which nothing else is said."""


def role(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:role/{name}"


def session(name, as_="work", key=None, made="01:00:00", account=ACCOUNT, **more):
    """A caller: a session of a role, issued at a time of that day."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{name.upper()}:{as_}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{as_}",
        "accountId": account,
        "accessKeyId": key or "",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": role(name, account), "principalId": f"AROA{name.upper()}"},
            "attributes": {"creationDate": f"{DAY}{made}Z", "mfaAuthenticated": "false"},
        }
        | more.pop("context", {}),
    } | more


def assume(number, time, name, key, as_="work", account=ACCOUNT, *, call="AssumeRole", expires=None, **parts):
    answer = {
        "credentials": {"accessKeyId": key, "expiration": expires or "Mar 1, 2026, 5:00:00 AM", "sessionToken": "…"},
        "assumedRoleUser": {"assumedRoleId": f"AROA{name.upper()}:{as_}", "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{as_}"},
    }  # fmt: skip
    return event(
        number, f"{DAY}{time}Z", call, eventSource="sts.amazonaws.com",
        requestParameters={"roleArn": role(name, account), "roleSessionName": as_},
        responseElements=parts.pop("answer", answer), **parts,
    )  # fmt: skip


def use(number, time, who, **parts):
    return event(number, f"{DAY}{time}Z", "ListBuckets", userIdentity=who, **parts)


def console(name, made, as_="anna@example.com"):
    return session(name, as_, made=made)


def login(number, time, who, outcome="Success", mfa="Yes", **parts):
    plain = {key: value for key, value in who.items() if key not in ("accessKeyId", "sessionContext")}
    return event(
        number, f"{DAY}{time}Z", "ConsoleLogin", userIdentity=plain, eventType="AwsConsoleSignIn",
        eventSource="signin.amazonaws.com", responseElements={"ConsoleLogin": outcome},
        additionalEventData={"MFAUsed": mfa}, **parts,
    )  # fmt: skip


def joins(folder, *records):
    return {(e.kind, e.grade, e.parent, e.child) for e in ct.session.chains(admitted(folder, *records)).edges}


def ends(folder, *records, who=None, least=Grade.STRONG):
    """Credential, origin and end of what stood behind the last record's caller, or another."""
    events = admitted(folder, *records)
    found = ct.session.behind(events.where(event_id=records[-1]["eventID"]) if who is None else events.by(who), least)
    return [(path.credential, path.origin, path.end) for path in found.paths]


def test_an_issued_key_is_an_exact_join(tmp_path):
    records = assume(1, "01:00:00", "deploy", "ASIA1"), use(2, "01:10:00", session("deploy", key="ASIA1"))
    assert joins(tmp_path, *records) == {("issued key", Grade.EXACT, f"key:{AKIA}", "tmp:ASIA1")}


ON_BOTH_SIDES = [
    ("01:10:04", None, "deploy", ""),
    ("01:10:06", None, "deploy", "used before it was issued"),
    ("01:00:00", "Mar 1, 2026, 1:09:54 AM", "deploy", "used after it had expired"),
    ("01:00:00", "Mar 1, 2026 1:09:55 AM", "deploy", ""),
    ("01:00:00", "Mar 1, 2026, 1:05:00\u202fAM", "deploy", "used after it had expired"),
    ("01:00:00", "some day", "deploy", "when it expired cannot be read"),
    ("01:00:00", None, "another", "the same key, and another holder"),
]


@pytest.fixture(scope="module")
def on_both_sides(tmp_path_factory):
    """The joins by a key, in a world with a key and a role of its own for each of these issues."""
    records = []
    for n, (time, expires, name, _) in enumerate(ON_BOTH_SIDES):
        records += [
            assume(10 * n + 1, time, f"{name}{n}", f"ASIA{n}", expires=expires),
            # Made at another time, so that nothing else joins them.
            use(10 * n + 2, "01:10:00", session(f"deploy{n}", key=f"ASIA{n}", made="00:01:00")),
        ]
    edges = ct.session.chains(admitted(tmp_path_factory.mktemp("keys"), *records)).edges
    return [edge for edge in edges if edge.kind == "issued key"]


@pytest.mark.parametrize("n", range(len(ON_BOTH_SIDES)))
def test_one_key_on_both_sides_needs_its_time_and_its_holder(on_both_sides, n):
    note, issue = ON_BOTH_SIDES[n][-1], event(10 * n + 1, "")["eventID"]
    (edge,) = [one for one in on_both_sides if one.child == f"tmp:ASIA{n}" or issue in one.event_ids]
    assert edge.note == note
    grades = {"": Grade.EXACT, "when it expired cannot be read": Grade.STRONG}
    assert edge.grade is grades.get(note, Grade.POSSIBLE)
    assert (edge.child, edge.event_ids) == (f"tmp:ASIA{n}", (issue,))


def test_a_lead_is_not_walked_unless_asked(tmp_path):
    records = (
        assume(1, "01:10:06", "deploy", "ASIA1"),
        use(2, "01:10:00", session("deploy", key="ASIA1", made="00:01:00")),
    )
    assert ends(tmp_path, *records) == [("tmp:ASIA1", "tmp:ASIA1", "joins below strong only")]
    walked = ends(tmp_path / "leads", *records, least=Grade.POSSIBLE)
    assert walked == [("tmp:ASIA1", f"key:{AKIA}", "long-lived access key")]


def test_holder_and_second_of_issue_are_a_strong_join_where_the_key_is_hidden(tmp_path):
    issue = assume(1, "01:00:00", "deploy", "HIDDEN_DUE_TO_SECURITY_REASONS")
    records = issue, use(2, "01:10:00", session("deploy", key="ASIA1", made="01:00:00"))
    assert joins(tmp_path, *records) == {("issue time", Grade.STRONG, f"key:{AKIA}", "tmp:ASIA1")}


def test_two_issues_in_one_second_are_ambiguous(tmp_path):
    bob = {
        "type": "IAMUser",
        "principalId": "AIDABOB",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
        "accessKeyId": "AKIABOB",
    }
    records = (
        assume(1, "01:00:00", "deploy", "x"),
        assume(2, "01:00:00", "deploy", "y", userIdentity=bob),
        use(3, "01:10:00", session("deploy", key="ASIA1")),
    )
    events = admitted(tmp_path, *records)
    paths = ct.session.chains(events).paths("tmp:ASIA1", Grade.LIKELY)
    assert [path.origin for path in paths] == ["key:AKIABOB", f"key:{AKIA}"]
    assert {path.edges[0].note for path in paths} == {"one of 2 issues in that second"}
    found = ct.session.behind(events, Grade.LIKELY)
    assert not found.is_resolved
    assert "1 ambiguous" in repr(found)


def test_two_keys_that_differ_are_two_issues_whatever_else_agrees(tmp_path):
    records = assume(1, "01:00:00", "deploy", "ASIA1"), use(2, "01:10:00", session("deploy", key="ASIA2"))
    assert joins(tmp_path, *records) == set()


def test_role_and_time_alone_are_likely(tmp_path):
    records = assume(1, "00:59:00", "deploy", "x"), use(2, "01:10:00", session("deploy", key="ASIA1"))
    assert joins(tmp_path, *records) == {("role and time", Grade.LIKELY, f"key:{AKIA}", "tmp:ASIA1")}


def test_a_session_name_that_is_used_again_joins_nothing(tmp_path):
    """Whoever assumes a role chooses the name: the same name in another role, or a day later, is nobody."""
    records = (
        assume(1, "01:00:00", "deploy", "ASIA1", "terraform"),
        use(2, "01:10:00", session("audit", "terraform", key="ASIA2")),
    )
    assert joins(tmp_path, *records) == set()


def test_a_chain_of_three_roles_ends_at_the_users_key(tmp_path):
    records = (
        assume(1, "01:00:00", "first", "ASIA1"),
        assume(2, "01:01:00", "second", "ASIA2", userIdentity=session("first", key="ASIA1", made="01:00:00")),
        assume(3, "01:02:00", "third", "ASIA3", userIdentity=session("second", key="ASIA2", made="01:01:00")),
        use(4, "01:03:00", session("third", key="ASIA3", made="01:02:00")),
    )
    events = admitted(tmp_path, *records)
    (path,) = ct.session.chains(events).paths("tmp:ASIA3")
    assert (path.origin, path.end, path.grade, path.status) == (
        f"key:{AKIA}",
        "long-lived access key",
        Grade.EXACT,
        "intact",
    )
    assert path.event_ids == tuple(record["eventID"] for record in records[:3])
    found = ct.session.behind(events.where(role=role("third")))
    assert found.is_resolved
    assert found.frame().person.tolist() == [f"arn:aws:iam::{ACCOUNT}:user/alice"]
    reached = ct.session.reach(events, AKIA)
    assert reached.credentials == (f"key:{AKIA}", "tmp:ASIA1", "tmp:ASIA2", "tmp:ASIA3")
    assert reached.roles == [role("first"), role("second"), role("third")]
    assert len(reached.events) == 4


def test_a_path_is_as_good_as_its_worst_join(tmp_path):
    records = (
        assume(1, "01:00:00", "first", "hidden"),
        assume(2, "01:01:00", "second", "ASIA2", userIdentity=session("first", key="ASIA1", made="01:00:00")),
        use(3, "01:03:00", session("second", key="ASIA2", made="01:01:00")),
    )
    (path,) = ct.session.chains(admitted(tmp_path, *records)).paths("tmp:ASIA2")
    assert [edge.grade for edge in path.edges] == [Grade.STRONG, Grade.EXACT]
    assert path.grade is Grade.STRONG


def test_a_circle_of_roles_ends(tmp_path):
    records = (
        assume(1, "01:00:00", "a", "ASIA1", userIdentity=session("b", key="ASIA2")),
        assume(2, "01:00:03", "b", "ASIA2", userIdentity=session("a", key="ASIA1")),
    )
    chains = ct.session.chains(admitted(tmp_path, *records))
    assert len(chains.edges) == 2
    (path,) = chains.paths("tmp:ASIA1")
    assert (path.end, path.is_resolved) == ("a circle", False)
    assert len(path.edges) == 1
    assert ct.session.behind(chains.events).explanations == ()
    assert ct.session.reach(chains.events, "ASIA1").credentials == ("tmp:ASIA2", "tmp:ASIA1")


def test_two_halves_of_one_assumption_are_one_join_that_cites_both(tmp_path):
    """The caller's account knows the caller, the role's account an id only; either half gives the key."""
    shared = "11111111-2222-4333-8444-555555555555"
    outside = {"type": "AWSAccount", "principalId": "AIDAEXAMPLEALICE00001", "accountId": ACCOUNT}
    ours = assume(1, "01:00:00", "audit", "ASIA1", account=OTHER, sharedEventID=shared)
    theirs = assume(
        2,
        "01:00:00",
        "audit",
        "ASIA1",
        account=OTHER,
        sharedEventID=shared,
        userIdentity=outside,
        recipientAccountId=OTHER,
    )
    seen = use(3, "01:10:00", session("audit", key="ASIA1", account=OTHER), recipientAccountId=OTHER)
    (edge,) = ct.session.chains(admitted(tmp_path / "both", ours, theirs, seen)).edges
    assert (edge.parent, edge.grade) == (f"key:{AKIA}", Grade.EXACT)
    assert edge.event_ids == (ours["eventID"], theirs["eventID"])
    assert ends(tmp_path / "theirs", theirs, seen) == [
        ("tmp:ASIA1", f"ext:{ACCOUNT}:AIDAEXAMPLEALICE00001", "another account")
    ]


SAML = {"type": "SAMLUser", "principalId": "q=:carol", "userName": "carol", "identityProvider": "q="}
OIDC = {
    "type": "WebIdentityUser",
    "principalId": "x",
    "userName": "repo:a/b",
    "identityProvider": "gitlab",
}
EC2 = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}


@pytest.mark.parametrize(
    ("caller", "call", "origin", "end", "person"),
    [
        (SAML, "AssumeRoleWithSAML", "saml:q=#carol", "SAML identity provider", "q=#carol"),
        (OIDC, "AssumeRoleWithWebIdentity", "oidc:gitlab#repo:a/b", "OpenID Connect identity provider", "gitlab#repo:a/b"),
        (EC2, "AssumeRole", "svc:ec2.amazonaws.com", "AWS service", ""),
    ],
)  # fmt: skip
def test_an_origin_says_what_it_is(tmp_path, caller, call, origin, end, person):
    records = (
        assume(1, "01:00:00", "app", "ASIA1", call=call, userIdentity=caller),
        use(2, "01:10:00", session("app", key="ASIA1")),
    )
    found = ct.session.behind(admitted(tmp_path, *records).where(event_id=records[1]["eventID"]))
    assert [(path.origin, path.end) for path in found.paths] == [(origin, end)]
    assert found.frame().person.tolist() == [person]


def test_an_instance_whose_credentials_rotate_is_one_actor_with_many_credentials(tmp_path):
    records = []
    for n, (made, key) in enumerate([("01:00:00", "ASIA1"), ("02:00:00", "ASIA2"), ("03:00:00", "ASIA3")]):
        # The answer to a service names no role's user.
        answer = {"credentials": {"accessKeyId": key, "expiration": "Mar 1, 2026, 9:00:00 AM"}}
        records += [
            assume(2 * n, made, "app", key, "i-0123456789abcdef0", userIdentity=EC2, answer=answer),
            use(2 * n + 1, made.replace(":00:00", ":10:00"), session("app", "i-0123456789abcdef0", key, made)),
        ]
    events = admitted(tmp_path, *records)
    found = ct.session.behind(events.by("i-0123456789abcdef0"))
    assert [path.origin for path in found.paths] == ["svc:ec2.amazonaws.com"] * 3
    assert {path.grade for path in found.paths} == {Grade.EXACT}
    assert found.frame().used_by.nunique() == 1


def test_a_console_session_goes_back_to_its_login(tmp_path):
    who = console("sso", "01:00:00")
    records = login(1, "01:00:00", who), use(2, "01:10:00", who)
    (edge,) = ct.session.chains(admitted(tmp_path, *records)).edges
    assert (edge.kind, edge.grade, edge.note) == ("console login", Grade.STRONG, "MFA used: Yes")
    assert edge.parent == "login:AROASSO:anna@example.com"


def test_a_failed_login_opened_nothing(tmp_path):
    who = console("sso", "01:00:00")
    assert joins(tmp_path, login(1, "01:00:00", who, "Failure"), use(2, "01:10:00", who)) == set()


@pytest.mark.parametrize(
    ("address", "agent", "grade"),
    [
        ("192.0.2.10", "aws-cli/2.15", {Grade.LIKELY}),
        ("192.0.2.10", "another", {Grade.POSSIBLE}),
        ("198.51.100.9", "aws-cli/2.15", set()),
    ],
)
def test_a_login_of_another_second_joins_by_address_and_agent_only(tmp_path, address, agent, grade):
    who = console("sso", "01:00:00")
    records = login(1, "00:45:31", who, sourceIPAddress=address, userAgent=agent), use(2, "01:10:00", who)
    assert {edge[1] for edge in joins(tmp_path, *records)} == grade


def test_a_switch_of_roles_goes_back_to_the_console_session_it_came_from(tmp_path):
    first, second = console("sso", "01:00:00"), console("admin", "02:00:00")
    switch = event(
        3, f"{DAY}02:00:00Z", "SwitchRole", userIdentity=second, eventType="AwsConsoleSignIn",
        eventSource="signin.amazonaws.com", responseElements={"SwitchRole": "Success"},
        additionalEventData={"SwitchFrom": first["arn"], "SwitchTo": second["arn"]},
    )  # fmt: skip
    records = login(1, "01:00:00", first), use(2, "01:10:00", first), switch, use(4, "02:10:00", second)
    (path,) = ct.session.chains(admitted(tmp_path, *records)).paths(f"con:AROAADMIN:anna@example.com@{DAY}02:00:00Z")
    assert [edge.kind for edge in path.edges] == ["console login", "changed role"]
    assert path.end == "console sign-in"


def test_a_link_made_from_a_key_explains_a_console_session(tmp_path):
    by_key = session("deploy", key="ASIA1", made="01:00:00")
    link = event(2, f"{DAY}01:05:00Z", "GetSigninToken", userIdentity=by_key, eventSource="signin.amazonaws.com")
    in_console = session("deploy", made="01:05:00")
    records = assume(1, "01:00:00", "deploy", "ASIA1"), link, use(3, "01:06:00", in_console)
    (path,) = ct.session.chains(admitted(tmp_path, *records)).paths(f"con:AROADEPLOY:work@{DAY}01:05:00Z")
    assert [edge.kind for edge in path.edges] == ["issued key", "console link made from a key"]
    assert path.origin == f"key:{AKIA}"


NEW = {
    "type": "IAMUser",
    "principalId": "AIDANEW",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/new",
    "userName": "new",
    "accountId": ACCOUNT,
}


def made_key(number, time):
    answer = {"accessKey": {"accessKeyId": "AKIANEW", "userName": "new", "status": "Active"}}
    return event(
        number,
        f"{DAY}{time}Z",
        "CreateAccessKey",
        eventSource="iam.amazonaws.com",
        responseElements=answer,
        readOnly=False,
    )


def test_who_made_a_key_enabled_it_and_is_not_who_used_it(tmp_path):
    records = made_key(1, "01:00:00"), use(2, "01:10:00", NEW | {"accessKeyId": "AKIANEW"})
    events = admitted(tmp_path, *records)
    (edge,) = ct.session.chains(events).edges
    assert (edge.kind, edge.grade, edge.enables) == ("created key", Grade.EXACT, True)
    found = ct.session.behind(events.by("user/new"))
    assert [path.origin for path in found.paths] == ["key:AKIANEW"]
    assert found.frame().person.tolist() == [NEW["arn"]]
    reached = ct.session.reach(events, "user/alice")
    assert reached.credentials == (f"key:{AKIA}", "key:AKIANEW")
    assert reached.made == [("CreateAccessKey", 1)]


def test_a_key_that_was_used_before_its_making_was_made_by_another_call(tmp_path):
    assert joins(tmp_path, made_key(1, "01:10:06"), use(2, "01:10:00", NEW | {"accessKeyId": "AKIANEW"})) == set()


def test_a_password_that_was_given_enables_a_login(tmp_path):
    given = event(
        1,
        f"{DAY}00:30:00Z",
        "UpdateLoginProfile",
        requestParameters={"userName": "new"},
        eventSource="iam.amazonaws.com",
    )
    at_console = NEW | {"accessKeyId": "", "sessionContext": {"attributes": {"creationDate": f"{DAY}01:00:00Z"}}}
    records = given, login(2, "01:00:00", NEW), use(3, "01:10:00", at_console)
    events = admitted(tmp_path, *records)
    kinds = {(edge.kind, edge.enables) for edge in ct.session.chains(events).edges}
    assert kinds == {("console login", False), ("password given", True)}
    assert ct.session.reach(events, AKIA, Grade.LIKELY).credentials[1].startswith("con:AIDANEW")
    assert len(ct.session.reach(events, AKIA).credentials) == 1


def test_an_onward_call_of_a_service_belongs_to_the_session_it_came_from(tmp_path):
    who = session("deploy", key="ASIA1")
    onward = who | {"accessKeyId": "ASIAUNSEEN", "invokedBy": "cloudformation.amazonaws.com"}
    records = assume(1, "01:00:00", "deploy", "ASIA1"), use(2, "01:10:00", who), use(3, "01:11:00", onward)
    assert ends(tmp_path, *records) == [(f"fas:AROADEPLOY:work@{DAY}01:00:00Z", f"key:{AKIA}", "long-lived access key")]


@pytest.mark.parametrize(
    ("call", "who", "parts"),
    [
        (
            "GetSessionToken",
            {"type": "IAMUser", "principalId": "AIDAEXAMPLEALICE00001", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
            {},
        ),
        (
            "GetFederationToken",
            {
                "type": "FederatedUser",
                "principalId": f"{ACCOUNT}:bob",
                "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
            },
            {"federatedUser": {"federatedUserId": f"{ACCOUNT}:bob"}},
        ),
        (
            "AssumeRoot",
            {"type": "Root", "principalId": OTHER, "accountId": OTHER, "arn": f"arn:aws:iam::{OTHER}:root"},
            {},
        ),
    ],
)
def test_other_calls_that_issue_credentials(tmp_path, call, who, parts):
    answer = {"credentials": {"accessKeyId": "ASIA1", "expiration": "Mar 1, 2026, 5:00:00 AM"}} | parts
    issue = event(1, f"{DAY}01:00:00Z", call, requestParameters={"targetPrincipal": OTHER}, responseElements=answer)
    records = issue, use(2, "01:10:00", who | {"accessKeyId": "ASIA1"})
    assert ends(tmp_path, *records) == [("tmp:ASIA1", f"key:{AKIA}", "long-lived access key")]


def test_where_no_event_issued_it_five_explanations_stand(tmp_path):
    found = ct.session.behind(admitted(tmp_path, use(1, "01:10:00", session("deploy", key="ASIA1"))))
    assert not found.is_resolved
    assert len(found.explanations) == 5
    assert all(reason in repr(found) and reason in found._repr_html_() for reason in found.explanations)
    known = ct.session.behind(admitted(tmp_path / "known", event(1, f"{DAY}01:00:00Z")))
    assert known.is_resolved
    assert known.explanations == ()


def test_a_person_is_known_for_a_whole_session_where_any_event_names_them(tmp_path):
    who = session("sso", "anna@example.com", "ASIA1")
    store = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1"
    named = who | {"onBehalfOf": {"userId": "u-1", "identityStoreArn": store}}
    events = admitted(tmp_path, use(1, "01:10:00", who), use(2, "01:20:00", named))
    assert ct.session.behind(events).frame().person.tolist() == [f"{store}#u-1"]


def test_calls_without_credentials_are_counted_and_not_explained(tmp_path):
    found = ct.session.behind(admitted(tmp_path, use(1, "01:10:00", EC2), event(2, f"{DAY}01:00:00Z")))
    assert found.unattributed == 1
    assert "1 event without a credential" in repr(found)


def test_many_credentials_are_found_as_few_are(tmp_path, monkeypatch):
    records = (
        assume(1, "01:00:00", "deploy", "ASIA1"),
        use(2, "01:10:00", session("deploy", key="ASIA1")),
        use(3, "01:11:00", EC2),
    )
    events = admitted(tmp_path, *records)
    few = ct.session.reach(events, AKIA).events.frame()
    monkeypatch.setattr("cttoolkit.session.reached._MOST_SPELT", 1)
    many = ct.session.reach(events, AKIA)
    assert many.events.frame().equals(few)
    assert len(few) == 2
    assert len(many.events.named("ListBuckets")) == 1


def test_a_narrowing_does_not_hide_what_issued_a_credential(tmp_path):
    records = assume(1, "01:00:00", "deploy", "ASIA1"), use(2, "01:10:00", session("deploy", key="ASIA1"))
    events = admitted(tmp_path, *records).between(f"{DAY}01:05:00Z", f"{DAY}01:15:00Z")
    assert len(events) == 1
    assert [path.origin for path in ct.session.behind(events).paths] == [f"key:{AKIA}"]
    assert len(ct.session.reach(events, AKIA).events) == 2


def test_a_join_is_as_sound_as_the_worst_file_it_stands_on(tmp_path):
    case = small_world(tmp_path, use(2, "01:10:00", session("deploy", key="ASIA1")))
    place = case.write()
    (place / "beside.json").write_text(json.dumps(assume(1, "01:00:00", "deploy", "ASIA1")))
    verification = ct.verify(ct.open_evidence(place), ct.load_keys(tmp_path / "keys.json"))
    events = ct.admit(verification, ct.AcceptUnverified("made up"))
    (path,) = ct.session.chains(events).paths("tmp:ASIA1")
    assert path.status == "unverifiable"


def test_nothing_is_intact_where_nothing_was_verified(tmp_path):
    """Neither a credential that nothing issued, nor an onward call, which cites no event of its own."""
    who = session("deploy", key="ASIA1")
    onward = who | {"accessKeyId": "ASIAUNSEEN", "invokedBy": "cloudformation.amazonaws.com"}
    records = [use(1, "01:10:00", who), use(2, "01:11:00", onward), event(3, f"{DAY}01:00:00Z")]
    (tmp_path / "log.json").write_text(json.dumps({"Records": records}))
    events = ct.admit(ct.verify(ct.open_evidence(tmp_path)), ct.AcceptUnverified("made up"))
    found = ct.session.behind(events)
    assert found.frame().status.tolist() == ["unverifiable"] * 3
    assert {edge.status for edge in found.chains.edges} == {"unverifiable"}


def test_one_key_of_two_principals_is_a_lead(tmp_path):
    """A temporary key is unique only together with its secret: who used it under another name did not get it there."""
    records = (
        assume(1, "01:00:00", "deploy", "ASIA1"),
        use(2, "01:10:00", session("deploy", key="ASIA1")),
        use(3, "01:11:00", session("other", key="ASIA1")),
    )
    (edge,) = ct.session.chains(admitted(tmp_path, *records)).edges
    assert (edge.grade, edge.note) == (Grade.POSSIBLE, "the same key, used by 2 principals")


def test_a_link_that_a_session_made_did_not_open_it(tmp_path):
    who = console("sso", "01:00:00")
    link = event(1, f"{DAY}01:00:00Z", "GetSigninToken", userIdentity=who, eventSource="signin.amazonaws.com")
    assert joins(tmp_path, link, use(2, "01:10:00", who)) == set()


MADE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-03-01T01:00:00", "soon"]


def test_a_time_of_issue_outside_of_the_calendar_joins_nothing(tmp_path):
    records = []
    for n, made in enumerate(MADE):
        who = session(f"deploy{n}", key=f"ASIA{n}")
        who["sessionContext"]["attributes"]["creationDate"] = made
        records += [assume(2 * n, "09:00:00", f"deploy{n}", f"x{n}"), use(2 * n + 1, "01:10:00", who)]
    assert joins(tmp_path, *records) == set()


def test_ways_up_that_double_at_each_step_are_cut_and_it_is_said(tmp_path):
    """Two callers that take the same sixteen roles in turn: sixty-five thousand ways up, if all were walked."""
    records = []
    for n in range(16):
        for half in (0, 1):
            caller = session(f"r{n}{half}", key=f"ASIA{n}X{half}") if n else None
            for target in (0, 1):
                name = f"r{n + 1}{target}"
                part = {"userIdentity": caller} if caller else {}
                records.append(assume(len(records), f"01:00:{n:02d}", name, f"ASIA{n + 1}X{target}", **part))
    records.append(use(len(records), "01:10:00", session("r160", key="ASIA16X0")))
    paths = ct.session.chains(admitted(tmp_path, *records)).paths("tmp:ASIA16X0")
    assert 1 < len(paths) <= 64
    assert "more joins than are walked" in {path.end for path in paths}


def test_nobody_and_the_unheard_of(tmp_path):
    events = admitted(tmp_path, event(1, f"{DAY}01:00:00Z"), use(2, "01:10:00", EC2))
    with pytest.raises(ActorError, match="nobody in the admitted events"):
        ct.session.reach(events, "user/mallory")
    with pytest.raises(ActorError, match="used no credentials"):
        ct.session.reach(events, "ec2.amazonaws.com")


def test_a_hostile_session_name_is_inert(tmp_path):
    events = admitted(tmp_path, use(1, "01:10:00", session("deploy", "<script>alert(1)</script>", "")))
    for shown in (ct.session.behind(events), ct.session.reach(events, AROA)):
        assert "<script>" not in shown._repr_html_()
        assert "&lt;script&gt;" in shown._repr_html_()


AROA = f"con:AROADEPLOY:<script>alert(1)</script>@{DAY}01:00:00Z"


def test_the_sample_shows_how_far_the_leaked_key_reached():
    place = SAMPLES / "leaked-key"
    events = ct.admit(ct.verify(ct.open_evidence(place), ct.load_keys(place / "public-keys.json")), ct.RequireIntact())
    truth = json.loads((place / "truth.json").read_text())
    reached = ct.session.reach(events, "user/alice")
    kinds = [name.partition(":")[0] for name in reached.credentials]
    assert kinds == ["key", "tmp", "key", "key"]
    assert "user/svc-backup-sync" in str(reached.frame().used_by.tolist())
    stolen = {one for one in json.dumps(truth).split('"') if one.startswith("AKIA")}
    assert stolen & {name.partition(":")[2] for name in reached.credentials}
