"""Who calls, and whether a Principal element means them.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cttoolkit.policies.truth import Truth

__all__ = ["ANYBODY", "Caller", "Principals", "excepts", "means"]

_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>[0-9]{12}):(?P<rest>.+)")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{8,}")

Principals = Mapping[str, Sequence[str]]
"""Kind (AWS, Service, Federated, CanonicalUser) to names. ``"Principal": "*"`` is ``{"AWS": ["*"]}``, which means the same."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a request: an AWS service, a principal by its ARN, an account, a federated user, or anybody without a name."""

    kind: str
    name: str

    @classmethod
    def service(cls, name: str) -> Caller:
        return cls("Service", name)

    @classmethod
    def arn(cls, name: str) -> Caller:
        """A user, a role, a session of a role (``arn:aws:sts::A:assumed-role/R/S``), or an account by its root."""
        return cls("AWS", name)

    @classmethod
    def account_of(cls, account: str) -> Caller:
        return cls("AWS", f"arn:aws:iam::{account}:root")

    @property
    def account(self) -> str | None:
        found = _ARN.fullmatch(self.name) if self.kind == "AWS" else None
        return found["account"] if found else None

    def __str__(self) -> str:
        return self.name if self.kind != "Anonymous" else "anybody, without signing in"


ANYBODY = Caller("Anonymous", "*")


def means(principals: Principals, caller: Caller) -> Truth:
    """Whether a Principal element names the caller. An account stands for everybody in it; ``*`` for AWS services too."""
    if "*" in principals.get("AWS", ()):
        return Truth.YES
    answers = []
    for kind, names in principals.items():
        answers += [_names(kind, name, caller) for name in names]
    return Truth.any(answers)


def excepts(principals: Principals, caller: Caller) -> Truth:
    """Whether a NotPrincipal element leaves the caller out, so that the statement does not apply to them.

    A user or role is surely left out only where its account is named as well, and a session where its role and account are; else
    AWS may hold the account, which is not named, against the statement.
    """
    named = means(principals, caller)
    if named is not Truth.YES or caller.kind != "AWS":
        return named
    listed = set(principals.get("AWS", ()))
    account = caller.account
    has_account = bool(listed & {"*", account, f"arn:aws:iam::{account}:root"}) or any(
        one.endswith(f"::{account}:root") for one in listed
    )
    needed = [has_account]
    if not caller.name.endswith(":root"):
        needed.append(caller.name in listed)
    if ":assumed-role/" in caller.name:
        needed.append(any(_is_role_of(one, caller.name) for one in listed))
    return Truth.YES if all(needed) else Truth.UNKNOWN


def _names(kind: str, name: str, caller: Caller) -> Truth:
    if kind == "AWS":
        return _names_principal(name, caller)
    if kind == "Service":
        return Truth.of(caller.kind == "Service" and name in (caller.name, "*"))
    if kind == "Federated":
        return Truth.of(caller.kind == "Federated" and name == caller.name)
    if kind == "CanonicalUser":
        # Which account a canonical id belongs to is known to S3 alone.
        if caller.kind == kind:
            return Truth.of(name == caller.name)
        return Truth.UNKNOWN if caller.kind == "AWS" else Truth.NO
    return Truth.UNKNOWN


def _names_principal(name: str, caller: Caller) -> Truth:
    if caller.kind != "AWS":
        return Truth.NO
    if _ACCOUNT.fullmatch(name):
        return Truth.of(name == caller.account)
    found = _ARN.fullmatch(name)
    if found is None:
        # The id of a principal that was deleted, or of one whose ARN is not known here.
        return Truth.UNKNOWN if _UNIQUE_ID.fullmatch(name) else Truth.NO
    if found["rest"] == "root":
        return Truth.of(found["account"] == caller.account)
    return Truth.of(name == caller.name or _is_role_of(name, caller.name))


def _is_role_of(role: str, session: str) -> bool:
    """Whether a session is one of a role. The session's ARN has the role's name without its path."""
    own, other = _ARN.fullmatch(role), _ARN.fullmatch(session)
    if own is None or other is None or own["account"] != other["account"] or own["partition"] != other["partition"]:
        return False
    if not own["rest"].startswith("role/") or not other["rest"].startswith("assumed-role/"):
        return False
    return own["rest"].rsplit("/", 1)[1] == other["rest"].split("/")[1]
