"""Text from evidence as labels: shown and never interpreted, shortened, measured, and only in glyphs that the font has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from math import isnan
from typing import Any
from unicodedata import combining

from cttoolkit.text import visible

__all__ = ["PART", "inches", "label", "labels", "parts_of", "shown_in_font", "wrapped"]

_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):(.+)")
_LONGEST_READ, _FINE = 20_000, 720
PART = "  ·  "
"""What stands between the parts of a line."""


def label(text: Any, widest: int = 46, *, short: bool = False) -> str:
    """One line, shortened in the middle, since both ends matter; of an ARN that is too long the account and resource stand.

    ``short`` takes these of any ARN.
    """
    plain = shown_in_font(visible("(none)" if text is None or text == "" or is_nan(text) else text)[:_LONGEST_READ])
    if len(plain) > widest or short:
        plain = ":".join(parts) if (parts := parts_of(plain)) else plain
    if len(plain) <= widest:
        return plain
    head = (widest - 1) // 3
    return f"{plain[:head]}…{plain[-(widest - 1 - head) :]}"


def parts_of(text: str) -> tuple[str, str] | None:
    """Account and resource of an ARN."""
    arn = _ARN.fullmatch(text)
    return (arn[1], arn[2]) if arn else None


def is_nan(value: Any) -> bool:
    """Whether pandas put a number, or a time, that is none in a null's place."""
    return type(value).__name__ == "NaTType" or (isinstance(value, float) and isnan(value))


def labels(values: Iterable[Any], widest: int = 46) -> list[str]:
    """A label each; what would read alike once shortened gets a number."""
    values = list(values)
    # One that has to be shortened shortens all, so that ARNs of one picture look alike.
    short = any(isinstance(value, str) and len(value) > widest for value in values)
    found: list[str] = []
    met: dict[str, int] = {}
    for value in values:
        text = label(value, widest, short=short)
        met[text] = met.get(text, 0) + 1
        found.append(text if met[text] == 1 else f"{label(value, widest - 4, short=short)} #{met[text]}")
    return found


def shown_in_font(text: str) -> str:
    """Characters that the font lacks, and marks heaped upon marks, are spelt out: no picture hangs on the machine's fonts."""
    if text.isascii():
        return text
    known, found, heaped = _glyphs(), [], False
    for character in text:
        marks = combining(character) != 0
        spelt = ord(character) not in known or (marks and heaped)
        found.append(character.encode("unicode_escape").decode() if spelt else character)
        heaped = marks
    return "".join(found)


def inches(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text, at a size in points."""
    from matplotlib.font_manager import get_font

    font = get_font(_font(bold=bold))
    # Large enough that nothing is rounded to pixels.
    font.set_size(size, _FINE)
    font.set_text(text, 0.0)
    width: float = font.get_width_height()[0] / 64 / _FINE
    return width


def wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """Lines that fit a width, at most so many: broken between parts where that is enough, or else between words and letters."""
    lines = [""]
    for number, part in enumerate(text.split(PART)):
        joined = part if not lines[-1] else f"{lines[-1]}{PART}{part}"
        if inches(joined, size) <= width:
            lines[-1] = joined
            continue
        if number and lines[-1]:
            lines.append("")
        for word in part.split(" "):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if inches(longer, size) <= width:
                lines[-1] = longer
                continue
            lines += ([word] if lines[-1] else []) or [""]
            while inches(lines[-1] or word, size) > width or not lines[-1]:
                rest = lines[-1] or word
                fits = next(n for n in range(len(rest), 0, -1) if inches(rest[:n], size) <= width or n == 1)
                lines[-1:] = [rest[:fits], rest[fits:]] if rest[fits:] else [rest]
    found = [line for line in lines if line] or [""]
    return found if len(found) <= most else [*found[: most - 1], found[most - 1][:-2] + " …"]


@cache
def _font(*, bold: bool = False) -> str:
    from matplotlib import get_data_path

    return f"{get_data_path()}/fonts/ttf/DejaVuSans{'-Bold' if bold else ''}.ttf"


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import get_font

    return frozenset(get_font(_font()).get_charmap())
