"""Callers that a world makes up: the userIdentity element of people, workloads, services.

Shapes follow the AWS CloudTrail User Guide, "CloudTrail userIdentity element". Addresses, accounts, names and keys are of the
kinds set aside for documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cttoolkit.training.draws import Draws
from cttoolkit.window import written

__all__ = [
    "Caller",
    "access_key",
    "instance",
    "person",
    "root",
    "service",
    "service_linked",
    "session",
    "store_user",
    "user",
]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the userIdentity element, the address and the agent. A call over TLS leaves details of it."""

    identity: Mapping[str, Any]
    address: str
    agent: str
    over_tls: bool = True

    def with_key(self, key: str) -> Caller:
        """The same session with another of its keys: the console makes one for every request it passes on."""
        return replace(self, identity={**self.identity, "accessKeyId": key})


def access_key(kind: str, name: str) -> str:
    """AKIA or ASIA, nine made-up characters, EXAMPLE at the end where no real key has it."""
    return f"{kind}{Draws('key', kind, name).token(9)}EXAMPLE"


def user(account: str, name: str, key: str, address: str, agent: str) -> Caller:
    """An IAM user with a long-lived key."""
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{Draws('user', account, name).token(17)}",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": key,
        "userName": name,
    }
    return Caller(identity, address, agent)


def root(
    account: str, address: str, agent: str, *, key: str = "", since: datetime | None = None, mfa: bool = False
) -> Caller:
    """The root user, with a key or without one; in the console where ``since`` says from when on."""
    identity: dict[str, Any] = {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
        "accessKeyId": key,
    }
    if since is None:
        return Caller(identity, address, agent)
    identity["sessionContext"] = {"attributes": {"creationDate": written(since), "mfaAuthenticated": str(mfa).lower()}}
    return Caller(identity, address, agent, over_tls=False)


def session(
    account: str, role: str, name: str, since: datetime, address: str, agent: str, *, path: str = "/"
) -> Caller:
    """A session of an assumed role."""
    role_id = f"AROA{Draws('role', account, role).token(17)}"
    identity = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "accountId": account,
        "accessKeyId": access_key("ASIA", f"{account}/{role}/{name}/{written(since)}"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:aws:iam::{account}:role{path}{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {"creationDate": written(since), "mfaAuthenticated": "false"},
        },
    }
    return Caller(identity, address, agent)


def person(account: str, name: str, permissions: str, since: datetime, address: str, agent: str) -> Caller:
    """Somebody in the console by way of IAM Identity Center; the session is named by their e-mail address.

    What they proved themselves with is not in the session, and the console's calls carry no details of TLS.
    """
    role = f"AWSReservedSSO_{permissions}_{Draws('sso', account, permissions).hexadecimal(16)}"
    made = session(account, role, f"{name}@example.com", since, address, agent, path="/aws-reserved/sso.amazonaws.com/")
    return replace(made, over_tls=False)


def store_user(account: str, name: str, address: str, agent: str) -> Caller:
    """The same person as IAM Identity Center itself knows them: by the id in its store."""
    draws = Draws("store", account, name)
    person_id = f"{draws.hexadecimal(10)}-{draws.uuid()}"
    identity = {
        "type": "IdentityCenterUser",
        "accountId": account,
        "onBehalfOf": {
            "userId": person_id,
            "identityStoreArn": f"arn:aws:identitystore::{account}:identitystore/d-{Draws('store', account).hexadecimal(10)}",
        },
        "credentialId": draws.uuid(),
    }
    return Caller(identity, address, agent, over_tls=False)


def instance(account: str, role: str, number: int, since: datetime, address: str) -> Caller:
    """An EC2 instance with its role."""
    name = f"i-{Draws('instance', number).hexadecimal(17)}"
    made = session(account, role, name, since, address, "aws-sdk-go-v2/1.24.0 os/linux")
    context = {**made.identity["sessionContext"], "ec2RoleDelivery": "2.0"}
    return replace(made, identity={**made.identity, "sessionContext": context})


def service(name: str) -> Caller:
    """An AWS service on its own behalf."""
    source = f"{name}.amazonaws.com"
    return Caller({"type": "AWSService", "invokedBy": source}, source, source, over_tls=False)


def service_linked(account: str, role: str, name: str, since: datetime, by: str) -> Caller:
    """An AWS service in the role that it keeps in the account."""
    source = f"{by}.amazonaws.com"
    made = session(account, role, name, since, source, source, path=f"/aws-service-role/{source}/")
    return replace(made, identity={**made.identity, "invokedBy": source}, over_tls=False)
