"""Instances that were run: what for, by whom, and whether the events show an end of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from cttoolkit.calls import is_failed
from cttoolkit.containment.facts import judged, weakest
from cttoolkit.display import Table
from cttoolkit.events import Events

__all__ = ["instances"]

_COLUMNS = (
    "instance",
    "account",
    "region",
    "type",
    "run at",
    "run by",
    "last seen",
    "at",
    "by",
    "protected",
    "standing",
)
_LATER = {"TerminateInstances": "terminated", "StopInstances": "stopped", "StartInstances": "started"}
_REFUSED = {"TerminateInstances": "termination refused", "StopInstances": "stop refused"}
_PROTECTING = "ModifyInstanceAttribute"
_DRY_RUN = ("Client.DryRunOperation", "DryRunOperation")
"""What a dry run fails with where the call would have succeeded: nothing was refused, and nothing done."""
_UNSEEN = "no end seen"


def instances(events: Events) -> Table:
    """Each instance that these events ran, with the latest that any admitted event says of it; those without an end come first.

    ``last seen`` is *terminated*, *termination refused*, *stopped*, *stop refused*, *started*, or *no end seen*; ``at`` and ``by`` are
    of that call, and a dry run is none. ``protected`` is whether the last word on its termination protection set it. ``standing`` is
    that of a claim which cites all calls of the row. Rows come of RunInstances, also where a service called it; fleets and other
    services that run machines have calls of their own. An instance that is shut down from within, and a spot instance that is taken
    back, are ended without any of these calls: *no end seen* is no proof that it runs.
    """
    run = {one["instance"]: one for one in _run(events)}
    for call in _calls(events.root, _LATER.keys() | {_PROTECTING}):
        for name in _asked(call):
            if (one := run.get(name)) is not None and one["place"] == _place(call):
                _apply(one, call)
    ranked = sorted(
        run.values(), key=lambda one: (one["word"] == "terminated", one["at"], *one["place"], one["instance"])
    )
    rows = [
        (
            one["instance"], *one["place"], one["type"], one["at"], one["by"],
            one["word"], one["then"], one["then by"], one["protected"], weakest(one["standings"].values()).value,
        )
        for one in ranked
    ]  # fmt: skip
    left = sum(one["word"] != "terminated" for one in ranked)
    return Table(_COLUMNS, tuple(rows), f"{len(rows):,} instances were run; of {left:,} no termination was seen")


def _run(events: Events) -> Iterator[dict[str, Any]]:
    for call in _calls(events, {"RunInstances"}):
        if call["failed"]:
            continue
        asked = _read(call["request_parameters"])
        protected = asked.get("disableApiTermination") is True
        kind = asked.get("instanceType")
        for item in _items(_read(call["response_elements"])):
            yield {
                "instance": item["instanceId"],
                "place": _place(call),
                "type": item.get("instanceType") or kind or "",
                "at": call["event_time"],
                "by": call["actor"],
                "word": _UNSEEN,
                "then": None,
                "then by": "",
                "protected": protected,
                "standings": {"run": call["standing"]},
            }


def _apply(one: dict[str, Any], call: dict[str, Any]) -> None:
    name, failed = call["event_name"], call["failed"]
    if call["error_code"] in _DRY_RUN:
        return
    if name == _PROTECTING:
        told = _read(call["request_parameters"]).get("disableApiTermination")
        if not failed and isinstance(told, dict) and isinstance(told.get("value"), bool):
            one["protected"] = told["value"]
            one["standings"]["protected"] = call["standing"]
        return
    word = _REFUSED.get(name) if failed else _LATER[name]
    # What was terminated stays so, whatever is tried afterwards.
    if word is not None and one["word"] != "terminated":
        one |= {"word": word, "then": call["event_time"], "then by": call["actor"]}
        one["standings"]["last"] = call["standing"]


def _calls(events: Events, names: set[str]) -> list[dict[str, Any]]:
    table = judged(events.to_service("ec2").named(*sorted(names)))
    table = table.filter(table.event_time.notnull())
    rows = table.order_by(["event_time", "event_name", "log_file", "record_index"]).select(
        "event_time", "event_name", "recipient_account_id", "aws_region", "actor", "error_code", "standing",
        "request_parameters", "response_elements", failed=is_failed,
    )  # fmt: skip
    found: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
    return found


def _place(call: dict[str, Any]) -> tuple[str, str]:
    return call["recipient_account_id"] or "", call["aws_region"] or ""


def _asked(call: dict[str, Any]) -> Iterator[str]:
    request = _read(call["request_parameters"])
    yield from (item["instanceId"] for item in _items(request))
    if isinstance(one := request.get("instanceId"), str):
        yield one


def _items(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is listed under instancesSet; a record may hold anything in its place."""
    held = element.get("instancesSet")
    items = held.get("items") if isinstance(held, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("instanceId"), str):
            yield item


def _read(text: str | None) -> dict[str, Any]:
    try:
        held = msgspec.json.decode(text) if text else None
    except (msgspec.DecodeError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
