"""Roles assumed from one account into another, as both accounts tell it.

Source: IAM User Guide, "Example cross-account AWS STS API events": the caller's account and the role's each record a half, and the
role's knows the caller by account and id alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["crossings"]

_CALLS = ("AssumeRole", "AssumeRoot")
_ROLE, _TARGET = param("requestParameters.roleArn"), param("requestParameters.targetPrincipal")
_KEYS = ("from_account", "into_account", "role")


def crossings(events: Events) -> Pivot:
    """Each role that was assumed from another account, or tried to, by the caller's account and the role's, in order of time.

    ``told_by_caller`` and ``told_by_role`` count the halves that the caller's account and the role's recorded. Where one of them is 0,
    that account, or the region of the call, is not in the evidence, or what it recorded is gone: who called stands in the caller's half
    alone. ``refused`` counts what failed, which the role's account need not have seen. ``addresses`` are those that the callers came
    from. Callers that have no account, as services and outside providers, are left out.
    """
    asked = events.named(*_CALLS).where(Match("into another account", _is_crossing))
    table = marked(asked, asked.table)
    table = table.mutate(from_account=_from(table), into_account=_into(table), role=_role(table))
    told = brief(table) | {
        "told_by_caller": (table.recipient_account_id == table.from_account).sum(),
        "told_by_role": (table.recipient_account_id == table.into_account).sum(),
        "refused": is_failed(table).sum(),
        "actors": table.actor.nunique(),
        "addresses": table.source_ip_address.nunique(),
        "standing": worth(asked, table),
    }
    rows = table.group_by(_KEYS).aggregate(**told)
    ordered = rows.order_by([rows["first"].asc(), *(rows[key].asc() for key in _KEYS)])
    derived = {"from_account": _from, "into_account": _into, "role": _role}
    return Pivot("accounts and role", asked, ordered, _KEYS, derived, events)


def _from(table: ibis.Table) -> Any:
    return table.user_identity_account_id


def _role(table: ibis.Table) -> Any:
    """The role, or whom AssumeRoot was to become: an account, or the ARN of its root."""
    return _ROLE.value(table).coalesce(_TARGET.value(table))


def _into(table: ibis.Table) -> Any:
    return _role(table).re_extract(r"^(?:arn:[^:]*:(?:iam|sts)::)?([0-9]{12})(?::|$)", 1)


def _is_crossing(table: ibis.Table) -> Any:
    return (_into(table) != "") & (_into(table) != _from(table))
