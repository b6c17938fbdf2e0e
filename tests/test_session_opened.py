"""What opened a way: trust, permissions, roles passed on, commands to hosts, sign-ins; each where it joins and where it must not."""

import json
from urllib.parse import quote

import pytest

import cttoolkit as ct
from cttoolkit.session import Grade
from tests.conftest import ACCOUNT, admitted, event
from tests.test_session import AKIA, DAY, EC2, NEW, OTHER, assume, console, login, role, session, use

ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
INSTANCE = "i-0123456789abcdef0"


def act(number, time, call, source, *, request=None, answer=None, **parts):
    return event(
        number, f"{DAY}{time}Z", call, eventSource=f"{source}.amazonaws.com", readOnly=False,
        requestParameters=request, responseElements=answer, **parts,
    )  # fmt: skip


def of(found, child, *numbers):
    """Those joins of a world that are about a child, or cite one of these events."""
    return [one for one in found if one[1] == child or set(one[4]) & set(numbers)]


def opened(folder, *records, kind, least=Grade.LIKELY):
    """The joins of one kind, as parent, child, grade, whether it only enables, and the numbers of the events that it cites."""
    edges = ct.session.chains(admitted(folder, *records), least).edges
    return [
        (e.parent, e.child, e.grade, e.enables, [int(one[-12:]) for one in e.event_ids])
        for e in edges
        if e.kind == kind
    ]


# Trust -----------------------------------------------------------------------------------------------------------------


def policy(*principals, key="AWS", effect="Allow"):
    names = principals if len(principals) > 1 else principals[0]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Principal": {key: names}, "Action": "sts:AssumeRole"}],
    }


def trusting(number, time, document, name="deploy", call="UpdateAssumeRolePolicy"):
    text = document if isinstance(document, str) else json.dumps(document)
    field = "policyDocument" if call == "UpdateAssumeRolePolicy" else "assumeRolePolicyDocument"
    return act(
        number,
        time,
        call,
        "iam",
        request={"roleName": name, field: text},
        userIdentity=NEW | {"accessKeyId": "AKIANEW"},
    )


TRUSTS = [
    (policy(ALICE), True),
    (policy(f"arn:aws:iam::{OTHER}:root", ALICE), True),
    (policy(ACCOUNT), True),
    (policy(f"arn:aws:iam::{ACCOUNT}:root"), True),
    (policy("AIDAEXAMPLEALICE00001"), True),
    ({"Statement": {"Effect": "Allow", "Principal": "*"}}, True),
    (quote(json.dumps(policy(ALICE))), True),
    (json.dumps(json.dumps(policy(ALICE))), True),
    (policy(f"arn:aws:iam::{ACCOUNT}:user/bob"), False),
    (policy(OTHER), False),
    (policy(ALICE, effect="Deny"), False),
    (policy("ec2.amazonaws.com", key="Service"), False),
    ("[" * 5000, False),
    ('{"Statement":[' + '{"a":' * 1000 + "1" + "}" * 1000 + "]}", False),
    ('{"Statement":[1,null,{"Effect":"Allow","Principal":[[{}]]}],"x":"' + "y" * 60_000 + '"}', False),
    ("%", False),
    (None, False),
]  # fmt: skip
"""Documents, and whether they trust alice."""


@pytest.fixture(scope="module")
def trusts(tmp_path_factory):
    """What was joined in a world with a role for each document, assumed by alice."""
    records = []
    for n, (document, _) in enumerate(TRUSTS):
        name, key, number = f"deploy{n}", f"ASIA{n}", 10 * n
        records += [
            trusting(number + 1, "00:50:00", document, name)
            if document
            else act(number + 1, "00:50:00", "UpdateAssumeRolePolicy", "iam"),
            assume(number + 2, "01:00:00", name, key),
            use(number + 3, "01:10:00", session(name, key=key)),
        ]
    return opened(tmp_path_factory.mktemp("trusts"), *records, kind="trust given")


