"""Counts made in the engine, so that only as many rows as are drawn ever leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.plot.lettering import PART, label
from cttoolkit.plot.scale import moment
from cttoolkit.schema import known_column

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = [
    "TOP",
    "Busiest",
    "about",
    "bin_of",
    "busiest",
    "coded",
    "kinds",
    "many",
    "noun",
    "per_bin",
    "per_bin_and_value",
    "steps_of",
]

TOP = 15
_FEW = 1000
_NOUNS = {
    "access_key_id": "access key",
    "user_identity_principal_id": "session",
    "aws_region": "region",
    "error_code": "error code",
    "event_name": "call",
    "event_source": "service",
    "recipient_account_id": "account",
    "source_ip_address": "source address",
}


@dataclass(frozen=True, slots=True)
class Busiest:
    """The values of a column with the most events, and of how many values and events they are."""

    values: tuple[Any, ...]
    counts: tuple[int, ...]
    distinct: int
    events: int

    @property
    def others(self) -> int:
        return self.distinct - len(self.values)


def busiest(table: ibis.Table, by: str, most: int) -> Busiest:
    """The values with the most events, by name where two are alike."""
    import ibis

    counted = table.group_by(value=table[known_column(by)]).aggregate(events=table.count())
    # In one question, since each reads all events.
    every = ibis.window()
    counted = counted.mutate(distinct=counted.count().over(every), whole=counted.events.sum().over(every))
    order = [ibis.desc("events"), ibis.asc("value", nulls_first=True)]
    rows = counted.order_by(order).limit(most).to_pyarrow().to_pylist()
    return Busiest(
        tuple(row["value"] for row in rows),
        tuple(row["events"] for row in rows),
        rows[0]["distinct"] if rows else 0,
        int(rows[0]["whole"]) if rows else 0,
    )


def coded(table: ibis.Table, by: str, values: Sequence[Any]) -> Any:
    """The place of a row's value among these, and their number for any other value."""
    import ibis

    if not values:
        return ibis.literal(0, "int64")
    held, others = table[by], ibis.literal(len(values), "int64")
    places = [(value, ibis.literal(place, "int64")) for place, value in enumerate(values)]
    known = [(value, place) for value, place in places if value is not None]
    branches = [(held.isnull(), place) for value, place in places if value is None]
    if known:
        # Most rows of a crowded column are none of them, and told so at once.
        branches.append((~held.isin([value for value, _ in known]), others))
    return ibis.cases(*branches, *((held == value, place) for value, place in known), else_=others)


def kinds(table: ibis.Table) -> dict[str, Any]:
    """Measures: events, failed (with an error, whatever was tried), writes (readOnly false), and reads."""
    failed = is_failed(table)
    writes = ~table.read_only.coalesce(True) & ~failed
    return {"events": table.count(), "failed": failed.sum(), "writes": writes.sum()}


def bin_of(table: ibis.Table, seconds: int) -> Any:
    """The number of a stretch, counted from 1970."""
    return (table.event_time.epoch_seconds() / seconds).floor().cast("int64")


def per_bin(table: ibis.Table, seconds: int, **keys: Any) -> pandas.DataFrame:
    """Counts per bin and key, a row for each that has events, in order of time."""
    timed = table.filter(table.event_time.notnull())
    counted = timed.group_by(bin=bin_of(timed, seconds), **keys).aggregate(**kinds(timed))
    frame: pandas.DataFrame = counted.order_by(["bin", *keys]).to_pyarrow().to_pandas()
    for name in ("events", "failed", "writes"):
        frame[name] = frame[name].astype("int64")
    frame["start"] = [moment(number * seconds) for number in frame.bin]
    frame["reads"] = frame.events - frame.failed - frame.writes
    return frame[["bin", *keys, "start", "events", "reads", "writes", "failed"]]


def per_bin_and_value(table: ibis.Table, seconds: int, by: str, top: Busiest) -> pandas.DataFrame:
    """Counts per bin and value of a column: ``value`` is the place among the busiest, and their number for any other."""
    if top.distinct > _FEW:
        return per_bin(table, seconds, value=coded(table, by, top.values))
    # To compare each event with each of the busiest takes longer than to count all values there are.
    frame = per_bin(table, seconds, value=table[by])
    places = {value: place for place, value in enumerate(top.values)}
    held = frame.value.astype(object).where(frame.value.notna(), None)
    frame["value"] = [places.get(value, len(places)) for value in held]
    summed = dict.fromkeys(("events", "reads", "writes", "failed"), "sum")
    return frame.groupby(["bin", "value"], as_index=False).agg({"start": "first", **summed})


def steps_of(events: Events) -> str:
    """The steps that led to these events."""
    return " ▸ ".join(label(step, 90) for step in events.steps[1:]) or "all admitted events"


def noun(by: str) -> str:
    """A column in words."""
    return _NOUNS.get(by, by.replace("_", " "))


def many(count: int, word: str) -> str:
    """A number of things."""
    ending = "" if count == 1 else "es" if word.endswith("s") else "s"
    return f"{count:,} {word}{ending}"


def about(events: Events, count: int | None, more: str = "") -> str:
    """What a chart is about: how many events (None where ``more`` says so), other numbers, from when to when, and the steps."""
    span = events.span
    when = f"{_minute(span.start)} – {_minute(span.end)} UTC" if span else ""
    parts = ["" if count is None else many(count, "event"), more, when, steps_of(events)]
    return PART.join(part for part in parts if part)


def _minute(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="minutes")[:16]


def rows_of(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values."""
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return rows
