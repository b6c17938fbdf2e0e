"""Rights that were gained: a call that was refused, and then, after a change to IAM, allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cttoolkit.calls import is_denied
from cttoolkit.detections.callers import SUCCEEDED
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.baseline import acting
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["gained"]

_CHANGES = (
    "AddUserToGroup", "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreatePolicyVersion", "DeleteGroupPolicy",
    "DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DeleteUserPermissionsBoundary", "DeleteUserPolicy", "DetachGroupPolicy",
    "DetachRolePolicy", "DetachUserPolicy", "PutGroupPolicy", "PutRolePermissionsBoundary", "PutRolePolicy",
    "PutUserPermissionsBoundary", "PutUserPolicy", "RemoveUserFromGroup", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy",
)  # fmt: skip
"""What changes somebody's rights, a denial taken away among it."""
_KEYS = ("principal", "event_source", "event_name", "recipient_account_id")


def gained(events: Events) -> Pivot:
    """Calls that a principal was always refused until a change to IAM in that account, and never after it. Rows hold all of them.

    Which resource was asked for is not looked at, nor whose rights the change touched; a right for some resources and not for
    others goes back and forth, and is no row.
    """
    asked = acting(events).where(Match("with a name", lambda table: table.event_name.notnull()))
    table = marked(asked, asked.table)
    denied, allowed = is_denied(table.error_code), SUCCEEDED(table)
    rows = table.group_by(_KEYS).aggregate(
        actor=table.actor.min(),
        **brief(table),
        failed=(~allowed).sum(),
        refused=denied.sum(),
        refused_last=table.event_time.max(where=denied),
        allowed_first=table.event_time.min(where=allowed),
        standing=worth(asked, table),
    )
    rows = rows.filter((rows.refused > 0) & (rows.refused_last < rows.allowed_first))
    rows = _after_change(rows, events).order_by([rows["first"], *(rows[name] for name in _KEYS)])
    return Pivot("principal and call", asked, rows, _KEYS, asked=events)


def _after_change(rows: ibis.Table, events: Events) -> ibis.Table:
    made = events.root.named(*_CHANGES).where(SUCCEEDED).table
    made = made.select(changed_in=made.recipient_account_id, changed_at=made.event_time).distinct()
    between = rows.inner_join(
        made,
        [
            rows.recipient_account_id == made.changed_in,
            rows.refused_last <= made.changed_at,
            rows.allowed_first >= made.changed_at,
        ],
    )
    return rows.semi_join(between.select(*_KEYS).distinct(), _KEYS)
