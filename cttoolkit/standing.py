"""What a claim may say of itself: the words, their minimums, and how the evidence decides between them.

A standing is derived from what is cited and from the verification behind it. An author may lower one, never raise it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from cttoolkit.errors import ClaimError, WindowError
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import KeyProvenance, Verification
from cttoolkit.key import LogKey, parse_key
from cttoolkit.reach import coverage, regions
from cttoolkit.selection import selection
from cttoolkit.text import number_of
from cttoolkit.window import Window, instant, later

if TYPE_CHECKING:
    import ibis

    from cttoolkit.events import Events

__all__ = [
    "WORDS_OF_ABSENCES",
    "WORDS_OF_FINDINGS",
    "Condition",
    "Met",
    "Standing",
    "Word",
    "absent",
    "conflicted",
    "present",
    "word_of_keys",
]

MARGIN = timedelta(hours=2)
"""Least time after a window for which coverage is asked too, since a log file may be delivered and listed late."""


class Word(StrEnum):
    """The words a conclusion may use, from the strongest to the weakest."""

    PROVED_PRESENT = "proved present"
    PROVED_ABSENT = "proved absent in period"
    KEY_UNPROVEN = "internally consistent, key unproven"
    REPORTED_PRESENT = "reported present"
    NOT_OBSERVED = "not observed"
    UNPROVEN = "unproven"
    CONTRADICTED = "contradicted"

    @property
    def rank(self) -> int:
        """0 for the strongest."""
        return max(0, list(Word).index(self) - 1)


WORDS_OF_ABSENCES = frozenset(
    {Word.PROVED_ABSENT, Word.KEY_UNPROVEN, Word.NOT_OBSERVED, Word.UNPROVEN, Word.CONTRADICTED}
)
WORDS_OF_FINDINGS = frozenset(
    {Word.PROVED_PRESENT, Word.KEY_UNPROVEN, Word.REPORTED_PRESENT, Word.UNPROVEN, Word.CONTRADICTED}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A word and the conditions that it was derived from."""

    word: Word
    conditions: tuple[Condition, ...]
    reasons: tuple[str, ...] = ()
    lowerings: tuple[tuple[Word, str], ...] = ()
    """What an author lowered it by; the reasons are among ``reasons`` too."""

    @property
    def is_proved(self) -> bool:
        return self.word in (Word.PROVED_PRESENT, Word.PROVED_ABSENT)

    @property
    def is_lowered(self) -> bool:
        """Whether the word is an author's, who put it lower than the evidence does."""
        return bool(self.lowerings) and self.lowerings[-1][0] is self.word

    def lowered(self, word: Word, reason: str, words: Collection[Word]) -> Standing:
        """The same with a weaker word of ``words``, those of its kind of claim, for a reason that only the author knows.

        ClaimError where it would be stronger, or is no word of such a claim.
        """
        if str(word) not in words:
            allowed = ", ".join(one for one in Word if one in words)
            raise ClaimError(str(word), "no word of such a claim", f"say one of {allowed}")
        word = Word(word)
        if word.rank < self.word.rank:
            raise ClaimError(
                word.value,
                f"stronger than {self.word.value}, which is what the evidence supports",
                "lower a standing only",
            )
        if not reason.strip():
            raise ClaimError(word.value, "lowered without a reason", "say why")
        return Standing(word, self.conditions, (*self.reasons, reason), (*self.lowerings, (word, reason)))

    def worsened(self, word: Word, condition: Condition, reasons: Iterable[str]) -> Standing:
        """The same with one more condition; with a word and reasons that came of it, where that word is weaker."""
        conditions = (*self.conditions, condition)
        if word.rank <= self.word.rank:
            return Standing(self.word, conditions, self.reasons, self.lowerings)
        return Standing(word, conditions, (*self.reasons, *reasons), self.lowerings)

    def __str__(self) -> str:
        return self.word.value + (f" ({'; '.join(self.reasons)})" if self.reasons else "")


def _keys(verification: Verification) -> Condition:
    provenance = verification.key_provenance
    met = {KeyProvenance.OUTSIDE: Met.YES, KeyProvenance.INSIDE: Met.NO, KeyProvenance.NONE: Met.UNKNOWN}[provenance]
    return Condition("provenance of the keys", met, provenance.value)


def present(cited: Events, statuses: Mapping[Status, int]) -> Standing:
    """The standing of a claim that something happened, from the events that it cites and how many are of which status."""
    verification = cited.verification
    loose = {status: count for status, count in statuses.items() if status is not Status.INTACT}
    files = Condition(
        "log files of the cited events",
        Met.NO if loose else Met.YES,
        ", ".join(f"{number_of(count, 'event')} in {status.value} files" for status, count in sorted(statuses.items())),
    )
    conflicts = _conflicts(cited)
    single = Condition(
        "one content for each event id",
        Met.NO if conflicts else Met.YES,
        f"{conflicts} cited ids stand for more than one content" if conflicts else "no conflict among intact files",
    )
    keys = _keys(verification)
    conditions = (files, single, keys)
    if loose:
        reason = ", ".join(f"{status.value}" for status in sorted(loose))
        accepted = f"; {cited.policy.sentence}" if isinstance(cited.policy, AcceptUnverified) else ""
        return Standing(Word.REPORTED_PRESENT, conditions, (f"unattested: {reason}{accepted}",))
    if conflicts:
        return Standing(Word.CONTRADICTED, conditions, (single.found,))
    return Standing(word_of_keys(verification), conditions)


