"""Conclusions: a finding says that something happened, an absence that it did not. Both cite Events and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table
from cttoolkit.errors import ClaimError
from cttoolkit.events import SHOWN, Events
from cttoolkit.standing import Standing, Word, absent, present
from cttoolkit.text import visible
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas

__all__ = ["MOST_CITED", "Absence", "Finding", "absence", "conclude", "finding"]

_DOOR = object()
MOST_CITED = 10_000
"""A finding that cited more could not be read by anybody."""


@dataclass(frozen=True, eq=False)
class Finding:
    """A claim that something happened. ``event_ids`` are the cited events; those without an id are cited by file and index.

    ``attributed_to`` is set where every cited event names that one actor.
    """

    door: InitVar[object]
    claim: str
    cites: Events = field(repr=False)
    standing: Standing
    event_ids: tuple[str, ...]
    window: Window | None
    attributed_to: str | None = None

    def __post_init__(self, door: object) -> None:
        _refuse_by_hand(door, "Finding", "ct.finding")

    @property
    def sentence(self) -> str:
        """The claim as the evidence allows to put it."""
        count = len(self.cites)
        cited = f"{count:,} event{'s' if count != 1 else ''}"
        word = self.standing.word
        if word is Word.PROVED_PRESENT:
            said = f"CloudTrail delivered {cited} that say so, in files unchanged since delivery."
        elif word is Word.KEY_UNPROVEN:
            said = (
                f"{cited} say so, in files that agree with their digests; the public keys came inside the evidence, "
                "so the whole could have been made up."
            )
        elif word is Word.CONTRADICTED:
            said = f"{cited} say so, and the evidence holds another content under the same id."
        else:
            said = f"The supplied records contain {cited} that say so; their integrity could not be verified."
        if self.attributed_to:
            said += f" Attributed to {self.attributed_to}, by the identity in each of them."
        return said

    @property
    def log_files(self) -> frozenset[str]:
        """Keys of the log files that hold the cited events."""
        return frozenset(self.cites.table.select("log_file").distinct().to_pyarrow()["log_file"].to_pylist())

    def frame(self) -> pandas.DataFrame:
        """The cited events, all columns."""
        return self.cites.frame()

    def lowered(self, word: Word, reason: str) -> Finding:
        """The same claim with a weaker word, for a stated reason."""
        standing = self.standing.lowered(word, reason)
        return Finding(_DOOR, self.claim, self.cites, standing, self.event_ids, self.window, self.attributed_to)

    def __repr__(self) -> str:
        return f"Finding, {self.standing}: {visible(self.claim)} Cites {len(self.cites):,} events."

    def _repr_html_(self) -> str:
        return _html("Finding", self, self.sentence, self.cites)


@dataclass(frozen=True, eq=False)
class Absence:
    """A claim that something did not happen in a window. ``cites`` is what was searched; ``standing`` says what that is worth."""

    door: InitVar[object]
    claim: str
    cites: Events = field(repr=False)
    standing: Standing
    window: Window
    event_ids: tuple[str, ...] = ()

    def __post_init__(self, door: object) -> None:
        _refuse_by_hand(door, "Absence", "ct.absence")

    @property
    def sentence(self) -> str:
        """The claim as the evidence allows to put it."""
        asked = " ▸ ".join(self.cites.steps[1:]) or "any event"
        coverage = next(c for c in self.standing.conditions if c.name == "coverage")
        if self.standing.word is Word.PROVED_ABSENT:
            return (
                f"In the complete set of records that CloudTrail delivered for {self.window}, none matches: {asked}. "
                f"Covered: {coverage.found}. CloudTrail delivers events on a best-effort basis, and a late log file that was taken "
                "away together with the backfill digest that alone listed it leaves no trace."
            )
        if self.standing.word is Word.KEY_UNPROVEN:
            return (
                f"No record of {self.window} matches: {asked}. The set is complete by its digests; their public keys came "
                "inside the evidence, so the whole could have been made up."
            )
        if self.standing.word is Word.CONTRADICTED:
            return f"Withdrawn for {self.window}: {'; '.join(self.standing.reasons)}."
        return f"No match in the records examined for {self.window}: {asked}. That is no proof: {'; '.join(self.standing.reasons)}."

    def lowered(self, word: Word, reason: str) -> Absence:
        """The same claim with a weaker word, for a stated reason."""
        return Absence(_DOOR, self.claim, self.cites, self.standing.lowered(word, reason), self.window, self.event_ids)

    def __repr__(self) -> str:
        return f"Absence, {self.standing}: {visible(self.claim)}"

    def _repr_html_(self) -> str:
        return _html("Absence", self, self.sentence, self.cites.during(self.window))


def finding(claim: str, cites: Events, *, attributed_to: str | None = None) -> Finding:
    """State that something happened, citing the events that say so.

    The standing comes from the cited events' files and from where the keys came. ClaimError where nothing is cited, more than
    10,000 events are, or ``attributed_to`` (as in Events.by) is not the actor of every one of them.
    """
    _check(claim, cites)
    count = len(cites)
    if not count:
        raise ClaimError(claim, "it cites no event", "cite events that show it, or state an absence")
    if count > MOST_CITED:
        raise ClaimError(claim, f"it cites {count:,} events", f"narrow them to at most {MOST_CITED:,} that show it")
    rows = (
        cites.table.select("event_id", "actor", "log_file", "record_index")
        .order_by(["log_file", "record_index"])
        .to_pyarrow()
        .to_pylist()
    )
    actor = None
    if attributed_to is not None:
        actor = cites.resolve(attributed_to)
        strangers = sorted({row["actor"] for row in rows} - {actor})
        if strangers:
            raise ClaimError(
                claim, f"not all of it is by {actor}: {strangers[0]} is cited too", "narrow the events with .by(…)"
            )
    ids = tuple(row["event_id"] or f"{row['log_file']}#{row['record_index']}" for row in rows)
    return Finding(_DOOR, claim, cites, present(cites), ids, cites.span, actor)


def absence(claim: str, cites: Events, window: Window, *, category: str | None = None) -> Absence:
    """State that something did not happen in a window, citing the events that would show it (usually none).

    ``category`` is the eventCategory such events have ("Management", "Data"); for well-known management calls it is known.
    Where events match, or a listed log file is altered or missing, the standing is ``contradicted``. ClaimError where the
    cited events were narrowed to a time that does not cover the window: nobody looked there.
    """
    _check(claim, cites)
    if cites.bounds is not None and not cites.bounds.covers(window):
        raise ClaimError(
            claim, f"only {cites.bounds} was searched, which does not cover {window}", "cite events of the whole window"
        )
    standing = absent(cites, window, category or cites.category)
    matching = cites.during(window)
    rows = matching.table.select("event_id").order_by("event_id").limit(MOST_CITED).to_pyarrow().to_pylist()
    return Absence(_DOOR, claim, cites, standing, window, tuple(row["event_id"] or "" for row in rows))


def conclude(
    present: str, absent: str, cites: Events, window: Window | None = None, *, category: str | None = None
) -> Finding | Absence:
    """Answer one question either way: a Finding with ``present`` where events show it, else an Absence with ``absent``.

    ``window`` is the time that was asked about (default: that of all admitted events).
    """
    _check(present, cites)
    asked = window if window is not None else cites.bounds or cites.root.window
    matching = cites.during(asked)
    if matching:
        return finding(present, matching)
    return absence(absent, cites, asked, category=category)


def _check(claim: str, cites: object) -> None:
    if not isinstance(claim, str) or not claim.strip():
        raise ClaimError("claim", "it says nothing", "write the claim as a sentence")
    if not isinstance(cites, Events):
        raise ClaimError(
            claim,
            f"it cites a {type(cites).__name__}, which is no Events",
            "cite events that came through ct.admit (a frame's are found with .where)",
        )


def _refuse_by_hand(door: object, noun: str, verb: str) -> None:
    if door is not _DOOR:
        raise ClaimError(noun, "not made by hand", f"call {verb}(…), which derives the standing")


def _html(noun: str, claim: Finding | Absence, sentence: str, events: Events) -> str:
    conditions = "".join(f"<li>{escape(str(condition))}</li>" for condition in claim.standing.conditions)
    rows: Sequence[Sequence[Any]] = events.rows(5)
    table = (
        html_table(SHOWN, rows, f"{len(events):,} events cited" + ("; the first 5 shown" if len(events) > 5 else ""))
        if rows
        else ""
    )
    return (
        f"<div><p><b>{noun}: {escape(visible(claim.claim))}</b><br><b>{escape(str(claim.standing))}</b>. {escape(visible(sentence))}</p>"
        f"{table}<details><summary>What the standing rests on</summary><ul>{conditions}</ul></details></div>"
    )
