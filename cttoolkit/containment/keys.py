"""Long-lived access keys that the suspects used or made, and what became of them in the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, by_record, is_attested, judged, weakest
from cttoolkit.events import Events
from cttoolkit.param import param
from cttoolkit.window import written

__all__ = ["keys"]

_MADE = param("responseElements.accessKey.accessKeyId")
_ENDED = param("requestParameters.accessKeyId")
_NOTE = "sessions that it opened go on"
_ROOT = "root's own: signed in as root, or by assume-root from the management account"


def keys(suspects: Events) -> list[Fact]:
    """A row for each key, in order of first use; keys that were made and not seen in use come last."""
    used = {row["key"]: row for row in _used(suspects)}
    made = _by_key(_made(suspects))
    changed = _by_key(_changes(suspects.root, [*used, *made]))
    return [
        _fact(suspects, key, used.get(key), made.get(key, []), _end(changed.get(key, [])))
        for key in dict.fromkeys([*used, *made])
    ]


def _by_key(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["key"], []).append(row)
    return found


def _used(suspects: Events) -> list[dict[str, Any]]:
    table = judged(suspects.where(lambda e: e.access_key_id.startswith("AKIA")))
    grouped = table.group_by(key="access_key_id").aggregate(
        user=table.user_identity_user_name.min(),
        is_root=(table.user_identity_type == "Root").any(),
        account=table.user_identity_account_id.min(),
        first=table.event_time.min(),
        last=table.event_time.max(),
        events=table.count(),
        words=table.standing.collect(distinct=True),
    )
    rows: list[dict[str, Any]] = grouped.order_by(["first", "key"]).to_pyarrow().to_pylist()
    return rows


def _made(suspects: Events) -> list[dict[str, Any]]:
    table = judged(_named(suspects, "CreateAccessKey"))
    found = table.select(
        "event_time",
        "actor",
        "standing",
        "access_key_id",
        key=_MADE.value(table),
        user=param("responseElements.accessKey.userName").value(table),
        account=table.recipient_account_id,
        is_root=table.user_identity_type == "Root",
    )
    rows: list[dict[str, Any]] = (
        found.filter(found.key.notnull()).order_by(["event_time", "key"]).to_pyarrow().to_pylist()
    )
    return rows


def _changes(events: Events, names: list[str]) -> list[dict[str, Any]]:
    """The changes of the keys, by whoever, in order of time; those whose time cannot be read come first."""
    table = judged(_named(events, "DeleteAccessKey", "UpdateAccessKey"))
    found = table.select(
        "event_time",
        "event_name",
        "actor",
        "standing",
        "access_key_id",
        "log_file",
        "record_index",
        key=_ENDED.value(table),
        status=param("requestParameters.status").value(table),
    )
    rows = found.filter(found.key.isin(names)).to_pyarrow().to_pylist() if names else []
    return sorted(rows, key=lambda row: (row["event_time"] is not None, str(row["event_time"]), _place(row)))


def _named(events: Events, *names: str) -> Events:
    return events.to_service("iam").named(*names).succeeded()


def _place(row: dict[str, Any]) -> tuple[str, int]:
    return row["log_file"], row["record_index"]


@dataclass(frozen=True)
class _End:
    """What became of a key, the changes that say so, and whether the evidence vouches for its deletion."""

    told: tuple[str, ...] = ()
    changes: tuple[dict[str, Any], ...] = ()
    is_gone: bool = False


def _end(changes: list[dict[str, Any]]) -> _End:
    """A deleted key never comes back; of the others the latest change counts, and of changes in one second that to be active."""
    gone = [change for change in changes if change["event_name"] == "DeleteAccessKey"]
    attested = [change for change in gone if is_attested(change["standing"])]
    if attested:
        return _End((_told("deleted", attested[0]),), (attested[0],), is_gone=True)
    told, cited = [_told("deleted", change) for change in gone], gone
    switched = [change for change in changes if change["event_name"] == "UpdateAccessKey"]
    last = [change for change in switched if change["event_time"] == switched[-1]["event_time"]]
    off = [change for change in last if change["status"] == "Inactive"]
    if off and len(off) < len(last):
        actors = " and ".join(sorted({str(change["actor"]) for change in last}))
        told.append(f"switched off and on {_when(last[0]['event_time'], 'within the second ')} by {actors}: called on")
        cited = [*cited, *last]
    elif off:
        told.append(_told("switched off", off[-1]))
        cited = [*cited, off[-1]]
    return _End(tuple(told), tuple(cited))


def _told(what: str, row: dict[str, Any]) -> str:
    word = "" if is_attested(row["standing"]) else f", {row['standing']} only"
    return f"{what} {_when(row['event_time'])} by {row['actor']}{word}"


def _when(time: datetime | None, within: str = "") -> str:
    return "at a time that cannot be read" if time is None else within + written(time)


def _fact(suspects: Events, key: str, used: dict[str, Any] | None, made: list[dict[str, Any]], end: _End) -> Fact:
    known = [row for row in (used, *made) if row is not None]
    user = next((row["user"] for row in known if row["user"]), None)
    is_root = user is None and any(row["is_root"] for row in known)
    call = ["aws", "iam", "update-access-key", "--access-key-id", key, "--status", "Inactive"]
    told = [f"made {_when(row['event_time'])} by {row['actor']}" for row in made]
    told += ["not seen in use"] if used is None else []
    told += end.told
    told += [_ROOT] if is_root and not end.is_gone else []
    disable = None if end.is_gone else command(*call, *([] if is_root else ["--user-name", user]))
    events = suspects.with_key(key)
    if made:
        events = events.united(_named(suspects, "CreateAccessKey").where(_MADE.isin([key])))
    if end.changes:
        events = events.united(by_record(suspects.root, map(_place, end.changes), f"what became of {key}"))
    others = (*made, *end.changes)
    count = (used["events"] if used else 0) + len(others)
    # A key may have made or ended itself: then it is one event.
    if any(row["access_key_id"] == key for row in others):
        count = len(events)
    words = [*(used["words"] if used else ()), *(row["standing"] for row in others)]
    return Fact(
        Task.DISABLE,
        "access key",
        key,
        "root" if is_root else user or "",
        known[0]["account"] or "",
        "",
        used["first"] if used else None,
        used["last"] if used else None,
        count,
        weakest(words),
        events,
        "; ".join([*told, _NOTE]),
        (disable,) if disable else (),
    )
