"""Instants and half-open intervals of UTC time: the only place where written times are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from cttoolkit.errors import WindowError

__all__ = ["Instant", "Window", "compact_instant", "instant", "joined", "later", "spanning", "written"]

Instant: TypeAlias = "str | datetime | int | float"

_ISO = "write ISO 8601 with an offset, such as 2026-03-01T02:00:00Z"


def instant(value: Instant, *, subject: str = "time") -> datetime:
    """Read one time as tz-aware UTC.

    Text is ISO 8601 with ``Z`` or an offset, which is converted, never replaced. Numbers are seconds since the
    epoch, as the AWS CLI v1 prints key validity. A time without an offset is a WindowError: guessing a zone
    moves evidence.
    """
    if isinstance(value, bool):
        raise WindowError(subject, f"{value!r} is not a time", _ISO)
    if isinstance(value, int | float):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError) as error:
            raise WindowError(subject, f"{value!r} is not a time: {error}", _ISO) from error
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise WindowError(subject, f"{str(value)[:80]!r} is not a time", _ISO) from error
    if not isinstance(value, datetime):
        raise WindowError(subject, f"a {type(value).__name__} is not a time", _ISO)
    if value.tzinfo is None:
        raise WindowError(subject, f"{value.isoformat()} has no UTC offset", _ISO)
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise WindowError(subject, f"{value.isoformat()} lies outside the calendar", _ISO) from error


def compact_instant(text: str) -> datetime:
    """Read the basic notation of object keys, ``20260301T0205Z`` or ``20260301T020500Z``. ValueError where it is none."""
    # Not strptime: it takes fewer digits than the notation has, and ten times as long, for every object there is.
    if len(text) not in (14, 16) or text[8] != "T" or text[-1] != "Z" or not text.isascii():
        raise ValueError(f"{text!r} is not a time in basic notation")
    digits = text[:8] + text[9:-1]
    if not digits.isdigit():
        raise ValueError(f"{text!r} is not a time in basic notation")
    parts = (digits[:4], digits[4:6], digits[6:8], digits[8:10], digits[10:12], digits[12:] or "0")
    year, month, day, hour, minute, second = map(int, parts)
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def later(moment: datetime, by: timedelta) -> datetime:
    """The moment after that time, or the last of the calendar: records and their readers may name any time at all."""
    return moment + min(by, datetime.max.replace(tzinfo=UTC) - moment)


def earlier(moment: datetime, by: timedelta) -> datetime:
    """The moment before that time, or the first of the calendar."""
    return moment - min(by, moment - datetime.min.replace(tzinfo=UTC))


def written(moment: datetime) -> str:
    """ISO 8601 with ``Z``; seconds unless there are finer parts."""
    text = moment.astimezone(UTC).isoformat(timespec="seconds" if not moment.microsecond else "auto")
    return text.replace("+00:00", "Z")


@dataclass(frozen=True, order=True, slots=True)
class Window:
    """``[start, end)`` in UTC. Build it from text with an offset: ``Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")``."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", instant(self.start, subject="window start"))
        object.__setattr__(self, "end", instant(self.end, subject="window end"))
        if self.end < self.start:
            raise WindowError(
                "window", f"it ends at {written(self.end)}, before it starts at {written(self.start)}", "swap the two"
            )

    @classmethod
    def of(cls, start: Instant, end: Instant) -> Window:
        return cls(instant(start, subject="window start"), instant(end, subject="window end"))

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def overlaps(self, other: Window) -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: Window) -> bool:
        return self.start <= other.start and other.end <= self.end

    def intersection(self, other: Window) -> Window | None:
        if not self.overlaps(other):
            return None
        return Window(max(self.start, other.start), min(self.end, other.end))

    def __str__(self) -> str:
        return f"{written(self.start)} – {written(self.end)}"


def spanning(first: datetime, last: datetime) -> Window:
    """From the first to a second after the last, since times of events are whole seconds."""
    return Window(first, later(last, timedelta(seconds=1)))


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same stretches in order, those that overlap or touch made one."""
    found: list[Window] = []
    for window in sorted(windows):
        if found and window.start <= found[-1].end:
            found[-1] = Window(found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return tuple(found)
