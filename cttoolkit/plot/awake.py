"""When somebody is awake: events by hour of the day, against days, weekdays and the values of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.grid import Grid, paint
from cttoolkit.plot.ground import Ground, counted, ground, ground_of, key
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.scale import Bins, bins_of, day_of, drawable, shown
from cttoolkit.plot.tally import TOP, about, bin_of, busiest, many, noun, per_bin_and_value, rows_of
from cttoolkit.plot.theme import Chart, drawn
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas

__all__ = ["heat", "hours", "weekdays"]

_DAY, _WEEK = 86400, 168
_MOST_DAYS, _MOST_COLUMNS = 62, 170
_MOST_DATES, _MOST_HOURS = 10, 24
_HOURS = [f"{hour:02d}" for hour in range(24)]
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_HOUR = timedelta(hours=1)
# Hours of the week count from a Monday.
_MONDAY = datetime(1969, 12, 29, tzinfo=UTC)


@drawn
def hours(events: Events) -> Chart:
    """Hour of the day (UTC) by day, or by longer stretches of days where they are many: when somebody is awake."""
    events = drawable(events)
    window = shown(events)
    if window is None:
        return nothing(events, "Events by day and hour")
    days = bins_of(window, _MOST_DAYS, least=_DAY)
    frame = _hourly(events, days)
    counts = [[0] * 24 for _ in days.numbers]
    for row in rows_of(frame):
        counts[row["bin"] - days.first][row["hour"]] += row["events"]
    under = ground_of(events, days.window)
    cells = {
        (x, y): state
        for y, day in enumerate(days.windows)
        for x in range(24)
        if (state := _hour_of(under, days, day, x))
    }
    made = paint(
        Grid(
            counts,
            _named(days),
            _HOURS,
            _by_state(cells),
            "hour of the day, UTC",
            row_height=0.24 if len(days) < 20 else 0.17,
        )
    )
    what = "Events by day and hour" if days.seconds == _DAY else f"Events by {days.told} and hour of the day"
    return made.chart(
        _as_frame(counts, _named(days)), what, about(events, sum(map(sum, counts))), key=key(cells.values())
    )


@drawn
def weekdays(events: Events) -> Chart:
    """Hour of the day (UTC) by day of the week, over all weeks: a working week, or none.

    A cell is hatched where no hour of its kind was covered, dotted where some were not, and says nothing where the events reach
    over less than a week and never came to it.
    """
    events = drawable(events)
    window = shown(events)
    if window is None:
        return nothing(events, "Events by weekday and hour")
    frame = _hourly(events, bins_of(window, 1, least=_DAY), weekly=True)
    counts = [[0] * 24 for _ in _DAYS]
    for row in rows_of(frame):
        counts[row["weekday"]][row["hour"]] += row["events"]
    reach = _whole_hours(window)
    under = ground_of(events, reach)
    met = _of_week([reach])
    fully = _of_week(counted(_rest([*under.nowhere, *under.partly], reach)))
    at_all = _of_week(counted(_rest(under.nowhere, reach)))
    cells: dict[tuple[int, int], str] = {}
    for place in range(_WEEK):
        if met[place]:
            state = "nowhere" if not at_all[place] else "partly" if fully[place] < met[place] else None
            if state:
                cells[place % 24, place // 24] = state
    made = paint(Grid(counts, _DAYS, _HOURS, _by_state(cells), "hour of the day, UTC", row_height=0.3))
    unmet = [(place % 24, place // 24) for place in range(_WEEK) if not met[place]]
    for x, y in unmet:
        made.axes[0].text(x + 0.5, y + 0.5, "–", ha="center", va="center", fontsize=8)
    weeks = window.length / timedelta(weeks=1)
    told = (
        f"{weeks:.1f} weeks observed"
        if weeks >= 1
        else f"{many(reach.length // _HOUR, 'hour')} observed, less than a week"
    )
    return made.chart(
        _as_frame(counts, _DAYS),
        "Events by weekday and hour",
        about(events, sum(map(sum, counts)), told),
        key=key(cells.values()),
        notes=["A dash stands in hours of the week that lie outside of what was observed."] if unmet else (),
    )


@drawn
def heat(events: Events, axis: str = "actor") -> Chart:
    """The busiest values of a column over time: by the hour, or by longer stretches where the events span more than a week."""
    events = drawable(events)
    top = busiest(events.table, axis, TOP)
    window = shown(events)
    if window is None:
        return nothing(events, f"Events by {noun(axis)} and hour")
    bins = bins_of(window, _MOST_COLUMNS, least=3600)
    frame = per_bin_and_value(events.table, bins.seconds, axis, top)
    names = labels(top.values)
    if top.others:
        names.append(many(top.others, "other"))
    counts = [[0] * len(bins) for _ in names]
    for row in rows_of(frame):
        counts[row["value"]][row["bin"] - bins.first] += row["events"]
    place = {"aws_region": "regions", "recipient_account_id": "accounts"}.get(axis)
    grounds = [
        ground(events.verification, bins.window, **{place: (value,)}) if place and isinstance(value, str) else None
        for value in [*top.values, *([None] if top.others else [])]
    ]
    common = ground_of(events, bins.window)
    cells = {
        (x, y): state
        for y, own in enumerate(grounds)
        for x, cell in enumerate(bins.windows)
        if (state := (own or common).of(cell))
    }
    made = paint(Grid(counts, names, _headed(bins), _by_state(cells), "time, UTC", row_height=0.26))
    return made.chart(
        _as_frame(counts, names, bins.windows),
        f"Events by {noun(axis)} and {bins.told}",
        about(events, sum(map(sum, counts)), many(top.distinct, noun(axis))),
        key=key(cells.values()),
    )


def _hourly(events: Events, days: Bins, *, weekly: bool = False) -> pandas.DataFrame:
    """Counts by stretch of days and hour of the day, or by weekday and hour: made of counts by hour, which are few."""
    import ibis

    table = events.table.filter(events.table.event_time.notnull())
    hourly = table.group_by(number=bin_of(table, 3600)).aggregate(events=table.count())
    day = (hourly.number / ibis.literal(24)).floor().cast("int64")
    keys = {
        "hour": ((hourly.number % 24) + 24) % 24,
        # 1970 began on a Thursday.
        "weekday" if weekly else "bin": (((day + 3) % 7) + 7) % 7
        if weekly
        else (hourly.number / ibis.literal(days.seconds // 3600)).floor().cast("int64"),
    }
    frame: pandas.DataFrame = hourly.group_by(**keys).aggregate(events=hourly.events.sum()).to_pyarrow().to_pandas()
    return frame.astype("int64")


def _hour_of(under: Ground, days: Bins, day: Window, hour: int) -> str | None:
    """The ground of one hour of the day over a stretch of days: the worst of a day, or of the whole stretch where it is longer."""
    if days.seconds > _DAY:
        return under.of(day)
    start = day.start + hour * _HOUR
    return under.of(Window(start, start + _HOUR))


def _whole_hours(window: Window) -> Window:
    start = window.start.replace(minute=0, second=0, microsecond=0)
    whole = -(-(window.end - start) // _HOUR)
    return Window(start, start + max(whole, 1) * _HOUR)


def _rest(holes: Iterable[Window], window: Window) -> list[Window]:
    """What the holes leave of a window."""
    found, at = [], window.start
    for hole in sorted(holes):
        if hole.start > at:
            found.append(Window(at, hole.start))
        at = max(at, hole.end)
    return [*found, Window(at, window.end)] if at < window.end else found


def _of_week(windows: Iterable[Window]) -> Counter[int]:
    """How many whole hours of these windows fall on each of the week's 168."""
    found: Counter[int] = Counter()
    for window in windows:
        first = (
            -((_MONDAY - window.start) // _HOUR)
            if (window.start - _MONDAY) % _HOUR == timedelta(0)
            else ((window.start - _MONDAY) // _HOUR + 1)
        )
        number = (window.end - _MONDAY) // _HOUR - first
        if number <= 0:
            continue
        rounds, rest = divmod(number, _WEEK)
        for place in range(_WEEK):
            found[place] += rounds
        for place in range(rest):
            found[(first + place) % _WEEK] += 1
    return found


def _by_state(cells: dict[tuple[int, int], str]) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for cell, state in cells.items():
        found.setdefault(state, []).append(cell)
    return found


def _named(days: Bins) -> list[str]:
    if days.seconds == _DAY:
        return [f"{_DAYS[window.start.weekday()][:3]} {_date(window.start)}" for window in days.windows]
    return [f"from {_date(window.start)}" for window in days.windows]


def _date(at: datetime) -> str:
    # Years below 1000 are not padded by strftime everywhere.
    return at.date().isoformat()


def _headed(bins: Bins) -> list[str]:
    """Labels of as many columns as have room, and none for the others: hours, or the days that longer stretches begin on."""
    starts = [window.start for window in bins.windows]
    if bins.seconds >= _DAY:
        every = -(-len(starts) // _MOST_DATES)
        shown = [n for n in range(len(starts)) if n % every == 0]
        return _at(shown, [day_of(starts[n]) for n in shown], [str(starts[n].year) for n in shown], len(starts))
    step = next(step for step in (1, 2, 3, 4, 6, 8, 12, 24) if len(starts) <= _MOST_HOURS * step or step == 24)
    shown = [n for n, start in enumerate(starts) if start.hour % step == 0] or [0]
    days = [f"{day_of(starts[n])}\n{starts[n].year}" for n in shown]
    return _at(shown, [f"{starts[n]:%H}" for n in shown], days, len(starts))


def _at(shown: Sequence[int], texts: Sequence[str], below: Sequence[str], count: int) -> list[str]:
    """A text for each column that has one, with what stands below it where that changes."""
    found, above = [""] * count, ""
    for place, text, under in zip(shown, texts, below, strict=True):
        found[place] = text if under == above else f"{text}\n{under}"
        above = under
    return found


def _as_frame(
    counts: Sequence[Sequence[int]], lines: Sequence[str], columns: Sequence[Any] = tuple(range(24))
) -> pandas.DataFrame:
    import pandas as pd

    heads = [one.start if isinstance(one, Window) else one for one in columns]
    return pd.DataFrame([list(row) for row in counts], index=list(lines), columns=heads)
