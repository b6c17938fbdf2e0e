"""Long-lived access keys that the suspects used or made, and what became of them in the evidence."""

from __future__ import annotations

from typing import Any

from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, judged, weakest
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
    made: dict[str, list[dict[str, Any]]] = {}
    for row in _made(suspects):
        made.setdefault(row["key"], []).append(row)
    ends = _ends(suspects.root, [*used, *made])
    return [
        _fact(suspects, key, used.get(key), made.get(key, []), ends.get(key)) for key in dict.fromkeys([*used, *made])
    ]


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
    table = judged(suspects.named("CreateAccessKey").succeeded())
    found = table.select(
        "event_time",
        "actor",
        "standing",
        key=_MADE.value(table),
        user=param("responseElements.accessKey.userName").value(table),
        account=table.recipient_account_id,
        is_root=table.user_identity_type == "Root",
    )
    rows: list[dict[str, Any]] = (
        found.filter(found.key.notnull()).order_by(["event_time", "key"]).to_pyarrow().to_pylist()
    )
    return rows


def _ends(events: Events, names: list[str]) -> dict[str, dict[str, Any]]:
    """The latest change of each key, by whoever."""
    changes = events.named("DeleteAccessKey", "UpdateAccessKey").succeeded()
    table = changes.table
    found = table.select(
        "event_time",
        "event_name",
        "actor",
        key=_ENDED.value(table),
        status=param("requestParameters.status").value(table),
    )
    rows = found.filter(found.key.isin(names)).order_by("event_time").to_pyarrow().to_pylist() if names else []
    return {row["key"]: row for row in rows}


def _fact(
    suspects: Events, key: str, used: dict[str, Any] | None, made: list[dict[str, Any]], end: dict[str, Any] | None
) -> Fact:
    known = [row for row in (used, *made) if row is not None]
    user = next((row["user"] for row in known if row["user"]), None)
    is_root = user is None and any(row["is_root"] for row in known)
    call = ["aws", "iam", "update-access-key", "--access-key-id", key, "--status", "Inactive"]
    is_gone = end is not None and end["event_name"] == "DeleteAccessKey"
    is_off = end is not None and (is_gone or end["status"] == "Inactive")
    told = [f"made {written(row['event_time'])} by {row['actor']}" for row in made if row["event_time"] is not None]
    told += ["not seen in use"] if used is None else []
    if end is not None and is_off:
        told.append(f"{'deleted' if is_gone else 'switched off'} {written(end['event_time'])} by {end['actor']}")
    told += [_ROOT] if is_root and not is_gone else []
    disable = None if is_gone else command(*call, *([] if is_root else ["--user-name", user]))
    events = suspects.with_key(key)
    if made:
        events = events.united(suspects.named("CreateAccessKey").succeeded().where(_MADE.isin([key])))
    words = [*(used["words"] if used else ()), *(row["standing"] for row in made)]
    return Fact(
        Task.DISABLE,
        "access key",
        key,
        "root" if is_root else user or "",
        known[0]["account"] or "",
        "",
        used["first"] if used else None,
        used["last"] if used else None,
        (used["events"] if used else 0) + len(made),
        weakest(words),
        events,
        "; ".join([*told, _NOTE]),
        (disable,) if disable else (),
    )
