"""Joins between an issue of credentials and their use, each with its grade and the events that made it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from cttoolkit.session.timeline import Row, Timeline
from cttoolkit.window import earlier, later

__all__ = ["Edge", "Grade", "joined"]

_SLACK = timedelta(seconds=5)
"""Clocks of two services differ; eventTime has a resolution of one second."""
_LONGEST_LOGIN = timedelta(hours=12)
_SECOND = timedelta(microseconds=999_999)
_SOON = timedelta(minutes=15)
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_EXPIRY = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)\s([AP])M")


class Grade(IntEnum):
    """How far a join may be relied on. A path is as good as its worst edge."""

    POSSIBLE = 1
    """Only what the caller chose agrees, or time: a lead."""
    LIKELY = 2
    """One value that AWS set agrees, and time."""
    STRONG = 3
    """Two values that AWS set, independent of each other, agree."""
    EXACT = 4
    """An identifier that AWS issued stands on both sides."""

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Edge:
    """``parent`` gave rise to ``child``, both by credential, or by principal where there is none.

    ``enables`` marks what made a credential possible without having used it: who created a key is not who called with it.
    ``status`` is the worst of the log files that hold the cited events.
    """

    parent: str
    child: str
    kind: str
    grade: Grade
    event_ids: tuple[str, ...]
    at: datetime
    status: str
    note: str = ""
    enables: bool = False


def joined(uses: Sequence[Row], issues: Sequence[Row], sign_ins: Sequence[Row]) -> list[Edge]:
    """Every join that the two sides allow; where several stand for one credential, only those of the best grade."""
    found: list[Edge] = []
    whole = _whole(issues)
    by_key, by_id = Timeline(whole, "issued_key"), Timeline(whole, "issued_id")
    console = _console(uses, sign_ins)
    sources = {(use["principal_id"], _issue_time(use)): use["credential"] for use in uses if not _is_onward(use)}
    for use in uses:
        candidates = list(_by_key(use, by_key))
        if not any(edge.grade is Grade.EXACT and not edge.enables for edge in candidates):
            candidates += [*_by_creation(use, by_id), *console(use), *_onward(use, sources)]
        enabling = [edge for edge in candidates if edge.enables]
        causing = [edge for edge in candidates if not edge.enables]
        best = max((edge.grade for edge in causing), default=None)
        found.extend(_once([*(edge for edge in causing if edge.grade is best), *enabling]))
    return found


def _once(edges: Sequence[Edge]) -> Iterator[Edge]:
    """One edge for each parent and kind, which cites the events of all."""
    seen: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        known = seen.get((edge.parent, edge.kind))
        ids = tuple(dict.fromkeys([*(known.event_ids if known else ()), *edge.event_ids]))
        seen[edge.parent, edge.kind] = replace(known or edge, event_ids=ids)
    yield from seen.values()


def _whole(issues: Sequence[Row]) -> list[Row]:
    """One action is seen by both accounts: the half that names its caller stands for both, and cites both."""
    halves: dict[str, list[Row]] = {}
    whole: list[Row] = []
    for issue in issues:
        shared = issue["shared_event_id"]
        if shared:
            halves.setdefault(shared, []).append(issue)
        else:
            whole.append({**issue, "event_ids": _ids([issue])})
    for pair in halves.values():
        named = sorted(pair, key=lambda half: (half["user_identity_type"] == "AWSAccount", half["event_id"] or ""))
        filled = {
            name: next((half[name] for half in named if half[name] is not None), None)
            for name in ("issued_key", "issued_id", "expires", "role_arn")
        }
        whole.append(
            {**named[0], **filled, "event_ids": _ids(named), "status": _worst(half["status"] for half in named)}
        )
    return whole


def _ids(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(row["event_id"] for row in rows if row["event_id"])


_WORST_FIRST = ("unlisted", "unverifiable", "intact")


def _worst(statuses: Iterator[str]) -> str:
    held = set(statuses)
    return next((status for status in _WORST_FIRST if status in held), min(held))


def _edge(issue: Row, use: Row, kind: str, grade: Grade, note: str = "", *, enables: bool = False) -> Edge:
    parent = issue["credential"] or issue["principal"]
    ids = issue.get("event_ids") or _ids([issue])
    return Edge(parent, use["credential"], kind, grade, ids, issue["event_time"], issue["status"], note, enables)


def _by_key(use: Row, by_key: Timeline) -> Iterator[Edge]:
    """The key of an issue's answer is the key of the use. A temporary key is unique only with its role and time."""
    kind, _, key = use["credential"].partition(":")
    if kind not in ("tmp", "key"):
        return
    for issue in by_key.of(key):
        if issue["event_name"] == "CreateAccessKey":
            if issue["event_time"] <= later(use["first"], _SLACK):
                yield _edge(issue, use, "created key", Grade.EXACT, enables=True)
            continue
        note = _doubt(issue, use)
        yield _edge(issue, use, "issued key", Grade.POSSIBLE if note else Grade.EXACT, note)


def _doubt(issue: Row, use: Row) -> str:
    """Why one key on both sides does not make it one issue; empty where nothing speaks against it."""
    if not _is_same_holder(issue, use):
        return "the same key, and another holder"
    if issue["event_time"] > later(use["first"], _SLACK):
        return "used before it was issued"
    expires = _expiry(issue["expires"])
    if expires is not None and use["last"] > later(expires, _SLACK):
        return "used after it had expired"
    return ""


def _is_same_holder(issue: Row, use: Row) -> bool:
    if issue["event_name"] == "AssumeRoot":
        target: str = issue["target"] or ""
        return bool(use["account"]) and use["account"] in target
    if issue["event_name"] == "GetSessionToken":
        return bool(issue["principal"] == use["principal"])
    if issue["issued_id"] and use["principal_id"]:
        return bool(issue["issued_id"] == use["principal_id"])
    if issue["role_arn"] and use["role"]:
        return _role_name(issue["role_arn"]) == _role_name(use["role"])
    # Answers to services name neither, and the key is all there is.
    return True