@pytest.mark.parametrize("n", range(len(TRUSTS)))
def test_a_trust_that_names_the_caller_enables_the_session(trusts, n):
    numbers, (_, joins) = [10 * n + 1, 10 * n + 2], TRUSTS[n]
    expected = [("key:AKIANEW", f"tmp:ASIA{n}", Grade.LIKELY, True, numbers)] if joins else []
    assert of(trusts, f"tmp:ASIA{n}", *numbers) == expected


def test_only_the_trust_in_force_allowed_an_assumption(tmp_path):
    """A trust that was replaced, one that came later, and one of another role explain nothing."""
    records = (
        trusting(1, "00:40:00", policy(ALICE), call="CreateRole"),
        trusting(2, "00:50:00", policy(OTHER)),
        trusting(3, "00:55:00", policy(ALICE), name="other"),
        trusting(4, "01:20:00", policy(ALICE)),
        assume(5, "01:00:00", "deploy", "ASIA1"),
        use(6, "01:10:00", session("deploy", key="ASIA1")),
    )
    assert opened(tmp_path, *records, kind="trust given") == []


# Permissions -----------------------------------------------------------------------------------------------------------


def attach(number, time, user="new", call="AttachUserPolicy", **more):
    return act(number, time, call, "iam", request={"userName": user, "policyArn": "arn:aws:iam::aws:policy/A"} | more)


WHO = NEW | {"accessKeyId": "AKIANEW"}


def test_what_was_refused_and_then_succeeds_makes_a_change_of_permissions_likely(tmp_path):
    records = (
        use(1, "00:30:00", WHO, errorCode="AccessDenied"),
        attach(2, "00:40:00"),
        use(3, "00:50:00", WHO),
        use(4, "00:51:00", WHO),
    )
    events = admitted(tmp_path, *records)
    (edge,) = [e for e in ct.session.chains(events).edges if e.kind == "permissions given"]
    assert (edge.parent, edge.child, edge.grade, edge.enables) == (f"key:{AKIA}", "key:AKIANEW", Grade.LIKELY, True)
    assert [int(one[-12:]) for one in edge.event_ids] == [1, 2, 3]
    assert edge.note == "refused before: ListBuckets"
    assert [path.origin for path in ct.session.behind(events.by("user/new"), Grade.POSSIBLE).paths] == ["key:AKIANEW"]


def test_a_change_of_permissions_alone_is_possible_and_one_of_somebody_else_nothing(tmp_path):
    records = attach(1, "00:40:00"), use(2, "00:50:00", WHO)
    assert opened(tmp_path / "a", *records, kind="permissions given") == [
        (f"key:{AKIA}", "key:AKIANEW", Grade.POSSIBLE, True, [1])
    ]
    other = attach(1, "00:40:00", user="bob"), use(2, "00:50:00", WHO)
    assert opened(tmp_path / "b", *other, kind="permissions given") == []


def test_a_success_before_the_change_or_no_success_makes_nothing_likely(tmp_path):
    records = (
        use(1, "00:30:00", WHO, errorCode="AccessDenied"),
        use(2, "00:35:00", WHO),
        attach(3, "00:40:00"),
        use(4, "00:50:00", WHO),
    )
    assert opened(tmp_path, *records, kind="permissions given") == []


