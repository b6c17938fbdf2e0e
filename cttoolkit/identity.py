"""From userIdentity, what AWS says called, to the actor: the person or workload behind it.

Source of the types and their fields: AWS CloudTrail User Guide, "CloudTrail userIdentity element"; of the id forms: AWS IAM
User Guide, "IAM identifiers". Both principal and actor are kept, and the rung says how one became the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["Identity", "Rung", "resolve"]


class Rung(StrEnum):
    """How an actor was derived, in the words of the table's ``actor_rung``."""

    ROOT = "account root"
    USER = "IAM user"
    SOURCE_IDENTITY = "source identity of the session"
    SSO_USER = "Identity Center session name"
    INSTANCE = "EC2 instance in the session name"
    SESSION = "session name, chosen by who assumed the role"
    ROLE = "role; the session name is a tool's"
    FEDERATED = "federated user"
    PROVIDER = "subject at an identity provider"
    IDENTITY_CENTER = "Identity Center user"
    SERVICE = "AWS service"
    ACCOUNT = "another account's principal"
    ANONYMOUS = "no authentication"
    UNNAMED = "unknown type, by its ids"
    NONE = "no identity in the record"


@dataclass(frozen=True, slots=True)
class Identity:
    """What one userIdentity element comes to."""

    actor: str
    rung: Rung
    role: str | None = None
    session_name: str | None = None


_ASSUMED = re.compile(
    r"arn:(?P<partition>[a-z-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>.+)"
)
_INSTANCE = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
# Names that SDKs and services make up anew for every session say nothing about who came.
_TOOL_MADE = re.compile(
    r"(?:botocore-session|aws-sdk-[a-z]+|aws-go-sdk|aws-cli-session|AssumeRoleSession|awsume|boto3-session)[-0-9]*|[0-9]{8,}|[0-9a-f]{32}"
)
_SSO_ROLE = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")


def resolve(user_identity: Mapping[str, Any] | None, event_source: str | None = None) -> Identity:
    """Resolve one element. Anything is accepted: what fits no known type keeps its own ids as its name."""
    if not user_identity:
        return Identity(f"no identity ({event_source or 'unknown source'})", Rung.NONE)
    kind = _text(user_identity, "type")
    if kind in ("AssumedRole", "Role"):
        return _session(user_identity)
    account = _text(user_identity, "accountId")
    arn = _text(user_identity, "arn")
    if kind == "IAMUser":
        return Identity(
            arn or f"user {_text(user_identity, 'principalId') or _text(user_identity, 'userName') or '?'}", Rung.USER
        )
    if kind == "Root":
        return Identity(arn or f"root of {account or '?'}", Rung.ROOT)
    if kind == "AWSAccount":
        principal = _text(user_identity, "principalId")
        if account in (None, "ANONYMOUS_PRINCIPAL", "anonymous") or principal in ("", "Anonymous"):
            return Identity("anonymous", Rung.ANONYMOUS)
        return Identity(f"account {account}" + (f" {principal}" if principal else ""), Rung.ACCOUNT)
    if kind == "FederatedUser":
        return Identity(arn or f"federated {_text(user_identity, 'principalId') or '?'}", Rung.FEDERATED)
    if kind in ("SAMLUser", "WebIdentityUser"):
        provider = _text(user_identity, "identityProvider") or "?"
        return Identity(
            f"{provider}#{_text(user_identity, 'userName') or _text(user_identity, 'principalId') or '?'}",
            Rung.PROVIDER,
        )
    if kind == "IdentityCenterUser":
        person = _mapping(user_identity, "onBehalfOf")
        store = _text(person, "identityStoreArn") or "?"
        return Identity(f"{store}#{_text(person, 'userId') or '?'}", Rung.IDENTITY_CENTER)
    service = _text(user_identity, "invokedBy")
    if service and kind in ("AWSService", None):
        return Identity(service, Rung.SERVICE)
    own = arn or _text(user_identity, "principalId") or _text(user_identity, "userName") or account or "?"
    return Identity(f"{kind or 'unknown'}:{own}", Rung.UNNAMED)


def _session(user_identity: Mapping[str, Any]) -> Identity:
    context = _mapping(user_identity, "sessionContext")
    issuer = _mapping(context, "sessionIssuer")
    arn = _text(user_identity, "arn") or ""
    assumed = _ASSUMED.fullmatch(arn)
    _, _, in_principal = (_text(user_identity, "principalId") or "").partition(":")
    name = assumed["session"] if assumed else in_principal or None
    role = _text(issuer, "arn")
    if role is None and assumed:
        # The session's own ARN has lost the role's path; the account and name are all there is.
        role = f"arn:{assumed['partition']}:iam::{assumed['account']}:role/{assumed['role']}"
    source_identity = _text(context, "sourceIdentity")
    if source_identity:
        return Identity(source_identity, Rung.SOURCE_IDENTITY, role, name)
    role_name = (role or "").rpartition("/")[2]
    if name and _SSO_ROLE.fullmatch(role_name):
        return Identity(name, Rung.SSO_USER, role, name)
    if name and _INSTANCE.fullmatch(name):
        return Identity(arn or name, Rung.INSTANCE, role, name)
    if name and not _TOOL_MADE.fullmatch(name):
        return Identity(arn or f"{role or '?'}/{name}", Rung.SESSION, role, name)
    return Identity(role or arn or _text(user_identity, "principalId") or "?", Rung.ROLE, role, name)


def _text(mapping: Mapping[str, Any], name: str) -> str | None:
    value = mapping.get(name)
    return value if isinstance(value, str) and (value or name == "principalId") else None


def _mapping(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    return value if isinstance(value, dict) else {}
