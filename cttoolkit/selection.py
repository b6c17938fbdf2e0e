"""Whether the trails were set to record what was looked for, in the window that it was looked for in.

By the events themselves where they show it, else by what the collector noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from cttoolkit.calls import REGIONAL_CALLS, is_failed
from cttoolkit.category import other_category
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.selectors import DataAsked, Records
from cttoolkit.integrity.verdict import Status
from cttoolkit.param import param
from cttoolkit.reach import places_asked
from cttoolkit.trail_change import TRAIL_CHANGES, Aspect
from cttoolkit.trail_history import Piece, TrailHistory, trail_histories
from cttoolkit.window import Window, written

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["selection"]

_SELECTORS, _LEFT = "event selectors", "the trail was left as it was"
_MARGIN = timedelta(hours=2)
_Place = tuple[str, str]


def selection(
    searched: Events, window: Window, reach: Window, category: str | None, resource: str | None = None
) -> Iterator[Condition]:
    """Two conditions: that such events were selected, and that this held in the window.

    In every place that is asked about, a trail that records them has to be the one whose digests cover ``reach``, the window with the
    time that delivery takes: one that covers a region, and records something else, says nothing there. A category that nothing but the
    author tells is told as such, and is not believed where the records tell another; and so is a resource of data events.
    """
    wrong = other_category(searched, category)
    given = [f"{category} is their category"] if category is not None and searched.category != category else []
    given += [f"{resource} is what was searched for"] if resource else []
    word = f"; that {' and that '.join(given)} is the author's word" if given else ""
    for one in _selection(searched, window, reach, category, resource):
        if one.name != _SELECTORS:
            yield one
        elif wrong:
            yield Condition(_SELECTORS, Met.NO, f"asked of {category} events, and {wrong}")
        else:
            yield replace(one, found=one.found + word)


def _selection(
    searched: Events, window: Window, reach: Window, category: str | None, resource: str | None
) -> Iterator[Condition]:
    asked = DataAsked.of(resource, searched.names) if category == "Data" and resource else None
    question = _Question(searched, window, reach, asked)
    if category == "Management" or asked is not None:
        yield from question.answers()
        return
    told = f"whether {category} events of the resource were selected is not known; give resource="
    if category is None:
        told = "whether such events are management or data events was not said; give category="
    yield Condition(_SELECTORS, Met.UNKNOWN, told)
    yield question.unchanged()


@dataclass(frozen=True)
class _Question:
    """Whether trails recorded all management events in a window, or the data events of a resource."""

    searched: Events
    window: Window
    reach: Window
    asked: DataAsked | None

    @property
    def aspect(self) -> Aspect:
        return Aspect.MANAGEMENT if self.asked is None else Aspect.DATA

    @property
    def what(self) -> str:
        return "all management events" if self.asked is None else f"data events of {self.asked}"

    @cached_property
    def histories(self) -> tuple[TrailHistory, ...]:
        return trail_histories(self.searched, self.asked)

    @cached_property
    def covering(self) -> dict[_Place, list[TrailHistory]]:
        """The trails whose digests cover the time, of each place that is asked about; where none does, those with digests there.

        What is not covered is told as a lack of coverage.
        """
        trails = {(one.account, one.trail, one.home): one for one in self.histories}
        found: dict[_Place, list[TrailHistory]] = {}
        for account, region in sorted(places_asked(self.searched)):
            chains = [one for one in self.searched.verification.coverage.of(account, region) if not one.chain.backfill]
            chosen = [one for one in chains if one.covers(self.reach)] or chains
            named = dict.fromkeys((one.chain.account, one.chain.trail, one.chain.home_region) for one in chosen)
            found[account, region] = [trails[one] for one in named]
        return found

    @cached_property
    def shown(self) -> list[TrailHistory]:
        """The trails of which intact events and digests, and no note, show that they recorded it, all the time."""
        return [one for one in self.histories if self._shows(one)]

    @cached_property
    def noted(self) -> list[TrailHistory]:
        """The trails that were noted to record it, and of which no event shows less in the window."""
        return [one for one in self.histories if self._is_noted(one)]

    def answers(self) -> Iterator[Condition]:
        if self.covering and all(any(one in self.shown for one in own) for own in self.covering.values()):
            # One for each account.
            first: dict[str, TrailHistory] = {}
            for (account, _), own in self.covering.items():
                first.setdefault(account, next(one for one in own if one in self.shown))
            told = "; ".join(f"{one.trail}: {one.at(self.aspect, self.window.start).why}" for one in first.values())
            yield Condition(_SELECTORS, Met.YES, f"{self.what}, as the events themselves show ({told})")
            yield Condition(
                _LEFT, Met.YES, "no event changes it from then to the end of the window, and none can be missing"
            )
            return
        off = self._off_everywhere()
        yield Condition(_SELECTORS, Met.NO, off) if off else self._as_noted()
        yield self.unchanged()

    def _needs_global(self) -> bool:
        return self.asked is None and not (self.searched.names and set(self.searched.names) <= REGIONAL_CALLS)

    def _shows(self, history: TrailHistory) -> bool:
        if self._needs_global() and self._is_without_global(history):
            return False
        for aspect in (self.aspect, Aspect.LOGGING):
            pieces = history.pieces(aspect, self.window)
            if not pieces or not all(one.answer is Records.YES and one.is_shown for one in pieces):
                return False
        return True

    def _is_without_global(self, history: TrailHistory) -> bool:
        return any(one.answer is Records.NO for one in history.pieces(Aspect.GLOBAL, self.window))

    def _noted_of(self, history: TrailHistory) -> Records:
        if history.note is None:
            return Records.UNKNOWN
        return history.note.management if self.asked is None else history.note.selectors.data(self.asked)

    def _is_noted(self, history: TrailHistory) -> bool:
        note = history.note
        if note is None or note.is_logging is False or self._noted_of(history) is not Records.YES:
            return False
        if self._needs_global() and (note.has_global_services is False or self._is_without_global(history)):
            return False
        return self._off(history) is None

    def _off_everywhere(self) -> str:
        """Which account had no trail that recorded it all the time, as the events show; empty where each may have."""
        for account in sorted(
            self.searched.accounts or {one.chain.account for one in self.searched.verification.coverage.chains}
        ):
            own = [one for one in self.histories if one.account == account]
            off = [(one, piece) for one in own if (piece := self._off(one)) is not None]
            if own and len(off) == len(own):
                told = "; ".join(f"{one.trail}: {piece.window}, by {piece.why}" for one, piece in off)
                return f"no trail of {account} recorded {self.what} all the time: {told}"
        return ""

    def _off(self, history: TrailHistory) -> Piece | None:
        """The first piece of the window in which the trail is known not to have recorded it."""
        pieces = (one for aspect in (Aspect.LOGGING, self.aspect) for one in history.pieces(aspect, self.window))
        return next((one for one in pieces if one.answer is Records.NO and one.is_shown), None)

    def _as_noted(self) -> Condition:
        if not (self.shown or self.noted):
            return self._of_none()
        if lacking := self._not_seen():
            # The note lies in the evidence, where whoever can write to the copy could have written it.
            return Condition(_SELECTORS, Met.UNKNOWN, f"noted, and the window has {lacking} to bear it out")
        elsewhere = [
            f"{account} {region}, which only {', '.join(sorted(one.trail for one in own))} covers"
            for (account, region), own in self.covering.items()
            if not any(one in self.shown or one in self.noted for one in own)
        ]
        if elsewhere:
            return Condition(_SELECTORS, Met.UNKNOWN, f"noted, and not of {'; '.join(elsewhere)}")
        noted = ", ".join(sorted({one.trail for one in (*self.shown, *self.noted)}))
        since = f" {written(when)}" if (when := self.searched.verification.configuration.collected_at) else ""
        told = f"{noted} records {self.what}, as noted{since} and as intact events of the window show"
        return Condition(_SELECTORS, Met.YES, told)

    def _of_none(self) -> Condition:
        answers = {self._noted_of(one) for one in self.histories}
        if Records.YES in answers:
            told = "noted, and of a trail that was stopped, narrowed, or without global services"
            return Condition(_SELECTORS, Met.UNKNOWN, told)
        if Records.NO in answers:
            return Condition(_SELECTORS, Met.NO, f"no trail was selected to record {self.what}")
        return Condition(_SELECTORS, Met.UNKNOWN, "the trail's selectors were not collected (trail-configuration.json)")

    def _not_seen(self) -> str:
        """What no intact file shows of the window, where the trails record; empty where it does of every account.

        Of management events reads and writes, of data events any of the resource.
        """
        table = self.searched.root.table
        seen = table.filter(
            (table.status == Status.INTACT.value)
            & (table.event_category == ("Management" if self.asked is None else "Data"))
            & table.read_only.notnull()
            & (table.event_time >= self.window.start)
            & (table.event_time < self.window.end)
        )
        if self.asked is not None:
            place, names = self.asked.place
            seen = seen.filter(param(place).isin(names)(seen))
        rows = seen.select("recipient_account_id", "aws_region", "read_only").distinct().to_pyarrow().to_pylist()
        enough = 2 if self.asked is None else 1
        lacking = []
        for account in sorted({account for account, _ in places_asked(self.searched)}):
            places = self._recorded_with(account)
            kinds = {row["read_only"] for row in rows if (row["recipient_account_id"], row["aws_region"]) in places}
            if len(kinds) < enough:
                lacking.append(account)
        if self.covering and not lacking:
            return ""
        of = "management events of both reads and writes" if self.asked is None else "data events of the resource"
        return f"no intact {of} in {', '.join(lacking) or 'any account'}"

    def _recorded_with(self, account: str) -> set[_Place]:
        """Where the trails that keep the record of an account keep one: of an organization's, its other members too."""
        counted = [*self.shown, *self.noted]
        trails = {(one.owner, one.trail, one.home) for one in counted if one.account == account}
        own = {(one.account, one.trail, one.home) for one in counted if (one.owner, one.trail, one.home) in trails}
        chains = [one.chain for one in self.searched.verification.coverage.chains]
        return {(one.account, one.region) for one in chains if (one.account, one.trail, one.home_region) in own}

    def unchanged(self) -> Condition:
        """Whether the noted selectors, which are of the day of collection, held in the window too.

        A change to a trail is itself an event, in the trail's home region: none may be seen from the window on, and that region has
        to be covered up to the collection, or one could have gone unseen.
        """
        table = self.searched.root.table
        changes = table.filter(
            table.event_name.isin(TRAIL_CHANGES)
            & (table.event_source == "cloudtrail.amazonaws.com")
            & (table.event_time >= self.window.start)
            & ~is_failed(table)
        )
        found = sorted(set(changes.select("event_name").to_pyarrow()["event_name"].to_pylist()))
        if found:
            return Condition(_LEFT, Met.NO, f"the events show {', '.join(found)} since the window began")
        noted = self.searched.verification.configuration.collected_at
        if noted is None:
            return Condition(_LEFT, Met.UNKNOWN, "when the evidence was collected is not noted")
        until = Window(self.window.start, max(self.window.end, noted - _MARGIN))
        for (account, _), own in self.covering.items():
            doubts = [one.doubt(until) for one in own if one in self.shown or one in self.noted]
            if not doubts:
                return Condition(_LEFT, Met.UNKNOWN, f"no trail of {account} is noted to record {self.what}")
            if all(doubts):
                return Condition(_LEFT, Met.UNKNOWN, doubts[0])
        if not self.covering:
            return Condition(_LEFT, Met.UNKNOWN, "no trail has digests where it was searched")
        told = f"verified digests cover its home region for {until}, and no event there changes a trail"
        return Condition(_LEFT, Met.YES, told)
