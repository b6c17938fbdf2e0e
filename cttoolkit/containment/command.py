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
    would read a file for, and those of more than a thousand characters. A value that looks like an option is tied to its own.
    """
    line: list[str] = []
    for word in words:
        if not word or len(word) > _LONGEST or visible(word) != word or _LOADED.match(word):
            return None
        if word.startswith("-") and line and line[-1].startswith("--") and not word.startswith("--"):
            line[-1] += f"={word}"
        else:
            line.append(word)
    return shlex.join(line)
