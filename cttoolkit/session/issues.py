"""What issued credentials, and what used them: the tables that credential chains are joined from.

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

__all__ = ["SECONDS", "acts_of", "halves_of", "holder_of", "issues_of", "persons_of", "sign_ins_of", "uses_of", "whole"]

_ISSUES = (
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "GetSessionToken",
    "GetFederationToken",
    "CreateAccessKey",
)
_SIGN_INS = ("ConsoleLogin", "SwitchRole", "GetSigninToken", "CreateLoginProfile", "UpdateLoginProfile")
SECONDS = "%Y-%m-%d %H:%M:%S"
"""Times as text that can be compared, on every engine, with what stands in a record as text."""
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
# STS's answers have a narrow space before AM and PM in some, and an ordinary one in others.
_EXPIRY = (
    "^([A-Z][a-z]{2}) ([0-9]{1,2}), ([0-9]{4}),? ([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])[ \u00a0\u2009\u202f]([AP])M$"
)
_FILLED = ("issued_key", "issued_id", "expires", "role_arn")


def issues_of(events: Events) -> ibis.Table:
    """Calls that gave out credentials, with what their answers say of these: the key, and whose it is."""
    found = acts_of(
        events.named(*_ISSUES).succeeded(),
        issued_key=("responseElements.credentials.accessKeyId", "responseElements.accessKey.accessKeyId"),
        issued_id=("responseElements.assumedRoleUser.assumedRoleId", "responseElements.federatedUser.federatedUserId"),
        expires=("responseElements.credentials.expiration",),
        role_arn=("requestParameters.roleArn",),
        target=("requestParameters.targetPrincipal",),
    )
    found = found.filter(found.issued_key.notnull() | found.issued_id.notnull())
    return found.drop("source", "created_at", "address", "agent", "received")


def sign_ins_of(events: Events) -> ibis.Table:
    """Ways into the console: logins that succeeded, changes of role, links made from keys, passwords given."""
    found = acts_of(
        events.named(*_SIGN_INS).succeeded(),
        outcome=("responseElements.ConsoleLogin", "responseElements.SwitchRole"),
        mfa=("additionalEventData.MFAUsed",),
        switched_from=("additionalEventData.SwitchFrom",),
        owner=("requestParameters.userName",),
    )
    # The outcome of an entry stands in its answer: an error alone does not tell.
    is_entry = found.call.isin(("ConsoleLogin", "SwitchRole"))
    return found.filter(~is_entry | (found.outcome == "Success"))


def acts_of(events: Events, **paths: tuple[str, ...]) -> ibis.Table:
    """Events as what may have given rise to something: who did it, when, and what stands at these places."""
    import ibis

    table = events.table.filter(events.table.event_time.notnull())
    found: dict[str, Any] = {
        "cited": table.event_id,
        "at": table.event_time,
        "at_second": table.event_time.strftime(SECONDS),
        "call": table.event_name,
        "by": ibis.coalesce(table.credential, table.principal),
        "by_principal": table.principal,
        "by_type": table.user_identity_type,
        "by_id": table.user_identity_principal_id,
        "by_arn": table.user_identity_arn,
        "by_role": table.role,
        "by_account": table.user_identity_account_id,
        "received": table.recipient_account_id,
        "shared": table.shared_event_id.nullif(""),
        "source": table.event_source,
        "created_at": table.session_created_at,
        "address": table.source_ip_address,
        "agent": table.user_agent,
        "sound": _rank(table.status),
        "place": table.log_file + "#" + table.record_index.cast("string"),
    }
    for name, places in paths.items():
        found[name] = ibis.coalesce(*(param(place).value(table) for place in places))
    return table.select(**found)


def halves_of(issues: ibis.Table) -> ibis.Table:
    """Issues of actions that both accounts saw, numbered: the half that names its caller comes first."""
    import ibis

    seen = issues.group_by("shared").aggregate(halves=issues.count())
    several = issues.semi_join(seen.filter(seen.shared.notnull() & (seen.halves > 1)), "shared")
    numbered = several.mutate(
        is_theirs=(several.by_type == "AWSAccount").fill_null(False),  # noqa: FBT003
        tie=several.cited.fill_null(""),
    )
    place = ibis.row_number().over(group_by="shared", order_by=["is_theirs", "tie", "place"])
    return numbered.mutate(half=place).drop("is_theirs", "tie")


def whole(issues: ibis.Table, halves: ibis.Table | None) -> ibis.Table:
    """Each action once: the half that names its caller stands for both, with what only the other one knows."""
    import ibis

    if halves is not None:
        others = halves.filter(halves.half > 0)
        known = others.group_by("shared").aggregate(
            others_sound=others.sound.max(), **{f"others_{name}": others[name].min() for name in _FILLED}
        )
        issues = issues.anti_join(others.select("place"), "place").left_join(known, "shared").drop("shared_right")
        filled = {name: ibis.coalesce(issues[name], issues[f"others_{name}"]) for name in _FILLED}
        sound = ibis.greatest(issues.sound, issues.others_sound.fill_null(0)).cast("int8")
        issues = issues.mutate(**filled, sound=sound)
        issues = issues.drop("others_sound", *(f"others_{name}" for name in _FILLED))
    read = issues.mutate(expires_at=_instant(issues.expires), role_key=holder_of(issues.role_arn))
    return read.drop("by_type", "shared")


def holder_of(arn: Any) -> Any:
    """A role or user by account and name, as in ``111122223333/deploy``: its path is not known everywhere, and case tells nothing."""
    return arn.re_extract("^(?:[^:]*:){4}([^:]*)", 1) + "/" + arn.re_extract("([^/]*)$", 1).lower()


def _instant(text: Any) -> Any:
    """``Jul 10, 2023, 6:30:22 PM``, as STS's answers are written, in the way of SECONDS; NULL where it is written otherwise."""
    import ibis

    month, day, year, hour, minute, second, half = (text.re_extract(_EXPIRY, n) for n in range(1, 8))
    number = ((ibis.literal(_MONTHS).find(month) // 3) + 1).cast("string").lpad(2, "0")
    hours = (hour.try_cast("int64") % 12 + (half == "P").ifelse(12, 0)).cast("string").lpad(2, "0")
    found = year + "-" + number + "-" + day.lpad(2, "0") + " " + hours + ":" + minute + ":" + second
    return text.re_search(_EXPIRY).ifelse(found, ibis.null("string"))


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
        in_shell=table.user_agent.contains("exec-env/CloudShell").any().fill_null(False),  # noqa: FBT003
        sound=_rank(table.status).max(),
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


def _rank(status: Any) -> Any:
    """A status as a number that grows with distrust."""
    import ibis

    ranked = ibis.cases(*((status == one.value, one.rank) for one in Status), else_=len(Status) - 1)
    return ranked.cast("int8")
