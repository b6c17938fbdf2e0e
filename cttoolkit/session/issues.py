"""What issued credentials, and what used them: the two tables that credential chains are joined from.

Source of the fields: AWS IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail"; AWS Sign-In User Guide for
ConsoleLogin and SwitchRole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.integrity.verdict import Status
from cttoolkit.param import param

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = ["DOUBTFUL", "ISSUES", "issues_of", "persons_of", "sign_ins_of", "uses_of"]

ISSUES = (
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetSessionToken",
    "GetFederationToken",
    "CreateAccessKey",
)
_SIGN_INS = ("ConsoleLogin", "SwitchRole", "GetSigninToken", "CreateLoginProfile", "UpdateLoginProfile")
DOUBTFUL = (Status.UNVERIFIABLE.value, Status.UNLISTED.value)
_CITED = (
    "event_id",
    "event_time",
    "event_name",
    "credential",
    "principal",
    "actor",
    "user_identity_type",
    "user_identity_principal_id",
    "recipient_account_id",
    "shared_event_id",
    "source_ip_address",
    "user_agent",
    "status",
)


def issues_of(events: Events) -> ibis.Table:
    """Calls that gave out credentials, with what their answers say of these: the key, and whose it is."""
    found = _with(
        events.named(*ISSUES).succeeded().table,
        issued_key=("responseElements.credentials.accessKeyId", "responseElements.accessKey.accessKeyId"),
        issued_id=("responseElements.assumedRoleUser.assumedRoleId", "responseElements.federatedUser.federatedUserId"),
        expires=("responseElements.credentials.expiration",),
        role_arn=("requestParameters.roleArn",),
        target=("requestParameters.targetPrincipal",),
    )
    return found.filter(found.issued_key.notnull() | found.issued_id.notnull())


def sign_ins_of(events: Events) -> ibis.Table:
    """Ways into the console: logins that succeeded, changes of role, links made from keys, passwords given."""
    return _with(
        events.named(*_SIGN_INS).succeeded().table,
        outcome=("responseElements.ConsoleLogin", "responseElements.SwitchRole"),
        mfa=("additionalEventData.MFAUsed",),
        switched_from=("additionalEventData.SwitchFrom",),
        owner=("requestParameters.userName",),
    )


def uses_of(events: Events) -> ibis.Table:
    """Credentials as they were used, one row each: by whom, between when, from how many addresses."""
    table = events.table.filter(events.table.credential.notnull() & events.table.event_time.notnull())
    return table.group_by("credential").aggregate(
        principal=table.principal.min(),
        principals=table.principal.nunique(),
        principal_id=table.user_identity_principal_id.min(),
        arn=table.user_identity_arn.min(),
        user_name=table.user_identity_user_name.min(),
        actor=table.actor.min(),
        actor_rung=table.actor_rung.min(),
        role=table.role.min(),
        account=table.user_identity_account_id.min(),
        created_at=table.session_created_at.min(),
        first=table.event_time.min(),
        last=table.event_time.max(),
        events=table.count(),
        addresses=table.source_ip_address.nunique(),
        address=table.source_ip_address.min(),
        user_agent=table.user_agent.min(),
        agents=table.user_agent.nunique(),
        **{status: (table.status == status).any() for status in DOUBTFUL},
    )


def persons_of(events: Events) -> ibis.Table:
    """Credentials that Identity Center says were used on somebody's behalf. It says so of some events of a session, not of all."""
    table = events.table.filter(events.table.credential.notnull())
    table = table.filter(table.user_identity.contains("onBehalfOf"))
    table = table.mutate(
        store=param("userIdentity.onBehalfOf.identityStoreArn").value(table),
        person=param("userIdentity.onBehalfOf.userId").value(table),
    )
    return table.filter(table.person.notnull()).select("credential", "store", "person").distinct()


def _with(table: ibis.Table, **paths: tuple[str, ...]) -> ibis.Table:
    import ibis

    found: dict[str, Any] = {name: table[name] for name in _CITED}
    for name, places in paths.items():
        found[name] = ibis.coalesce(*(param(place).value(table) for place in places))
    return table.select(**found)
