"""Fields that CloudTrail left out for their size: what stands there instead, and what can then not be told.

Above their limits requestParameters, responseElements and additionalEventData are omitted, not cut (User Guide, "CloudTrail record
contents"). No marker is documented; taken for one is an object that holds nothing but the fact, a size and a reason.
"""

from __future__ import annotations

from typing import Any

__all__ = ["is_omitted"]

_MEMBER = r'"(?:omitted|originalSize|reason(?:ForOmission)?)"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*'
_MARKER = rf"^\s*\{{\s*{_MEMBER}(?:,\s*{_MEMBER})*\}}\s*$"
_LONGEST = 300


def is_omitted(column: Any) -> Any:
    """Whether a column of JSON text says that its content was left out; never null."""
    return ((column.length() < _LONGEST) & column.contains("omitted") & column.re_search(_MARKER)).fill_null(False)
