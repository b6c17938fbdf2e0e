"""Time as an axis: which stretch is shown, in how wide bins, and how it is written. Records may claim any time at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from cttoolkit.events import Events
from cttoolkit.window import Window

__all__ = ["Bins", "bins_of", "day_of", "drawable", "moment", "number", "shown", "silence", "time_axis", "told"]

_SIZES = (
    1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400, 3650 * 86400, 36500 * 86400,
)  # fmt: skip
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_DRAWN = Window(_FIRST, datetime(9000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Bins:
    """Stretches of one length, counted from 1970; ``first`` to ``last`` are numbers of stretches, both included."""

    seconds: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def edges(self) -> list[float]:
        """Where the bins begin and the last one ends, in the days that matplotlib counts."""
        return [number(moment(at * self.seconds)) for at in range(self.first, self.last + 2)]

    @property
    def window(self) -> Window:
        return Window(moment(self.first * self.seconds), moment((self.last + 1) * self.seconds))

    @property
    def windows(self) -> list[Window]:
        return [Window(moment(at * self.seconds), moment((at + 1) * self.seconds)) for at in self.numbers]

    @property
    def told(self) -> str:
        return told(self.seconds)

    def cell(self, place: int) -> Window:
        return Window(moment((self.first + place) * self.seconds), moment((self.first + place + 1) * self.seconds))

    def places(self, window: Window) -> range:
        """The cells that a window touches."""
        width = timedelta(seconds=self.seconds)
        first = (window.start - _EPOCH) // width - self.first
        last = -((_EPOCH - window.end) // width) - self.first
        return range(max(first, 0), min(last, len(self)))


def bins_of(window: Window, most: int, least: int = 60, *, exactly: bool = False) -> Bins:
    """The narrowest bins of which at most so many cover the window; ``exactly`` the least width, where that is enough."""
    length = window.length.total_seconds()
    sizes = (least, *_SIZES) if exactly else _SIZES
    seconds = next((size for size in sizes if size >= least and length / size <= most), _SIZES[-1])
    first = (window.start - _EPOCH) // timedelta(seconds=seconds)
    end = max(window.end - timedelta(microseconds=1), window.start)
    return Bins(seconds, first, (end - _EPOCH) // timedelta(seconds=seconds))


def drawable(events: Events) -> Events:
    """Without times that calendars cannot add an hour to; the step shows in the title."""
    span = events.span
    if span is None or span.end.year < _DRAWN.end.year:
        return events
    return events.during(_DRAWN)


def shown(events: Events) -> Window | None:
    """From the first event to the last, and on to what was asked for as far as the evidence goes: silence is to be seen."""
    span, asked = events.span, silence(events)
    if span is None or asked is None:
        return span
    return Window(min(asked.start, span.start), max(asked.end, span.end))


def silence(events: Events) -> Window | None:
    """The part of the window asked for that the evidence reaches, whether anything happened there or not."""
    reach = [one.intervals for one in events.verification.coverage.chains if one.intervals]
    edges = [(intervals[0].window.start, intervals[-1].window.end) for intervals in reach]
    edges += [(events.span.start, events.span.end)] if events.span else []
    if events.bounds is None or not edges:
        return None
    return events.bounds.intersection(Window(min(start for start, _ in edges), max(end for _, end in edges)))


def moment(seconds: float) -> datetime:
    """A time of the epoch, held within the calendar."""
    if seconds >= (_LAST - _EPOCH).total_seconds():
        return _LAST
    return _EPOCH + timedelta(seconds=max(seconds, (_FIRST - _EPOCH).total_seconds()))


def number(at: datetime) -> float:
    """A time in the days since 1970 that matplotlib counts."""
    return (at - _EPOCH).total_seconds() / 86400


def told(seconds: int) -> str:
    """A stretch of time in words."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return word if count == 1 else f"{count} {word}s"
    return f"{seconds} seconds"


def day_of(at: datetime) -> str:
    """Day and month, in the same words on every machine."""
    return f"{at.day:02d} {_MONTHS[at.month - 1]}"


def time_axis(axis: Any, window: Window) -> None:
    """An x axis over the window, in UTC and with the word on it."""
    from matplotlib import dates, ticker

    class Written(ticker.Formatter):
        """Ticks as far as they differ: the day stands under the first one, and where it changes."""

        def __call__(self, value: float, _: int | None = None) -> str:
            return _written([value])[0]

        def format_ticks(self, values: Any) -> list[str]:
            return _written([float(value) for value in values])

    # Its constructor is not annotated.
    made: Any = dates
    axis.set_xlim(number(window.start), max(number(window.end), number(window.start) + 1 / 86400))
    axis.xaxis.set_major_locator(made.AutoDateLocator(tz=UTC, minticks=4, maxticks=9))
    axis.xaxis.set_major_formatter(Written())
    axis.set_xlabel("time, UTC")


def _written(values: list[float]) -> list[str]:
    times = [moment(round(value * 86400)) for value in values]
    step = min((later - before for before, later in pairwise(values)), default=1 / 24)
    found, above = [], ""
    for at in times:
        day, month = day_of(at), _MONTHS[at.month - 1]
        if step >= 360:
            text, under = f"{at.year}", ""
        elif step >= 1:
            text, under = month if step >= 28 else day, f"{at.year}"
        else:
            text, under = f"{at:%H:%M:%S}" if step < 1 / 1440 else f"{at:%H:%M}", f"{day} {at.year}"
        found.append(text if under == above else f"{text}\n{under}")
        above = under
    return found
