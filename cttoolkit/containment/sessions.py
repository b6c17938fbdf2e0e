"""Sessions that the suspects used or were given, when they were issued, and what would revoke them.

Source: AWS IAM User Guide, "Revoke IAM role temporary security credentials", whose statement is the condition on
aws:TokenIssueTime; long-lived keys carry no such time, and go on.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, judged, weakest
from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.session.issues import issues_of, whole
from cttoolkit.window import instant, later, written

__all__ = ["revocation", "sessions"]

_SECOND = timedelta(seconds=1)
_WRITTEN = "%Y-%m-%d %H:%M:%S"
_GROUPED = ("user_identity_type", "role", "user_identity_arn")
_NEWER = "what was issued since goes on: while the way in is open, write the time of doing it instead"
_KEPT = {
    "/aws-reserved/sso.amazonaws.com/": "a role of Identity Center takes no policy: end the user's sessions there, and put the statement "
    "into the permission set",
    "/aws-service-role/": "a role of an AWS service takes no policy",
}
_ROOT = "no policy of the account binds root: change its password and its second factor"
_NO_EXPIRY = "no expiry is recorded"


def revocation(before: datetime) -> str:
    """A policy that denies everything to sessions issued before a time, as one line of JSON."""
    condition = {"DateLessThan": {"aws:TokenIssueTime": written(before)}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def sessions(suspects: Events) -> list[Fact]:
    """A row for each name that a role, a user or root was in a session by, in order of first use."""
    used = _is_session(suspects)
    table = judged(used)
    grouped = table.group_by(list(_GROUPED)).aggregate(
        name=table.session_name.min(),
        user=table.user_identity_user_name.min(),
        account=table.user_identity_account_id.min(),
        issued=table.session_created_at.max(),
        first=table.event_time.min(),
        last=table.event_time.max(),
        events=table.count(),
        words=table.standing.collect(distinct=True),
        keys=table.access_key_id.collect(distinct=True),
    )
    rows = grouped.order_by(["first", "user_identity_arn"]).to_pyarrow().to_pylist()
    expiries = _expiries(suspects.root, {key for row in rows for key in row["keys"] or ()})
    return [_fact(used, row, expiries) for row in rows]


def _is_session(events: Events) -> Events:
    """Calls with temporary credentials that somebody holds; calls of a service in the caller's name belong to those."""
    kinds = ("tmp:", "con:", "sis:")

    def holds(table: Any) -> Any:
        credential = table.credential.fill_null("")
        return credential.startswith(kinds[0]) | credential.startswith(kinds[1]) | credential.startswith(kinds[2])

    return events.where(Match("in a session", holds))


def _expiries(events: Events, keys: set[str]) -> dict[str, datetime]:
    if not keys:
        return {}
    issues = whole(issues_of(events), None)
    found = issues.filter(issues.issued_key.isin(sorted(keys)) & issues.expires_at.notnull())
    rows = found.select("issued_key", "expires_at").to_pyarrow().to_pylist()
    return {row["issued_key"]: datetime.strptime(row["expires_at"], _WRITTEN).replace(tzinfo=UTC) for row in rows}


def _fact(used: Events, row: dict[str, Any], expiries: dict[str, datetime]) -> Fact:
    role, is_root = row["role"], row["user_identity_type"] == "Root"
    issued = _read(row["issued"])
    # Of a session without a time of issue all that is known is that it was issued before it was used.
    before = later(issued or row["last"], _SECOND) if issued or row["last"] else None
    expires = max((expiries[key] for key in row["keys"] or () if key in expiries), default=None)
    kept = next((told for part, told in _KEPT.items() if role and f":role{part}" in role), _ROOT if is_root else "")
    revoke = None
    if before is not None and not kept:
        owner = ("role", role.rpartition("/")[2]) if role else ("user", row["user"])
        noun, name = owner
        policy = ["--policy-name", "RevokeOlderSessions", "--policy-document", revocation(before)]
        revoke = command("aws", "iam", f"put-{noun}-policy", f"--{noun}-name", name, *policy)
    told = [kept or _NEWER, *([] if expires else [_NO_EXPIRY])]
    return Fact(
        Task.REVOKE,
        "session of a role" if role else "session of root" if is_root else "session of a user",
        "root" if is_root else row["name"] or row["user"] or "?",
        role or row["user_identity_arn"] or "",
        row["account"] or "",
        "",
        row["first"],
        row["last"],
        row["events"],
        weakest(row["words"]),
        used.where(**{name: row[name] for name in _GROUPED}),
        "; ".join(told),
        (revoke,) if revoke else (),
        issued=issued,
        expires=expires,
        revoke_before=before,
    )


def _read(text: str | None) -> datetime | None:
    """A time as the record writes it; None where it cannot be read."""
    try:
        return None if text is None else instant(text)
    except WindowError:
        return None
