"""Sessions of the console joined to the way in: a login, a change of role, or a link that was made from a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from cttoolkit.session.edges import LONGEST, SLACK, Edge, Grade, edge, issue_time
from cttoolkit.session.timeline import Row, Timeline
from cttoolkit.window import earlier, later

__all__ = ["ways_in"]

_SOON = timedelta(minutes=15)


def ways_in(uses: Sequence[Row], sign_ins: Sequence[Row]) -> Callable[[Row], Iterator[Edge]]:
    """Ways into a console session: a login, a change of role, a link made from a key; and passwords, which only enable."""
    logins = Timeline((row for row in sign_ins if _is_entry(row)), "user_identity_principal_id")
    links = Timeline((row for row in sign_ins if row["event_name"] == "GetSigninToken"), "user_identity_principal_id")
    passwords = Timeline((row for row in sign_ins if row["event_name"].endswith("LoginProfile")), "owner")
    sessions = Timeline((_opened(use) for use in uses if use["credential"].startswith("con:")), "arn")

    def ways(use: Row) -> Iterator[Edge]:
        if not use["credential"].startswith("con:"):
            return
        owner, until = use["principal_id"], later(use["first"], SLACK)
        for entry in logins.during(owner, earlier(use["first"], LONGEST), until):
            grade = _entry_grade(entry, use)
            if grade is None:
                continue
            if entry["event_name"] == "SwitchRole":
                yield _switched(entry, use, grade, sessions)
            else:
                note = f"MFA used: {entry['mfa']}" if entry["mfa"] else ""
                yield replace(
                    edge(entry, use, "console login", grade, note),
                    parent=f"login:{entry['user_identity_principal_id']}",
                )
        for link in links.during(owner, earlier(use["first"], _SOON), until):
            yield edge(link, use, "console link made from a key", Grade.STRONG)
        for given in passwords.of(use["user_name"]):
            if given["event_time"] <= use["first"] and given["recipient_account_id"] == use["account"]:
                yield edge(given, use, "password given", Grade.LIKELY, enables=True)

    return ways


def _opened(use: Row) -> Row:
    """A console session as something that happened when it was first seen."""
    return {**use, "event_time": use["first"], "event_id": use["credential"]}


def _is_entry(row: Row) -> bool:
    # A failed login has no errorCode: its outcome stands in the answer.
    return row["event_name"] in ("ConsoleLogin", "SwitchRole") and row["outcome"] == "Success"


def _entry_grade(entry: Row, use: Row) -> Grade | None:
    created = issue_time(use)
    if created is not None and entry["event_time"].replace(microsecond=0) == created:
        return Grade.STRONG
    if entry["source_ip_address"] != use["address"] or use["addresses"] != 1:
        return None
    is_alike = entry["user_agent"] == use["user_agent"] and use["agents"] == 1
    return Grade.LIKELY if is_alike else Grade.POSSIBLE


def _switched(entry: Row, use: Row, grade: Grade, sessions: Timeline) -> Edge:
    came_from = entry["switched_from"]
    before = sessions.during(came_from, earlier(entry["event_time"], LONGEST), entry["event_time"])
    others = [session for session in before if session["credential"] != use["credential"]]
    parent = others[-1]["credential"] if others else f"arn:{came_from or '?'}"
    return replace(edge(entry, use, "changed role", grade), parent=parent)
