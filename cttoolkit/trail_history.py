"""What trails were set to record, piece by piece of time, as the events themselves and the digests show it.

Changes to a trail are events in its home region. From a change on, what it set is known as long as nothing could have been changed
unseen: verified digests have to cover the home region in between. Before the first change, and where nothing was changed, the
collector's note is held against the same coverage. That a trail was logging, and validated, is shown by its digests too, since
there are none of a trail that is stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from cttoolkit.events import Events
from cttoolkit.integrity.configuration import TrailConfiguration, TrailNote
from cttoolkit.integrity.coverage import ChainCoverage
from cttoolkit.integrity.impact import Loss
from cttoolkit.integrity.selectors import DataAsked, Records, truth
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.trail_change import Aspect, TrailChange, trail_changes
from cttoolkit.window import Window, earlier, instant, joined, later, written

__all__ = ["Piece", "TrailHistory", "trail_histories"]

_SETTLED = timedelta(hours=2)
_SHOWN_BY_DIGESTS = (Aspect.LOGGING, Aspect.VALIDATION)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time in which the answer is the same, and why."""

    window: Window
    answer: Records
    why: str
    is_shown: bool
    """Whether intact events or digests show it, rather than the collector's note."""


@dataclass(frozen=True, slots=True)
class _Last:
    """What was set last before a moment."""

    at: datetime
    answer: Records
    why: str
    is_shown: bool

    @classmethod
    def of(cls, aspect: Aspect, changes: list[TrailChange]) -> _Last:
        """Of the last second of some changes, whose order is not known: nothing is on that one of them turns off."""
        latest = [one for one in changes if one.at == changes[-1].at]
        answers = {one.sets[aspect] for one in latest}
        answer = Records.NO if Records.NO in answers else answers.pop() if len(answers) == 1 else Records.UNKNOWN
        told = next((one for one in latest if one.sets[aspect] is answer), latest[-1])
        return cls(told.at, answer, str(told), told.status is Status.INTACT)


