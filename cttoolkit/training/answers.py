"""Answers as a trainee gives them, made plain: Events, pivots, findings, frames, sets and texts alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.finding import Absence, Finding
from cttoolkit.integrity.verdict import Verdict
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.standing import Standing, Word
from cttoolkit.text import shortened
from cttoolkit.training.forms import FORMS, Misfit
from cttoolkit.window import instant, written

__all__ = ["as_number", "as_texts", "as_time", "is_blank", "shown_answer"]

NOTHING = ("", "nothing", "none", "nobody", "nowhere")
"""Texts that say that the answer is nothing. None does not: it is what stands in a notebook before anything was answered."""
_MOST_SHOWN = 300
_BETWEEN = re.compile(r"[,;\n]|\band\b")


def is_blank(answer: Any) -> bool:
    """Whether nothing was answered yet."""
    return answer is None or answer is Ellipsis


def _listed(answer: Any) -> list[Any]:
    """The elements of whatever holds several, else the answer alone."""
    if isinstance(answer, str):
        return [] if answer.strip().lower() in NOTHING else [answer]
    if hasattr(answer, "columns") and not isinstance(answer, list | tuple | set | frozenset):
        raise Misfit("a frame has many columns: give one of them")
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    if isinstance(answer, Iterable) and not isinstance(answer, str | dict):
        return sorted(set(map(_plain, answer)))
    return [answer]


def _plain(value: Any) -> str:
    if isinstance(value, Verdict):
        return value.key
    if isinstance(value, str):
        return str(value).strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if hasattr(value, "compressed"):
        return str(value)
    raise Misfit(f"a {type(value).__name__} is no answer to this")


def _of_events(events: Events, kind: str) -> list[str]:
    column = FORMS[kind].column
    if column is None:
        raise Misfit("these are events, and something else is asked for")
    values = events.table.select(column).distinct().to_pyarrow()[column].to_pylist()
    return sorted(value for value in values if value)


def as_texts(answer: Any, kind: str, *, many: bool) -> list[str]:
    """The answer as sorted texts in the canonical way of one form. Misfit where it is of another kind."""
    form = FORMS[kind]
    match answer:
        case Events():
            found: list[Any] = _of_events(answer, kind)
        case Pivot():
            if form.column is None or answer.key_columns != (form.column,):
                raise Misfit(f"a pivot by {answer.axis} is given, and {form.several} are asked for")
            found = [value for value in answer.values if value]
        case Finding() | Absence() | Standing() if kind == "word":
            standing = answer if isinstance(answer, Standing) else answer.standing
            found = [standing.word.value]
        case Finding():
            found = list(answer.event_ids) if kind == "event" else _of_events(answer.cites, kind)
        case Absence():
            found = list(answer.event_ids) if kind == "event" else _of_events(answer.cites.during(answer.window), kind)
        case _:
            found = _listed(answer)
            if many and isinstance(answer, str) and kind != "word":
                found = [part for whole in found for part in _BETWEEN.split(whole) if part.strip()]
    plain = sorted({form.written(_plain(one)) for one in found})
    if not many and len(plain) > 1:
        raise Misfit(f"one {form.one} is asked for, and not {len(plain)}")
    return plain


def as_number(answer: Any) -> int:
    """The number that an answer is, or that it counts."""
    match answer:
        case bool():
            raise Misfit("a number is asked for")
        case int():
            return int(answer)
        case Events() | Pivot():
            return len(answer)
        case Finding() | Absence():
            return len(answer.event_ids)
        case str():
            text = answer.replace(",", "").strip()
            if text.lower() in NOTHING:
                return 0
            if not text.isdecimal():
                raise Misfit("a number is asked for")
            return int(text)
    if hasattr(answer, "item"):
        return as_number(answer.item())
    if isinstance(answer, list | tuple | set | frozenset):
        raise Misfit("a number is asked for: give how many there are, and not which")
    raise Misfit("a number is asked for")


def as_time(answer: Any) -> datetime:
    """The time that an answer is, or that the one event has which it holds."""
    if isinstance(answer, Finding):
        answer = answer.cites
    if isinstance(answer, Events):
        if len(answer) != 1 or answer.span is None:
            raise Misfit(f"one time is asked for, and these are {len(answer)} events")
        return answer.span.start
    try:
        return instant(answer)
    except (WindowError, TypeError, AttributeError) as error:
        raise Misfit("a time is asked for, with its offset: 2026-03-01T02:00:00Z") from error


def shown_answer(answer: Any) -> str:
    """What was answered, as the score sheet keeps it."""
    match answer:
        case Finding() | Absence():
            return shortened(f"{answer.standing.word}: {answer.claim}", _MOST_SHOWN)
        case Events() | Pivot():
            return shortened(repr(answer).partition("\n")[0], _MOST_SHOWN)
        case Word():
            return answer.value
        case datetime():
            return written(answer) if answer.tzinfo else "a time without an offset"
        case set() | frozenset():
            return shortened(", ".join(sorted(map(str, answer))) or "nothing", _MOST_SHOWN)
        case list() | tuple():
            return shortened(", ".join(shown_answer(one) for one in answer[:40]) or "nothing", _MOST_SHOWN)
    return shortened(str(answer), _MOST_SHOWN)