def word_of_keys(verification: Verification) -> Word:
    """The best word that a finding may use, by where the public keys came from."""
    return Word.PROVED_PRESENT if _keys(verification).met is Met.YES else Word.KEY_UNPROVEN


def conflicted(events: Events) -> ibis.Table | None:
    """Ids that stand for more than one content among all admitted events in intact files; None where none can.

    A planted file that repeats an id says nothing against an intact one; two intact ones that differ do.
    """
    if not events.verification.completeness.conflicting:
        return None
    admitted = events.root.table
    admitted = admitted.filter((admitted.status == Status.INTACT.value) & admitted.event_id.notnull())
    contents = admitted.group_by("event_id").aggregate(contents=admitted.record_sha256.nunique())
    return contents.filter(contents.contents > 1).select("event_id")


def _conflicts(cited: Events) -> int:
    ids = conflicted(cited)
    if ids is None:
        return 0
    return int(cited.table.semi_join(ids, "event_id").event_id.nunique().to_pyarrow().as_py())


def absent(searched: Events, window: Window, category: str | None, resource: str | None = None) -> Standing:
    """The standing of a claim that nothing happened in a window, from what was searched and how well it is covered."""
    matches = len(searched.during(window))
    untimed = searched.root.table.filter(searched.root.table.event_time.isnull())
    count = int(untimed.count().to_pyarrow().as_py())
    conditions = tuple(_conditions(searched, window, category, resource, count))
    if matches:
        return Standing(
            Word.CONTRADICTED, conditions, (number_of(matches, "event") + (" matches" if matches == 1 else " match"),)
        )
    by_name = {condition.name: condition for condition in conditions}
    if by_name["listed log files"].met is Met.NO:
        return Standing(Word.CONTRADICTED, conditions, ("evidence contradicted: " + by_name["listed log files"].found,))
    unmet = [c for c in conditions if c.met is not Met.YES]
    named = ("coverage", "records read", "listed log files")
    hard = [c for c in unmet if c.name in named or (c.name == "regions" and c.met is Met.NO)]
    if hard:
        return Standing(Word.UNPROVEN, conditions, tuple(str(c) for c in hard))
    soft = [c for c in unmet if c.name != "provenance of the keys"]
    if soft:
        return Standing(Word.NOT_OBSERVED, conditions, tuple(str(c) for c in soft))
    if unmet:
        return Standing(Word.KEY_UNPROVEN, conditions)
    return Standing(Word.PROVED_ABSENT, conditions)


def _conditions(
    searched: Events, window: Window, category: str | None, resource: str | None, untimed: int
) -> Iterator[Condition]:
    verification = searched.verification
    intact = {verdict.key for verdict in verification.with_status(Status.INTACT)}
    reach = Window(window.start, later(window.end, _margin(verification, intact)))
    yield coverage(searched, reach)
    yield regions(searched, window)
    yield _losses(verification, window)
    skipped = sum(skip.log_file in intact for skip in verification.completeness.skips)
    yield Condition(
        "records read",
        Met.NO if skipped or untimed else Met.YES,
        f"{skipped} records of intact files could not be read as events, {untimed} events have no readable time"
        if skipped or untimed
        else "every record of every intact log file",
    )
    yield from selection(searched, window, reach, category, resource)
    yield _keys(verification)


def _margin(verification: Verification, intact: Container[str]) -> timedelta:
    """Two hours, or twice the longest delay between an event and its delivery that intact log files show."""
    longest = timedelta(0)
    for account in verification.accounts:
        key = parse_key(account.key)
        if account.oldest is None or account.key not in intact or not isinstance(key, LogKey):
            continue
        try:
            longest = max(longest, key.delivered_at - instant(account.oldest))
        except WindowError:
            continue
    return max(MARGIN, 2 * longest)


def _losses(verification: Verification, window: Window) -> Condition:
    """Listed log files that are missing or altered, or that could not be read, and whose time may touch the window."""
    lost = [f"{loss.status.value}: {loss.key}" for loss in verification.losses if loss.may_touch(window)]
    unread = [f"could not be read: {key}" for key in verification.completeness.unread]
    met = Met.NO if lost else Met.UNKNOWN if unread else Met.YES
    return Condition("listed log files", met, "; ".join((*lost, *unread)) or "all that concern the window are intact")
