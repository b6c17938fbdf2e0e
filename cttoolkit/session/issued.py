"""Credentials joined to the call that gave them out: by their key, or by whose they are and when they were issued."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from cttoolkit.session.edges import LONGEST, SLACK, Edge, Grade, edge, ids_of, issue_time, worst
from cttoolkit.session.timeline import Row, Timeline
from cttoolkit.window import earlier, later

__all__ = ["Sources", "by_creation", "by_key", "onward", "sources_of", "whole"]

_SECOND = timedelta(microseconds=999_999)
_MOST = 20
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_EXPIRY = re.compile(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)\s([AP])M")

Sources: TypeAlias = Mapping[tuple[str | None, datetime | None], Row]
"""Uses that are no onward calls, by their holder and time of issue."""


def whole(issues: Sequence[Row]) -> list[Row]:
    """One action is seen by both accounts: the half that names its caller stands for both, and cites both."""
    halves: dict[str, list[Row]] = {}
    found: list[Row] = []
    for issue in issues:
        shared = issue["shared_event_id"]
        if shared:
            halves.setdefault(shared, []).append(issue)
        else:
            found.append({**issue, "event_ids": ids_of([issue])})
    for pair in halves.values():
        named = sorted(pair, key=lambda half: (half["user_identity_type"] == "AWSAccount", half["event_id"] or ""))
        filled = {
            name: next((half[name] for half in named if half[name] is not None), None)
            for name in ("issued_key", "issued_id", "expires", "role_arn")
        }
        found.append(
            {**named[0], **filled, "event_ids": ids_of(named), "status": worst(half["status"] for half in named)}
        )
    return found


def by_key(use: Row, issues: Timeline) -> Iterator[Edge]:
    """The key of an issue's answer is the key of the use. A temporary key is unique only with its role and time."""
    kind, _, key = use["credential"].partition(":")
    if kind not in ("tmp", "key"):
        return
    for issue in issues.of(key):
        if issue["event_name"] == "CreateAccessKey":
            if issue["event_time"] <= later(use["first"], SLACK):
                yield edge(issue, use, "created key", Grade.EXACT, enables=True)
            continue
        yield edge(issue, use, "issued key", *_doubt(issue, use))


def _doubt(issue: Row, use: Row) -> tuple[Grade, str]:
    """How good a join one key on both sides is, and what speaks against it."""
    if use["principals"] > 1:
        return Grade.POSSIBLE, f"the same key, used by {use['principals']} principals"
    if not _is_same_holder(issue, use):
        return Grade.POSSIBLE, "the same key, and another holder"
    if issue["event_time"] > later(use["first"], SLACK):
        return Grade.POSSIBLE, "used before it was issued"
    expires = _expiry(issue["expires"])
    if expires is not None and use["last"] > later(expires, SLACK):
        return Grade.POSSIBLE, "used after it had expired"
    if expires is None and issue["expires"]:
        return Grade.STRONG, "when it expired cannot be read"
    return Grade.EXACT, ""


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


def by_creation(use: Row, issues: Timeline) -> Iterator[Edge]:
    """Whose it is and when it was issued agree, to the second; or the use lies within what one issue may last."""
    if use["credential"].startswith(("key:", "fas:", "sis:")):
        return
    created = issue_time(use)
    to_the_second = (
        [issue for issue in issues.during(use["principal_id"], created, created + _SECOND) if _may_be(issue, use)]
        if created
        else []
    )
    for issue in to_the_second[-_MOST:]:
        note = "" if len(to_the_second) == 1 else f"one of {len(to_the_second)} issues in that second"
        yield edge(issue, use, "issue time", Grade.LIKELY if note else Grade.STRONG, note)
    if not to_the_second:
        earliest = earlier(use["last"], LONGEST)
        found = issues.during(use["principal_id"], earliest, later(use["first"], SLACK))
        in_time = [issue for issue in found if _may_be(issue, use)]
        # Names are used over and over: what is listed is bounded, and what is left out is said.
        note = f"the latest {_MOST} of {len(in_time)}" if len(in_time) > _MOST else ""
        for issue in in_time[-_MOST:]:
            yield edge(issue, use, "role and time", Grade.LIKELY, note)


def _may_be(issue: Row, use: Row) -> bool:
    """Whether no key speaks against it: where both sides name theirs, by_key has said all there is to say."""
    return not (use["credential"].startswith("tmp:") and (issue["issued_key"] or "").startswith("ASIA"))


def sources_of(uses: Sequence[Row]) -> Sources:
    return {(use["principal_id"], issue_time(use)): use for use in uses if not _is_onward(use)}


def onward(use: Row, sources: Sources) -> Iterator[Edge]:
    """A service went on calling in somebody's name: same principal, same time of issue."""
    if not _is_onward(use):
        return
    source = sources.get((use["principal_id"], issue_time(use)))
    if source is not None:
        status = worst((source["status"], use["status"]))
        yield Edge(source["credential"], use["credential"], "onward call", Grade.STRONG, (), use["first"], status)


def _is_onward(use: Row) -> bool:
    return bool(use["credential"].startswith("fas:"))


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
