"""Sessions that the suspects used or were given, when they were issued, and what would revoke them.

Source: AWS IAM User Guide, "Revoke IAM role temporary security credentials", whose statement is the condition on
aws:TokenIssueTime; long-lived keys carry no such time, and go on.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, is_attested, judged, weakest
from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.session.issues import issues_of, whole
from cttoolkit.window import instant, later, written

__all__ = ["revocation", "sessions"]

_SECOND = timedelta(seconds=1)
_GROUPED, _TEXTS = ("user_identity_type", "role", "user_identity_arn"), ("name", "user", "account")
_COLONS = 5
"""In an ARN: the account stands before the last of them."""
_NEWER = "what was issued since goes on: while the way in is open, write the time of doing it instead"
_KEPT = {
    "/aws-reserved/sso.amazonaws.com/": "a role of Identity Center takes no policy: end the user's sessions there, and put the statement "
    "into the permission set",
    "/aws-service-role/": "a role of an AWS service takes no policy",
}
_ROOT = "no policy of the account binds root: change its password and its second factor"
_FOREIGN = "is of account {}, whose trail these events are not known to be of: to be revoked there"
_LOOSE = "the time stands in records that nobody vouches for; those that are vouched for lead to {}"
_NO_EXPIRY = "no expiry is recorded"


def revocation(before: datetime) -> str:
    """A policy that denies everything to sessions issued before a time, as one line of JSON."""
    condition = {"DateLessThan": {"aws:TokenIssueTime": written(before)}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def sessions(suspects: Events) -> list[Fact]:
    """A row for each name that a role, a user or root was in a session by, in order of first use.

    A role has one policy of that name, so every call for one revokes up to the latest time that any of its sessions was issued at.
    """
    used = _is_session(suspects)
    rows = _rows(used)
    expiries = _expiries(suspects.root, {key for row in rows for key in row["keys"]})
    latest: dict[_Owner, datetime] = {}
    vouched: dict[_Owner, datetime] = {}
    for row in rows:
        for times, before in ((latest, row["before"]), (vouched, row["vouched_before"])):
            if before is not None:
                times[row["owner"]] = max(before, times.get(row["owner"], before))
    return [_fact(used, row, expiries, latest.get(row["owner"]), vouched.get(row["owner"])) for row in rows]


class _Owner(NamedTuple):
    """Whom a policy is put on. Names of roles and users are unique in an account, whatever their path."""

    account: str
    noun: str
    name: str | None


def _rows(used: Events) -> list[dict[str, Any]]:
    """A row for each session by name, with the times that it was issued at."""
    table = judged(used)
    grouped = table.group_by([*_GROUPED, "session_created_at", "standing"]).aggregate(
        name=table.session_name.min(),
        user=table.user_identity_user_name.min(),
        account=table.user_identity_account_id.min(),
        received=table.recipient_account_id.collect(distinct=True),
        first=table.event_time.min(),
        last=table.event_time.max(),
        events=table.count(),
        keys=table.access_key_id.collect(distinct=True),
    )
    named: dict[tuple[str | None, ...], list[dict[str, Any]]] = {}
    for part in grouped.to_pyarrow().to_pylist():
        named.setdefault(tuple(part[column] for column in _GROUPED), []).append(part)
    rows = [_joined(parts) for parts in named.values()]
    return sorted(rows, key=lambda row: (row["first"] is None, str(row["first"]), str(row["user_identity_arn"])))


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    row = {column: parts[0][column] for column in _GROUPED}
    row |= {column: min(filter(None, (part[column] for part in parts)), default=None) for column in _TEXTS}
    row["first"] = min((part["first"] for part in parts if part["first"] is not None), default=None)
    row["last"] = max((part["last"] for part in parts if part["last"] is not None), default=None)
    row["events"] = sum(part["events"] for part in parts)
    row["words"] = {part["standing"] for part in parts}
    row |= {column: {one for part in parts for one in part[column] or ()} for column in ("keys", "received")}
    row["issued"], row["before"] = _issued(parts)
    row["vouched_before"] = _issued([part for part in parts if is_attested(part["standing"])])[1]
    arn, noun = (row["role"], "role") if row["role"] else (row["user_identity_arn"], "user")
    name = row["role"].rpartition("/")[2] if row["role"] else row["user"]
    row["owner"] = _Owner((arn or "").split(":")[4] if (arn or "").count(":") >= _COLONS else "", noun, name)
    return row


def _issued(parts: list[dict[str, Any]]) -> tuple[datetime | None, datetime | None]:
    """The latest time of issue, and the time up to which a policy revokes.

    No session is issued after it was used: a time that is later than the record that names it says nothing. Of a session without a
    time of issue all that is known is that it was issued before it was used.
    """
    read = [(_read(part["session_created_at"]), part["last"]) for part in parts]
    issued = max((time for time, use in read if time and use and time <= use), default=None)
    last = issued or max((use for _, use in read if use), default=None)
    return issued, None if last is None else later(last, _SECOND)


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
    found_times = {row["issued_key"]: _read(f"{row['expires_at']}Z") for row in rows}
    return {key: time for key, time in found_times.items() if time is not None}


def _fact(
    used: Events,
    row: dict[str, Any],
    expiries: dict[str, datetime],
    before: datetime | None,
    vouched: datetime | None,
) -> Fact:
    role, is_root, owner = row["role"], row["user_identity_type"] == "Root", row["owner"]
    expires = max((expiries[key] for key in row["keys"] if key in expiries), default=None)
    kept = next((told for part, told in _KEPT.items() if role and f":role{part}" in role), _ROOT if is_root else "")
    if not kept and owner.account not in row["received"]:
        kept = _FOREIGN.format(owner.account or "that is not known")
    revoke = None
    told = [kept or _NEWER, *([] if expires else [_NO_EXPIRY])]
    if before is not None and not kept:
        policy = ["--policy-name", "RevokeOlderSessions", "--policy-document", revocation(before)]
        revoke = command("aws", "iam", f"put-{owner.noun}-policy", f"--{owner.noun}-name", owner.name, *policy)
        if vouched is not None and vouched < before:
            told.append(_LOOSE.format(written(vouched)))
    return Fact(
        Task.REVOKE,
        "session of a role" if role else "session of root" if is_root else "session of a user",
        "root" if is_root else row["name"] or row["user"] or "?",
        role or row["user_identity_arn"] or "",
        owner.account or row["account"] or "",
        "",
        row["first"],
        row["last"],
        row["events"],
        weakest(row["words"]),
        used.where(**{name: row[name] for name in _GROUPED}),
        "; ".join(told),
        (revoke,) if revoke else (),
        issued=row["issued"],
        expires=expires,
        revoke_before=before,
    )


def _read(text: str | None) -> datetime | None:
    """A time as the record writes it; None where it cannot be read."""
    try:
        return None if text is None else instant(text)
    except WindowError:
        return None
