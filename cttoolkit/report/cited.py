"""The cited events of all conclusions, each once and numbered in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cttoolkit.events import ORDER
from cttoolkit.finding import Absence, Finding

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from cttoolkit.events import Events
    from cttoolkit.integrity.verification import Verification

__all__ = ["Citation", "Cited", "cite", "cited_by"]

_MOST_READ = 10_000
_WIDEST = 600
_LAST = datetime.max.replace(tzinfo=UTC)
COLUMNS = (
    "event_time",
    "event_name",
    "event_source",
    "aws_region",
    "recipient_account_id",
    "actor",
    "source_ip_address",
    "user_agent",
    "error_code",
    "event_id",
    "log_file",
    "record_index",
    "record_sha256",
    "log_sha256",
    "status",
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited event: its number in the report, the verification it rests on, and the numbers of the conclusions that cite it."""

    number: int
    verification: Verification
    conclusions: tuple[int, ...]
    values: dict[str, Any]

    @property
    def place(self) -> tuple[str, int]:
        return self.values["log_file"], self.values["record_index"]


@dataclass(frozen=True, slots=True)
class Cited:
    """``shown`` are the citations that the report's tables hold, of ``total``; ``times`` those of every conclusion's events."""

    shown: tuple[Citation, ...]
    total: int
    times: tuple[tuple[datetime, ...], ...]
    share: int | None
    """How many of each conclusion are shown, where not all are."""
    unread: int
    """Events that match an absence beyond the first 10,000, which are counted and not read."""

    def of(self, conclusion: int) -> list[Citation]:
        """What is shown of one conclusion, by its number from 1."""
        return [one for one in self.shown if conclusion in one.conclusions]


def cited_by(one: Finding | Absence) -> Events:
    """The events that a finding cites, or that match an absence."""
    return one.cites if isinstance(one, Finding) else one.cites.during(one.window)


def cite(conclusions: Sequence[Finding | Absence], most: int) -> Cited:
    """Gather the cited events. Where there are more than ``most``, the first of each conclusion are shown, as many of each."""
    read = [_read(cited_by(one)) for one in conclusions]
    citing: dict[tuple[int, str, int], list[int]] = {}
    for number, (one, table) in enumerate(zip(conclusions, read, strict=True), 1):
        for place in _places(one, table):
            citing.setdefault(place, []).append(number)
    busy = sum(table.num_rows > 0 for table in read)
    share = None if len(citing) <= most else max(1, most // busy)
    rows: dict[tuple[int, str, int], tuple[Verification, dict[str, Any]]] = {}
    for one, table in zip(conclusions, read, strict=True):
        first = table if share is None else table.slice(0, share)
        for place, values in zip(_places(one, first), first.to_pylist(), strict=True):
            rows.setdefault(place, (one.cites.verification, values))
    order = sorted(rows.items(), key=lambda item: (item[1][1]["event_time"] or _LAST, item[0][1:]))
    shown = tuple(
        Citation(number, verification, tuple(citing[place]), values)
        for number, (place, (verification, values)) in enumerate(order, 1)
    )
    times = tuple(tuple(time for time in table["event_time"].to_pylist() if time is not None) for table in read)
    unread = sum(max(0, len(cited_by(one)) - _MOST_READ) for one in conclusions)
    return Cited(shown, len(citing), times, share, unread)


def frame(conclusions: Sequence[Finding | Absence]) -> pandas.DataFrame:
    """Every cited event as a row, in order of time, with the numbers of the conclusions that cite it; of an absence, up to 10,000."""
    import pandas as pd

    every = cite(conclusions, most=len(conclusions) * _MOST_READ)
    rows = [(", ".join(map(str, one.conclusions)), *one.values.values()) for one in every.shown]
    return pd.DataFrame(rows, columns=["conclusions", *COLUMNS])


def _read(events: Events) -> pyarrow.Table:
    # Cut by the engine: a record may hold a megabyte of anything, and no cell of a report shows more than this.
    columns = {
        name: events.table[name].substr(0, _WIDEST)
        for name in COLUMNS
        if name not in ("event_time", "record_index", "log_file", "record_sha256", "log_sha256", "status")
    }
    table: pyarrow.Table = events.table.order_by(ORDER).limit(_MOST_READ).mutate(**columns).select(COLUMNS).to_pyarrow()
    return table


def _places(one: Finding | Absence, table: pyarrow.Table) -> list[tuple[int, str, int]]:
    body = id(one.cites.verification)
    rows = table.select(["log_file", "record_index"]).to_pylist()
    return [(body, row["log_file"], row["record_index"]) for row in rows]
