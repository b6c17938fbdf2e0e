"""Time in bins: where one starts, which hour of the week it lies in, and how often a window holds that hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cttoolkit.events import Events
from cttoolkit.window import Window, later

__all__ = ["WEEK", "bin_number", "bin_start", "during_bin", "hour_of_week", "hours_held"]

WEEK = 168
_HOUR = 3600
_MONDAY = 72
"""Hours from the Monday before the epoch, which was a Thursday, to the epoch."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bin_number(time: Any, seconds: int) -> Any:
    """The number of the bin of so many seconds that a time lies in, counted from 1970."""
    import ibis

    since_1970 = time.epoch_seconds().cast("int64")
    # Not every engine rounds down what is before 1970.
    into = ((since_1970 % ibis.literal(seconds, "int64")) + seconds) % seconds
    return ((since_1970 - into) / seconds).round().cast("int64")


def bin_start(number: Any, seconds: int) -> Any:
    """When a bin began, from its number."""
    return (number * seconds).as_timestamp("s").cast("timestamp('UTC', 6)")


def during_bin(by: str, minutes: int) -> Callable[[Events, Mapping[str, Any]], Events]:
    """How a row of one bin leads to its events."""

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        return events.where(**{by: row[by]}).between(row["start"], later(row["start"], timedelta(minutes=minutes)))

    return drilled


def hour_of_week(moment: Any) -> Any:
    """0 for Monday from 00:00 to 01:00 UTC, up to 167; of a column of times."""
    hours = (moment.epoch_seconds() / _HOUR).floor().cast("int64") + _MONDAY
    return ((hours % WEEK) + WEEK) % WEEK


def hours_held(window: Window, hour: Any) -> Any:
    """How often a window holds an hour of the week, begun hours counted; of a column of hours."""
    first = int((window.start - _EPOCH).total_seconds() // _HOUR)
    last = int(-(-(window.end - _EPOCH).total_seconds() // _HOUR))
    ahead = (hour - (first + _MONDAY) % WEEK + WEEK) % WEEK
    return ((ahead < last - first).ifelse((last - first - 1 - ahead) / WEEK, -1)).floor().cast("int64") + 1
