"""Whether the names that were searched for are of the category that was said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cttoolkit.calls import CATEGORIES
from cttoolkit.integrity.verdict import Status

if TYPE_CHECKING:
    from cttoolkit.events import Events

__all__ = ["other_category"]

_RECORDED = {"Management": ("Management", "NetworkActivity"), "Data": ("Data", "NetworkActivity")}
"""What a call is recorded as; the endpoint of a VPC that it went through may record it once more."""


def other_category(searched: Events, category: str | None) -> str:
    """Why the names that were searched for are no events of the category that was said; nothing where nothing speaks against it."""
    if category not in _RECORDED or not searched.names or searched.category == category:
        return ""
    for other, calls in CATEGORIES.items():
        if other != category and (known := sorted(calls.intersection(searched.names))):
            return f"CloudTrail records {', '.join(known)} as {other.lower()} events"
    table = searched.root.table
    others = table.filter(
        (table.status == Status.INTACT.value)
        & table.event_name.isin(searched.names)
        & table.event_category.notnull()
        & ~table.event_category.isin(_RECORDED[category])
    )
    rows = others.select("event_name", "event_category").distinct().to_pyarrow().to_pylist()
    seen = sorted(f"{row['event_name']} is recorded as {row['event_category']}" for row in rows)
    return f"in intact log files {', '.join(seen)}" if seen else ""