def _role_name(arn: str) -> tuple[str, str]:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else "", arn.rpartition("/")[2].lower()


def _by_creation(use: Row, by_id: Timeline) -> Iterator[Edge]:
    """Whose it is and when it was issued agree, to the second; or the use lies within what one issue may last."""
    if use["credential"].startswith(("key:", "fas:", "sis:")):
        return
    created = _issue_time(use)
    to_the_second = (
        [issue for issue in by_id.during(use["principal_id"], created, created + _SECOND) if _may_be(issue, use)]
        if created
        else []
    )
    for issue in to_the_second:
        note = "" if len(to_the_second) == 1 else f"one of {len(to_the_second)} issues in that second"
        yield _edge(issue, use, "issue time", Grade.LIKELY if note else Grade.STRONG, note)
    if not to_the_second:
        earliest = earlier(use["last"], _LONGEST_LOGIN)
        for issue in by_id.during(use["principal_id"], earliest, later(use["first"], _SLACK)):
            if _may_be(issue, use):
                yield _edge(issue, use, "role and time", Grade.LIKELY)


def _may_be(issue: Row, use: Row) -> bool:
    """Whether no key speaks against it: where both sides name theirs, by_key has said all there is to say."""
    return not (use["credential"].startswith("tmp:") and (issue["issued_key"] or "").startswith("ASIA"))


def _onward(use: Row, sources: Mapping[tuple[str, datetime | None], str]) -> Iterator[Edge]:
    """A service went on calling in somebody's name: same principal, same time of issue."""
    if not _is_onward(use):
        return
    source = sources.get((use["principal_id"], _issue_time(use)))
    if source is not None and source != use["credential"]:
        yield Edge(source, use["credential"], "onward call", Grade.STRONG, (), use["first"], "intact")


def _is_onward(use: Row) -> bool:
    return bool(use["credential"].startswith("fas:"))


def _console(uses: Sequence[Row], sign_ins: Sequence[Row]) -> Callable[[Row], Iterator[Edge]]:
    """Ways into a console session: a login, a change of role, a link made from a key; and passwords, which only enable."""
    logins = Timeline((row for row in sign_ins if _is_entry(row)), "user_identity_principal_id")
    links = Timeline((row for row in sign_ins if row["event_name"] == "GetSigninToken"), "user_identity_principal_id")
    passwords = Timeline((row for row in sign_ins if row["event_name"].endswith("LoginProfile")), "owner")
    sessions = _by_arn(uses)

    def edges(use: Row) -> Iterator[Edge]:
        if not use["credential"].startswith("con:"):
            return
        owner, until = use["principal_id"], later(use["first"], _SLACK)
        for entry in logins.during(owner, earlier(use["first"], _LONGEST_LOGIN), until):
            grade = _entry_grade(entry, use)
            if grade is None:
                continue
            if entry["event_name"] == "SwitchRole":
                yield _switched(entry, use, grade, sessions)
            else:
                note = f"MFA used: {entry['mfa']}" if entry["mfa"] else ""
                yield replace(
                    _edge(entry, use, "console login", grade, note),
                    parent=f"login:{entry['user_identity_principal_id']}",
                )
        for link in links.during(owner, earlier(use["first"], _SOON), until):
            yield _edge(link, use, "console link made from a key", Grade.STRONG)
        for given in passwords.of(use["user_name"]):
            if given["event_time"] <= use["first"] and given["recipient_account_id"] == use["account"]:
                yield _edge(given, use, "password given", Grade.LIKELY, enables=True)

    return edges


def _by_arn(uses: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for use in uses:
        if use["credential"].startswith("con:") and use["arn"]:
            found.setdefault(use["arn"], []).append(use)
    return found


def _is_entry(row: Row) -> bool:
    # A failed login has no errorCode: its outcome stands in the answer.
    return row["event_name"] in ("ConsoleLogin", "SwitchRole") and row["outcome"] == "Success"


def _entry_grade(entry: Row, use: Row) -> Grade | None:
    created = _issue_time(use)
    if created is not None and entry["event_time"].replace(microsecond=0) == created:
        return Grade.STRONG
    is_alike = entry["source_ip_address"] == use["address"] and use["addresses"] == 1
    return Grade.LIKELY if is_alike else None


def _switched(entry: Row, use: Row, grade: Grade, sessions: Mapping[str, list[Row]]) -> Edge:
    came_from = entry["switched_from"]
    before = [
        session
        for session in sessions.get(came_from or "", ())
        if session["credential"] != use["credential"] and session["first"] <= entry["event_time"]
    ]
    latest = max(before, key=lambda session: (session["first"], session["credential"]), default=None)
    parent = latest["credential"] if latest is not None else f"arn:{came_from or '?'}"
    return replace(_edge(entry, use, "changed role", grade), parent=parent)


def _issue_time(use: Row) -> datetime | None:
    text = use["created_at"] or ""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _expiry(text: str | None) -> datetime | None:
    """``Jul 10, 2023, 6:30:22 PM``, as STS's answers are written; UTC. None where it is written otherwise."""
    found = _EXPIRY.fullmatch(text or "")
    if found is None:
        return None
    month, day, year, hour, minute, second, half = found.groups()
    try:
        return datetime(
            int(year),
            _MONTHS[month],
            int(day),
            int(hour) % 12 + 12 * (half == "P"),
            int(minute),
            int(second),
            tzinfo=UTC,
        )
    except (KeyError, ValueError):
        return None