def test_a_version_of_a_policy_counts_for_who_holds_it_and_only_as_the_default(tmp_path):
    """The classic: whoever may write versions of a policy writes one that allows everything."""
    mine = {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/mine", "policyDocument": "{}"}
    for default, expected in ((True, [Grade.LIKELY]), (False, [])):
        records = (
            event(1, f"{DAY}00:30:00Z", "ListBuckets", errorCode="AccessDenied"),
            act(
                2, "00:40:00", "CreatePolicyVersion", "iam", request=mine | {"setAsDefault": default}, userIdentity=WHO
            ),
            attach(3, "00:20:00", user="alice", policyArn=mine["policyArn"]),
            event(4, f"{DAY}00:50:00Z", "ListBuckets"),
        )
        found = opened(tmp_path / str(default), *records, kind="permissions given")
        assert [one[2] for one in found if one[0] == "key:AKIANEW"] == expected


# Identity Center -------------------------------------------------------------------------------------------------------

STORE = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1"
PERSON = {
    "type": "IdentityCenterUser",
    "accountId": ACCOUNT,
    "onBehalfOf": {"userId": "u-1", "identityStoreArn": STORE},
}
SSO = "AWSReservedSSO_Admin_0123456789abcdef"


def grant(number, time, who=PERSON, **parts):
    return act(
        number, time, "GetRoleCredentials", "sso", request={"role_name": "Admin", "account_id": ACCOUNT}, userIdentity=who, **parts
    )  # fmt: skip


def step(number, time, call, workflow="w-1"):
    more = {"AuthWorkflowID": workflow, "CredentialType": "PASSWORD"}
    return act(number, time, call, "signin", userIdentity=PERSON, additionalEventData=more)


def test_a_session_on_behalf_of_who_got_the_grant_is_theirs(tmp_path):
    who = session(SSO, "anna", "ASIA1") | {"onBehalfOf": PERSON["onBehalfOf"]}
    records = (
        step(1, "00:50:00", "CredentialChallenge"),
        step(2, "00:50:10", "CredentialVerification"),
        grant(3, "01:00:00"),
        use(4, "01:10:00", who),
    )
    assert opened(tmp_path, *records, kind="Identity Center") == [
        (f"idc:{STORE}#u-1", "tmp:ASIA1", Grade.STRONG, False, [1, 2, 3])
    ]


GRANTS = [
    ("anna", "00:03", {}, [Grade.LIKELY]),
    ("Anna", "00:03", {}, [Grade.LIKELY]),
    ("anna", "00:09", {}, []),
    ("bob", "00:03", {}, []),
    ("anna", "00:03", {"requestParameters": {"role_name": "Reader"}}, []),
    ("anna", "00:03", {"requestParameters": {"account_id": OTHER}}, []),
]


@pytest.fixture(scope="module")
def granted(tmp_path_factory):
    """What was joined in a world with a grant in each hour, and a session of anna's that was issued when the hour began."""
    records = []
    for n, (name, time, change, _) in enumerate(GRANTS):
        records += [
            grant(10 * n + 1, f"0{n}:{time}", PERSON | {"userName": name}) | change,
            use(10 * n + 2, f"0{n}:10:00", session(SSO, "anna", f"ASIA{n}", f"0{n}:00:00")),
        ]
    return opened(tmp_path_factory.mktemp("granted"), *records, kind="Identity Center")


@pytest.mark.parametrize("n", range(len(GRANTS)))
def test_a_session_of_the_same_name_and_moment_is_likely_theirs(granted, n):
    found = of(granted, f"tmp:ASIA{n}", 10 * n + 1)
    assert [(child, grade, cited) for _, child, grade, _, cited in found] == [
        (f"tmp:ASIA{n}", grade, [10 * n + 1]) for grade in GRANTS[n][3]
    ]


def test_a_grant_to_somebody_else_is_not_who_a_session_is_used_for(tmp_path):
    other = PERSON | {"onBehalfOf": {"userId": "u-2", "identityStoreArn": STORE}}
    who = session(SSO, "anna", "ASIA1") | {"onBehalfOf": PERSON["onBehalfOf"]}
    assert opened(tmp_path, grant(1, "01:00:00", other), use(2, "01:10:00", who), kind="Identity Center") == []


def test_a_session_that_was_used_for_two_people_is_not_the_firsts(tmp_path):
    who = [
        session(SSO, "anna", "ASIA1") | {"onBehalfOf": {"userId": user, "identityStoreArn": STORE}}
        for user in ("u-1", "u-2")
    ]
    records = grant(1, "01:00:00"), use(2, "01:10:00", who[0]), use(3, "01:11:00", who[1])
    assert opened(tmp_path, *records, kind="Identity Center") == []


# aws login, CloudShell, Roles Anywhere ---------------------------------------------------------------------------------


def token(number, time, call, who, client="same-device", **more):
    request = {"client_id": f"arn:aws:signin:::devtools/{client}"}
    return act(number, time, call, "signin", request=request, userIdentity=who, **more)


@pytest.mark.parametrize("client", ["same-device", "cross-device"])
def test_a_sign_in_of_a_command_line_goes_back_to_the_console_that_allowed_it(tmp_path, client):
    arn = f"arn:aws:signin:us-east-1:{ACCOUNT}:session/s-1"
    browser = console("dev", "01:00:00")
    cli = session("dev", "anna@example.com", "ASIA9", "01:05:00", context={"signInSessionArn": arn})
    records = (
        login(1, "01:00:00", browser),
        token(2, "01:04:50", "AuthorizeOAuth2Access", browser, client),
        token(3, "01:05:00", "CreateOAuth2Token", browser, client),
        use(4, "01:06:00", cli),
    )
    edges = ct.session.chains(admitted(tmp_path, *records)).edges
    (edge,) = [e for e in edges if e.kind == "aws login"]
    assert (edge.parent, edge.child, edge.grade) == (
        f"con:AROADEV:anna@example.com@{DAY}01:00:00Z",
        f"sis:{arn}",
        Grade.STRONG,
    )
    assert [int(one[-12:]) for one in edge.event_ids] == [2, 3]
    assert ("cross-device" in edge.note) == (client == "cross-device")


def test_a_token_of_another_second_or_holder_opened_nothing(tmp_path):
    browser = console("dev", "01:00:00")
    for n, cli in enumerate(
        [session("dev", "anna@example.com", "ASIA9", "01:05:01"), session("dev", "bob", "ASIA9", "01:05:00")]
    ):
        records = token(1, "01:05:00", "CreateOAuth2Token", browser), use(2, "01:06:00", cli)
        assert opened(tmp_path / str(n), *records, kind="aws login") == []


@pytest.mark.parametrize(("agent", "count"), [("aws-cli/2 exec-env/CloudShell", 1), ("aws-cli/2", 0)])
def test_calls_from_a_shell_in_the_console_are_likely_its_sessions(tmp_path, agent, count):
    browser = console("dev", "01:00:00")
    inside = session("dev", "anna@example.com", "ASIA9", "01:07:00")
    records = (
        act(1, "01:05:00", "CreateSession", "cloudshell", userIdentity=browser),
        act(2, "01:05:00", "CreateSession", "s3", userIdentity=browser),
        use(3, "01:08:00", inside, userAgent=agent),
    )
    found = opened(tmp_path, *records, kind="CloudShell")
    expected = (f"con:AROADEV:anna@example.com@{DAY}01:00:00Z", "tmp:ASIA9", Grade.LIKELY, False, [1])
    assert found == [expected] * count


@pytest.mark.parametrize(
    ("key", "time", "grade"),
    [("ASIA1", "01:00:00", Grade.STRONG), (None, "01:00:02", Grade.STRONG), (None, "00:59:00", None)],
)
def test_a_certificate_is_the_origin_of_a_session_from_roles_anywhere(tmp_path, key, time, grade):
    """The service assumes the role, for whoever holds the certificate."""
    service = {"type": "AWSService", "invokedBy": "rolesanywhere.amazonaws.com"}
    answer = {"credentialSet": [{"credentials": {"accessKeyId": key}, "sourceIdentity": "CN=build"}]}
    records = (
        act(1, time, "CreateSession", "rolesanywhere", request={"roleArn": role("deploy")}, answer=answer,
            userIdentity={"type": "Unknown", "principalId": "x"}),
        assume(2, "01:00:00", "deploy", "ASIA1", userIdentity=service),
        use(3, "01:10:00", session("deploy", key="ASIA1")),
    )  # fmt: skip
    (path,) = ct.session.behind(admitted(tmp_path, *records)).paths
    if grade is None:
        assert path.origin == "svc:rolesanywhere.amazonaws.com"
    else:
        assert (path.origin, path.end, path.grade) == ("cert:CN=build", "certificate of IAM Roles Anywhere", grade)
        assert sorted(int(one[-12:]) for one in path.event_ids) == [1, 2]


# Hosts and roles that were passed ---------------------------------------------------------------------------------------


def on_instance(name="app", host=INSTANCE, key="ASIA1"):
    return session(name, host, key)


ON_HOSTS = [
    ("SendCommand", "ssm", lambda host: {"instanceIds": [host]}, True),
    ("SendCommand", "ssm", lambda host: {"targets": [{"key": "InstanceIds", "values": [host]}]}, True),
    ("StartSession", "ssm", lambda host: {"target": host}, True),
    ("SendSSHPublicKey", "ec2-instance-connect", lambda host: {"instanceId": host}, True),
    ("ModifyInstanceAttribute", "ec2", lambda host: {"instanceId": host, "userData": "x"}, True),
    ("GetPasswordData", "ec2", lambda host: {"instanceId": host}, True),
    ("ModifyInstanceAttribute", "ec2", lambda host: {"instanceId": host}, False),
    ("SendCommand", "ssm", lambda _: {"instanceIds": ["i-0000000000000000f"]}, False),
    ("SendCommand", "ssm", lambda _: "i" * 50_000, False),
]


@pytest.fixture(scope="module")
def on_hosts(tmp_path_factory):
    """What was joined in a world with a host for each call, and a session that is its own."""
    records = []
    for n, (call, source, request, _) in enumerate(ON_HOSTS):
        host = f"i-0123456789abcde{n:02x}"
        records += [
            act(10 * n + 1, "01:05:00", call, source, request=request(host)),
            use(10 * n + 2, "01:10:00", on_instance("app", host, f"ASIA{n}")),
        ]
    return opened(tmp_path_factory.mktemp("hosts"), *records, kind="onto a host")


@pytest.mark.parametrize("n", range(len(ON_HOSTS)))
def test_whoever_acted_on_a_host_may_have_used_its_session(on_hosts, n):
    expected = [(f"key:{AKIA}", f"tmp:ASIA{n}", Grade.POSSIBLE, True, [10 * n + 1])] if ON_HOSTS[n][-1] else []
    assert of(on_hosts, f"tmp:ASIA{n}", 10 * n + 1) == expected


def test_what_happens_on_a_host_is_said_not_to_be_recorded(tmp_path):
    records = act(1, "01:05:00", "StartSession", "ssm", request={"target": INSTANCE}), use(2, "01:10:00", on_instance())
    (edge,) = ct.session.chains(admitted(tmp_path, *records)).edges
    assert edge.note == "StartSession; what happens on a host is not in CloudTrail"
    assert ct.session.reach(admitted(tmp_path / "r", *records), "user/alice").credentials == (f"key:{AKIA}",)


def test_who_started_an_instance_enabled_its_sessions(tmp_path):
    started = act(1, "00:50:00", "RunInstances", "ec2", request={"iamInstanceProfile": {"name": "app"}},
                  answer={"instancesSet": {"items": [{"instanceId": INSTANCE}]}})  # fmt: skip
    issue = assume(2, "01:00:00", "app", "ASIA1", INSTANCE, userIdentity=EC2)
    found = opened(tmp_path / "a", started, issue, use(3, "01:10:00", on_instance()), kind="started the instance")
    assert found == [(f"key:{AKIA}", "tmp:ASIA1", Grade.STRONG, True, [1])]
    # Anybody may name a session after an instance.
    forged = assume(2, "01:00:00", "app", "ASIA1", INSTANCE)
    found = opened(tmp_path / "b", started, forged, use(3, "01:10:00", on_instance()), kind="started the instance")
    assert [one[2] for one in found] == [Grade.LIKELY]


PASSED = [
    ("CreateFunction20150331", "lambda", "lambda", lambda name: {"role": role(name)}, True),
    ("RegisterTaskDefinition", "ecs", "ecs-tasks", lambda name: {"taskRoleArn": role(name)}, True),
    ("CreateStack", "cloudformation", "cloudformation", lambda name: {"roleARN": role(name)}, True),
    ("CreateFunction20150331", "lambda", "lambda", lambda _: {"role": role("other")}, False),
    ("CreateFunction20150331", "lambda", "lambda", lambda name: {"role": role(name, OTHER)}, False),
    ("CreateFunction20150331", "lambda", "ec2", lambda name: {"role": role(name)}, False),
    ("CreateFunction20150331", "lambda", "lambda", lambda _: {"role": {"not": "a name"}}, False),
]


@pytest.fixture(scope="module")
def passed(tmp_path_factory):
    """What was joined in a world with a role for each call, assumed by a service."""
    records = []
    for n, (call, source, service, request, _) in enumerate(PASSED):
        asking = {"type": "AWSService", "invokedBy": f"{service}.amazonaws.com"}
        records += [
            act(10 * n + 1, "00:50:00", call, source, request=request(f"app{n}")),
            assume(10 * n + 2, "01:00:00", f"app{n}", f"ASIA{n}", "fn", userIdentity=asking),
            use(10 * n + 3, "01:10:00", session(f"app{n}", "fn", f"ASIA{n}")),
        ]
    return opened(tmp_path_factory.mktemp("passed"), *records, kind="passed the role")


@pytest.mark.parametrize("n", range(len(PASSED)))
def test_who_passed_a_role_to_a_service_enabled_its_sessions(passed, n):
    expected = [(f"key:{AKIA}", f"tmp:ASIA{n}", Grade.LIKELY, True, [10 * n + 1])] if PASSED[n][-1] else []
    assert of(passed, f"tmp:ASIA{n}", 10 * n + 1) == expected


# Same hands -------------------------------------------------------------------------------------------------------------


def by_key(number, key, time="01:10:00", **parts):
    who = NEW | {"principalId": f"AIDA{key}", "arn": f"{ALICE}{key}", "accessKeyId": f"AKIA{key}"}
    return use(number, time, who, **parts)


def test_credentials_of_one_address_and_agent_are_a_lead_where_asked(tmp_path):
    records = (
        by_key(1, "A"),
        by_key(2, "B", "01:20:00"),
        by_key(3, "C", "01:21:00", userAgent="x"),
        by_key(4, "D", "03:00:00"),
    )
    events = admitted(tmp_path, *records)
    kinds = {(e.kind, e.parent, e.child) for e in ct.session.chains(events, Grade.POSSIBLE).edges}
    assert kinds == {("same address and agent", "key:AKIAA", "key:AKIAB")}
    assert not ct.session.chains(events).edges
    assert ct.session.reach(events, "AKIAA", Grade.POSSIBLE).credentials == ("key:AKIAA", "key:AKIAB")
    assert ct.session.reach(events, "AKIAA", Grade.LIKELY).credentials == ("key:AKIAA",)
    assert [path.origin for path in ct.session.behind(events.with_key("AKIAB"), Grade.POSSIBLE).paths] == ["key:AKIAB"]


def test_a_gateway_of_many_is_left_out_and_that_is_said(tmp_path):
    records = [by_key(n, f"{n:03d}") for n in range(60)]
    chains = ct.session.chains(admitted(tmp_path, *records), Grade.POSSIBLE)
    assert not chains.edges
    assert "60 credentials in all" in chains.left_out
    assert chains.left_out in repr(ct.session.behind(chains.events, Grade.POSSIBLE))


def test_a_service_has_no_address(tmp_path):
    records = by_key(1, "A", sourceIPAddress="AWS Internal"), by_key(2, "B", sourceIPAddress="AWS Internal")
    assert not ct.session.chains(admitted(tmp_path, *records), Grade.POSSIBLE).edges


def every_join():
    """One world with many kinds of joins."""
    browser, other = console("dev", "01:00:00"), console("admin", "02:00:00")
    service = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
    shared = "11111111-2222-4333-8444-555555555555"
    outside = {"type": "AWSAccount", "principalId": "AIDAEXAMPLEALICE00001", "accountId": ACCOUNT}
    person = session(SSO, "anna", "ASIA7") | {"onBehalfOf": PERSON["onBehalfOf"]}
    return (
        trusting(1, "00:50:00", quote(json.dumps(policy(ALICE)))),
        assume(2, "01:00:00", "deploy", "ASIA1", sharedEventID=shared),
        assume(3, "01:00:00", "deploy", "ASIA1", sharedEventID=shared, userIdentity=outside),
        use(4, "01:10:00", session("deploy", key="ASIA1")),
        assume(5, "01:00:00", "hidden", "x", expires="some day"),
        use(6, "01:10:00", session("hidden", key="ASIA2")),
        assume(7, "00:30:00", "late", "x"),
        use(8, "01:10:00", session("late", key="ASIA3")),
        assume(9, "01:00:00", "old", "ASIA4", expires="Mar 1, 2026, 1:05:00\u202fAM"),
        use(10, "01:10:00", session("old", key="ASIA4", made="00:01:00")),
        use(11, "01:11:00", session("deploy", key="ASIAX") | {"invokedBy": "cloudformation.amazonaws.com"}),
        login(12, "01:00:00", browser),
        use(13, "01:10:00", browser),
        event(14, f"{DAY}02:00:00Z", "SwitchRole", userIdentity=other, eventSource="signin.amazonaws.com",
              responseElements={"SwitchRole": "Success"}, additionalEventData={"SwitchFrom": browser["arn"]}),
        use(15, "02:10:00", other),
        act(16, "00:10:00", "CreateAccessKey", "iam", answer={"accessKey": {"accessKeyId": "AKIANEW"}}),
        use(17, "00:30:00", WHO, errorCode="AccessDenied"),
        attach(18, "00:40:00"),
        use(19, "00:50:00", WHO),
        grant(20, "01:00:00"),
        use(21, "01:10:00", person),
        token(22, "01:04:50", "AuthorizeOAuth2Access", browser),
        token(23, "01:05:00", "CreateOAuth2Token", browser, "cross-device"),
        use(24, "01:06:00", session("dev", "anna@example.com", "ASIA9", "01:05:00")),
        act(25, "01:05:00", "StartSession", "ssm", request={"target": INSTANCE}),
        use(26, "01:10:00", session("app", INSTANCE, "ASIA5")),
        act(27, "00:50:00", "CreateFunction20150331", "lambda", request={"role": role("fn")}),
        assume(28, "01:00:00", "fn", "ASIA6", "fn", userIdentity=service),
        use(29, "01:10:00", session("fn", "fn", "ASIA6")),
        use(30, "01:20:00", browser, userAgent=None),
    )  # fmt: skip


def test_one_world_has_many_kinds_of_joins(tmp_path):
    kinds = {edge.kind for edge in ct.session.chains(admitted(tmp_path, *every_join()), Grade.POSSIBLE).edges}
    assert kinds == {
        "Identity Center", "aws login", "changed role", "console login", "created key", "issue time", "issued key",
        "onto a host", "onward call", "passed the role", "permissions given", "role and time", "same address and agent",
        "trust given",
    }  # fmt: skip