@dataclass(frozen=True, eq=False)
class TrailHistory:
    """One trail through the time of the evidence."""

    account: str
    """The account whose record it keeps; an organization's trail has a history for each."""
    trail: str
    home: str | None
    owner: str | None
    """The account in which it is changed; None of an organization's trail of which that was not noted."""
    changes: tuple[TrailChange, ...]
    span: Window
    covered: tuple[Window, ...]
    """What verified digests of its home region cover, where changes to it are recorded: its own, and those of trails that are shown
    to have recorded all management events. Others are no witness: they may have been set to record something else."""
    covered_as_noted: tuple[Window, ...]
    """The same with those of trails that were only noted to record all management events."""
    lost: tuple[Loss, ...]
    """Listed log files of its home region that are missing or altered: a change may have been in one."""
    note: TrailNote | None
    asked: DataAsked | None
    noted_at: datetime | None
    own: tuple[Window, ...]
    """What verified digests of the trail itself cover, in any region."""

    def at(self, aspect: Aspect, moment: datetime) -> Piece:
        """The answer at one moment, with a window of no length."""
        return self._piece(aspect, Window(moment, moment))

    def pieces(self, aspect: Aspect, window: Window | None = None) -> tuple[Piece, ...]:
        """The answers over a window (default: the span of the evidence), in order and without a gap."""
        asked = window or self.span
        edges = {asked.start, asked.end, *(one.at for one in self.changes)}
        lost = [one.events for one in self.lost if one.events is not None]
        own = self.own if aspect in _SHOWN_BY_DIGESTS else ()
        edges |= {edge for one in (*self.covered, *self.covered_as_noted, *own, *lost) for edge in (one.start, one.end)}
        # What is known of a time rests on what was delivered up to this much later.
        edges |= {earlier(one.end, _SETTLED) for one in (*self.covered, *self.covered_as_noted)}
        if self.noted_at is not None:
            edges.add(self.noted_at)
        inner = sorted(edge for edge in edges if asked.start <= edge <= asked.end)
        found: list[Piece] = []
        for start, end in pairwise(inner):
            piece = self._piece(aspect, Window(start, end))
            if found and (found[-1].answer, found[-1].why) == (piece.answer, piece.why):
                found[-1] = Piece(Window(found[-1].window.start, end), piece.answer, piece.why, piece.is_shown)
            else:
                found.append(piece)
        return tuple(found)

    def _piece(self, aspect: Aspect, window: Window) -> Piece:
        last = self._last(aspect, window.start)
        if last is not None:
            if last.answer is Records.NO and aspect is Aspect.LOGGING:
                # It stays off until something shows it to be on again: a start, or a digest that begins afterwards.
                if not self._own_digest(window, since=last.at):
                    return Piece(window, last.answer, last.why, last.is_shown)
                return Piece(window, Records.YES, f"digests after {last.why.split(' ')[0]}", is_shown=True)
            since = Window(last.at, max(window.end, last.at))
            delivery = Window(last.at, later(since.end, _SETTLED))
            if self._is_watched(delivery, since):
                return Piece(window, last.answer, last.why, last.is_shown)
            if not self._shown_by_digests(aspect, window):
                if self._is_watched(delivery, since, self.covered_as_noted):
                    return Piece(window, last.answer, last.why, is_shown=False)
                return Piece(window, Records.UNKNOWN, f"{last.why}, and what came after may be unseen", is_shown=False)
        if self._shown_by_digests(aspect, window):
            return Piece(window, Records.YES, "verified digests of the trail", is_shown=True)
        return self._by_note(aspect, window)

    def _by_note(self, aspect: Aspect, window: Window) -> Piece:
        noted = _noted(self.note, self.asked).get(aspect, Records.UNKNOWN)
        if noted is Records.UNKNOWN or self.noted_at is None:
            return Piece(window, Records.UNKNOWN, "neither changes, digests nor a note tell", is_shown=False)
        after = next((one for one in self.changes if aspect in one.sets and one.at > window.start), None)
        if after is not None:
            return Piece(window, Records.UNKNOWN, f"the note is from after {after}", is_shown=False)
        until = max(window.start, earlier(self.noted_at, _SETTLED))
        if window.start < self.noted_at and not self._is_watched(
            Window(window.start, until), Window(window.start, self.noted_at), self.covered_as_noted
        ):
            why = f"noted at {written(self.noted_at)}, and a change may be unseen"
            return Piece(window, Records.UNKNOWN, why, is_shown=False)
        return Piece(window, noted, f"noted at {written(self.noted_at)}", is_shown=False)

    def _last(self, aspect: Aspect, moment: datetime) -> _Last | None:
        """What was set last. A change in a file that is not intact may take away, and gives nothing that an intact one took."""
        changes = [one for one in self.changes if aspect in one.sets and one.at <= moment]
        intact = [one for one in changes if one.status is Status.INTACT]
        if not intact:
            return _Last.of(aspect, changes) if changes else None
        attested = _Last.of(aspect, intact)
        doubtful = [one for one in changes if one.status is not Status.INTACT and one.at >= attested.at]
        if not doubtful or attested.answer is Records.NO:
            return attested
        told = _Last.of(aspect, doubtful)
        return attested if told.answer is attested.answer else told

    def doubt(self, window: Window) -> str:
        """How a change of the window could have gone unseen; empty where it could not."""
        if self.owner is None:
            return f"{self.trail} is an organization's, and changes to it are recorded in an account that is not noted"
        if not any(one.covers(window) for one in self.covered):
            return f"verified digests of its home region do not cover {window}"
        lost = next((one for one in self.lost if one.may_touch(window)), None)
        return f"a change may have been in {lost.key}, which is {lost.status.value}" if lost else ""

    def _is_watched(self, delivery: Window, window: Window, covered: tuple[Window, ...] | None = None) -> bool:
        """Whether no change of a window could have gone unseen: covered while it was delivered, and in no file that is lost."""
        covered = self.covered if covered is None else covered
        return any(one.covers(delivery) for one in covered) and not any(one.may_touch(window) for one in self.lost)

    def _shown_by_digests(self, aspect: Aspect, window: Window) -> bool:
        if aspect not in _SHOWN_BY_DIGESTS or not self._own_digest(window):
            return False
        following = [one for one in self.changes if aspect in one.sets and one.at > window.start]
        if aspect is Aspect.VALIDATION or not following or following[0].sets[aspect] is not Records.YES:
            return True
        # What was started had been stopped, and that is not seen: before the digest that has the start, or in it.
        started = following[0].at
        return self._is_watched(Window(window.start, started), Window(window.start, started)) and any(
            one.covers(window) and one.end <= started for one in self.own
        )

    def _own_digest(self, window: Window, since: datetime | None = None) -> bool:
        return any(one.covers(window) and (since is None or one.start >= since) for one in self.own)


