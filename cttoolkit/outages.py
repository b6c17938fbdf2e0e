"""When trails were off: what calls say of it, held against what digests and events say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.display import Table
from cttoolkit.events import Events
from cttoolkit.integrity.coverage import State
from cttoolkit.param import param
from cttoolkit.text import number_of, shortened
from cttoolkit.window import Window, later

__all__ = ["outages"]

_STOPS, _STARTS = ("StopLogging", "DeleteTrail"), ("StartLogging", "CreateTrail")
_SECOND = timedelta(seconds=1)
_ENDS = (State.COVERED, State.BEFORE_FIRST, State.AFTER_LAST)
_COLUMNS = ("reading", "account", "trail", "from", "to", "stopped by", "started by", "events", "digests")
_UNSEEN = "no call in the evidence"


@dataclass(frozen=True)
class _Call:
    """A trail switched, as one event says."""

    at: datetime
    name: str
    account: str
    trail: str
    actor: str


def outages(events: Events) -> Table:
    """Stretches in which a trail was off by its calls, and stretches that its digests do not cover, each held against the other.

    ``reading`` is *call and effect* where a stop has a hole in the digests, or no event until the start; *call without effect* where
    digests cover all of it and events were recorded, as by another trail; *call, effect unknown* where events were recorded and there
    are no digests to tell by; *effect without call* where digests are missing between others and no stop is seen: a change that lies
    elsewhere, or the work of whoever can write to the bucket. ``events`` counts what all admitted events have of the account in
    between. Of a stop without a start, the evidence ends first. Ends of chains are playbook 01's to judge.
    """
    whole = events.root
    pairs = list(_pairs(whole))
    rows = [_by_call(whole, stop, start) for stop, start in pairs]
    rows += _by_digests(whole, [_span(whole, stop, start) for stop, start in pairs])
    rows.sort(key=lambda row: (row[3], row[1], row[2]))
    told = f"When recording was interrupted: {number_of(len(rows), 'stretch')}"
    return Table(_COLUMNS, tuple(rows), told)


def _pairs(whole: Events) -> Iterator[tuple[_Call, _Call | None]]:
    """Each stop with the next start of the same trail."""
    open_stops: dict[tuple[str, str], _Call] = {}
    for call in _calls(whole):
        key = (call.account, call.trail)
        if call.name in _STOPS:
            open_stops.setdefault(key, call)
        elif key in open_stops:
            yield open_stops.pop(key), call
    yield from ((stop, None) for stop in open_stops.values())


def _calls(whole: Events) -> list[_Call]:
    switched = whole.to_service("cloudtrail").named(*_STOPS, *_STARTS).succeeded()
    table = switched.table.filter(switched.table.event_time.notnull())
    rows = table.select(
        "event_time", "event_name", "recipient_account_id", "actor", trail=param("requestParameters.name").value(table)
    )
    found = rows.order_by(["event_time", "event_name"]).to_pyarrow().to_pylist()
    return [
        _Call(
            row["event_time"],
            row["event_name"],
            row["recipient_account_id"] or "",
            # By its name or by its ARN, as the caller liked.
            (row["trail"] or "").rpartition("/")[2],
            row["actor"] or "",
        )
        for row in found
    ]


def _span(whole: Events, stop: _Call, start: _Call | None) -> Window:
    """From the second after the stop, which is itself recorded."""
    begun = later(stop.at, _SECOND)
    return Window(begun, max(start.at if start is not None else whole.window.end, begun))


def _by_call(whole: Events, stop: _Call, start: _Call | None) -> tuple[Any, ...]:
    span = _span(whole, stop, start)
    count = len(whole.in_account(stop.account).during(span))
    chains = [
        one
        for one in whole.verification.coverage.chains
        if not one.chain.backfill and one.chain.account == stop.account
    ]
    chains = [one for one in chains if one.chain.trail == stop.trail] or chains
    whole_of = sum(one.covers(span) for one in chains)
    told = f"{whole_of} of {number_of(len(chains), 'chain')} cover it" if chains else "there are none"
    ended = f"{start.actor} ({start.name})" if start is not None else _UNSEEN
    begun = f"{stop.actor} ({stop.name})"
    reading = "call and effect"
    if count and not chains:
        reading = "call, effect unknown"
    elif count and whole_of == len(chains):
        reading = "call without effect"
    return (reading, stop.account, stop.trail, span.start, span.end, begun, ended, count, told)


def _by_digests(whole: Events, known: list[Window]) -> list[tuple[Any, ...]]:
    """Holes of chains that no stop explains, chains with the same hole in one row."""
    holes: dict[tuple[str, str, Window, str], list[str]] = {}
    for one in whole.verification.coverage.chains:
        for interval in one.intervals:
            if interval.state in _ENDS or one.chain.backfill or any(interval.window.overlaps(span) for span in known):
                continue
            key = (one.chain.account, one.chain.trail, interval.window, f"{interval.state.value}: {interval.reason}")
            holes.setdefault(key, []).append(one.chain.region)
    return [
        (
            "effect without call", account, trail, window.start, window.end, _UNSEEN, _UNSEEN,
            len(whole.in_account(account).in_region(*sorted(regions)).during(window)),
            shortened(f"{', '.join(sorted(regions))}: {told}", 500),
        )
        for (account, trail, window, told), regions in holes.items()
    ]  # fmt: skip
