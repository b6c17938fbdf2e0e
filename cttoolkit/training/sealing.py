"""Sealing: the right answer of a question turned into hashes that an answer can be held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import floor, log
from typing import Any

from cttoolkit.standing import Word
from cttoolkit.training.forms import FORMS
from cttoolkit.training.secret import hashed, masked
from cttoolkit.window import Window, instant

__all__ = ["NOTHING", "moment_buckets", "narrowing_text", "number_bucket", "seal", "unpacked", "window_text"]

NOTHING = "nothing"
_STEP, _REACH = 1.04, 2
_MINUTE, _LONG = 60, 1200
_PLACES = 1000
_PADDED_TO = 4


def number_bucket(number: int) -> int:
    """Numbers within some four per cent of one another share a bucket, or have neighbouring ones."""
    return floor(log(number) / log(_STEP)) if number > 0 else -1


def moment_buckets(moment: datetime) -> tuple[int, int]:
    """The minute that a time is nearest to, and the twenty minutes in which it lies."""
    seconds = int(moment.timestamp())
    return round(seconds / _MINUTE), seconds // _LONG


def window_text(window: Window) -> str:
    return f"window {window}"


def narrowing_text(steps: Iterable[str]) -> str:
    """Steps that narrowed what an absence searched, apart from names and times, which are marked by themselves."""
    return "narrowed " + " ▸ ".join(sorted(step for step in steps if not step.startswith(("named ", "between "))))


def unpacked(number: int) -> tuple[int, int]:
    """How many elements belong, and which one of them this is. Only who has an element can unmask the number."""
    return divmod(number, _PLACES)


def seal(kind: str, answer: Any, salt: str) -> dict[str, Any]:
    """The key of one question. ``kind`` is a form, ``count``, ``time`` or ``claim``; an actor is given as all that may be written for it.

    Keys of one kind look alike whatever the answer is, as far as that goes: lists are filled up with hashes of nothing at all.
    """
    if kind == "count":
        return _count(int(answer), salt)
    if kind == "time":
        return _time(instant(answer), salt)
    if kind == "claim":
        return _claim(answer, salt)
    return _set(kind, answer, salt)


def _filler(salt: str, name: str, number: int) -> str:
    return hashed(salt, f"\0 filler {name} {number}", slow=False)


def _set(kind: str, answer: Any, salt: str) -> dict[str, Any]:
    form = FORMS[kind]
    elements = sorted(_spellings(one, kind) for one in answer)
    entries: dict[str, int] = {}
    for place, spellings in enumerate(elements):
        for text in spellings:
            number = len(elements) * _PLACES + place
            entries[hashed(salt, text, slow=form.few)] = masked(salt, text, number)
    for number in range(-len(entries) % _PADDED_TO or (0 if entries else _PADDED_TO)):
        fill = _filler(salt, "element", number)
        entries[fill] = int(fill[:8], 16)
    nothing = hashed(salt, NOTHING, slow=form.few) if not elements else _filler(salt, NOTHING, 0)
    key: dict[str, Any] = {"elements": dict(sorted(entries.items())), "nothing": nothing}
    if kind == "word":
        (right,) = elements
        key["stronger"] = _stronger(Word(right[0]), salt)
    return key


def _spellings(one: Any, kind: str) -> tuple[str, ...]:
    texts = (one,) if isinstance(one, str) else tuple(one)
    return tuple(sorted({FORMS[kind].written(text) for text in texts}))


def _stronger(right: Word, salt: str) -> list[str]:
    """Hashes of the words that claim more, filled up to the number of all words."""
    words = [hashed(salt, f"more {word}", slow=True) for word in Word if word.rank < right.rank]
    return sorted(words + [_filler(salt, "word", number) for number in range(len(Word) - len(words))])


def _count(number: int, salt: str) -> dict[str, Any]:
    bucket = number_bucket(number)
    near = [hashed(salt, f"near {bucket + by}", slow=True) for by in range(-_REACH, _REACH + 1)] if number else []
    filled = near or [_filler(salt, "near", one) for one in range(2 * _REACH + 1)]
    return {"exact": hashed(salt, str(number), slow=True), "near": sorted(filled)}


def _time(moment: datetime, salt: str) -> dict[str, Any]:
    minute, long = moment_buckets(moment)
    return {
        "right": sorted(hashed(salt, f"minute {minute + by}", slow=True) for by in (-1, 0, 1)),
        "early": sorted(hashed(salt, f"long {long - by}", slow=True) for by in (1, 2, 3)),
        "same": hashed(salt, f"long {long}", slow=True),
        "late": sorted(hashed(salt, f"long {long + by}", slow=True) for by in (1, 2, 3)),
    }


def _claim(answer: Mapping[str, Any], salt: str) -> dict[str, Any]:
    """``word``, and what the claim must cite: ``events``, or the ``names`` and the ``window`` that an absence searched.

    ``narrowed`` are the steps by which it may search less than all events, as Events tell them.
    """
    key: dict[str, Any] = {"word": _set("word", [answer["word"]], salt)}
    events: Iterable[str] = answer.get("events", ())
    key["events"] = _set("event", events, salt)
    if "names" in answer:
        key["names"] = _set("event name", answer["names"], salt)
    if "window" in answer:
        key["window"] = hashed(salt, window_text(answer["window"]), slow=False)
        key["narrowed"] = hashed(salt, narrowing_text(answer.get("narrowed", ())), slow=False)
    return key
