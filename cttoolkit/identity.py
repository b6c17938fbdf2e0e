"""From userIdentity, what AWS says called, to principal, actor and credential.

The principal is the identity by its unique id, the actor the person or workload behind it, and the credential the one issue of
credentials that signed the call.

Source of the types and their fields: AWS CloudTrail User Guide, "CloudTrail userIdentity element"; of the id forms: AWS IAM
User Guide, "IAM identifiers". Both principal and actor are kept, and the rung says how one became the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from typing import Any

__all__ = ["Identity", "Rung", "resolve"]


class Rung(StrEnum):
    """How an actor was derived, in the words of the table's ``actor_rung``."""

    ROOT = "account root"
    ASSUMED_ROOT = "account root, by AssumeRoot"
    USER = "IAM user"
    SOURCE_IDENTITY = "source identity of the session"
    SSO_USER = "Identity Center session name"
    INSTANCE = "EC2 instance in the session name"
    COMPUTE = "compute resource that the credentials were issued to"
    TASK = "role; the session name is an ECS task's"
    POD = "role; the session's name or provider is a Kubernetes workload's"
    CI = "role; the session's name or provider is a CI job's"
    SESSION = "session name, chosen by who assumed the role"
    ROLE = "role; the session name is a tool's"
    FEDERATED = "federated user"
    PROVIDER = "subject at an identity provider"
    IDENTITY_CENTER = "Identity Center user"
    PERHAPS_IDENTITY_CENTER = "unknown type; its id looks like an Identity Center user's"
    DIRECTORY = "directory user"
    SERVICE = "AWS service"
    ACCOUNT = "another account's principal"
    NAMED_ELSEWHERE = "id alone; another record of the evidence names it"
    ANONYMOUS = "no authentication"
    HIDDEN = "name that AWS hid: an attempt, and no user"
    UNNAMED = "unknown type, by its ids"
    NONE = "no identity in the record"


@dataclass(frozen=True, slots=True)
class Identity:
    """What one userIdentity element comes to."""

    actor: str
    rung: Rung
    role: str | None = None
    session_name: str | None = None
    principal: str = ""
    credential: str | None = None


