"""From userIdentity to the actor. Shapes follow AWS's documented examples; names and ids are made up."""

from hashlib import sha256

import pytest

from cttoolkit.identity import Rung, resolve
from tests.conftest import admitted, event

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/deploy"


def session(name, role=ROLE, **context):
    short = role.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{short}/{name}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role, "principalId": "AROAEXAMPLE"}} | context,
    }


OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
PERSON = "906784bc3e-0e4d3f2a-1111-2222-3333-444455556666"
SSO = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"


@pytest.mark.parametrize(
    ("element", "actor", "rung"),
    [
        ({"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}, f"arn:aws:iam::{ACCOUNT}:root", Rung.ROOT),
        ({"type": "Root", "accountId": ACCOUNT}, f"root of {ACCOUNT}", Rung.ROOT),
        ({"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/a/alice"}, f"arn:aws:iam::{ACCOUNT}:user/a/alice", Rung.USER),
        ({"type": "IAMUser", "principalId": "AIDAEXAMPLE"}, "user AIDAEXAMPLE", Rung.USER),
        (
            {"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS", "accountId": ACCOUNT},
            f"hidden name in {ACCOUNT}",
            Rung.HIDDEN,
        ),
        (
            {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "sessionContext": {"assumedRoot": "true"}},
            f"arn:aws:iam::{ACCOUNT}:root",
            Rung.ASSUMED_ROOT,
        ),
        (session("anna@example.com", SSO), "anna@example.com", Rung.SSO_USER),
        (session("i-0123456789abcdef0"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/i-0123456789abcdef0", Rung.INSTANCE),
        (session("anna"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/anna", Rung.SESSION),
        (session("botocore-session-1700000000"), ROLE, Rung.ROLE),
        (session("aws-go-sdk-1688990082523310002"), ROLE, Rung.ROLE),
        (session("0123456789abcdef0123456789abcdef"), ROLE, Rung.TASK),
        (session("eks-prod-shop-7f9c-0a1b"), ROLE, Rung.POD),
        (session("anna", webIdFederationData={"federatedProvider": OIDC + "oidc.eks.eu-west-1.amazonaws.com/id/A1"}), ROLE, Rung.POD),
        (session("build", webIdFederationData={"federatedProvider": OIDC + "token.actions.githubusercontent.com"}), ROLE, Rung.CI),
        (session("GitHubActions"), ROLE, Rung.CI),
        (session("AWSCloudFormation"), ROLE, Rung.CI),
        (session("AWSCodeBuild-0a1b2c"), ROLE, Rung.CI),
        (session("aws-sdk-js-1700000000000"), ROLE, Rung.ROLE),
        (session("1700000000000000000"), ROLE, Rung.ROLE),
        (session("i-01234567"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/i-01234567", Rung.INSTANCE),
        (session("i-nothex"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/i-nothex", Rung.SESSION),
        (session("anna@example.com"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/anna@example.com", Rung.SESSION),
        (
            session("resize") | {"inScopeOf": {"credentialsIssuedTo": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize"}},
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:resize",
            Rung.COMPUTE,
        ),
        ({"type": "Directory", "accountId": ACCOUNT, "userName": "dora"}, f"directory {ACCOUNT}/dora", Rung.DIRECTORY),
        (session("anna", sourceIdentity="anna@example.com"), "anna@example.com", Rung.SOURCE_IDENTITY),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com", Rung.SERVICE),
        ({"accountId": ACCOUNT, "invokedBy": "kms.amazonaws.com"}, "kms.amazonaws.com", Rung.SERVICE),
        ({"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AROAX:s"}, f"account {ACCOUNT} AROAX:s", Rung.ACCOUNT),
        ({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}, "anonymous", Rung.ANONYMOUS),
        ({"type": "AWSAccount", "accountId": "anonymous", "principalId": "Anonymous"}, "anonymous", Rung.ANONYMOUS),
        (
            {"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "principalId": f"{ACCOUNT}:bob"},
            f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
            Rung.FEDERATED,
        ),
        (
            {"type": "SAMLUser", "identityProvider": "idp.example.com", "userName": "carol"},
            "idp.example.com#carol",
            Rung.PROVIDER,
        ),
        (
            {"type": "WebIdentityUser", "identityProvider": "token.example.com", "userName": "repo:a/b:ref"},
            "token.example.com#repo:a/b:ref",
            Rung.PROVIDER,
        ),
        (
            {"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-1"}
            },
            "arn:aws:identitystore::1:identitystore/d-1#u-1",
            Rung.IDENTITY_CENTER,
        ),
        ({"type": "Unknown", "principalId": "who"}, "Unknown:who", Rung.UNNAMED),
        ({"type": "Unknown", "principalId": PERSON}, f"Unknown:{PERSON}", Rung.UNNAMED),
        ({"type": "Novelty", "arn": "arn:x"}, "Novelty:arn:x", Rung.UNNAMED),
        ({}, "no identity (s3.amazonaws.com)", Rung.NONE),
        (None, "no identity (s3.amazonaws.com)", Rung.NONE),
    ],
)  # fmt: skip
def test_an_element_resolves(element, actor, rung):
    identity = resolve(element, "s3.amazonaws.com")
    assert (identity.actor, identity.rung) == (actor, rung)


def test_a_session_keeps_its_roles_path():
    assert resolve(session("anna")).role == ROLE
    assert resolve(session("anna")).session_name == "anna"


def test_a_role_without_its_issuer_is_named_from_the_session():
    element = session("anna")
    del element["sessionContext"]
    assert resolve(element).role == f"arn:aws:iam::{ACCOUNT}:role/deploy"


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-iso"])
def test_the_partition_is_kept(partition):
    element = session("anna")
    del element["sessionContext"]
    element["arn"] = element["arn"].replace(":aws:", f":{partition}:")
    assert resolve(element).role.startswith(f"arn:{partition}:iam::")


@pytest.mark.parametrize(
    "odd",
    [
        {"type": 7},
        {"type": "AssumedRole", "arn": []},
        {"type": "AssumedRole", "sessionContext": "x"},
        {"type": None, "arn": 1},
    ],
)
def test_odd_types_resolve_to_something(odd):
    assert resolve(odd).actor


def test_an_unknown_type_at_sign_in_may_be_a_person_of_the_directory():
    identity = resolve({"type": "Unknown", "principalId": PERSON}, "sso.amazonaws.com")
    assert identity.rung is Rung.PERHAPS_IDENTITY_CENTER
    assert identity.principal == f"idc:{PERSON}"


USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "userName": "alice",
}
ODD = sha256(b'{"odd": 1, "type": "Novelty"}').hexdigest()
STORE = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1"


@pytest.mark.parametrize(
    ("element", "principal"),
    [
        ({"type": "Root", "accountId": ACCOUNT, "principalId": ACCOUNT}, f"root:{ACCOUNT}"),
        (USER, "user:AIDAEXAMPLE"),
        ({key: USER[key] for key in ("type", "arn")}, f"user:{USER['arn']}"),
        (session("anna"), "role:AROAEXAMPLE"),
        (session("anna") | {"type": "Role"}, "role:AROAEXAMPLE"),
        (session("anna") | {"principalId": None}, f"role:{ROLE}"),
        ({"type": "FederatedUser", "principalId": f"{ACCOUNT}:bob"}, f"fed:{ACCOUNT}:bob"),
        ({"type": "Directory", "accountId": ACCOUNT, "userName": "dora"}, f"dir:{ACCOUNT}:dora"),
        ({"type": "AWSAccount", "accountId": ACCOUNT, "principalId": "AIDAX"}, f"ext:{ACCOUNT}:AIDAX"),
        ({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}, "anon"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "svc:ec2.amazonaws.com"),
        ({"accountId": ACCOUNT, "invokedBy": "kms.amazonaws.com"}, "svc:kms.amazonaws.com"),
        ({"type": "SAMLUser", "identityProvider": "q+s=", "userName": "carol"}, "saml:q+s=#carol"),
        ({"type": "WebIdentityUser", "identityProvider": "accounts", "userName": "42"}, "oidc:accounts#42"),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": PERSON, "identityStoreArn": STORE}}, f"idc:{STORE}#{PERSON}"),
        ({"type": "Unknown", "principalId": "who"}, "unknown:who"),
        ({"type": "Novelty", "arn": "arn:x"}, "novelty:arn:x"),
        ({"type": "Novelty", "odd": 1}, f"novelty:{ODD}"),
        (None, "none:s3.amazonaws.com"),
    ],
)  # fmt: skip
def test_a_principal_is_named_by_what_is_never_given_twice(element, principal):
    assert resolve(element, "s3.amazonaws.com").principal == principal


ISSUED = "2026-03-01T01:00:00Z"
AT = {"attributes": {"creationDate": ISSUED, "mfaAuthenticated": "false"}}
SIGNED_IN = f"arn:aws:signin:us-east-1:{ACCOUNT}:session/0a1b"


def using(key, element=USER, **more):
    return element | {"accessKeyId": key, "sessionContext": element.get("sessionContext", {}) | AT} | more


@pytest.mark.parametrize(
    ("element", "is_console", "credential"),
    [
        (USER | {"accessKeyId": "AKIAEXAMPLE"}, False, "key:AKIAEXAMPLE"),
        (using("ASIAEXAMPLE"), False, "tmp:ASIAEXAMPLE"),
        (using("ASIAEXAMPLE", session("anna")), False, "tmp:ASIAEXAMPLE"),
        (using("ASIAEXAMPLE", session("anna")), True, f"con:AROAEXAMPLE:anna@{ISSUED}"),
        (using("ASIAEXAMPLE"), True, f"con:AIDAEXAMPLE@{ISSUED}"),
        (using(""), False, f"con:AIDAEXAMPLE@{ISSUED}"),
        (using("ASIAEXAMPLE", invokedBy="signin.amazonaws.com"), False, f"con:AIDAEXAMPLE@{ISSUED}"),
        (using("ASIAEXAMPLE", invokedBy="secretsmanager.amazonaws.com"), False, f"fas:AIDAEXAMPLE@{ISSUED}"),
        (using("ASIAEXAMPLE", session("Config", LINKED), invokedBy="config.amazonaws.com"), False, "tmp:ASIAEXAMPLE"),
        (using("ASIAEXAMPLE", invokedBy="AWS Internal"), True, f"fas:AIDAEXAMPLE@{ISSUED}"),
        (USER | {"accessKeyId": "AKIAEXAMPLE", "invokedBy": "cloudformation.amazonaws.com"}, False, "key:AKIAEXAMPLE"),
        (using("ASIAEXAMPLE", USER | {"sessionContext": {"signInSessionArn": SIGNED_IN}}), True, f"sis:{SIGNED_IN}"),
        ({"type": "Root", "principalId": ACCOUNT, "accessKeyId": "", "sessionContext": AT}, False, f"con:{ACCOUNT}@{ISSUED}"),
        (USER | {"sessionContext": {"attributes": {"creationDate": "20260301T010000Z"}}}, False, f"con:AIDAEXAMPLE@{ISSUED}"),
        (USER, False, None),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, False, None),
        (None, False, None),
    ],
)  # fmt: skip
def test_a_credential_is_the_issue_and_not_the_key_of_one_request(element, is_console, credential):
    assert resolve(element, "s3.amazonaws.com", is_console=is_console).credential == credential


def test_a_console_session_of_many_keys_is_one_credential_in_the_table(tmp_path):
    records = [
        event(n, f"2026-03-01T01:0{n}:00Z", userIdentity=using(f"ASIAREQUEST{n}"), sessionCredentialFromConsole=flag)
        for n, flag in enumerate(["true", True, "true", None])
    ]
    frame = admitted(tmp_path, *records).frame("credential", "principal", "access_key_id")
    assert frame.credential.value_counts().to_dict() == {f"con:AIDAEXAMPLE@{ISSUED}": 3, "tmp:ASIAREQUEST3": 1}
    assert set(frame.principal) == {"user:AIDAEXAMPLE"}
    assert frame.access_key_id.nunique() == 4
