"""Whether the trails were set to record what was looked for, in the window that it was looked for in.

By the events themselves where they show it, else by what the collector noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cttoolkit.calls import DATA_CALLS, REGIONAL_CALLS, is_failed
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.configuration import Records
from cttoolkit.integrity.verdict import Status
from cttoolkit.reach import places_asked
from cttoolkit.trail_history import TRAIL_CHANGES, Aspect, Piece, TrailHistory, lost_in, trail_histories
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    from cttoolkit.events import Events
    from cttoolkit.integrity.verification import Verification

__all__ = ["other_category", "selection"]

_SELECTORS, _LEFT = "event selectors", "the trail was left as it was"
_MARGIN = timedelta(hours=2)
_MANAGEMENT = ("Management", "NetworkActivity")
"""What a management call is recorded as; the endpoint of a VPC that it went through may record it once more."""


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


def selection(searched: Events, window: Window, reach: Window, category: str | None) -> Iterator[Condition]:
    """Two conditions: that such events were selected, and that this held in the window.

    In every place that is asked about, a trail that records them has to be the one whose digests cover ``reach``, the window with the
    time that delivery takes: one that covers a region, and records something else, says nothing there.
    """
    if wrong := other_category(searched, category):
        yield Condition(_SELECTORS, Met.NO, f"asked of management events, and {wrong}")
        yield _unchanged(searched, window)
        return
    word = _word(searched, category)
    if category == "Management":
        by_account = _by_account(searched)
        shown = {
            account: [one for one in own if _shows_recording(one, searched, window)]
            for account, own in by_account.items()
        }
        trails = {(account, one.trail) for account, own in shown.items() for one in own}
        if shown and all(shown.values()) and not _elsewhere(searched, reach, trails):
            told = "; ".join(
                f"{one.trail}: {one.at(Aspect.MANAGEMENT, window.start).why}" for one, *_ in shown.values()
            )
            yield Condition(_SELECTORS, Met.YES, f"all management events, as the events themselves show ({told}){word}")
            yield Condition(
                _LEFT, Met.YES, "no event changes it from then to the end of the window, and none can be missing"
            )
            return
        for account, own in by_account.items():
            off = [(one, piece) for one in own if (piece := _off(one, window)) is not None]
            if own and len(off) == len(own):
                told = "; ".join(f"{one.trail}: {piece.window}, by {piece.why}" for one, piece in off)
                yield Condition(
                    _SELECTORS,
                    Met.NO,
                    f"no trail of {account} recorded all management events all the time: {told}{word}",
                )
                yield _unchanged(searched, window)
                return
    selectors = _selectors(searched, window, reach, category)
    yield replace(selectors, found=selectors.found + word)
    yield _unchanged(searched, window)


def _word(searched: Events, category: str | None) -> str:
    """That the category is known from nothing but the author."""
    given = category is not None and searched.category != category
    return f"; that {category} is their category is the author's word" if given else ""


def _elsewhere(searched: Events, reach: Window, recording: set[tuple[str, str]]) -> list[str]:
    """Places that only other trails than these cover; what none covers is told as a lack of coverage."""
    found = []
    for account, region in sorted(places_asked(searched)):
        chains = searched.verification.coverage.of(account, region)
        covering = {one.chain.trail for one in chains if not one.chain.backfill and one.covers(reach)}
        if covering and not any((account, trail) in recording for trail in covering):
            found.append(f"{account} {region}, which only {', '.join(sorted(covering))} covers")
    return found


def _by_account(searched: Events) -> dict[str, list[TrailHistory]]:
    """The trails of every account that was searched, each account's by itself: one account's trail says nothing of another."""
    histories = trail_histories(searched)
    return {account: [one for one in histories if one.account == account] for account in _accounts(searched)}


def _accounts(searched: Events) -> list[str]:
    return sorted(searched.accounts or {one.chain.account for one in searched.verification.coverage.chains})


def _shows_recording(history: TrailHistory, searched: Events, window: Window) -> bool:
    """Whether intact events and digests, and no note, show that the trail recorded all management events, all the time."""
    is_regional = bool(searched.names) and set(searched.names) <= REGIONAL_CALLS
    if not is_regional and any(one.answer is Records.NO for one in history.pieces(Aspect.GLOBAL, window)):
        return False
    for aspect in (Aspect.MANAGEMENT, Aspect.LOGGING):
        pieces = history.pieces(aspect, window)
        if not pieces or not all(one.answer is Records.YES and one.is_shown for one in pieces):
            return False
    return True


def _off(history: TrailHistory, window: Window) -> Piece | None:
    """The first piece of the window in which the trail is known not to have recorded all management events."""
    pieces = (one for aspect in (Aspect.LOGGING, Aspect.MANAGEMENT) for one in history.pieces(aspect, window))
    return next((one for one in pieces if one.answer is Records.NO and one.is_shown), None)


def _selectors(searched: Events, window: Window, reach: Window, category: str | None) -> Condition:
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
        named = {
            (account, trail)
            for account in _accounts(searched)
            for trail, answer in answers.items()
            if answer is Records.YES
        }
        if elsewhere := _elsewhere(searched, reach, named):
            return Condition(name, Met.UNKNOWN, f"noted, and not of {'; '.join(elsewhere)}")
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
        & ~is_failed(table)
    )
    found = sorted(set(changes.select("event_name").to_pyarrow()["event_name"].to_pylist()))
    if found:
        return Condition(name, Met.NO, f"the events show {', '.join(found)} since the window began")
    noted = searched.verification.configuration.collected_at
    if noted is None:
        return Condition(name, Met.UNKNOWN, "when the evidence was collected is not noted")
    until = Window(window.start, max(window.end, noted - _MARGIN))
    for account in _accounts(searched):
        if doubt := _unwatched(searched.verification, account, until):
            return Condition(name, Met.UNKNOWN, doubt)
    return Condition(
        name, Met.YES, f"verified digests cover its home region for {until}, and no event there changes a trail"
    )


def _unwatched(verification: Verification, account: str, until: Window) -> str:
    """Why a change to every noted trail of the account could have gone unseen; nothing where it could not to one of them."""
    doubts = []
    configuration = verification.configuration
    own = {
        (one.chain.trail, one.chain.home_region) for one in verification.coverage.chains if one.chain.account == account
    }
    for trail, home in sorted(own):
        note = configuration.trail(trail)
        if note is None or note.management is not Records.YES:
            continue
        if note.is_organization and note.owner is None:
            doubts.append(
                f"{trail} is an organization's, and changes to it are recorded in an account that is not noted"
            )
            continue
        owner = note.owner or account
        watching = [one for one in verification.coverage.of(owner, home) if not one.chain.backfill]
        lost = [one for one in lost_in(verification, owner, home) if one.may_touch(until)]
        if not any(one.covers(until) for one in watching):
            doubts.append(f"verified digests of its home region do not cover {until}")
        elif lost:
            doubts.append(f"a change may have been in {lost[0].key}, which is {lost[0].status.value}")
        else:
            return ""
    return doubts[0] if doubts else f"no trail of {account} is noted to record all management events"
