"""Whether a way back was used after it was opened, as far as management events show it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cttoolkit.detections.callers import SUCCEEDED
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.survivors.found import Call
from cttoolkit.survivors.ways import Use
from cttoolkit.text import shortened

if TYPE_CHECKING:
    import ibis

__all__ = ["uses"]

_LONGEST = 100
_ROLE = param("requestParameters.roleArn")
_ENTERED = param("responseElements.ConsoleLogin") == "Success"
_ASSUMING = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


def uses(events: Events, opened: Call) -> Match | None:
    """Whether an event used what a call opened, from that time on; None where no management event would show it."""
    use = opened.way.use
    if use is None:
        return None
    whole, name, account = events.root, opened.shown[0], opened.thing.account
    known = _callers(whole, name, account, opened.at) if use is Use.NEW_TO_ROLE and opened.at is not None else []

    def holds(table: ibis.Table) -> Any:
        found = _is_use(table, use, name)
        if use is not Use.KEY:
            # A key is unique; names are so in one account.
            found &= table.recipient_account_id == account
        if known:
            found &= ~table.principal.isin(known).fill_null(False)  # noqa: FBT003
        return (found & (table.event_time >= opened.at) if opened.at is not None else found).fill_null(False)  # noqa: FBT003

    return Match(f"used {opened.way.kind} {shortened(name, _LONGEST)} since it was opened", holds)


def _is_use(table: ibis.Table, use: Use, name: str) -> Any:
    if use is Use.KEY:
        return table.access_key_id == name
    if use is Use.ROLE or use is Use.NEW_TO_ROLE:
        return _is_assumed(table, name)
    is_user = (table.user_identity_type == "IAMUser") & (table.user_identity_user_name.lower() == name.lower())
    return is_user & (table.event_name == "ConsoleLogin") & _ENTERED(table) if use is Use.PASSWORD else is_user


def _is_assumed(table: ibis.Table, role: str) -> Any:
    """Whether a session of a role was given out."""
    is_role = _ROLE.value(table).lower().endswith(f"/{role.lower()}")
    return table.event_name.isin(_ASSUMING) & SUCCEEDED(table) & is_role


def _callers(whole: Events, role: str, account: str, before: datetime) -> list[str]:
    """Who had been given a session of a role before."""
    table = whole.table
    is_earlier = (table.recipient_account_id == account) & (table.event_time < before)
    found = table.filter(_is_assumed(table, role) & is_earlier).select("principal").distinct()
    return [one for one in found.to_pyarrow()["principal"].to_pylist() if one]