def trail_histories(events: Events, asked: DataAsked | None = None) -> tuple[TrailHistory, ...]:
    """The history of every trail that digests, changes or the note name, of all admitted events, in order of account and name.

    With ``asked`` they tell of data events of a resource too.
    """
    configuration = events.verification.configuration
    chains = [one for one in events.verification.coverage.chains if not one.chain.backfill]
    changes = trail_changes(events, asked)
    trails: dict[tuple[str, str, str | None], None] = dict.fromkeys(
        (one.chain.account, one.chain.trail, one.chain.home_region) for one in chains
    )
    for one in changes:
        if one.trail and not any(one.may_be_of(_owner(configuration, *trail), *trail[1:]) for trail in trails):
            trails[one.account, one.trail, one.region or None] = None
    for note in configuration.trails:
        if any(note.name == trail and note.home_region in (home, None) for _, trail, home in trails):
            continue
        accounts = {note.owner} if note.owner else {one.chain.account for one in chains}
        trails |= dict.fromkeys((account, note.name, note.home_region) for account in accounts)
    whole = _span(events, chains)
    ordered = sorted(trails, key=lambda one: (one[0], one[1], one[2] or ""))
    histories = [_history(events.verification, trail, changes, chains, whole, asked) for trail in ordered]
    return tuple(_witnessed(one, histories, chains) for one in histories)


def _owner(configuration: TrailConfiguration, account: str, trail: str, home: str | None) -> str | None:
    note = configuration.trail(trail, account, home)
    return note.owner if note is not None and note.is_organization else account


def _history(
    verification: Verification,
    trail: tuple[str, str, str | None],
    changes: Iterable[TrailChange],
    chains: Iterable[ChainCoverage],
    whole: Window,
    asked: DataAsked | None,
) -> TrailHistory:
    account, name, home = trail
    configuration = verification.configuration
    own = [one for one in chains if (one.chain.account, one.chain.trail, one.chain.home_region) == trail]
    owner = _owner(configuration, *trail)
    watching = tuple(_at_home(chains, owner, name, home))
    return TrailHistory(
        account,
        name,
        home,
        owner,
        # A change that does not say to which trail it was made may have been to any of the account's.
        tuple(one for one in changes if one.may_be_of(owner, name, home)),
        whole,
        watching,
        watching,
        tuple(_lost_in(verification, owner, home)),
        configuration.trail(name, account, home),
        asked,
        configuration.collected_at,
        tuple(window for one in own for window in (*one.covered, *one.digests)),
    )


def _at_home(
    chains: Iterable[ChainCoverage], owner: str | None, trail: str, home: str | None, region: str | None = None
) -> Iterator[Window]:
    """What a trail's digests cover in one region of its owner's account, its home unless another is named."""
    for one in chains:
        chain = one.chain
        if (chain.account, chain.trail, chain.home_region, chain.region) == (owner, trail, home, region or home):
            yield from one.covered


def _witnessed(
    history: TrailHistory, histories: Iterable[TrailHistory], chains: Iterable[ChainCoverage]
) -> TrailHistory:
    """The same, watched by the other trails that recorded all management events of the account that it is changed in."""
    shown, noted = list(history.covered), list(history.covered)
    for other in histories:
        if other is history or other.account != history.owner:
            continue
        for window in _at_home(chains, other.account, other.trail, other.home, history.home):
            for piece in other.pieces(Aspect.MANAGEMENT, window):
                if piece.answer is Records.YES:
                    seen = Window(piece.window.start, min(window.end, later(piece.window.end, _SETTLED)))
                    noted.append(seen)
                    if piece.is_shown:
                        shown.append(seen)
    return replace(history, covered=joined(shown), covered_as_noted=joined(noted))


def _span(events: Events, chains: Iterable[ChainCoverage]) -> Window:
    windows = [interval.window for one in chains for interval in one.intervals]
    if events.root.span is not None:
        windows.append(events.root.span)
    noted_at = events.verification.configuration.collected_at
    ends = [one.end for one in windows] + ([] if noted_at is None else [noted_at])
    start = min([*(one.start for one in windows), *ends], default=instant(0))
    return Window(start, max(ends, default=start))


def _noted(note: TrailNote | None, asked: DataAsked | None) -> Mapping[Aspect, Records]:
    if note is None:
        return {}
    return {
        Aspect.DATA: Records.UNKNOWN if asked is None else note.selectors.data(asked),
        Aspect.LOGGING: truth(note.is_logging),
        Aspect.MANAGEMENT: note.management,
        Aspect.ALL_REGIONS: truth(note.is_multi_region),
        Aspect.GLOBAL: truth(note.has_global_services),
        Aspect.VALIDATION: truth(note.is_validated),
    }


def _lost_in(verification: Verification, account: str | None, region: str | None) -> Iterator[Loss]:
    """Listed log files of a place that are missing or altered, and those that do not say of which place they are."""
    for one in verification.losses:
        if one.account in (account, None) and one.region in (region, None):
            yield one
