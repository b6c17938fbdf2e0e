"""A call to AWS written out for a person to read, to judge and perhaps to make. Nothing here makes one."""

from __future__ import annotations

import re
import shlex

from cttoolkit.text import visible

__all__ = ["command"]

_LONGEST = 1000
_LOADED = re.compile(r"(file|fileb|https?)://", re.IGNORECASE)
"""What the AWS CLI takes for the place of a value, and reads from there (AWS CLI User Guide, "Loading a parameter from a file")."""


def command(*words: str | None) -> str | None:
    """One line for a POSIX shell, every word quoted; None where a word is missing or not fit to be pasted.

    Names are chosen by whoever attacked. Not fit are empty ones, those with characters that are not seen, those that the AWS CLI
    would read a file for, and those of more than a thousand characters. Every option has a value: one that looks like an option itself
    is tied to its own, or is not fit where it is one of several.
    """
    line: list[str] = []
    is_awaited = False
    for word in words:
        if not word or len(word) > _LONGEST or visible(word) != word or _LOADED.match(word):
            return None
        if is_awaited and word.startswith("-"):
            line[-1] += f"={word}"
            is_awaited = False
            continue
        if word.startswith("-") and not word.startswith("--"):
            return None
        is_awaited = word.startswith("--")
        line.append(word)
    return shlex.join(line)
