"""What the suspects made, changed or read, a row for each thing, with what would look at it or take it back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from cttoolkit.calls import MODEL_CALLS
from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, by_record, judged, weakest
from cttoolkit.containment.remedies import REMEDIES, Remedy
from cttoolkit.events import Events
from cttoolkit.json_path import text_at, texts_at
from cttoolkit.param import param
from cttoolkit.text import shortened

__all__ = ["resources"]

_MOST, _MOST_NAMES = 10_000, 100
_VERSION = re.compile(r"20[0-9]{6}(v[0-9]+)?$")
_UNTOLD = ("CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey", "ConsoleLogin", "SwitchRole", "GetSigninToken")
"""Told as keys and sessions, and not as resources."""
_COLUMNS = {"requestParameters": "request_parameters", "responseElements": "response_elements"}
_GLOBAL = ("user", "role", "group", "policy", "bucket", "contact")
_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")
_DENY = "arn:{}:iam::aws:policy/AWSDenyAll"
_RECORD = (
    "event_name event_source event_time aws_region recipient_account_id user_identity_arn log_file record_index".split()
)


class _Touch(NamedTuple):
    """One call to one thing."""

    row: Mapping[str, Any]
    call: str
    kind: str
    name: str
    note: str
    command: str | None


def resources(suspects: Events) -> list[Fact]:
    """Rows by kind, name and region, in order of time; then what was done to objects and with models, and all other changes, counted.

    Of what succeeded. The first ten thousand calls that are known are read.
    """
    known = suspects.succeeded().where(lambda e: e.event_name.re_replace(_VERSION.pattern, "").isin(tuple(REMEDIES)))
    table = judged(known)
    wanted = [*_RECORD, "standing", *_COLUMNS.values()]
    rows = table.order_by(["event_time", "log_file", "record_index"]).select(wanted).limit(_MOST).to_pyarrow()
    things: dict[tuple[str, str, str], list[_Touch]] = {}
    for row in rows.to_pylist():
        touch = _touch(row)
        region = "" if touch.kind in _GLOBAL else row["aws_region"]
        things.setdefault((touch.kind, touch.name, region or ""), []).append(touch)
    told = [_fact(known, region, touches) for (_, _, region), touches in things.items()]
    return [*told, *_buckets(suspects), *_models(suspects), *_others(suspects)]


def _touch(row: Mapping[str, Any]) -> _Touch:
    call = _VERSION.sub("", row["event_name"])
    remedy = REMEDIES[call]
    found: list[str] = next(filter(None, (_values(row, place) for place in remedy.name)), [])
    written = _written(remedy, row, found)
    # What one call ran is stopped by one call.
    return _Touch(row, call, remedy.kind, ", ".join(found[:_MOST_NAMES]), remedy.note, written)


def _values(row: Mapping[str, Any], place: str) -> list[str]:
    root, _, rest = place.partition(".")
    parts: list[str | None] = []
    for part in rest.split("."):
        parts += [part.removesuffix("[]"), None] if part.endswith("[]") else [part]
    text, path = row[_COLUMNS[root]], json.dumps(parts)
    if None in parts:
        return [one for one in texts_at(text, path) or () if one]
    one = text_at(text, path)
    return [one] if one else []


def _written(remedy: Remedy, row: Mapping[str, Any], found: list[str]) -> str | None:
    if not remedy.command or not found or any(one.startswith("-") for one in found[1:]):
        return None
    partition = (row["user_identity_arn"] or "").partition(":")[2].partition(":")[0] or "aws"
    fills: dict[str, list[str]] = {
        "{name}": found[:1],
        "{names}": found[:_MOST_NAMES],
        "{region}": [row["aws_region"] or ""],
        "{deny}": [_DENY.format(partition)],
        "{filter}": [f"Name=group-id,Values={found[0]}"] if _GROUP_ID.fullmatch(found[0]) else [],
    }
    fills |= {f"{{{word}}}": _values(row, place) for word, place in remedy.fills.items()}
    words: list[str | None] = []
    for word in remedy.command.split():
        words += (fills[word] or [None]) if word in fills else [word]
    return command(*words)


def _fact(known: Events, region: str, touches: list[_Touch]) -> Fact:
    rows = [touch.row for touch in touches]
    first = touches[0]
    places = {(row["log_file"], row["record_index"]) for row in rows}
    calls = ", ".join(dict.fromkeys(touch.call for touch in touches))
    notes = "; ".join(dict.fromkeys(touch.note for touch in touches))
    times = [row["event_time"] for row in rows if row["event_time"] is not None]
    return Fact(
        Task.LOOK,
        first.kind,
        first.name or "not named in the record",
        calls,
        rows[0]["recipient_account_id"] or "",
        region,
        min(times, default=None),
        max(times, default=None),
        len(places),
        weakest(row["standing"] for row in rows),
        by_record(known, sorted(places), f"touched {first.kind} {shortened(first.name, 200)}"),
        notes,
        tuple(dict.fromkeys(touch.command for touch in touches if touch.command)),
    )


def _buckets(suspects: Events) -> Iterable[Fact]:
    """Buckets whose objects were read or written, as far as data events say."""
    place = param("requestParameters.bucketName")
    objects = suspects.succeeded().to_service("s3").where(event_category="Data")
    table = judged(objects)
    rows = _grouped(table.mutate(bucket=place.value(table)), "bucket")
    for bucket, calls in rows.items():
        note = ", ".join(f"{call['events']:,} {call['event_name']}" for call in calls)
        events = objects.where(place == bucket) if bucket else objects.where(place.absent())
        look = command("aws", "s3api", "list-object-versions", "--bucket", bucket, "--max-items", "100")
        yield _counted(calls, "objects of a bucket", bucket or "not named in the record", events, note, look)


def _models(suspects: Events) -> Iterable[Fact]:
    """Models of Bedrock that were invoked, in each region: what to hold against the bill."""
    place = param("requestParameters.modelId")
    invoked = suspects.succeeded().to_service("bedrock").named(*MODEL_CALLS)
    for region in sorted(
        set(invoked.table.select("aws_region").distinct().to_pyarrow()["aws_region"].to_pylist()) - {None}
    ):
        here = invoked.where(aws_region=region)
        table = judged(here)
        for model, calls in _grouped(table.mutate(model=place.value(table)), "model").items():
            told = ", ".join(f"{call['events']:,} {call['event_name']}" for call in calls)
            events = here.where(place == model) if model else here.where(place.absent())
            note = f"{told}; what they cost is in the bill"
            yield replace(
                _counted(calls, "model", model or "not named in the record", events, note, None), region=region
            )


def _others(suspects: Events) -> Iterable[Fact]:
    """Changes that no remedy is known for: nothing that was done is left untold."""
    told = (*REMEDIES, *_UNTOLD)
    rest = suspects.succeeded().where(
        lambda e: (
            (~e.read_only).fill_null(False)
            & ~e.event_name.re_replace(_VERSION.pattern, "").isin(told)
            & ~((e.event_source == "s3.amazonaws.com") & (e.event_category == "Data")).fill_null(False)
        )
    )
    for service, calls in _grouped(judged(rest), "event_source").items():
        note = ", ".join(f"{call['events']:,} {call['event_name']}" for call in calls)
        name = (service or "?").removesuffix(".amazonaws.com")
        yield _counted(calls, "other changes", name, rest.where(event_source=service), note, None)


def _grouped(table: Any, column: str) -> dict[Any, list[dict[str, Any]]]:
    grouped = table.group_by([column, "event_name", "standing"]).aggregate(
        events=table.count(),
        first=table.event_time.min(),
        last=table.event_time.max(),
        account=table.recipient_account_id.min(),
    )
    order = [column, grouped.events.desc(), "event_name", "standing"]
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in grouped.order_by(order).to_pyarrow().to_pylist():
        found.setdefault(row[column], []).append(row)
    return found


def _counted(calls: list[dict[str, Any]], kind: str, name: str, events: Events, note: str, look: str | None) -> Fact:
    firsts = [call["first"] for call in calls if call["first"] is not None]
    lasts = [call["last"] for call in calls if call["last"] is not None]
    count = sum(call["events"] for call in calls)
    return Fact(
        Task.LOOK,
        kind,
        name,
        ", ".join(dict.fromkeys(call["event_name"] or "?" for call in calls)),
        calls[0]["account"] or "",
        "",
        min(firsts, default=None),
        max(lasts, default=None),
        count,
        weakest(call["standing"] for call in calls),
        events,
        note,
        (look,) if look else (),
    )
