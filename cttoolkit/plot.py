"""Pictures of Events and of a Verification.

Each function returns a Chart: a figure that shows itself in a notebook, and `data`, the frame that was drawn. Time is UTC. Where
verified digests do not cover the time, the ground is hatched: a quiet hour and an unlogged hour must never look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit import pivot
from cttoolkit.events import Events
from cttoolkit.ground import hatch, hatch_cells
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.strip import COLOURS
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.key import LogKey, parse_key
from cttoolkit.pivot import Pivot
from cttoolkit.theme import INK, PALE, READS, REFUSED, WRITES, figure, label, picture
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

__all__ = [
    "Chart",
    "actors",
    "addresses",
    "coverage",
    "heat",
    "hours",
    "names",
    "regions",
    "roles",
    "services",
    "timeline",
]

_TOP = 15
_HOUR = timedelta(hours=1)
_BINS = (60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400)
_MOST_BINS = 160


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with the frame behind it. ``save`` writes it as the file's ending says: png, svg, pdf."""

    figure: Figure = field(repr=False)
    data: pandas.DataFrame = field(repr=False)
    title: str

    def save(self, path: str) -> None:
        self.figure.savefig(path)

    @cached_property
    def _png(self) -> bytes:
        # Drawn once: a second layout of the same figure may come out a pixel apart.
        return picture(self.figure)

    def _repr_png_(self) -> bytes:
        return self._png

    def __repr__(self) -> str:
        return f"Chart: {self.title}"


def timeline(events: Events) -> Chart:
    """Events over time, stacked: reads, writes (readOnly false), failed (an error code, whatever was tried)."""
    span = events.span
    if span is None:
        return _nothing(events, "Events over time")
    seconds = next((size for size in _BINS if span.length.total_seconds() / size <= _MOST_BINS), _BINS[-1])
    title = f"Events per {_told(seconds)}: {_steps(events)} ({len(events):,})"
    frame = _binned(events, seconds)
    made, (axis,) = figure(3.0, title)
    starts, width = list(frame.start), timedelta(seconds=seconds)
    under = [0] * len(frame)
    for kind, colour in (("reads", READS), ("writes", WRITES), ("failed", REFUSED)):
        axis.bar(starts, frame[kind], width=width, bottom=under, align="edge", color=colour, label=kind, linewidth=0)
        under = [below + value for below, value in zip(under, frame[kind], strict=True)]
    shown = Window(min(starts[0], span.start), max(starts[-1] + width, span.end))
    hatch(axis, events.verification, shown)
    axis.set_xlim(shown.start, shown.end)
    axis.set_ylabel("events", fontsize=9)
    _time_axis(axis)
    axis.legend(fontsize=8, ncols=4, frameon=False, loc="upper right", bbox_to_anchor=(1, 1.14))
    return Chart(made, frame, title)


def actors(events: Events) -> Chart:
    """The busiest actors, the failed part of their events set off."""
    return _bars(events, pivot.actors, "actors")


def roles(events: Events) -> Chart:
    """The busiest roles, of the events made in role sessions."""
    return _bars(events, pivot.roles, "roles")


def regions(events: Events) -> Chart:
    """The busiest regions. Global services record in us-east-1."""
    return _bars(events, pivot.regions, "regions")


def names(events: Events) -> Chart:
    """The most frequent calls."""
    return _bars(events, pivot.names, "calls")


def services(events: Events) -> Chart:
    """The services that were called most."""
    return _bars(events, pivot.services, "services")


def addresses(events: Events) -> Chart:
    """The busiest source addresses."""
    return _bars(events, pivot.addresses, "addresses")


def hours(events: Events) -> Chart:
    """Hour of the day (UTC) by day: when somebody is awake."""
    rows = pivot.hours(events).frame()
    if rows.empty:
        return _nothing(events, "Events by day and hour")
    rows["day"], rows["of_day"] = rows.hour.dt.strftime("%a %Y-%m-%d"), rows.hour.dt.hour
    order = rows.sort_values("hour").day.unique()
    grid = rows.pivot_table(index="day", columns="of_day", values="events", aggfunc="sum", fill_value=0)
    grid = grid.reindex(index=order, columns=range(24), fill_value=0)
    title = f"Events by day and hour: {_steps(events)} ({int(grid.to_numpy().sum()):,})"
    days = rows.sort_values("hour").hour.dt.floor("D").unique()
    cells = [[Window(start, start + _HOUR) for start in (day + timedelta(hours=n) for n in range(24))] for day in days]
    return _grid(grid, title, [f"{hour:02d}" for hour in range(24)], cells, events.verification)


def heat(events: Events, axis: str = "actor") -> Chart:
    """The busiest values of a column, hour by hour."""
    top = pivot.on(events, axis).values[:_TOP]
    span = events.span
    if not top or span is None:
        return _nothing(events, f"Events by {axis} and hour")
    table = events.table.filter(events.table[axis].isin([value for value in top if value is not None]))
    table = table.filter(table.event_time.notnull())
    kind = table.event_time.type()
    counted = table.group_by(axis, hour=table.event_time.truncate("h").cast(kind)).aggregate(events=table.count())
    rows = counted.to_pyarrow().to_pandas()
    first = span.start.replace(minute=0, second=0, microsecond=0)
    every = [first + timedelta(hours=n) for n in range(int((span.end - first) / timedelta(hours=1)) + 1)]
    grid = rows.pivot_table(index=axis, columns="hour", values="events", aggfunc="sum", fill_value=0)
    grid = grid.reindex(index=[value for value in top if value in grid.index], columns=every, fill_value=0)
    title = f"Events by {axis.replace('_', ' ')} and hour: {_steps(events)}"
    columns = [f"{hour:%H}\n{hour:%a %d %b}" if hour.hour == 0 or hour == first else f"{hour:%H}" for hour in every]
    cells = [[Window(hour, hour + _HOUR) for hour in every]] * len(grid)
    return _grid(grid, title, columns, cells, events.verification)


