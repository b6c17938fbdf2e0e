"""When trails were off: what calls say of it, held against what digests and events say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from cttoolkit.containment.facts import judged, weakest
from cttoolkit.display import Table
from cttoolkit.events import Events
from cttoolkit.integrity.coverage import State
from cttoolkit.param import param
from cttoolkit.text import number_of, shortened
from cttoolkit.window import Window, later

__all__ = ["outages"]

_STOPS, _START = ("StopLogging", "DeleteTrail"), "StartLogging"
"""A new trail logs nothing until it is started, so that to make one ends nothing."""
_SECOND = timedelta(seconds=1)
_ENDS = (State.COVERED, State.BEFORE_FIRST, State.AFTER_LAST)
_COLUMNS = (
    "reading", "account", "trail", "from", "to", "stopped by", "started by", "events", "digests", "home region", "standing",
)  # fmt: skip
_UNSEEN = "no call in the evidence"


@dataclass(frozen=True)
class _Call:
    """A trail switched, as one event says."""

    at: datetime
    name: str
    account: str
    trail: str
    region: str
    """The trail's home region, since no other takes such calls; another may have a trail of the same name."""
    actor: str
    standing: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.account, self.trail, self.region


def outages(events: Events) -> Table:
    """Stretches in which a trail was off by its calls, and stretches that its digests do not cover, each held against the other.

    ``reading`` is *call and effect* where a stop has a hole in the digests, or no event until the start; *call without effect* where
    digests cover all of it and events were recorded, as by another trail; *call, effect unknown* where events were recorded and there
    are no digests to tell by; *order unknown* where stop and start are of one second, so that which came last is not known: the row
    takes it as ended, and where it was not, a hole in the digests has a row of its own; *effect without call* where digests are missing
    between others and no stop is seen: a change that lies elsewhere, or the work of whoever can write to the bucket. ``events`` counts
    what all admitted events have of the account in between. Of a stop without a start, the evidence ends first. ``standing`` is that of
    a claim which cites the calls of the row, and empty where there are none. Ends of chains are playbook 01's to judge.
    """
    whole = events.root
    pairs = list(_pairs(whole))
    rows = [_by_call(whole, stop, start) for stop, start in pairs]
    rows += _by_digests(whole, [_span(whole, stop, start) for stop, start in pairs if not _is_at_once(stop, start)])
    rows.sort(key=lambda row: (row[3], row[1], row[2], row[9]))
    told = f"When recording was interrupted: {number_of(len(rows), 'stretch')}"
    return Table(_COLUMNS, tuple(rows), told)


def _pairs(whole: Events) -> Iterator[tuple[_Call, _Call | None]]:
    """Each stop with the next start of the same trail; of one second, a start ends what was off before, and what stopped with it."""
    open_stops: dict[tuple[str, str, str], _Call] = {}
    for (_, key), calls in groupby(_calls(whole), key=lambda call: (call.at, call.key)):
        switched = list(calls)
        stop = next((call for call in switched if call.name in _STOPS), None)
        start = next((call for call in switched if call.name == _START), None)
        if start is not None and key in open_stops:
            yield open_stops.pop(key), start
        if stop is not None and start is not None:
            yield stop, start
        elif stop is not None:
            open_stops.setdefault(key, stop)
    yield from ((stop, None) for stop in open_stops.values())


def _is_at_once(stop: _Call, start: _Call | None) -> bool:
    return start is not None and start.at == stop.at


def _calls(whole: Events) -> list[_Call]:
    """In order of time, those of one second and trail together."""
    table = judged(whole.to_service("cloudtrail").named(*_STOPS, _START).succeeded())
    table = table.filter(table.event_time.notnull())
    rows = table.select(
        "event_time", "event_name", "recipient_account_id", "aws_region", "actor", "standing", "log_file", "record_index",
        trail=param("requestParameters.name").value(table),
    )  # fmt: skip
    found = rows.order_by(["event_time", "event_name", "log_file", "record_index"]).to_pyarrow().to_pylist()
    calls = [
        _Call(
            row["event_time"],
            row["event_name"],
            row["recipient_account_id"] or "",
            # By its name or by its ARN, as the caller liked.
            (row["trail"] or "").rpartition("/")[2],
            row["aws_region"] or "",
            row["actor"] or "",
            row["standing"],
        )
        for row in found
    ]
    return sorted(calls, key=lambda call: (call.at, call.key))


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
    named = (stop.trail, stop.region)
    chains = [one for one in chains if (one.chain.trail, one.chain.home_region) == named] or chains
    whole_of = sum(one.covers(span) for one in chains)
    told = f"{whole_of} of {number_of(len(chains), 'chain')} cover it" if chains else "there are none"
    ended = f"{start.actor} ({start.name})" if start is not None else _UNSEEN
    begun = f"{stop.actor} ({stop.name})"
    reading = "call and effect"
    if _is_at_once(stop, start):
        reading = "order unknown"
    elif count and not chains:
        reading = "call, effect unknown"
    elif count and whole_of == len(chains):
        reading = "call without effect"
    standing = weakest(call.standing for call in (stop, start) if call is not None).value
    return (
        reading, stop.account, stop.trail, span.start, span.end, begun, ended, count, told, stop.region, standing,
    )  # fmt: skip


def _by_digests(whole: Events, known: list[Window]) -> list[tuple[Any, ...]]:
    """Holes of chains that no stop explains, chains with the same hole in one row."""
    holes: dict[tuple[str, str, str, Window, str], list[str]] = {}
    for one in whole.verification.coverage.chains:
        for interval in one.intervals:
            if interval.state in _ENDS or one.chain.backfill or any(interval.window.overlaps(span) for span in known):
                continue
            told = f"{interval.state.value}: {interval.reason}"
            key = (one.chain.account, one.chain.trail, one.chain.home_region, interval.window, told)
            holes.setdefault(key, []).append(one.chain.region)
    return [
        (
            "effect without call", account, trail, window.start, window.end, _UNSEEN, _UNSEEN,
            len(whole.in_account(account).in_region(*sorted(regions)).during(window)),
            shortened(f"{', '.join(sorted(regions))}: {told}", 500), home, "",
        )
        for (account, trail, home, window, told), regions in holes.items()
    ]  # fmt: skip
