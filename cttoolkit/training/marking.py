"""Marking: an answer held against the sealed key of its question, and told right, close or wrong without telling the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cttoolkit.finding import Absence, Finding
from cttoolkit.text import shortened
from cttoolkit.training.answers import as_number, as_texts, as_time, is_blank
from cttoolkit.training.forms import FORMS, Misfit
from cttoolkit.training.sealing import NOTHING, moment_buckets, narrowing_text, number_bucket, unpacked, window_text
from cttoolkit.training.secret import hashed, masked

__all__ = ["Mark", "Outcome", "mark"]

_LONGEST = 300
_MOST_FEW = 24
"""More than these many of what there are few of is no answer, and hashing them would take long."""


class Outcome(StrEnum):
    """What came of an answer."""

    RIGHT = "right"
    CLOSE = "close"
    WRONG = "wrong"
    BLANK = "not answered yet"


@dataclass(frozen=True)
class Mark:
    """An outcome and its reason. ``share`` is how much of the answer is there, from 0 to 1; an over-claim says more than is known."""

    question: str
    outcome: Outcome
    reason: str = ""
    share: float = 0.0
    is_overclaim: bool = False
    is_misfit: bool = False
    """Whether it was no answer of the kind that is asked for: that costs nothing."""
    points: str = ""

    def __repr__(self) -> str:
        reason = f": {self.reason}" if self.reason else ""
        points = f" {self.points}" if self.points else ""
        return f"{self.question}: {self.outcome}{reason}.{points}"


def mark(question: str, kind: str, key: Mapping[str, Any], salt: str, answer: Any, *, many: bool) -> Mark:
    """Hold one answer against the key of one question. Nothing that is given raises: what is no answer is wrong, with a reason."""
    if is_blank(answer):
        return Mark(question, Outcome.BLANK)
    try:
        match kind:
            case "count":
                found = _count(key, salt, as_number(answer))
            case "time":
                found = _time(key, salt, answer)
            case "claim":
                found = _claim(key, salt, answer)
            case _:
                found = _set(kind, key, salt, as_texts(answer, kind, many=many), many=many)
    except Misfit as misfit:
        found = Mark("", Outcome.WRONG, shortened(misfit, _LONGEST), is_misfit=True)
    return replace(found, question=question)


def _right() -> Mark:
    return Mark("", Outcome.RIGHT, share=1.0)


def _close(reason: str, share: float = 0.5) -> Mark:
    return Mark("", Outcome.CLOSE, reason, share)


def _wrong(reason: str) -> Mark:
    return Mark("", Outcome.WRONG, reason)


def _overclaim(reason: str) -> Mark:
    return Mark("", Outcome.WRONG, reason, is_overclaim=True)


def _set(kind: str, key: Mapping[str, Any], salt: str, given: list[str], *, many: bool) -> Mark:
    form = FORMS[kind]
    asks_nothing = key["nothing"] == hashed(salt, NOTHING, slow=form.few)
    if not given:
        return _right() if asks_nothing else _wrong("there is something to be found")
    if asks_nothing:
        return _overclaim("an over-claim: the evidence does not show this")
    if form.few and len(given) > _MOST_FEW:
        return _wrong("far more is given than belongs")
    belonging, needed = set(), 0
    for text in given:
        number = key["elements"].get(hashed(salt, text, slow=form.few))
        if number is not None:
            needed, place = unpacked(masked(salt, text, number))
            belonging.add(place)
    strangers = len(given) - len(belonging)
    if not belonging:
        return _none_belongs(kind, key, salt, given, many=many)
    if len(belonging) == needed and not strangers:
        return _right()
    told = [f"{len(belonging)} of {needed} are there"] if len(belonging) < needed else ["all that belong are there"]
    if strangers:
        told.append(f"{'one that does' if strangers == 1 else f'{strangers} that do'} not belong")
    reason = ", and ".join(told)
    if strangers > len(belonging):
        return _wrong("most of what is given does not belong")
    share = (len(belonging) - strangers) / needed
    return _close(f"{reason}; more than one belongs" if needed > 1 and len(given) == 1 else reason, share)


def _none_belongs(kind: str, key: Mapping[str, Any], salt: str, given: list[str], *, many: bool) -> Mark:
    if kind == "word" and hashed(salt, f"more {given[0]}", slow=True) in key["stronger"]:
        return _overclaim("an over-claim: this word says more than the evidence does")
    if kind == "word":
        return _wrong("the evidence allows to say more than this word does")
    if kind == "actor" and not many:
        return _wrong("another actor, or not all of its name")
    if not many:
        return _wrong(f"another {FORMS[kind].one}" if kind != "yes or no" else "")
    return _wrong("none of these belongs" if len(given) > 1 else "this does not belong")


def _count(key: Mapping[str, Any], salt: str, number: int) -> Mark:
    if hashed(salt, str(number), slow=True) == key["exact"]:
        return _right()
    if hashed(salt, f"near {number_bucket(number)}", slow=True) in key["near"]:
        return _close("within about a tenth")
    if key["exact"] == hashed(salt, "0", slow=True):
        return _overclaim("an over-claim: the evidence does not show this many")
    return _wrong("another number")


def _time(key: Mapping[str, Any], salt: str, answer: Any) -> Mark:
    minute, long = moment_buckets(as_time(answer))
    if hashed(salt, f"minute {minute}", slow=True) in key["right"]:
        return _right()
    found = hashed(salt, f"long {long}", slow=True)
    if found == key["same"]:
        return _close("not to the minute")
    for side in ("early", "late"):
        if found in key[side]:
            return _close(f"too {side}, by about an hour at most")
    return _wrong("not within the hour")


def _claim(key: Mapping[str, Any], salt: str, answer: Any) -> Mark:
    """What is cited is looked at first, then where an absence searched, and the word last."""
    if isinstance(answer, str | bool | int | float):
        raise Misfit("a claim is asked for, and what it cites: ct.finding(…) or ct.absence(…)")
    if isinstance(answer, tuple) and len(answer) == 2:
        cited, word = answer
    else:
        cited, word = answer, answer if isinstance(answer, Finding | Absence) else None
    events = _set("event", key["events"], salt, as_texts(cited, "event", many=True), many=True)
    if events.outcome is not Outcome.RIGHT:
        return replace(events, reason=f"of the events that it cites: {events.reason}" if events.reason else "")
    for part in (_searched_names(key, salt, cited), _searched_window(key, salt, cited)):
        if part is not None:
            return part
    if word is None:
        return _close("what it cites is right; how far it stands is asked for too: give a finding or an absence")
    level = _set("word", key["word"], salt, as_texts(word, "word", many=False), many=False)
    if level.outcome is Outcome.RIGHT:
        return level
    return replace(
        level, outcome=Outcome.CLOSE, reason=f"what it cites is right; the level is not: {level.reason}", share=0.5
    )


def _searched_names(key: Mapping[str, Any], salt: str, cited: Any) -> Mark | None:
    if "names" not in key:
        return None
    if not isinstance(cited, Absence):
        return _wrong("an absence is asked for: ct.absence(…) of what was looked for")
    names = _set("event name", key["names"], salt, as_texts(cited.cites.names, "event name", many=True), many=True)
    if names.outcome is Outcome.RIGHT:
        return None
    reason = names.reason if cited.cites.names else "narrow the events with .named(…)"
    return replace(names, reason=f"of the event names that it looked for: {reason}")


def _searched_window(key: Mapping[str, Any], salt: str, cited: Any) -> Mark | None:
    if "window" not in key or not isinstance(cited, Absence):
        return None
    if hashed(salt, window_text(cited.window), slow=False) != key["window"]:
        return _close(f"it searched another window than the question asks about: {cited.window}")
    if hashed(salt, narrowing_text(cited.cites.steps[1:]), slow=False) != key["narrowed"]:
        return _close("it searched less, or more, than the question asks about")
    return None