def coverage(verification: Verification) -> Chart:
    """What verified digests cover, a line a chain; crosses mark log files that are lost, triangles unlisted ones."""
    frame = verification.coverage.frame()
    chains = verification.coverage.chains
    title = f"Coverage by verified digests (delivery time): {verification.evidence.name}"
    made, (axis,) = figure(max(1.6, 0.8 + 0.42 * len(chains)), title)
    if not chains:
        axis.text(
            0.5, 0.5, "no digests: nothing is covered", ha="center", va="center", transform=axis.transAxes, fontsize=9
        )
        axis.set_axis_off()
        return Chart(made, frame, title)
    seen: set[State] = set()
    for line, chain in enumerate(chains):
        for interval in chain.intervals:
            width = interval.window.end - interval.window.start
            known = interval.state in seen
            seen.add(interval.state)
            axis.barh(line, width, left=interval.window.start, height=0.55, color=COLOURS[interval.state],
                      label=None if known else interval.state.value)  # fmt: skip
    places = {(chain.chain.account, chain.chain.region): line for line, chain in enumerate(chains)}
    for statuses, marker, told in (
        ((Status.MISSING, Status.ALTERED), "x", "log file missing or altered"),
        ((Status.UNLISTED,), "^", "log file unlisted"),
    ):
        keys = [parse_key(verdict.key) for verdict in verification.with_status(*statuses)]
        points = [
            (key.delivered_at, places[key.account, key.region])
            for key in keys
            if isinstance(key, LogKey) and (key.account, key.region) in places
        ]
        if points:
            axis.scatter(
                [at for at, _ in points],
                [line for _, line in points],
                marker=marker,
                color=INK,
                s=42,
                zorder=5,
                label=told,
            )
    axis.set_yticks(range(len(chains)), [label(chain.chain, 40) for chain in chains], parse_math=False)
    axis.invert_yaxis()
    _time_axis(axis)
    made.legend(fontsize=8, ncols=3, frameon=False, loc="outside lower center")
    return Chart(made, frame, title)


def _bars(events: Events, regroup: Callable[[Events], Pivot], noun: str) -> Chart:
    rows = regroup(events)
    frame = rows.frame()
    if frame.empty:
        return _nothing(events, f"Events by {noun}")
    shown = frame.head(_TOP)
    title = f"Events by {noun}: {_steps(events)} ({int(frame.events.sum()):,})"
    labels = [label(value) for value in shown[rows.axis]]
    counts, failed = list(shown.events), list(shown.failed)
    if len(frame) > _TOP:
        rest = frame.iloc[_TOP:]
        labels.append(f"{len(rest):,} others")
        counts.append(int(rest.events.sum()))
        failed.append(int(rest.failed.sum()))
    made, (axis,) = figure(max(1.4, 0.7 + 0.27 * len(labels)), title)
    lines = range(len(labels))
    axis.barh(lines, [c - f for c, f in zip(counts, failed, strict=True)], color=READS, height=0.7, label="succeeded")
    axis.barh(
        lines,
        failed,
        left=[c - f for c, f in zip(counts, failed, strict=True)],
        color=REFUSED,
        height=0.7,
        label="failed",
    )
    for line, count in enumerate(counts):
        axis.text(count, line, f" {count:,}", va="center", fontsize=8, color=INK)
    axis.set_yticks(lines, labels, parse_math=False)
    axis.invert_yaxis()
    axis.margins(x=0.1)
    if any(failed):
        axis.legend(fontsize=8, frameon=False, loc="lower right")
    return Chart(made, frame, title)


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


def _nothing(events: Events, what: str) -> Chart:
    import pandas as pd

    title = f"{what}: {_steps(events)}"
    made, (axis,) = figure(1.4, title)
    axis.text(0.5, 0.5, "no events", ha="center", va="center", transform=axis.transAxes, fontsize=10)
    axis.set_axis_off()
    return Chart(made, pd.DataFrame(), title)


def _binned(events: Events, seconds: int) -> pandas.DataFrame:
    """Counts per bin, a row for every bin that has events. Bins start at multiples of their width from 1970."""
    table = events.table.filter(events.table.event_time.notnull())
    failed = table.error_code.notnull() & (table.error_code != "")
    writes = ~table.read_only.coalesce(True) & ~failed
    number = (table.event_time.epoch_seconds() / seconds).floor().cast("int64")
    counted = table.group_by(bin=number).aggregate(events=table.count(), failed=failed.sum(), writes=writes.sum())
    frame = counted.order_by("bin").to_pyarrow().to_pandas()
    import pandas as pd

    frame["start"] = pd.to_datetime(frame.bin * seconds, unit="s", utc=True)
    frame["reads"] = frame.events - frame.failed - frame.writes
    counts: pandas.DataFrame = frame[["start", "events", "reads", "writes", "failed"]]
    return counts


def _time_axis(axis: Any) -> None:
    from datetime import UTC

    from matplotlib import dates

    # Its constructors are not annotated.
    made: Any = dates
    locator = made.AutoDateLocator(tz=UTC)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(made.ConciseDateFormatter(locator, tz=UTC))
    axis.set_xlabel("UTC", fontsize=9)


def _steps(events: Events) -> str:
    return " ▸ ".join(events.steps[1:]) or "all admitted events"


def _told(seconds: int) -> str:
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            number = seconds // size
            return word if number == 1 else f"{number} {word}s"
    return f"{seconds} seconds"
