"""Text that strangers chose, made fit to be shown.

User agents, session names and object keys are chosen by whoever attacked; they end up in terminals, notebooks, reports and
spreadsheets.
"""

from __future__ import annotations

__all__ = ["spreadsheet_safe", "visible"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def visible(text: object) -> str:
    """One line in which every control and formatting character (escapes, line ends, bidirectional marks) is spelt out."""
    plain = str(text)
    if plain.isprintable():
        return plain
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in plain)


def spreadsheet_safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what would start one."""
    return "'" + text if text.startswith(_FORMULA) else text
