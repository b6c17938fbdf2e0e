"""From userIdentity to the actor. Shapes follow AWS's documented examples; names and ids are made up."""

import pytest

from cttoolkit.identity import Rung, resolve

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


SSO = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"


@pytest.mark.parametrize(
    ("element", "actor", "rung"),
    [
        ({"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}, f"arn:aws:iam::{ACCOUNT}:root", Rung.ROOT),
        ({"type": "Root", "accountId": ACCOUNT}, f"root of {ACCOUNT}", Rung.ROOT),
        ({"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/a/alice"}, f"arn:aws:iam::{ACCOUNT}:user/a/alice", Rung.USER),
        ({"type": "IAMUser", "principalId": "AIDAEXAMPLE"}, "user AIDAEXAMPLE", Rung.USER),
        ({"type": "IAMUser", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"}, "user HIDDEN_DUE_TO_SECURITY_REASONS", Rung.USER),
        (session("anna@example.com", SSO), "anna@example.com", Rung.SSO_USER),
        (session("i-0123456789abcdef0"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/i-0123456789abcdef0", Rung.INSTANCE),
        (session("anna"), f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/anna", Rung.SESSION),
        (session("botocore-session-1700000000"), ROLE, Rung.ROLE),
        (session("aws-go-sdk-1688990082523310002"), ROLE, Rung.ROLE),
        (session("0123456789abcdef0123456789abcdef"), ROLE, Rung.ROLE),
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
