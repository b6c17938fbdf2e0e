"""Conclusions as plain values for a template: the claim, its standing with reasons and conditions, and the events cited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cttoolkit.display import cell
from cttoolkit.finding import Absence, Finding
from cttoolkit.report.cited import Citation, Cited, cited_by
from cttoolkit.report.method import tell_steps
from cttoolkit.standing import Word
from cttoolkit.text import shortened

__all__ = ["in_order", "tell_conclusion", "tell_event"]

_ROWS = 50
_WIDEST = 300
_LONGEST = 2000
_ACTORS = 20
_LAST = datetime.max.replace(tzinfo=UTC)
_SHADES = {
    Word.PROVED_PRESENT: 0,
    Word.PROVED_ABSENT: 0,
    Word.KEY_UNPROVEN: 1,
    Word.REPORTED_PRESENT: 2,
    Word.CONTRADICTED: 4,
}


def in_order(conclusions: Sequence[Finding | Absence], order: str) -> tuple[Finding | Absence, ...]:
    """As given, or by the start of their windows (``time``); what has no window stands last."""
    if order == "given":
        return tuple(conclusions)
    return tuple(sorted(conclusions, key=lambda one: one.window.start if one.window else _LAST))


def tell_conclusion(number: int, one: Finding | Absence, cited: Cited) -> dict[str, Any]:
    """One conclusion, by its number from 1."""
    shown = cited.of(number)[:_ROWS]
    count = len(cited_by(one))
    return {
        "number": number,
        "kind": "finding" if isinstance(one, Finding) else "absence",
        "claim": shortened(one.claim, _LONGEST),
        "word": one.standing.word.value,
        "shade": _SHADES.get(one.standing.word, 3),
        "reasons": [shortened(why, _LONGEST) for why in one.standing.reasons if why not in one.sentence],
        "sentence": shortened(one.sentence, _LONGEST),
        "conditions": [
            {"name": c.name, "met": c.met.value, "found": shortened(c.found, _LONGEST)} for c in one.standing.conditions
        ],
        "facts": _facts(one),
        "count": f"{count:,}",
        "window": str(one.window) if one.window else "",
        "rows": [tell_event(citation) for citation in shown],
        "more": f"{count - len(shown):,}" if count > len(shown) else "",
        "steps": tell_steps(one),
    }


def tell_event(one: Citation) -> dict[str, Any]:
    """One cited event; every text is made visible and cut."""
    return {
        "number": one.number,
        "conclusions": ", ".join(map(str, one.conclusions)),
        **{name: cell(value, _WIDEST) for name, value in one.values.items() if name != "record_index"},
        "log_file": shortened(one.values["log_file"], 1000),
        "record_index": str(one.values["record_index"]),
    }


def _facts(one: Finding | Absence) -> list[tuple[str, str]]:
    facts = []
    if one.window:
        facts.append(("window searched" if isinstance(one, Absence) else "from first to last event", str(one.window)))
    if isinstance(one, Finding):
        more = f" and {len(one.actors) - _ACTORS:,} more" if len(one.actors) > _ACTORS else ""
        facts.append(("actors", shortened(", ".join(one.actors[:_ACTORS]) + more or "none is named", _LONGEST)))
    if one.made_by:
        facts.append(("concluded by", shortened(one.made_by, _WIDEST)))
    facts.extend((shortened(name, 60), shortened(value, _LONGEST)) for name, value in one.about)
    facts.extend(
        ("checked again", shortened(f"{newer.evidence.name}: {newer.sentence}", _LONGEST)) for newer in one.rechecked
    )
    return facts
