"""Grids of counts: when somebody is awake, and who was busy when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit import pivot
from cttoolkit.events import Events
from cttoolkit.ground import hatch_cells
from cttoolkit.integrity.verification import Verification
from cttoolkit.theme import PALE, Chart, figure, label
from cttoolkit.window import Window, later

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = ["TOP", "bin_of", "drawable", "heat", "hours", "moment", "nothing", "steps_of", "told"]

TOP = 15
_HOUR = timedelta(hours=1)
_STRETCHES = (3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400, 3650 * 86400, 36500 * 86400)
_MOST_COLUMNS = 170
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_END = (_LAST - _EPOCH).total_seconds()
_DRAWN = Window(_FIRST, datetime(9000, 1, 1, tzinfo=UTC))


def hours(events: Events) -> Chart:
    """Hour of the day (UTC) by day: when somebody is awake."""
    events = drawable(events)
    rows = pivot.hours(events).frame()
    if rows.empty:
        return nothing(events, "Events by day and hour")
    rows["day"], rows["of_day"] = rows.hour.dt.strftime("%a %Y-%m-%d"), rows.hour.dt.hour
    order = rows.sort_values("hour").day.unique()
    grid = rows.pivot_table(index="day", columns="of_day", values="events", aggfunc="sum", fill_value=0)
    grid = grid.reindex(index=order, columns=range(24), fill_value=0)
    title = f"Events by day and hour: {steps_of(events)} ({int(grid.to_numpy().sum()):,})"
    days = rows.sort_values("hour").hour.dt.floor("D").unique()
    cells = [
        [Window(start, later(start, _HOUR)) for start in (later(day, timedelta(hours=n)) for n in range(24))]
        for day in days
    ]
    return _grid(grid, title, [f"{hour:02d}" for hour in range(24)], cells, events.verification)


def heat(events: Events, axis: str = "actor") -> Chart:
    """The busiest values of a column over time: by the hour, or by longer stretches where the events span more than a week."""
    events = drawable(events)
    top = [value for value in pivot.on(events, axis).values[:TOP] if value is not None]
    span = events.span
    if not top or span is None:
        return nothing(events, f"Events by {axis} and hour")
    # A time in a record may be anything: the columns are bounded, whatever the span.
    seconds = next((size for size in _STRETCHES if span.length.total_seconds() / size <= _MOST_COLUMNS), _STRETCHES[-1])
    table = events.table.filter(events.table[axis].isin(top) & events.table.event_time.notnull())
    counted = table.group_by(axis, bin=bin_of(table, seconds)).aggregate(events=table.count())
    rows = counted.to_pyarrow().to_pandas()
    bins = range(int(span.start.timestamp()) // seconds, int((span.end - _SECOND).timestamp()) // seconds + 1)
    grid = rows.pivot_table(index="bin", columns=axis, values="events", aggfunc="sum", fill_value=0).transpose()
    starts = [moment(number * seconds) for number in bins]
    grid = grid.reindex(index=[value for value in top if value in grid.index], columns=bins, fill_value=0)
    grid.columns = starts
    title = f"Events by {axis.replace('_', ' ')} and {told(seconds)}: {steps_of(events)}"
    cells = [[Window(start, moment((number + 1) * seconds)) for number, start in zip(bins, starts, strict=True)]] * len(
        grid
    )
    return _grid(grid, title, _headed(starts, seconds), cells, events.verification)


def _headed(starts: list[datetime], seconds: int) -> list[str]:
    """Labels of columns: hours, with the day under the first of each; longer stretches by their first day."""
    if seconds > _STRETCHES[0]:
        return [f"{start:%d %b}\n{start.year}" for start in starts]
    return [f"{s:%H}\n{s:%a %d %b}" if s.hour == 0 or n == 0 else f"{s:%H}" for n, s in enumerate(starts)]


def moment(seconds: float) -> datetime:
    """A time of the epoch, held within the calendar."""
    if seconds >= _END:
        return _LAST
    return max(_EPOCH + timedelta(seconds=max(seconds, (_FIRST - _EPOCH).total_seconds())), _FIRST)


def _grid(
    grid: pandas.DataFrame, title: str, columns: list[str], cells: list[list[Window]], verification: Verification
) -> Chart:
    made, (axis,) = figure(max(1.6, 1.0 + 0.28 * len(grid)), title)
    values = grid.to_numpy(dtype=float, copy=True)
    values[values == 0] = float("nan")
    image = axis.pcolormesh(values, cmap="viridis_r", edgecolors="white", linewidth=0.6)
    axis.set_facecolor(PALE)
    hatch_cells(axis, cells, verification)
    axis.set_yticks([n + 0.5 for n in range(len(grid))], [label(value) for value in grid.index], parse_math=False)
    every = -(-len(columns) // 26)
    ticks = [n for n in range(len(columns)) if n % every == 0]
    axis.set_xticks([n + 0.5 for n in ticks], [columns[n] for n in ticks])
    axis.invert_yaxis()
    axis.set_xlabel("hour, UTC", fontsize=9)
    made.colorbar(image, ax=axis, pad=0.01, fraction=0.025).ax.tick_params(labelsize=8)
    return Chart(made, grid, title)


def drawable(events: Events) -> Events:
    """Without times that calendars cannot add an hour to; the step shows in the title."""
    span = events.span
    if span is None or span.end.year < _DRAWN.end.year:
        return events
    return events.during(_DRAWN)


def nothing(events: Events, what: str) -> Chart:
    """A chart that says that there are no events."""
    import pandas as pd

    title = f"{what}: {steps_of(events)}"
    made, (axis,) = figure(1.4, title)
    axis.text(0.5, 0.5, "no events", ha="center", va="center", transform=axis.transAxes, fontsize=10)
    axis.set_axis_off()
    return Chart(made, pd.DataFrame(), title)


def bin_of(table: ibis.Table, seconds: int) -> Any:
    """The number of a stretch, counted from 1970."""
    return (table.event_time.epoch_seconds() / seconds).floor().cast("int64")


def steps_of(events: Events) -> str:
    """The steps that led to these events, for a title."""
    return " ▸ ".join(events.steps[1:]) or "all admitted events"


def told(seconds: int) -> str:
    """A stretch of time in words."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            number = seconds // size
            return word if number == 1 else f"{number} {word}s"
    return f"{seconds} seconds"
