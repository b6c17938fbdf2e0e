"""Pictures of Events and of a Verification.

Each function returns a Chart: a figure that shows itself in a notebook, and `data`, the frame that was drawn. Time is UTC. Where
verified digests do not cover the time, the ground is hatched: a quiet hour and an unlogged hour must never look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit import pivot
from cttoolkit.events import Events
from cttoolkit.ground import hatch
from cttoolkit.heat import TOP, bin_of, drawable, heat, hours, moment, nothing, steps_of, told
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.strip import COLOURS
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verification import Verification
from cttoolkit.key import LogKey, parse_key
from cttoolkit.pivot import Pivot
from cttoolkit.theme import INK, READS, REFUSED, WRITES, Chart, figure, label
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas

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

_BINS = (60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400, 3650 * 86400, 36500 * 86400)
_MOST_BINS = 170


def timeline(events: Events) -> Chart:
    """Events over time, stacked: reads, writes (readOnly false), failed (an error code, whatever was tried)."""
    events = drawable(events)
    span = events.span
    if span is None:
        return nothing(events, "Events over time")
    seconds = next((size for size in _BINS if span.length.total_seconds() / size <= _MOST_BINS), _BINS[-1])
    title = f"Events per {told(seconds)}: {steps_of(events)} ({len(events):,})"
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
    for statuses, marker, meaning in (
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
                label=meaning,
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
        return nothing(events, f"Events by {noun}")
    shown = frame.head(TOP)
    title = f"Events by {noun}: {steps_of(events)} ({int(frame.events.sum()):,})"
    labels = [label(value) for value in shown[rows.axis]]
    counts, failed = list(shown.events), list(shown.failed)
    if len(frame) > TOP:
        rest = frame.iloc[TOP:]
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


def _binned(events: Events, seconds: int) -> pandas.DataFrame:
    """Counts per bin, a row for every bin that has events. Bins start at multiples of their width from 1970."""
    table = events.table.filter(events.table.event_time.notnull())
    failed = table.error_code.notnull() & (table.error_code != "")
    writes = ~table.read_only.coalesce(True) & ~failed
    counted = table.group_by(bin=bin_of(table, seconds)).aggregate(
        events=table.count(), failed=failed.sum(), writes=writes.sum()
    )
    frame = counted.order_by("bin").to_pyarrow().to_pandas()
    frame["start"] = [moment(number * seconds) for number in frame.bin]
    frame["reads"] = frame.events - frame.failed - frame.writes
    counts: pandas.DataFrame = frame[["start", "events", "reads", "writes", "failed"]]
    return counts


def _time_axis(axis: Any) -> None:
    from matplotlib import dates

    # Its constructors are not annotated.
    made: Any = dates
    locator = made.AutoDateLocator(tz=UTC)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(made.ConciseDateFormatter(locator, tz=UTC))
    axis.set_xlabel("UTC", fontsize=9)
