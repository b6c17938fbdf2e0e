"""Text that strangers chose, made fit to be shown.

User agents, session names and object keys are chosen by whoever attacked; they end up in terminals, notebooks, reports and
spreadsheets.
"""

from __future__ import annotations

import re

__all__ = ["FORMULA", "spreadsheet_safe", "visible"]

FORMULA = re.compile(r"""(^|;)([\t\n\r "]*)('*[=+\-@＝＋－＠\t\n\r])""")
"""What would start a formula: at the start of a cell, or after a semicolon, where half of the world's spreadsheets divide cells."""


def visible(text: object) -> str:
    """One line in which every control and formatting character (escapes, line ends, bidirectional marks) is spelt out."""
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in plain)


def spreadsheet_safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would start one.

    One more stands before apostrophes that stood there already, so that taking one away at each such place gives the text back.
    """
    return FORMULA.sub(r"\1\2'\3", text)
