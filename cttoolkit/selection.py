"""Whether the trails were set to record what was looked for, in the window that it was looked for in.

By the events themselves where they show it, else by what the collector noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.configuration import Records
from cttoolkit.integrity.verdict import Status
from cttoolkit.trail_history import TRAIL_CHANGES, Aspect, Piece, TrailHistory, trail_histories
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["selection"]

_SELECTORS, _LEFT = "event selectors", "the trail was left as it was"
_MARGIN = timedelta(hours=2)


def selection(searched: Events, window: Window, category: str | None) -> Iterator[Condition]:
    """Two conditions: that such events were selected, and that this held in the window."""
    if category == "Management":
        by_account = _by_account(searched)
        shown = [next((one for one in own if _shows_recording(one, window)), None) for own in by_account.values()]
        sure = [one for one in shown if one is not None]
        if sure and len(sure) == len(shown):
            told = "; ".join(f"{one.trail}: {one.at(Aspect.MANAGEMENT, window.start).why}" for one in sure)
            yield Condition(_SELECTORS, Met.YES, f"all management events, as the events themselves show ({told})")
            yield Condition(
                _LEFT, Met.YES, "no event changes it from then to the end of the window, and none can be missing"
            )
            return
        for account, own in by_account.items():
            off = [(one, piece) for one in own if (piece := _off(one, window)) is not None]
            if own and len(off) == len(own):
                told = "; ".join(f"{one.trail}: {piece.window}, by {piece.why}" for one, piece in off)
                yield Condition(
                    _SELECTORS, Met.NO, f"no trail of {account} recorded all management events all the time: {told}"
                )
                yield _unchanged(searched, window)
                return
    yield _selectors(searched, window, category)
    yield _unchanged(searched, window)


def _by_account(searched: Events) -> dict[str, list[TrailHistory]]:
    """The trails of every account that was searched, each account's by itself: one account's trail says nothing of another."""
    histories = trail_histories(searched)
    asked = searched.accounts or {one.chain.account for one in searched.verification.coverage.chains}
    return {account: [one for one in histories if one.account == account] for account in sorted(asked)}


def _shows_recording(history: TrailHistory, window: Window) -> bool:
    """Whether intact events and digests, and no note, show that the trail recorded all management events, all the time."""
    for aspect in (Aspect.MANAGEMENT, Aspect.LOGGING):
        pieces = history.pieces(aspect, window)
        if not pieces or not all(one.answer is Records.YES and one.is_shown for one in pieces):
            return False
    return True


def _off(history: TrailHistory, window: Window) -> Piece | None:
    """The first piece of the window in which the trail is known not to have recorded all management events."""
    pieces = (one for aspect in (Aspect.LOGGING, Aspect.MANAGEMENT) for one in history.pieces(aspect, window))
    return next((one for one in pieces if one.answer is Records.NO and one.is_shown), None)


def _selectors(searched: Events, window: Window, category: str | None) -> Condition:
    verification = searched.verification
    name = _SELECTORS
    if category is None:
        return Condition(
            name, Met.UNKNOWN, "whether such events are management or data events was not said; give category="
        )
    if category != "Management":
        return Condition(name, Met.UNKNOWN, f"whether {category} events of the resource were selected is not known")
    trails = sorted({c.chain.trail for c in verification.coverage.chains})
    answers = {trail: verification.configuration.records_management_events(trail) for trail in trails}
    if any(answer is Records.YES for answer in answers.values()):
        if not _seen_recording(searched, window):
            # The note lies in the evidence, where whoever can write to the copy could have written it.
            return Condition(
                name,
                Met.UNKNOWN,
                "noted, and the window has no intact management events of both reads and writes to bear it out",
            )
        noted = ", ".join(trail for trail, answer in answers.items() if answer is Records.YES)
        since = f" {written(when)}" if (when := verification.configuration.collected_at) else ""
        return Condition(
            name,
            Met.YES,
            f"{noted} records all management events, as noted{since} and as intact events of the window show",
        )
    if any(answer is Records.NO for answer in answers.values()):
        return Condition(name, Met.NO, "no trail was selected to record all management events")
    return Condition(name, Met.UNKNOWN, "the trail's selectors were not collected (trail-configuration.json)")


def _seen_recording(searched: Events, window: Window) -> bool:
    """Whether intact files show management events of the window, reads and writes."""
    table = searched.root.table
    seen = table.filter(
        (table.status == Status.INTACT.value)
        & (table.event_category == "Management")
        & table.read_only.notnull()
        & (table.event_time >= window.start)
        & (table.event_time < window.end)
    )
    return set(seen.select("read_only").distinct().to_pyarrow()["read_only"].to_pylist()) == {True, False}


def _unchanged(searched: Events, window: Window) -> Condition:
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
        & (table.error_code.isnull() | (table.error_code == ""))
    )
    found = sorted(set(changes.select("event_name").to_pyarrow()["event_name"].to_pylist()))
    if found:
        return Condition(name, Met.NO, f"the events show {', '.join(found)} since the window began")
    noted = searched.verification.configuration.collected_at
    if noted is None:
        return Condition(name, Met.UNKNOWN, "when the evidence was collected is not noted")
    until = Window(window.start, max(window.end, noted - _MARGIN))
    homes = [one for one in searched.verification.coverage.chains if one.chain.region == one.chain.home_region]
    if not any(one.covers(until) for one in homes if not one.chain.backfill):
        return Condition(name, Met.UNKNOWN, f"verified digests of its home region do not cover {until}")
    return Condition(
        name, Met.YES, f"verified digests cover its home region for {until}, and no event there changes a trail"
    )
