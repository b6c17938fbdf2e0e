"""Text that strangers chose, made fit to be shown.

User agents, session names and object keys are chosen by whoever attacked; they end up in terminals, notebooks, reports and
spreadsheets.
"""

from __future__ import annotations

import re

__all__ = ["FORMULA", "is_text", "number_of", "shortened", "spreadsheet_safe", "visible"]

FORMULA = re.compile(r"""(^|;)([\t\n\r "]*)('*[=+\-@＝＋－＠\t\n\r])""")
"""What would start a formula: at the start of a cell, or after a semicolon, where half of the world's spreadsheets divide cells."""
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Letters, marks and symbols by their category, of which nothing is seen."""


def visible(text: object) -> str:
    """One line in which every character that is not seen is spelt out: controls, escapes, line ends, bidirectional marks, fillers."""
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    plain = _UNSEEN.sub(_spelt, plain)
    return plain if plain.isprintable() else "".join(c if c.isprintable() else _spelt(c) for c in plain)


def is_text(name: str) -> bool:
    """Whether UTF-8 can hold it: a disk takes any bytes for a file's name, and Python gives them as lone surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spelt(character: str | re.Match[str]) -> str:
    text = character if isinstance(character, str) else character[0]
    return text.encode("unicode_escape", "backslashreplace").decode()


def shortened(text: object, longest: int) -> str:
    """The same as visible(), cut to a length, with the number of characters that were left out."""
    plain = str(text)
    if len(plain) <= longest:
        return visible(plain)
    return f"{visible(plain[:longest])}… ({len(plain) - longest:,} more characters)"


def spreadsheet_safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would start one.

    One more stands before apostrophes that stood there already, so that taking one away at each such place gives the text back.
    """
    return FORMULA.sub(r"\1\2'\3", text)


def number_of(count: int, noun: str) -> str:
    """``1 event``, ``2,900 events``, ``2 stretches``."""
    ending = "es" if noun.endswith(("ch", "sh", "s", "x")) else "s"
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}{ending}"
