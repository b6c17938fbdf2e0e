"""Where long texts may break in a column: after the marks in keys and ARNs, and not within times, addresses and short words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import markupsafe

__all__ = ["soften"]

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
_MARKS = re.compile(r"(?<=[/:_.,=?&])(?=[^\s/:_.,=?&])|(?<=[a-z0-9])(?=[A-Z])")
_UNBROKEN = 26


def soften(text: str) -> markupsafe.Markup:
    """The text, escaped, with places where it may break."""
    import markupsafe

    parts = [_soften(part) if at % 2 == 0 else _whole(part) for at, part in enumerate(_TIME.split(text))]
    return markupsafe.Markup("").join(parts)


def _soften(text: str) -> markupsafe.Markup:
    import markupsafe

    if text.strip() and len(text) <= _UNBROKEN and " " not in text:
        return _whole(text)
    return markupsafe.Markup("<wbr>").join(_MARKS.split(text))


def _whole(text: str) -> markupsafe.Markup:
    import markupsafe

    return markupsafe.Markup('<span class="t">{}</span>').format(text)
