"""Snapshots, images and backups of databases that were let out to others: to whom, and whether that was taken back.

Sources: the API References of EC2, RDS and Redshift, of the calls that are named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from cttoolkit.display import Table
from cttoolkit.events import Events

__all__ = ["shares"]

_COLUMNS = ("what", "with", "account", "region", "let out at", "by", "last seen", "at", "last by", "used at")
_NAMES = ("snapshotId", "imageId", "dBSnapshotIdentifier", "dBClusterSnapshotIdentifier", "snapshotIdentifier")
_CHANGED = (
    "ModifySnapshotAttribute",
    "ModifyImageAttribute",
    "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute",
    "AuthorizeSnapshotAccess",
    "RevokeSnapshotAccess",
)
_ALL_TAKEN = {"ResetSnapshotAttribute": "taken back", "ResetImageAttribute": "taken back"}
_GONE = dict.fromkeys(("DeleteSnapshot", "DeregisterImage", "DeleteDBSnapshot", "DeleteDBClusterSnapshot"), "deleted")
_USED = ("SharedSnapshotVolumeCreated", "SharedSnapshotCopyInitiated")
_GRANTS = ("createVolumePermission", "launchPermission")
_HOLDERS = ("userId", "group", "organizationArn", "organizationalUnitArn")
_OPEN = "still let out"


def shares(events: Events) -> Table:
    """Each thing that these events let out, a row for each with whom, with the latest that any admitted event says of it.

    ``with`` is an account, an organization or a part of one, or *all* for everybody. ``last seen`` is *still let out*, *taken back* or
    *deleted*; ``at`` and ``last by`` are of that call. ``used at`` is when EC2 first recorded that another account made a volume or a
    copy of the snapshot, which it does of snapshots of volumes only: empty is no proof that it was not used. What is let out comes
    first, in order of time.
    """
    let: dict[tuple[str, ...], dict[str, Any]] = {}
    for call in _calls(events, _CHANGED):
        for name in _named(call):
            for holder in _holders(call, "add"):
                let.setdefault((name, holder, *_place(call)), {"at": call["event_time"], "by": call["actor"]})
    for one in let.values():
        one |= {"word": _OPEN, "then": None, "then by": "", "used": None}
    for call in _calls(events.root, (*_CHANGED, *_ALL_TAKEN, *_GONE, *_USED)):
        _apply(let, call)
    ranked = sorted(let.items(), key=lambda item: (item[1]["word"] != _OPEN, item[1]["at"], item[0]))
    rows = [(*key, *one.values()) for key, one in ranked]
    left = sum(one["word"] == _OPEN for one in let.values())
    return Table(_COLUMNS, tuple(rows), f"{len(rows):,} ways in which something was let out; {left:,} not seen closed")


def _apply(let: dict[tuple[str, ...], dict[str, Any]], call: dict[str, Any]) -> None:
    name = call["event_name"]
    if name in _USED:
        for key, one in let.items():
            if (
                _place(call) == key[2:]
                and call["event_time"] >= one["at"]
                and any(_has(call[part], key[0]) for part in _TEXTS)
            ):
                one["used"] = one["used"] or call["event_time"]
        return
    word = _ALL_TAKEN.get(name) or _GONE.get(name)
    things = {(thing, *_place(call)) for thing in _named(call)}
    given, taken = set(_holders(call, "add")), set(_holders(call, "remove"))
    for key, one in let.items():
        if (key[0], *key[2:]) not in things or call["event_time"] < one["at"]:
            continue
        if word or key[1] in taken:
            one |= {"word": word or "taken back", "then": call["event_time"], "then by": call["actor"]}
        elif key[1] in given and one["word"] == "taken back":
            one |= {"word": _OPEN, "then": call["event_time"], "then by": call["actor"]}


_TEXTS = ("request_parameters", "response_elements", "service_event_details", "additional_event_data")


def _calls(events: Events, names: Iterable[str]) -> list[dict[str, Any]]:
    table = events.to_service("ec2", "rds", "redshift").succeeded().named(*names).table
    table = table.filter(table.event_time.notnull())
    rows = table.order_by(["event_time", "log_file", "record_index"]).select(
        "event_time", "event_name", "recipient_account_id", "aws_region", "actor", *_TEXTS
    )
    found: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
    return found


def _place(call: dict[str, Any]) -> tuple[str, str]:
    return call["recipient_account_id"] or "", call["aws_region"] or ""


def _named(call: dict[str, Any]) -> Iterator[str]:
    asked = _read(call["request_parameters"])
    yield from (asked[name] for name in _NAMES if isinstance(asked.get(name), str))


def _holders(call: dict[str, Any], what: str) -> Iterator[str]:
    """With whom a call shares (``add``), or no longer does (``remove``); a record may hold anything in their place."""
    asked, name = _read(call["request_parameters"]), call["event_name"]
    if name in ("AuthorizeSnapshotAccess", "RevokeSnapshotAccess"):
        if (what == "add") == (name == "AuthorizeSnapshotAccess"):
            yield from _texts([asked.get("accountWithRestoreAccess")])
        return
    for grant in _GRANTS:
        items = _at(asked, grant, what, "items")
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                yield from _texts(item.get(holder) for holder in _HOLDERS)
    values = asked.get("valuesToAdd" if what == "add" else "valuesToRemove")
    if asked.get("attributeName") == "restore" and isinstance(values, list):
        yield from _texts(values)


def _texts(values: Iterable[Any]) -> Iterator[str]:
    yield from (value for value in values if isinstance(value, str) and value)


def _at(held: Any, *names: str) -> Any:
    for name in names:
        held = held.get(name) if isinstance(held, dict) else None
    return held


def _has(text: str | None, name: str) -> bool:
    """Whether JSON text has this value: the record of use is not documented whole, and where it names the snapshot is not known."""
    return bool(text) and f'"{name}"' in (text or "")


def _read(text: str | None) -> dict[str, Any]:
    try:
        held = msgspec.json.decode(text) if text else None
    except (msgspec.DecodeError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
