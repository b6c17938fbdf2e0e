"""Whether the trails were set to record what was looked for, in the window that it was looked for in.

By the events themselves where they show it, else by what the collector noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cttoolkit.calls import DATA_CALLS, REGIONAL_CALLS, is_failed
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.selectors import Records
from cttoolkit.integrity.verdict import Status
from cttoolkit.reach import places_asked
from cttoolkit.trail_change import TRAIL_CHANGES, Aspect
from cttoolkit.trail_history import Piece, TrailHistory, trail_histories
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["other_category", "selection"]

_SELECTORS, _LEFT = "event selectors", "the trail was left as it was"
_MARGIN = timedelta(hours=2)
_MANAGEMENT = ("Management", "NetworkActivity")
"""What a management call is recorded as; the endpoint of a VPC that it went through may record it once more."""

_Place = tuple[str, str]


def selection(searched: Events, window: Window, reach: Window, category: str | None) -> Iterator[Condition]:
    """Two conditions: that such events were selected, and that this held in the window.

    In every place that is asked about, a trail that records them has to be the one whose digests cover ``reach``, the window with the
    time that delivery takes: one that covers a region, and records something else, says nothing there. A category that nothing but the
    author tells is told as such, and is not believed where the records tell another.
    """
    wrong = other_category(searched, category)
    given = category is not None and searched.category != category
    word = f"; that {category} is their category is the author's word" if given else ""
    for one in _selection(searched, window, reach, category):
        if one.name != _SELECTORS:
            yield one
        elif wrong:
            yield Condition(_SELECTORS, Met.NO, f"asked of management events, and {wrong}")
        else:
            yield replace(one, found=one.found + word)


def other_category(searched: Events, category: str | None) -> str:
    """Why the names that were searched for are no management events, as was said; nothing where nothing speaks against it."""
    if category != "Management" or not searched.names or searched.category == category:
        return ""
    if known := sorted(DATA_CALLS.intersection(searched.names)):
        return f"CloudTrail records {', '.join(known)} as data events"
    table = searched.root.table
    others = table.filter(
        (table.status == Status.INTACT.value)
        & table.event_name.isin(searched.names)
        & table.event_category.notnull()
        & ~table.event_category.isin(_MANAGEMENT)
    )
    rows = others.select("event_name", "event_category").distinct().to_pyarrow().to_pylist()
    seen = sorted(f"{row['event_name']} is recorded as {row['event_category']}" for row in rows)
    return f"in intact log files {', '.join(seen)}" if seen else ""


def _selection(searched: Events, window: Window, reach: Window, category: str | None) -> Iterator[Condition]:
    histories = trail_histories(searched)
    covering = _covering(searched, reach, histories)
    shown: list[TrailHistory] = []
    if category == "Management":
        shown = [one for one in histories if _shows_recording(one, searched, window)]
        if covering and all(any(one in shown for one in own) for own in covering.values()):
            # One for each account.
            first = {account: one for (account, _), own in reversed(covering.items()) for one in own if one in shown}
            told = "; ".join(
                f"{one.trail}: {one.at(Aspect.MANAGEMENT, window.start).why}" for one in reversed(first.values())
            )
            yield Condition(_SELECTORS, Met.YES, f"all management events, as the events themselves show ({told})")
            yield Condition(
                _LEFT, Met.YES, "no event changes it from then to the end of the window, and none can be missing"
            )
            return
        if told := _none_recorded(searched, histories, window):
            yield Condition(_SELECTORS, Met.NO, told)
            yield _unchanged(searched, window, covering, [*shown, *_noted(histories, searched, window)])
            return
    counted = [*shown, *_noted(histories, searched, window)]
    yield _selectors(searched, window, histories, covering, counted, category)
    yield _unchanged(searched, window, covering, counted)


def _covering(searched: Events, reach: Window, histories: Iterable[TrailHistory]) -> dict[_Place, list[TrailHistory]]:
    """The trails whose digests cover the time, of each place that is asked about; where none does, those that have digests there.

    What is not covered is told as a lack of coverage.
    """
    trails = {(one.account, one.trail, one.home): one for one in histories}
    found: dict[_Place, list[TrailHistory]] = {}
    for account, region in sorted(places_asked(searched)):
        chains = [one for one in searched.verification.coverage.of(account, region) if not one.chain.backfill]
        chosen = [one for one in chains if one.covers(reach)] or chains
        named = dict.fromkeys((one.chain.account, one.chain.trail, one.chain.home_region) for one in chosen)
        found[account, region] = [trails[one] for one in named]
    return found


def _accounts(searched: Events) -> list[str]:
    return sorted(searched.accounts or {one.chain.account for one in searched.verification.coverage.chains})


def _needs_global(searched: Events) -> bool:
    return not searched.names or not set(searched.names) <= REGIONAL_CALLS


def _shows_recording(history: TrailHistory, searched: Events, window: Window) -> bool:
    """Whether intact events and digests, and no note, show that the trail recorded all management events, all the time."""
    if _needs_global(searched) and any(one.answer is Records.NO for one in history.pieces(Aspect.GLOBAL, window)):
        return False
    for aspect in (Aspect.MANAGEMENT, Aspect.LOGGING):
        pieces = history.pieces(aspect, window)
        if not pieces or not all(one.answer is Records.YES and one.is_shown for one in pieces):
            return False
    return True


def _none_recorded(searched: Events, histories: Iterable[TrailHistory], window: Window) -> str:
    """Which account had no trail that recorded all management events all the time, as the events show; empty where each may have."""
    for account in _accounts(searched):
        own = [one for one in histories if one.account == account]
        off = [(one, piece) for one in own if (piece := _off(one, window)) is not None]
        if own and len(off) == len(own):
            told = "; ".join(f"{one.trail}: {piece.window}, by {piece.why}" for one, piece in off)
            return f"no trail of {account} recorded all management events all the time: {told}"
    return ""


def _off(history: TrailHistory, window: Window) -> Piece | None:
    """The first piece of the window in which the trail is known not to have recorded all management events."""
    pieces = (one for aspect in (Aspect.LOGGING, Aspect.MANAGEMENT) for one in history.pieces(aspect, window))
    return next((one for one in pieces if one.answer is Records.NO and one.is_shown), None)


def _noted(histories: Iterable[TrailHistory], searched: Events, window: Window) -> list[TrailHistory]:
    """The trails that were noted to record all management events, and of which no event shows less in the window."""
    found = []
    for one in histories:
        note = one.note
        if note is None or note.management is not Records.YES or note.is_logging is False or _off(one, window):
            continue
        answers = {piece.answer for piece in one.pieces(Aspect.GLOBAL, window)}
        if _needs_global(searched) and (note.has_global_services is False or Records.NO in answers):
            continue
        found.append(one)
    return found


def _selectors(
    searched: Events,
    window: Window,
    histories: Iterable[TrailHistory],
    covering: dict[_Place, list[TrailHistory]],
    counted: list[TrailHistory],
    category: str | None,
) -> Condition:
    name = _SELECTORS
    if category is None:
        return Condition(
            name, Met.UNKNOWN, "whether such events are management or data events was not said; give category="
        )
    if category != "Management":
        return Condition(name, Met.UNKNOWN, f"whether {category} events of the resource were selected is not known")
    notes = [one.note for one in histories if one.note is not None]
    if not counted:
        if any(note.management is Records.YES for note in notes):
            return Condition(
                name, Met.UNKNOWN, "noted, and of a trail that was stopped, narrowed, or without global services"
            )
        if any(note.management is Records.NO for note in notes):
            return Condition(name, Met.NO, "no trail was selected to record all management events")
        return Condition(name, Met.UNKNOWN, "the trail's selectors were not collected (trail-configuration.json)")
    if lacking := _not_seen(searched, window, counted):
        # The note lies in the evidence, where whoever can write to the copy could have written it.
        return Condition(
            name,
            Met.UNKNOWN,
            f"noted, and the window has no intact management events of both reads and writes {lacking} to bear it out",
        )
    elsewhere = [
        f"{account} {region}, which only {', '.join(sorted(one.trail for one in own))} covers"
        for (account, region), own in covering.items()
        if not any(one in counted for one in own)
    ]
    if elsewhere:
        return Condition(name, Met.UNKNOWN, f"noted, and not of {'; '.join(elsewhere)}")
    noted = ", ".join(sorted({one.trail for one in counted}))
    since = f" {written(when)}" if (when := searched.verification.configuration.collected_at) else ""
    return Condition(
        name,
        Met.YES,
        f"{noted} records all management events, as noted{since} and as intact events of the window show",
    )


def _not_seen(searched: Events, window: Window, counted: Iterable[TrailHistory]) -> str:
    """The accounts of which no intact file shows management events of the window, reads and writes, where the trails record."""
    trails = {(one.account, one.trail, one.home) for one in counted}
    chains = [one.chain for one in searched.verification.coverage.chains]
    places = {(one.account, one.region) for one in chains if (one.account, one.trail, one.home_region) in trails}
    table = searched.root.table
    seen = table.filter(
        (table.status == Status.INTACT.value)
        & (table.event_category == "Management")
        & table.read_only.notnull()
        & (table.event_time >= window.start)
        & (table.event_time < window.end)
    )
    rows = seen.select("recipient_account_id", "aws_region", "read_only").distinct().to_pyarrow().to_pylist()
    kinds: dict[str, set[bool]] = {account: set() for account, _ in places_asked(searched)}
    for row in rows:
        account, region = row["recipient_account_id"], row["aws_region"]
        if (account, region) in places and account in kinds:
            kinds[account].add(row["read_only"])
    lacking = sorted(account for account, both in kinds.items() if len(both) < 2)
    return f"in {', '.join(lacking)}" if lacking or not kinds else ""


def _unchanged(
    searched: Events, window: Window, covering: dict[_Place, list[TrailHistory]], counted: list[TrailHistory]
) -> Condition:
    """Whether the noted selectors, which are of the day of collection, held in the window too.

    A change to a trail is itself an event, in the trail's home region: none may be seen from the window on, and that region has
    to be covered up to the collection, or one could have gone unseen.
    """
    name = _LEFT
    table = searched.root.table
    changes = table.filter(
        table.event_name.isin(TRAIL_CHANGES)
        & (table.event_source == "cloudtrail.amazonaws.com")
        & (table.event_time >= window.start)
        & ~is_failed(table)
    )
    found = sorted(set(changes.select("event_name").to_pyarrow()["event_name"].to_pylist()))
    if found:
        return Condition(name, Met.NO, f"the events show {', '.join(found)} since the window began")
    noted = searched.verification.configuration.collected_at
    if noted is None:
        return Condition(name, Met.UNKNOWN, "when the evidence was collected is not noted")
    until = Window(window.start, max(window.end, noted - _MARGIN))
    for (account, _), own in covering.items():
        doubts = [one.doubt(until) for one in own if one in counted]
        if not doubts:
            return Condition(name, Met.UNKNOWN, f"no trail of {account} is noted to record all management events")
        if all(doubts):
            return Condition(name, Met.UNKNOWN, doubts[0])
    if not covering:
        return Condition(name, Met.UNKNOWN, "no trail has digests where it was searched")
    return Condition(
        name, Met.YES, f"verified digests cover its home region for {until}, and no event there changes a trail"
    )
