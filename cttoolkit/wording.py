"""How a conclusion is put: the sentence that its standing allows, and no stronger one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

from cttoolkit.display import html_table
from cttoolkit.events import SHOWN, Events
from cttoolkit.standing import Standing, Word
from cttoolkit.text import number_of, shortened
from cttoolkit.window import Window

_LONGEST = 2000

__all__ = ["absent_sentence", "present_sentence", "shown", "withdrawn_sentence"]


def present_sentence(standing: Standing, count: int, attributed_to: str | None, by_id: int = 0) -> str:
    """What may be said of a claim that ``count`` events show, ``by_id`` of which leave the actor's name to other records."""
    word = standing.word
    cited = number_of(count, "event")
    if word is Word.PROVED_PRESENT:
        said = f"CloudTrail delivered {cited} that say so, in files unchanged since delivery."
    elif standing.is_lowered:
        said = f"The supplied records contain {cited} that say so; whoever made the claim puts it no higher than {word.value}."
    elif word is Word.KEY_UNPROVEN:
        said = (
            f"{cited} say so, in files that agree with their digests; the public keys came inside the evidence, "
            "so the whole could have been made up."
        )
    elif word is Word.CONTRADICTED:
        said = f"{cited} say so, and the evidence holds another content under the same id."
    else:
        said = f"The supplied records contain {cited} that say so; their integrity could not be verified."
    if attributed_to and by_id:
        shown_by = "each of them shows" if by_id == count else f"{by_id:,} of them show" + "s" * (by_id == 1)
        said += f" Attributed to {attributed_to}: {shown_by} an id alone, which other records of the evidence name so."
    elif attributed_to:
        said += f" Attributed to {attributed_to}, by the identity in each of them."
    return said


def withdrawn_sentence(count: int, reasons: Sequence[str]) -> str:
    """What is left of a claim whose cited records a newer verification does not bear out."""
    cited = number_of(count, "event")
    return f"Withdrawn: {cited} said so when the evidence was verified first, and no longer do: {'; '.join(reasons)}."


def absent_sentence(standing: Standing, window: Window, steps: Sequence[str]) -> str:
    """What may be said of a silence."""
    asked = " ▸ ".join(steps) or "any event"
    coverage = next(c for c in standing.conditions if c.name == "coverage")
    if standing.word is Word.PROVED_ABSENT:
        return (
            f"In the complete set of records that CloudTrail delivered for {window}, none matches: {asked}. "
            f"Covered: {coverage.found}. CloudTrail delivers events on a best-effort basis, and a late log file that was taken "
            "away together with the backfill digest that alone listed it leaves no trace."
        )
    if standing.word is Word.KEY_UNPROVEN and not standing.is_lowered:
        return (
            f"No record of {window} matches: {asked}. The set is complete by its digests; their public keys came "
            "inside the evidence, so the whole could have been made up."
        )
    if standing.word is Word.CONTRADICTED and not standing.is_lowered:
        return f"Withdrawn for {window}: {'; '.join(standing.reasons)}."
    return f"No match in the records examined for {window}: {asked}. That is no proof: {'; '.join(standing.reasons)}."


class Conclusion(Protocol):
    """What a conclusion tells of itself."""

    @property
    def claim(self) -> str: ...
    @property
    def standing(self) -> Standing: ...
    @property
    def sentence(self) -> str: ...
    @property
    def made_by(self) -> str | None: ...
    @property
    def about(self) -> tuple[tuple[str, str], ...]: ...


def shown(noun: str, one: Conclusion, events: Events) -> str:
    """A conclusion as HTML for a notebook cell, with the first of the events that it cites."""
    conditions = "".join(f"<li>{_inert(condition)}</li>" for condition in one.standing.conditions)
    rows = events.rows(5)
    table = (
        html_table(
            SHOWN, rows, number_of(len(events), "event") + " cited" + ("; the first 5 shown" if len(events) > 5 else "")
        )
        if rows
        else ""
    )
    more = [f"By {one.made_by}."] if one.made_by else []
    more.extend(f"{name}: {value}." for name, value in one.about)
    facts = f"<br>{' '.join(_inert(fact) for fact in more)}" if more else ""
    return (
        f"<div><p><b>{noun}: {_inert(one.claim)}</b><br><b>{_inert(one.standing)}</b>. {_inert(one.sentence)}{facts}</p>"
        f"{table}<details><summary>What the standing rests on</summary><ul>{conditions}</ul></details></div>"
    )


def _inert(text: object) -> str:
    return escape(shortened(text, _LONGEST))
