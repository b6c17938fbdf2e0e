"""What every row of a pivot says of its events: how many, from when to when, to what effect, and what a claim on them is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_denied, is_failed
from cttoolkit.events import Events
from cttoolkit.integrity.verdict import Status
from cttoolkit.standing import Word, conflicted, word_of_keys

if TYPE_CHECKING:
    import ibis

__all__ = ["DISTINCT", "brief", "marked", "measures", "rounded", "worth"]

_MARK = "is_contradicted"
DISTINCT = {"actor": "actors", "source_ip_address": "addresses", "aws_region": "regions"}


def brief(table: ibis.Table) -> dict[str, Any]:
    """How many events, and the first and the last of them."""
    return {"events": table.count(), "first": table.event_time.min(), "last": table.event_time.max()}


def measures(events: Events, table: ibis.Table, *axes: str) -> dict[str, Any]:
    """The measures of a row. ``reads`` and ``writes`` leave out events whose readOnly is absent; ``failed`` contains ``denied``."""
    found = brief(table) | {
        "reads": table.read_only.sum().coalesce(0),
        "writes": (~table.read_only).sum().coalesce(0),
        "failed": is_failed(table).sum(),
        "denied": is_denied(table.error_code).sum(),
    }
    found |= {many: table[one].nunique() for one, many in DISTINCT.items() if one not in axes}
    return found | {"standing": worth(events, table)}


def rounded(measure: Any) -> Any:
    """A measure that rows are ranked by, to nine places: what engines add up in another order must not change the order of rows."""
    return measure.round(9)


def marked(events: Events, table: ibis.Table) -> ibis.Table:
    """The table, with a mark on events whose id stands for more than one content, where there are any."""
    ids = conflicted(events)
    return table if ids is None else table.mutate(**{_MARK: table.event_id.isin(ids.event_id)})


def worth(events: Events, table: ibis.Table, *, is_aggregate: bool = True) -> Any:
    """The word of a finding that cites the events of a row, over what ``marked`` gave; or that cites a single event."""
    import ibis

    loose = table.status != Status.INTACT.value
    cases = [(loose.any() if is_aggregate else loose, Word.REPORTED_PRESENT.value)]
    if _MARK in table.columns:
        cases.append((table[_MARK].any() if is_aggregate else table[_MARK], Word.CONTRADICTED.value))
    return ibis.cases(*cases, else_=word_of_keys(events.verification).value)
