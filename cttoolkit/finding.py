"""Conclusions: a finding says that something happened, an absence that it did not. Both cite Events and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from cttoolkit.category import other_category
from cttoolkit.claim import check_claim, facts, maker
from cttoolkit.errors import ClaimError
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.integrity.policy import Policy
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.recheck import searched_again, seen_again
from cttoolkit.standing import WORDS_OF_ABSENCES, WORDS_OF_FINDINGS, Standing, Word, absent, present
from cttoolkit.text import number_of, shortened
from cttoolkit.window import Window
from cttoolkit.wording import absent_sentence, present_sentence, shown, withdrawn_sentence

if TYPE_CHECKING:
    import pandas

__all__ = ["MOST_CITED", "Absence", "Finding", "absence", "conclude", "finding", "merge", "recheck"]

_DOOR = object()
MOST_CITED = 10_000
"""A finding that cited more could not be read by anybody."""
_LONGEST = 600
C = TypeVar("C", bound="Finding | Absence")


@dataclass(frozen=True, eq=False)
class Finding:
    """A claim that something happened. ``event_ids`` are the cited events; those without an id are cited by file and index.

    ``attributed_to`` is set where every cited event names that one actor; ``actors`` are all that they name. ``named_elsewhere`` counts
    cited events that show their actor by its id alone, which other records of the evidence name. ``made_by`` is who or what made the
    claim: an analyst, a detection. ``about`` holds whatever else belongs to it, by name: a severity, techniques. ``rechecked`` are the
    newer verifications that it was held against.
    """

    door: InitVar[object]
    claim: str
    cites: Events = field(repr=False)
    standing: Standing
    event_ids: tuple[str, ...]
    window: Window | None
    attributed_to: str | None = None
    made_by: str | None = None
    actors: tuple[str, ...] = ()
    about: tuple[tuple[str, str], ...] = ()
    rechecked: tuple[Verification, ...] = field(default=(), repr=False)
    named_elsewhere: int = 0

    def __post_init__(self, door: object) -> None:
        _refuse_by_hand(door, "Finding", "ct.finding")

    @property
    def sentence(self) -> str:
        """The claim as the evidence allows to put it."""
        if self.rechecked and self.standing.word is Word.CONTRADICTED:
            return withdrawn_sentence(len(self.cites), self.standing.reasons)
        return present_sentence(self.standing, len(self.cites), self.attributed_to, self.named_elsewhere)

    @property
    def log_files(self) -> frozenset[str]:
        """Keys of the log files that hold the cited events."""
        return frozenset(self.cites.table.select("log_file").distinct().to_pyarrow()["log_file"].to_pylist())

    def frame(self) -> pandas.DataFrame:
        """The cited events, all columns."""
        return self.cites.frame()

    def lowered(self, word: Word, reason: str) -> Finding:
        """The same claim with a weaker word, for a stated reason. ClaimError where no finding may use it, or it is stronger."""
        return replace(self, door=_DOOR, standing=self.standing.lowered(word, reason, WORDS_OF_FINDINGS))

    def merged(self, *others: Finding) -> Finding:
        """One finding for several that say the same: it cites the events of all, and its standing is derived anew.

        What an author lowered stays lowered. ClaimError where another claim is among them, or another verification or policy.
        """
        parts = (self, *others)
        for one in parts:
            if not isinstance(one, Finding) or _said(one) != _said(self):
                raise ClaimError(self.claim, f"another claim than {one!r}", "merge findings that say the same")
            if one.cites.verification is not self.cites.verification or one.cites.policy != self.cites.policy:
                raise ClaimError(self.claim, "cited from another verification or policy", "admit once, and cite that")
        actors = {one.attributed_to for one in parts}
        makers = dict.fromkeys(one.made_by for one in parts if one.made_by)
        joined = finding(
            self.claim,
            self.cites.united(*(one.cites for one in others)),
            attributed_to=actors.pop() if len(actors) == 1 else None,
            by=", ".join(makers) or None,
            about=dict(fact for one in reversed(parts) for fact in one.about),
        )
        checked = tuple(dict.fromkeys(newer for one in parts for newer in one.rechecked))
        for word, reason in (lowering for one in parts for lowering in one.standing.lowerings):
            if word.rank >= joined.standing.word.rank:
                joined = joined.lowered(word, reason)
        for newer in checked:
            joined = recheck(joined, newer)
        return joined

    def __repr__(self) -> str:
        made = f" By {shortened(self.made_by, _LONGEST)}." if self.made_by else ""
        claim = shortened(self.claim, _LONGEST)
        return (
            f"Finding, {shortened(self.standing, _LONGEST)}: {claim} Cites {number_of(len(self.cites), 'event')}.{made}"
        )

    def _repr_html_(self) -> str:
        return shown("Finding", self, self.cites)


@dataclass(frozen=True, eq=False)
class Absence:
    """A claim that something did not happen in a window. ``cites`` is what was searched; ``standing`` says what that is worth."""

    door: InitVar[object]
    claim: str
    cites: Events = field(repr=False)
    standing: Standing
    window: Window
    event_ids: tuple[str, ...] = ()
    category: str | None = None
    resource: str | None = None
    made_by: str | None = None
    about: tuple[tuple[str, str], ...] = ()
    rechecked: tuple[Verification, ...] = field(default=(), repr=False)

    def __post_init__(self, door: object) -> None:
        _refuse_by_hand(door, "Absence", "ct.absence")

    @property
    def sentence(self) -> str:
        """The claim as the evidence allows to put it."""
        return absent_sentence(self.standing, self.window, self.cites.steps[1:])

    def lowered(self, word: Word, reason: str) -> Absence:
        """The same claim with a weaker word, for a stated reason. ClaimError where no absence may use it, or it is stronger."""
        return replace(self, door=_DOOR, standing=self.standing.lowered(word, reason, WORDS_OF_ABSENCES))

    def __repr__(self) -> str:
        made = f" By {shortened(self.made_by, _LONGEST)}." if self.made_by else ""
        return f"Absence, {shortened(self.standing, _LONGEST)}: {shortened(self.claim, _LONGEST)}{made}"

    def _repr_html_(self) -> str:
        return shown("Absence", self, self.cites.during(self.window))


def finding(
    claim: str,
    cites: Events,
    *,
    attributed_to: str | None = None,
    by: str | None = None,
    about: Mapping[str, str] | None = None,
) -> Finding:
    """State that something happened, citing the events that say so.

    The standing comes from the cited events' files and from where the keys came. ``by`` names who or what makes the claim, ``about``
    says what else belongs to it, such as ``{"severity": "high"}``; both are shown. ClaimError where nothing is cited, more than
    10,000 events are, or ``attributed_to`` (as in Events.by) is not the actor of every one of them.
    """
    check_claim(claim, cites)
    rows = cites.cited(MOST_CITED)
    if not rows:
        raise ClaimError(claim, "it cites no event", "cite events that show it, or state an absence")
    if len(rows) > MOST_CITED:
        raise ClaimError(
            claim, f"it cites {len(cites):,} events", f"narrow them to at most {MOST_CITED:,} that show it"
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
    actors = tuple(sorted({row["actor"] for row in rows if row["actor"]}))
    standing = present(cites, Counter(Status(row["status"]) for row in rows))
    by_id = sum(row["actor_rung"] == Rung.NAMED_ELSEWHERE.value for row in rows)
    made_by, known = maker(claim, by), facts(claim, about)
    return Finding(_DOOR, claim, cites, standing, ids, cites.span, actor, made_by, actors, known, named_elsewhere=by_id)


def absence(
    claim: str,
    cites: Events,
    window: Window,
    *,
    category: str | None = None,
    resource: str | None = None,
    by: str | None = None,
    about: Mapping[str, str] | None = None,
) -> Absence:
    """State that something did not happen in a window, citing the events that would show it (usually none).

    ``category`` is the eventCategory such events have ("Management", "Data"); for well-known management calls it is known, and for
    others it is the author's word. ``resource`` is the ARN of what data events were searched for: a bucket, objects under a prefix
    that ends in ``/``, an object, a function or a table; without it whether they were selected is not known. Where events match, or
    a listed log file is altered or missing, the standing is ``contradicted``. ClaimError where the cited events were narrowed to a
    time that does not cover the window: nobody looked there; or to names of another category than was said.
    """
    check_claim(claim, cites)
    if not isinstance(window, Window):
        raise ClaimError(claim, f"a {type(window).__name__} is no window", 'give ct.Window.of("…Z", "…Z")')
    if cites.bounds is not None and not cites.bounds.covers(window):
        raise ClaimError(
            claim, f"only {cites.bounds} was searched, which does not cover {window}", "cite events of the whole window"
        )
    category = category or cites.category or ("Data" if resource else None)
    if wrong := other_category(cites, category):
        raise ClaimError(
            claim, wrong, "give the category that they have, or state what was searched for in two absences"
        )
    standing = absent(cites, window, category, resource)
    matching = cites.during(window)
    rows = matching.table.select("event_id").order_by("event_id").limit(MOST_CITED).to_pyarrow().to_pylist()
    ids = tuple(row["event_id"] or "" for row in rows)
    made_by, known = maker(claim, by), facts(claim, about)
    return Absence(_DOOR, claim, cites, standing, window, ids, category, resource, made_by, known)


def conclude(
    present: str,
    absent: str,
    cites: Events,
    window: Window | None = None,
    *,
    category: str | None = None,
    resource: str | None = None,
    by: str | None = None,
    about: Mapping[str, str] | None = None,
) -> Finding | Absence:
    """Answer one question either way: a Finding with ``present`` where events show it, else an Absence with ``absent``.

    ``window`` is the time that was asked about (default: that of all admitted events).
    """
    check_claim(present, cites)
    asked = window if window is not None else cites.bounds or cites.root.window
    matching = cites.during(asked)
    if matching:
        return finding(present, matching, by=by, about=about)
    return absence(absent, cites, asked, category=category, resource=resource, by=by, about=about)


def merge(conclusions: Iterable[Finding | Absence]) -> list[Finding | Absence]:
    """The same conclusions, findings that say the same on the same verification and policy made one, where the first stood."""
    made: list[Finding | Absence] = []
    alike: dict[tuple[str, int, Policy], list[Finding]] = {}
    for one in conclusions:
        if isinstance(one, Finding):
            key = (_said(one), id(one.cites.verification), one.cites.policy)
            if key in alike:
                alike[key].append(one)
                continue
            alike[key] = [one]
        made.append(one)
    groups = {id(group[0]): group for group in alike.values() if len(group) > 1}
    return [one.merged(*groups[id(one)][1:]) if isinstance(one, Finding) and id(one) in groups else one for one in made]


def recheck(conclusion: C, verification: Verification) -> C:
    """Hold a conclusion against a newer verification of the same evidence, or of another copy of it.

    Cited records are looked up by log file, record index and hash; an absence is searched again. Where a file is altered, missing
    or absent, or a record differs, the standing falls to ``contradicted``, with the file in the reason; where a record can no longer
    be vouched for or was not examined, it falls to what that supports; where all holds, it stays. It is never raised. ClaimError
    where the verification holds nothing of the cited accounts or was made with ``load=False``.
    """
    if not isinstance(conclusion, Finding | Absence):
        raise ClaimError(
            "recheck", f"a {type(conclusion).__name__} is no conclusion", "give what ct.finding or ct.absence returned"
        )
    if not isinstance(verification, Verification):
        raise ClaimError(conclusion.claim, "held against no verification", "give what ct.verify returned")
    cited, before = conclusion.cites, conclusion.standing
    if isinstance(conclusion, Finding):
        standing = seen_again(cited, before, verification)
    else:
        asked = (conclusion.window, conclusion.category, conclusion.resource)
        standing = searched_again(cited, *asked, before, verification)
    held = (*conclusion.rechecked, verification)
    return replace(conclusion, door=_DOOR, standing=standing, rechecked=held)


def _said(one: Finding) -> str:
    return " ".join(one.claim.split())


def _refuse_by_hand(door: object, noun: str, verb: str) -> None:
    if door is not _DOOR:
        raise ClaimError(noun, "not made by hand", f"call {verb}(…), which derives the standing")
