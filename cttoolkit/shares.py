"""Snapshots, images and backups of databases that were let out to others: to whom, and whether that was taken back.

Sources: the API References of EC2, RDS and Redshift, of the calls that are named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cttoolkit.containment.facts import judged, weakest
from cttoolkit.display import Table
from cttoolkit.events import Events

__all__ = ["shares"]

_COLUMNS = (
    "what", "with", "account", "region", "let out at", "by", "last seen", "at", "last by", "used at", "kind", "standing",
)  # fmt: skip
_OF_VOLUME = "snapshot of a volume"
_KINDS = {
    ("ec2", "snapshotId"): _OF_VOLUME,
    ("ec2", "imageId"): "image",
    ("rds", "dBSnapshotIdentifier"): "snapshot of a database",
    ("rds", "dBClusterSnapshotIdentifier"): "snapshot of a database cluster",
    ("redshift", "snapshotIdentifier"): "snapshot of a warehouse",
}
"""What is named, by the service and the parameter that names it: those of different kinds may share a name."""
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
_SERVICES = ("ec2", "rds", "redshift")
_OPEN = "still let out"


class _Thing(NamedTuple):
    """What was let out, as it is told from what else has its name."""

    name: str
    kind: str
    account: str
    region: str


@dataclass
class _Share:
    """One thing let out to one holder. ``calls`` are those that the row rests on."""

    at: datetime
    by: str
    opened: Mapping[str, Any]
    word: str = _OPEN
    last: Mapping[str, Any] | None = None
    use: Mapping[str, Any] | None = None

    def row(self, thing: _Thing, holder: str) -> tuple[Any, ...]:
        last, use = self.last or {}, self.use or {}
        word = weakest(call["standing"] for call in (self.opened, self.last, self.use) if call is not None)
        return (
            thing.name, holder, thing.account, thing.region, self.at, self.by, self.word, last.get("event_time"),
            last.get("actor", ""), use.get("event_time"), thing.kind, word.value,
        )  # fmt: skip


def shares(events: Events) -> Table:
    """Each thing that these events let out, a row for each with whom, with the latest that any admitted event says of it.

    ``with`` is an account, an organization or a part of one, or *all* for everybody. ``last seen`` is *still let out*, *taken back* or
    *deleted*; ``at`` and ``last by`` are of that call. Of one second, what takes back or deletes counts as the first: what is not known
    to be closed is told as let out. ``used at`` is when EC2 first recorded that another account made a volume or a copy of the
    snapshot, which it does of snapshots of volumes only: empty is no proof that it was not used. ``standing`` is that of a claim which
    cites all calls of the row. What is let out comes first, in order of time.
    """
    let: dict[tuple[_Thing, str], _Share] = {}
    for call in _calls(events, _CHANGED):
        for thing in _things(call):
            for holder in _holders(call, "add"):
                let.setdefault((thing, holder), _Share(call["event_time"], call["actor"], call))
    for call in _calls(events.root, (*_CHANGED, *_ALL_TAKEN, *_GONE, *_USED)):
        _apply(let, call)
    ranked = sorted(let.items(), key=lambda item: (item[1].word != _OPEN, item[1].at, item[0]))
    rows = [one.row(*key) for key, one in ranked]
    left = sum(one.word == _OPEN for one in let.values())
    return Table(_COLUMNS, tuple(rows), f"{len(rows):,} ways in which something was let out; {left:,} not seen closed")


def _apply(let: Mapping[tuple[_Thing, str], _Share], call: Mapping[str, Any]) -> None:
    name = call["event_name"]
    if name in _USED:
        for (thing, _), one in let.items():
            is_it = thing.kind == _OF_VOLUME and (thing.account, thing.region) == _place(call)
            if is_it and call["event_time"] >= one.at and any(_has(call[part], thing.name) for part in _TEXTS):
                one.use = one.use or call
        return
    word = _ALL_TAKEN.get(name) or _GONE.get(name)
    things = set(_things(call))
    given, taken = set(_holders(call, "add")), set(_holders(call, "remove"))
    for (thing, holder), one in let.items():
        if thing not in things or call["event_time"] < one.at:
            continue
        if word or holder in taken:
            if call["event_time"] > one.at:
                one.word, one.last = word or "taken back", call
        elif holder in given and one.word != _OPEN:
            one.word, one.last = _OPEN, call


_TEXTS = ("request_parameters", "response_elements", "service_event_details", "additional_event_data")


def _calls(events: Events, names: Iterable[str]) -> list[dict[str, Any]]:
    """In order of time; of one second what closes comes first, then what opens, since the order of the files says nothing of it."""
    found = events.to_service(*_SERVICES).succeeded().named(*names)
    table = judged(found)
    rows = table.filter(table.event_time.notnull()).order_by(["event_time", "log_file", "record_index"]).select(
        "event_time", "event_name", "event_source", "recipient_account_id", "aws_region", "actor", "standing", *_TEXTS
    )  # fmt: skip
    calls: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
    return sorted(calls, key=lambda call: (call["event_time"], any(_holders(call, "add")), call["event_name"] in _USED))


def _place(call: Mapping[str, Any]) -> tuple[str, str]:
    return call["recipient_account_id"] or "", call["aws_region"] or ""


def _things(call: Mapping[str, Any]) -> Iterator[_Thing]:
    asked, service = _read(call["request_parameters"]), call["event_source"].removesuffix(".amazonaws.com")
    for (of, parameter), kind in _KINDS.items():
        if of == service and isinstance(name := asked.get(parameter), str):
            yield _Thing(name, kind, *_place(call))


def _holders(call: Mapping[str, Any], what: str) -> Iterator[str]:
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