_ASSUMED = re.compile(
    r"arn:(?P<partition>[a-z-]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>.+)"
)
_INSTANCE = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
# Names that SDKs and services make up anew for every session say nothing about who came.
_TOOL_MADE = re.compile(
    r"(?:botocore-session|aws-sdk-[a-z]+|aws-go-sdk|aws-cli-session|AssumeRoleSession|awsume|boto3-session)[-0-9]*|[0-9]{8,}"
)
_TASK = re.compile(r"[0-9a-f]{32}")
_CI = re.compile(r"GitHubActions|AWSCodeBuild-.+|AWSCodePipeline.*|AWSCloudFormation|gitlab-.+", re.IGNORECASE)
_CI_PROVIDERS = ("token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "oidc.circleci.com")
_DIRECTORY_ID = re.compile(r"(?:[0-9a-f]{10}-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BASIC_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_SERVICE_ROLE = ":role/aws-service-role/"
"""Roles of services: there the service that called is the caller itself, and acts for nobody."""
_CONSOLE = "signin.amazonaws.com"
"""Named as the caller in old records of the console, which is no service that acts for somebody."""
_SSO_ROLE = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")


def resolve(
    user_identity: Mapping[str, Any] | None, event_source: str | None = None, *, is_console: bool = False
) -> Identity:
    """Resolve one element. Anything is accepted: what fits no known type keeps its own ids as its name.

    ``is_console`` says that the record has sessionCredentialFromConsole: there every request has a key of its own.
    """
    found = _actor(user_identity, event_source)
    if not user_identity:
        return replace(found, principal=f"none:{event_source or '?'}")
    return replace(
        found, principal=_principal(user_identity, found), credential=_credential(user_identity, is_console=is_console)
    )


def _principal(element: Mapping[str, Any], found: Identity) -> str:
    """The identity by what AWS never gives twice: a deleted user made again under its name has another id."""
    kind = _text(element, "type")
    account, arn, own = _text(element, "accountId"), _text(element, "arn"), _text(element, "principalId")
    name = _text(element, "userName")
    if found.rung is Rung.ANONYMOUS:
        return "anon"
    if found.rung is Rung.SERVICE:
        return f"svc:{found.actor}"
    if found.rung in (Rung.IDENTITY_CENTER, Rung.PERHAPS_IDENTITY_CENTER):
        return f"idc:{found.actor}"
    if kind == "Root":
        return f"root:{account or own or '?'}"
    if kind == "IAMUser":
        return f"user:{own or arn or found.actor}"
    if kind in ("AssumedRole", "Role"):
        return f"role:{(own or '').partition(':')[0] or found.role or arn or '?'}"
    if kind == "FederatedUser":
        return f"fed:{own or arn or '?'}"
    if kind == "Directory":
        return f"dir:{account or '?'}:{name or own or '?'}"
    if kind == "AWSAccount":
        return f"ext:{account}:{own or '?'}"
    if kind in ("SAMLUser", "WebIdentityUser"):
        return f"{'saml' if kind == 'SAMLUser' else 'oidc'}:{found.actor}"
    known = own or arn or name
    if known is None:
        known = sha256(json.dumps(element, sort_keys=True, default=str).encode()).hexdigest()
    return f"{(kind or 'unknown').lower()}:{known}"


def _credential(element: Mapping[str, Any], *, is_console: bool) -> str | None:
    """The issue of credentials behind a call. The order matters: see docs/decisions/0011-credentials.md."""
    context = _mapping(element, "sessionContext")
    signed_in = _text(context, "signInSessionArn")
    if signed_in:
        return f"sis:{signed_in}"
    key = _text(element, "accessKeyId") or ""
    created = _text(_mapping(context, "attributes"), "creationDate") or ""
    created = _BASIC_TIME.sub(r"\1-\2-\3T\4:\5:\6Z", created)
    issue = f"{_text(element, 'principalId') or _text(element, 'arn') or '?'}@{created or '?'}"
    via = _text(element, "invokedBy")
    issuer = _text(_mapping(context, "sessionIssuer"), "arn") or ""
    if via and via != _CONSOLE and key.startswith("ASIA") and _SERVICE_ROLE not in issuer:
        return f"fas:{issue}"
    if created and (is_console or via == _CONSOLE or not key):
        return f"con:{issue}"
    if key.startswith("ASIA"):
        return f"tmp:{key}"
    return f"key:{key}" if key else None


def _actor(user_identity: Mapping[str, Any] | None, event_source: str | None) -> Identity:
    if not user_identity:
        return Identity(f"no identity ({event_source or 'unknown source'})", Rung.NONE)
    kind = _text(user_identity, "type")
    if kind in ("AssumedRole", "Role"):
        return _session(user_identity)
    account = _text(user_identity, "accountId")
    arn = _text(user_identity, "arn")
    if _text(user_identity, "userName") == _HIDDEN and not arn:
        return Identity(f"hidden name in {account or '?'}", Rung.HIDDEN)
    if kind == "IAMUser":
        return Identity(
            arn or f"user {_text(user_identity, 'principalId') or _text(user_identity, 'userName') or '?'}", Rung.USER
        )
    if kind == "Root":
        is_assumed = _text(_mapping(user_identity, "sessionContext"), "assumedRoot") == "true"
        return Identity(arn or f"root of {account or '?'}", Rung.ASSUMED_ROOT if is_assumed else Rung.ROOT)
    if kind == "AWSAccount":
        principal = _text(user_identity, "principalId")
        if account in (None, "ANONYMOUS_PRINCIPAL", "anonymous") or principal in ("", "Anonymous"):
            return Identity("anonymous", Rung.ANONYMOUS)
        return Identity(f"account {account}" + (f" {principal}" if principal else ""), Rung.ACCOUNT)
    return _elsewhere(user_identity, event_source)


def _elsewhere(user_identity: Mapping[str, Any], event_source: str | None) -> Identity:
    """Who is kept somewhere other than in IAM, and what cannot be told."""
    kind, account, arn = (_text(user_identity, name) for name in ("type", "accountId", "arn"))
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
    if kind == "Directory":
        return Identity(f"directory {account or '?'}/{_text(user_identity, 'userName') or '?'}", Rung.DIRECTORY)
    own = arn or _text(user_identity, "principalId") or _text(user_identity, "userName") or account or "?"
    if kind == "Unknown" and (event_source or "").startswith(("sso", "signin.")) and _DIRECTORY_ID.fullmatch(own):
        return Identity(own, Rung.PERHAPS_IDENTITY_CENTER)
    service = _text(user_identity, "invokedBy")
    if service and kind in ("AWSService", None):
        return Identity(service, Rung.SERVICE)
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
    issued_to = _text(_mapping(user_identity, "inScopeOf"), "credentialsIssuedTo")
    if issued_to:
        return Identity(issued_to, Rung.COMPUTE, role, name)
    if name and _INSTANCE.fullmatch(name):
        return Identity(arn or name, Rung.INSTANCE, role, name)
    workload = _workload(name or "", _text(_mapping(context, "webIdFederationData"), "federatedProvider") or "")
    if workload is not None and role:
        return Identity(role, workload, role, name)
    if name and not _TOOL_MADE.fullmatch(name):
        return Identity(arn or f"{role or '?'}/{name}", Rung.SESSION, role, name)
    return Identity(role or arn or _text(user_identity, "principalId") or "?", Rung.ROLE, role, name)


def _workload(name: str, provider: str) -> Rung | None:
    """What a session belongs to where its name or provider says so: such names change with each run, so the role is the actor."""
    if any(known in provider for known in _CI_PROVIDERS) or _CI.fullmatch(name):
        return Rung.CI
    if "/oidc.eks." in provider or name.startswith("eks-"):
        return Rung.POD
    return Rung.TASK if _TASK.fullmatch(name) else None


def _text(mapping: Mapping[str, Any], name: str) -> str | None:
    value = mapping.get(name)
    return value if isinstance(value, str) and (value or name == "principalId") else None


def _mapping(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    return value if isinstance(value, dict) else {}
