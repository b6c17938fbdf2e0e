"""What the suspects made, changed or read, a row for each thing, with what would look at it or take it back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Any

from cttoolkit.calls import MODEL_CALLS
from cttoolkit.containment.command import command
from cttoolkit.containment.facts import Fact, Task, judged, weakest
from cttoolkit.containment.remedies import REMEDIES
from cttoolkit.containment.touches import Touch, further, known_calls, spoken, touched, touches
from cttoolkit.events import Events
from cttoolkit.param import param
from cttoolkit.text import number_of, shortened

__all__ = ["resources"]

_MOST, _MOST_NAMES, _MOST_COMMANDS = 10_000, 100, 100
_UNTOLD = (
    *(("iam.amazonaws.com", call) for call in ("CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey")),
    *(("signin.amazonaws.com", call) for call in ("ConsoleLogin", "SwitchRole", "GetSigninToken")),
)
"""Told as keys and sessions, and not as resources."""
_GLOBAL = ("user", "role", "group", "policy", "bucket", "contact")
_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")
_REGION = re.compile(r"[a-z]{2,8}(-[a-z]+)+-[0-9]{1,2}")
_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
"""What the AWS CLI takes for one of several names, and not for an option, nor for a list in JSON."""
_DENY = "arn:{}:iam::aws:policy/AWSDenyAll"


def resources(suspects: Events) -> list[Fact]:
    """Rows by kind, name, region and account, in order of time; then objects, models and all other changes, counted.

    Of what succeeded. Of known calls, ten thousand things are told by name; calls to others are counted by service.
    """
    known = known_calls(suspects)
    found = touches(known, _MOST)
    things: dict[tuple[str, str, str, str], list[Touch]] = {}
    for touch in found:
        kind = touch.remedy.kind
        region = "" if kind in _GLOBAL else touch.region or ""
        things.setdefault((kind, ", ".join(touch.names), region, touch.account or ""), []).append(touch)
    told = [_fact(known, *thing, group) for thing, group in things.items()]
    if len(found) == _MOST:
        told += _further(known)
    return [*told, *_buckets(suspects), *_models(suspects), *_others(suspects)]


def _fact(known: Events, kind: str, name: str, region: str, account: str, group: list[Touch]) -> Fact:
    times = [time for touch in group for time in (touch.first, touch.last) if time is not None]
    notes = list(dict.fromkeys(touch.remedy.note for touch in group))
    written = dict.fromkeys(line for touch in group for line in _commands(touch))
    commands = tuple(islice(written, _MOST_COMMANDS))
    if len(written) > len(commands):
        notes.append(f"{number_of(len(written) - len(commands), 'more call')} to AWS not written out")
    return Fact(
        Task.LOOK,
        kind,
        name or "not named in the record",
        ", ".join(dict.fromkeys(touch.call for touch in group)),
        account,
        region,
        min(times, default=None),
        max(times, default=None),
        sum(touch.events for touch in group),
        weakest(word for touch in group for word in touch.words),
        touched(known, group, f"touched {kind} {shortened(name, 200)}"),
        "; ".join(notes),
        commands,
    )


def _commands(touch: Touch) -> Iterator[str]:
    """What would look at a thing or take a call back. What one call ran is stopped by one call for each hundred."""
    words, names = touch.remedy.command.split(), touch.names
    if not words or not names or ("{names}" in words and not all(_PLAIN.fullmatch(name) for name in names)):
        return
    region = touch.region or ""
    fills = {
        "{name}": [names[:1]],
        "{names}": [names[at : at + _MOST_NAMES] for at in range(0, len(names), _MOST_NAMES)],
        "{region}": [[region]] if _REGION.fullmatch(region) else [],
        "{deny}": [[_DENY.format(touch.partition or "aws")]],
        "{filter}": [[f"Name=group-id,Values={names[0]}"]] if _GROUP_ID.fullmatch(names[0]) else [],
        **{f"{{{word}}}": [[one] for one in values] for word, values in touch.fills.items()},
    }
    for filled in product(*(fills.get(word, [[word]]) for word in words)):
        line = command(*(part for parts in filled for part in parts))
        if line:
            yield line


def _further(known: Events) -> Iterable[Fact]:
    """Known calls to more things than are told by name."""
    rest = further(known, _MOST)
    for service, calls in _grouped(judged(rest), "event_source").items():
        counted = ", ".join(f"{call['events']:,} {call['event_name'] or '?'}" for call in calls)
        name = number_of(sum(call["events"] for call in calls), "further known call") + ", not read"
        note = f"{counted}; things beyond the first {_MOST:,} are counted, and not told by name"
        yield _counted(calls, "further calls", name, rest.where(event_source=service), note, None)


def _buckets(suspects: Events) -> Iterable[Fact]:
    """Buckets whose objects were read or written, as far as data events say."""
    place = param("requestParameters.bucketName")
    objects = suspects.succeeded().to_service("s3").where(event_category="Data")
    table = judged(objects)
    rows = _grouped(table.mutate(bucket=place.value(table)), "bucket")
    for bucket, calls in rows.items():
        note = ", ".join(f"{call['events']:,} {call['event_name'] or '?'}" for call in calls)
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
            told = ", ".join(f"{call['events']:,} {call['event_name'] or '?'}" for call in calls)
            events = here.where(place == model) if model else here.where(place.absent())
            note = f"{told}; what they cost is in the bill"
            yield replace(
                _counted(calls, "model", model or "not named in the record", events, note, None), region=region
            )


def _others(suspects: Events) -> Iterable[Fact]:
    """Changes that no remedy is known for: nothing that was done is left untold."""
    rest = suspects.succeeded().where(
        lambda e: (
            (~e.read_only).fill_null(False)
            & ~spoken((*REMEDIES, *_UNTOLD), e)
            & ~((e.event_source == "s3.amazonaws.com") & (e.event_category == "Data")).fill_null(False)
        )
    )
    for service, calls in _grouped(judged(rest), "event_source").items():
        note = ", ".join(f"{call['events']:,} {call['event_name'] or '?'}" for call in calls)
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
