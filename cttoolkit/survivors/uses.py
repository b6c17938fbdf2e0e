"""Whether a way back was used after it was opened, as far as management events show it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.survivors.found import Call
from cttoolkit.survivors.ways import Use

if TYPE_CHECKING:
    import ibis

__all__ = ["uses"]

_ROLE = param("requestParameters.roleArn")
_ENTERED = param("responseElements.ConsoleLogin") == "Success"


def uses(events: Events, opened: Call) -> Events | None:
    """All admitted events that used what a call opened, from that time on; None where no management event would show it."""
    use, name = opened.way.use, opened.shown[0]
    if use is None:
        return None
    since = Match(f"since {opened.call}", lambda table: table.event_time >= opened.at) if opened.at else None
    found = events.root if since is None else events.root.where(since)
    if use is Use.KEY:
        return found.with_key(name)
    here = found.in_account(opened.thing.account)
    if use is Use.USER:
        return here.where(_by_user(name))
    if use is Use.PASSWORD:
        return here.named("ConsoleLogin").where(_by_user(name)).where(_ENTERED)
    assumed = _assumed(here, name)
    if use is Use.NEW_TO_ROLE and opened.at is not None:
        return assumed.where(_new_since(_assumed(events.root.in_account(opened.thing.account), name), opened.at))
    return assumed


def _by_user(name: str) -> Match:
    def holds(table: ibis.Table) -> Any:
        is_user = table.user_identity_type == "IAMUser"
        return (is_user & (table.user_identity_user_name.lower() == name.lower())).fill_null(False)  # noqa: FBT003

    return Match(f"by user {name}", holds)


def _assumed(events: Events, role: str) -> Events:
    """Sessions of a role that were given out, of which a federated caller's are some."""
    calls = events.named("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity").succeeded()
    return calls.where(_ROLE.meets(f"is role {role}", lambda arn: arn.lower().endswith(f"/{role.lower()}")))


def _new_since(assumed: Events, at: datetime) -> Match:
    """By callers who had not been given a session of the role before."""
    table = assumed.table
    before = table.filter(table.event_time < at).select("principal").distinct().to_pyarrow()["principal"].to_pylist()
    known = [one for one in before if one]
    return Match("by who had not before", lambda table: ~table.principal.isin(known).fill_null(False))  # noqa: FBT003
