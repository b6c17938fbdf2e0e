"""Calls that a remedy is known for, counted by the engine: a row for each call to each thing, however often it was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.containment.facts import judged
from cttoolkit.containment.remedies import REMEDIES, Remedy
from cttoolkit.events import Events
from cttoolkit.json_path import texts_at
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["Touch", "bare", "further", "known_calls", "spoken", "touched", "touches"]

_VERSION = re.compile(r"20[0-9]{6}(v[0-9]+)?$")
_FILLS = sorted({word for remedy in REMEDIES.values() for word in remedy.fills})
_THING = ("source", "call", "account", "region", "named")


@dataclass(frozen=True)
class Touch:
    """Calls of one name to one thing, in one account and region.

    ``named`` is what stands where the record names the thing, as text: a name, or a list of them as JSON. ``fills`` are the words
    that stood in the places of ``Remedy.fills``. Times are None where no event has a readable one.
    """

    source: str
    call: str
    account: str | None
    region: str | None
    named: str | None
    partition: str | None
    fills: dict[str, list[str]]
    words: list[str]
    events: int
    first: datetime | None
    last: datetime | None
    at: str

    @property
    def remedy(self) -> Remedy:
        return REMEDIES[self.source, self.call]

    @property
    def names(self) -> list[str]:
        """The names of the things: one, many where one call made many, none where the record has none."""
        if self.named is None:
            return []
        _, many, rest = self.remedy.name[0].partition("[].")
        if not many:
            return [self.named]
        return [one for one in texts_at(self.named, json.dumps([None, *rest.split(".")])) or () if one]


def bare(table: ibis.Table) -> Any:
    """The name of the call without the version that Lambda's names carry; never null."""
    return table.event_name.re_replace(_VERSION.pattern, "").fill_null("")


def spoken(calls: Iterable[tuple[str, str]], table: ibis.Table) -> Any:
    """Whether an event is one of these calls, by source and name; never null."""
    return (table.event_source.fill_null("") + ":" + bare(table)).isin([f"{source}:{call}" for source, call in calls])


def known_calls(suspects: Events) -> Events:
    """What succeeded of the calls that a remedy is known for."""
    return suspects.succeeded().where(Match("a call with a known remedy", lambda table: spoken(REMEDIES, table)))


def touches(known: Events, most: int) -> list[Touch]:
    """The calls by thing, in order of time. Where there are more, each call has its turn, so that none hides the others."""
    table = judged(known)
    measures = {
        "partition": table.user_identity_arn.re_extract("^arn:(aws[a-z-]*):", 1).max(),
        "words": table.standing.collect(distinct=True),
        "events": table.count(),
        "last": table.event_time.max(),
        **{word: _fill(table, word).collect(distinct=True) for word in _FILLS},
    }
    ranked = _ranked(table, **measures)
    rows = ranked.filter(ranked.number < most).drop("turn", "number").to_pyarrow().to_pylist()
    found = [
        Touch(
            fills={word: sorted(filter(None, row.pop(word) or ())) for word in _FILLS},
            words=sorted(row.pop("words")),
            **row,
        )
        for row in rows
    ]
    return sorted(found, key=lambda touch: (touch.first is None, str(touch.first), touch.at))


def further(known: Events, most: int) -> Events:
    """The known calls that touches() leaves out."""

    def holds(table: ibis.Table) -> Any:
        ranked = _ranked(table)
        left = ranked.filter(ranked.number >= most)
        return _key(_thing(table)).isin(_key({name: left[name] for name in _THING}).name("key"))

    return known.where(Match("to things beyond those that are told", holds))


def touched(known: Events, group: Iterable[Touch], told: str) -> Events:
    """The events of these touches."""
    named: dict[tuple[str, str, str | None, str | None], list[str | None]] = {}
    for touch in group:
        named.setdefault((touch.source, touch.call, touch.account, touch.region), []).append(touch.named)

    def each(table: ibis.Table) -> Iterator[Any]:
        for (source, call, account, region), texts in named.items():
            name = _named(table, REMEDIES[source, call].name)
            known_texts = [text for text in texts if text is not None]
            parts = [name.isin(known_texts).fill_null(False)] if known_texts else []
            parts += [name.isnull()] if len(known_texts) < len(texts) else []
            yield (
                (table.event_source == source)
                & (bare(table) == call)
                & _is(table.recipient_account_id, account)
                & _is(table.aws_region, region)
                & reduce(or_, parts)
            )

    return known.where(Match(told, lambda table: reduce(or_, each(table))))


def _is(column: Any, value: str | None) -> Any:
    return column.isnull() if value is None else column == value


def _ranked(table: ibis.Table, **measures: Any) -> ibis.Table:
    """The things by their turn: first the earliest of each call, then the second of each, and so on."""
    import ibis

    place = table.log_file + "#" + table.record_index.cast("string").lpad(9, "0")
    things = table.group_by(**_thing(table)).aggregate(first=table.event_time.min(), at=place.min(), **measures)
    turn = ibis.row_number().over(group_by=["source", "call"], order_by=["first", "at"])
    things = things.mutate(turn=turn)
    return things.mutate(number=ibis.row_number().over(order_by=["turn", "first", "at"]))


def _thing(table: ibis.Table) -> dict[str, Any]:
    import ibis

    calls: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for call, remedy in REMEDIES.items():
        calls.setdefault(remedy.name, []).append(call)
    cases = [(spoken(of, table), _named(table, places)) for places, of in calls.items()]
    return {
        "source": table.event_source,
        "call": bare(table),
        "account": table.recipient_account_id,
        "region": table.aws_region,
        "named": ibis.cases(*cases, else_=ibis.null("string")),
    }


def _named(table: ibis.Table, places: tuple[str, ...]) -> Any:
    """What stands at the first of the places that holds something: a name, or the list of those that have one each."""
    import ibis

    return ibis.coalesce(*(param(place.partition("[]")[0]).value(table).nullif("") for place in places))


def _fill(table: ibis.Table, word: str) -> Any:
    import ibis

    calls: dict[str, list[tuple[str, str]]] = {}
    for call, remedy in REMEDIES.items():
        if word in remedy.fills:
            calls.setdefault(remedy.fills[word], []).append(call)
    cases = [(spoken(of, table), param(place).value(table)) for place, of in calls.items()]
    return ibis.cases(*cases, else_=ibis.null("string"))


def _key(thing: dict[str, Any]) -> Any:
    """One text for a thing. Each part says how long it is, so that no name can be written to look like another thing."""
    parts = [(thing[name].length().cast("string") + ":" + thing[name]).fill_null("-") for name in _THING]
    return reduce(lambda one, other: one + other, parts)
