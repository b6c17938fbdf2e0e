"""Calls that open or close ways back, read from events: which thing each is about."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import reduce
from itertools import product
from operator import and_, or_
from typing import TYPE_CHECKING, Any, NamedTuple

from cttoolkit.containment.facts import judged
from cttoolkit.events import Events
from cttoolkit.json_path import text_at, texts_at
from cttoolkit.param import Match, param
from cttoolkit.survivors.ways import DEFAULTS, WAYS, Act, Way

if TYPE_CHECKING:
    import ibis

__all__ = ["MOST", "Call", "Thing", "calls_of", "opening"]

MOST = 100_000
_VERSION = re.compile(r"20[0-9]{6}(v[0-9]+)?$")
_OWNER = "requestParameters.userName"
_FUNCTION, _QUALIFIER = "requestParameters.functionName", "requestParameters.qualifier"
_FUNCTION_NAME = re.compile(r"(?:(?:arn:[^:]*:lambda:)?(?:[^:]*:)?[0-9]{12}:)?(?:function:)?([^:]+)(?::([^:]+))?")
_RULE_BUS = "requestParameters.eventBusName"
_BUS = re.compile(r"arn:[^:]*:events:([^:]*):([^:]*):event-bus/(.+)")
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
    act: Act
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
    needed = [place for place in act.places if (act.service, place) not in DEFAULTS]
    named = [param(place).value(table).fill_null("") != "" for place in needed if place != _OWNER]
    if _OWNER in act.places:
        named.append(param(_OWNER).value(table).fill_null("") + table.user_identity_user_name.fill_null("") != "")
    return reduce(and_, [is_called, *asked, *named])


def _unversioned(table: ibis.Table) -> Any:
    """The name of a call without the version of Lambda's API."""
    return table.event_name.re_replace(_VERSION.pattern, "")


def calls_of(events: Events) -> tuple[list[Call], bool]:
    """Calls that open or close and succeeded, in order of time, and whether there are more than ``MOST``, which are all that is read."""
    wanted = sorted({name for _, name in _ACTS})
    known = events.succeeded().where(lambda e: _unversioned(e).isin(wanted))
    table = judged(known)
    rows = table.order_by(["event_time", "log_file", "record_index"]).select(_RECORD).limit(MOST + 1).to_pyarrow()
    found = [call for row in rows[:MOST].to_pylist() for call in _told(row)]
    return sorted(found, key=lambda call: call.order), len(rows) > MOST


def _told(row: Mapping[str, Any]) -> Iterator[Call]:
    name = _VERSION.sub("", row["event_name"] or "")
    service = (row["event_source"] or "").removesuffix(".amazonaws.com")
    for way, act, opens in _ACTS.get((service, name), ()):
        if any((_value(row, place) or "").lower() != value.lower() for place, value in act.when.items()):
            continue
        if act.of_whole and _qualifier(row):
            continue
        for given in product(*(_named(row, act, place) for place in act.places)):
            region = "" if way.is_global else row["aws_region"] or ""
            pairs = list(zip(act.places, given, strict=True))
            compared = tuple(_compared(row, act, place, one) for place, one in pairs)
            shown = tuple(one for place, one in pairs if one != DEFAULTS.get((act.service, place)))
            thing = Thing(way.kind, row["recipient_account_id"] or "", region, compared)
            yield Call(thing, way, act, opens, name, shown, row)


def _value(row: Mapping[str, Any], place: str) -> str | None:
    root, _, rest = place.partition(".")
    return text_at(row[_COLUMNS[root]], json.dumps(rest.split(".")))


def _named(row: Mapping[str, Any], act: Act, place: str) -> list[str]:
    """What a record has at a place, each once; the default where it has nothing, and nothing where there is no default."""
    root, _, rest = place.partition(".")
    if "[]" in rest:
        parts: list[str | None] = []
        for part in rest.split("."):
            parts += [part.removesuffix("[]"), None] if part.endswith("[]") else [part]
        values = texts_at(row[_COLUMNS[root]], json.dumps(parts)) or []
    else:
        # IAM takes the caller where no user is named.
        values = [_value(row, place) or (row["user_identity_user_name"] if place == _OWNER else None)]
    default = DEFAULTS.get((act.service, place))
    return list(dict.fromkeys(value for value in values if value)) or ([] if default is None else [default])


def _compared(row: Mapping[str, Any], act: Act, place: str, name: str) -> str:
    """A name as it is compared. IAM's ignore case, and no other service's do.

    Lambda takes a function's name, a part of its ARN or all of it, each with a version or an alias behind it; EventBridge a bus by
    its name or its ARN.
    """
    if act.service == "iam":
        return name.lower()
    if place == _FUNCTION:
        found = _FUNCTION_NAME.fullmatch(name)
        return found[1] if found else name
    if (act.service, place) == ("lambda", _QUALIFIER):
        return _qualifier(row)
    if place == _RULE_BUS and (found := _BUS.fullmatch(name)):
        own = (row["aws_region"], row["recipient_account_id"])
        return found[3] if (found[1], found[2]) == own else name
    return name


def _qualifier(row: Mapping[str, Any]) -> str:
    """The version or alias of a function that a call is about, empty where it is about the function."""
    found = _FUNCTION_NAME.fullmatch(_value(row, _FUNCTION) or "")
    return _value(row, _QUALIFIER) or (found and found[2]) or ""
