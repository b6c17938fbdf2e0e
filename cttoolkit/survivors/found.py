"""Calls that open or close ways back, read from events: which thing each is about."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cttoolkit.containment.facts import judged
from cttoolkit.events import Events
from cttoolkit.json_path import text_at
from cttoolkit.param import Match, param
from cttoolkit.survivors.ways import WAYS, Act, Way

if TYPE_CHECKING:
    import ibis

__all__ = ["Call", "Thing", "calls_of", "opening"]

_MOST = 100_000
_VERSION = re.compile(r"20[0-9]{6}(v[0-9]+)?$")
_OWNER = "requestParameters.userName"
_NEVER = datetime.min.replace(tzinfo=UTC)
_COLUMNS = {"requestParameters": "request_parameters", "responseElements": "response_elements"}
_RECORD = (
    "event_time event_name event_source aws_region recipient_account_id actor user_identity_user_name log_file record_index"
    " standing request_parameters response_elements"
).split()

_ACTS: dict[tuple[str, str], list[tuple[Way, Act, bool]]] = defaultdict(list)
for _way in WAYS:
    for _acts, _opens in ((_way.opens, True), (_way.closes, False)):
        for _act in _acts:
            _ACTS[_act.service, _act.name].append((_way, _act, _opens))


class Thing(NamedTuple):
    """One way back: its kind, where it is, and its name as it is compared."""

    kind: str
    account: str
    region: str
    name: tuple[str, ...]


class Call(NamedTuple):
    """One call that opened or closed a thing."""

    thing: Thing
    way: Way
    opens: bool
    call: str
    shown: tuple[str, ...]
    row: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, int]:
        return self.row["log_file"], self.row["record_index"]

    @property
    def at(self) -> datetime | None:
        time: datetime | None = self.row["event_time"]
        return time

    @property
    def order(self) -> tuple[datetime, bool]:
        """In order of time. Of one second, what closes comes first: what is not known to be closed is told as open."""
        return self.at or _NEVER, self.opens


def opening(*kinds: str) -> Match:
    """Whether an event opens a way of these kinds, or of any, as a condition that can be asked again of other evidence."""
    acts = [act for way in WAYS if way.kind in kinds or not kinds for act in way.opens]
    told = f"that opened {', '.join(kinds)}" if kinds else "that opened a way back"
    return Match(told, lambda table: reduce(or_, (_is_act(act, table) for act in acts)).fill_null(False))  # noqa: FBT003


def _is_act(act: Act, table: ibis.Table) -> Any:
    is_called = (table.event_source == f"{act.service}.amazonaws.com") & (_unversioned(table) == act.name)
    asked = [param(place).value(table).lower() == value.lower() for place, value in act.when.items()]
    named = [param(place).value(table).fill_null("") != "" for place in act.places if place != _OWNER]
    if _OWNER in act.places:
        named.append(param(_OWNER).value(table).fill_null("") + table.user_identity_user_name.fill_null("") != "")
    return reduce(and_, [is_called, *asked, *named])


def _unversioned(table: ibis.Table) -> Any:
    """The name of a call without the version of Lambda's API."""
    return table.event_name.re_replace(_VERSION.pattern, "")


def calls_of(events: Events, *, opening: bool) -> list[Call]:
    """The calls of events that succeeded, in order of time; the first hundred thousand are read."""
    wanted = sorted({name for (_, name), acts in _ACTS.items() if not opening or any(opens for *_, opens in acts)})
    known = events.succeeded().where(lambda e: _unversioned(e).isin(wanted))
    table = judged(known)
    rows = table.order_by(["event_time", "log_file", "record_index"]).select(_RECORD).limit(_MOST).to_pyarrow()
    found = [call for row in rows.to_pylist() for call in _told(row) if call.opens or not opening]
    return sorted(found, key=lambda call: call.order)


def _told(row: Mapping[str, Any]) -> Iterator[Call]:
    name = _VERSION.sub("", row["event_name"] or "")
    service = (row["event_source"] or "").removesuffix(".amazonaws.com")
    for way, act, opens in _ACTS.get((service, name), ()):
        if any((_value(row, place) or "").lower() != value.lower() for place, value in act.when.items()):
            continue
        shown = tuple(_named(row, place) for place in act.places)
        if all(shown):
            region = "" if way.is_global else row["aws_region"] or ""
            compared = tuple(_plain(service, one) for one in shown)
            thing = Thing(way.kind, row["recipient_account_id"] or "", region, compared)
            yield Call(thing, way, opens, name, shown, row)


def _value(row: Mapping[str, Any], place: str) -> str | None:
    root, _, rest = place.partition(".")
    return text_at(row[_COLUMNS[root]], json.dumps(rest.split(".")))


def _named(row: Mapping[str, Any], place: str) -> str:
    found = _value(row, place)
    # IAM takes the caller where no user is named.
    return found or (row["user_identity_user_name"] or "" if place == _OWNER else "")


def _plain(service: str, name: str) -> str:
    """A name as it is compared: Lambda takes a function's name, a part of its ARN or all of it; IAM's names ignore case."""
    if service == "lambda" and ":function:" in name:
        name = name.partition(":function:")[2].partition(":")[0]
    return name.lower()
