"""Events over time: all of them, or a strip for each of the busiest actors, roles, regions and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.ground import Ground, ground, ground_of, hatch, key, names_of
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.scale import Bins, bins_of, drawable, shown, silence, time_axis
from cttoolkit.plot.tally import about, busiest, many, noun, per_bin, per_bin_and_value, rows_of
from cttoolkit.plot.theme import FAILED, INK, READS, WRITES, Chart, Look, canvas, drawn
from cttoolkit.schema import known_column

if TYPE_CHECKING:
    import pandas

__all__ = ["by_account", "by_actor", "by_region", "by_role", "timeline", "timelines"]

_MOST_BINS = 170
_STRIPS = 8
# From the bottom up: what was refused, and what changed something, stand on the common line.
_KINDS: tuple[tuple[str, Look], ...] = (("failed", FAILED), ("writes", WRITES), ("reads", READS))
_PLACES = {"aws_region": "regions", "recipient_account_id": "accounts"}


@drawn
def timeline(events: Events) -> Chart:
    """Events over time, stacked: failed (with an error, whatever was tried), writes (readOnly false), reads.

    The lines below the bars show in which bins there is one at all: one refusal among ten thousand reads is no bar to be seen.
    """
    events = drawable(events)
    # Nothing in a window is an answer as well, and its ground says how much it is worth.
    window = shown(events) or silence(events)
    if window is None:
        return nothing(events, "Events over time")
    bins = bins_of(window, _MOST_BINS)
    frame = per_bin(events.table, bins.seconds)
    made = canvas(2.9, (1.0, 0.2))
    bars, lanes = made.axes
    under = ground_of(events, bins.window)
    dense = _dense(frame, bins)
    peak = _stack(bars, bins, dense)
    bars.set_ylim(0, peak * 1.12)
    bars.set_ylabel(f"events per {bins.told}")
    bars.yaxis.set_major_locator(_whole_numbers())
    bars.yaxis.set_major_formatter("{x:,.0f}")
    bars.tick_params(axis="x", length=0)
    for line, (kind, look) in enumerate(reversed(_KINDS)):
        _lane(lanes, bins, dense[kind], look, -line - 0.86, -line - 0.14)
    lanes.set_ylim(-3, 0)
    lanes.set_yticks([-0.5, -1.5, -2.5], ["any read", "any write", "any failed"], fontsize=7.5)
    lanes.tick_params(axis="y", length=0)
    if frame.empty:
        bars.text(0.5, 0.5, "no events", transform=bars.transAxes, ha="center", va="center", fontsize=10,
                  bbox={"facecolor": "white", "edgecolor": "none"})  # fmt: skip
    for axis in made.axes:
        hatch(axis, under)
    time_axis(lanes, bins.window)
    return made.chart(
        frame.drop(columns="bin"),
        f"Events per {bins.told}",
        about(events, int(frame.events.sum())),
        key=[*_keys(), *key(names_of(under))],
    )


@drawn
def timelines(events: Events, by: str = "actor") -> Chart:
    """A strip over time for each of the eight busiest values of a column, and one for all others, each to its own scale.

    By aws_region each strip is hatched where that region's own digests do not reach, by recipient_account_id where that account's
    do not. The line under a strip shows the bins that have events at all, as the gravest of them is drawn.
    """
    return _strips(events, by)


def _strips(events: Events, by: str, *, known_only: bool = False) -> Chart:
    events = drawable(events)
    table = events.table.filter(events.table[known_column(by)].notnull()) if known_only else events.table
    top = busiest(table, by, _STRIPS)
    window = shown(events)
    if window is None or not top.values:
        return nothing(events, f"Events over time by {noun(by)}")
    bins = bins_of(window, _MOST_BINS)
    frame = per_bin_and_value(table, bins.seconds, by, top)
    names = labels(top.values, 70)
    if top.others:
        names.append(many(top.others, "other"))
    made = canvas(0.45 + 0.7 * len(names), [1.0] * len(names))
    grounds = []
    for line, (axis, name) in enumerate(zip(made.axes, names, strict=True)):
        own = _ground(events, bins, by, top.values[line : line + 1])
        grounds.append(own)
        _strip(axis, bins, frame[frame.value == line], name)
        hatch(axis, own)
    time_axis(made.axes[-1], bins.window)
    frame.insert(0, by, [top.values[at] if at < len(top.values) else "(others)" for at in frame.value])
    return made.chart(
        frame.drop(columns=["bin", "value"]),
        f"Events per {bins.told} by {noun(by)}",
        about(events, int(frame.events.sum()), many(top.distinct, noun(by))),
        key=[*_keys(), *key(names_of(*grounds))],
        notes=["Each strip has its own scale: its highest bin is on the left, its sum behind its name."],
    )


def by_actor(events: Events) -> Chart:
    """A strip over time for each of the busiest actors."""
    return timelines(events, "actor")


@drawn
def by_role(events: Events) -> Chart:
    """A strip over time for each of the busiest roles, of the events made in role sessions."""
    return _strips(events, "role", known_only=True)


def by_region(events: Events) -> Chart:
    """A strip over time for each of the busiest regions, on the ground of its own digests."""
    return timelines(events, "aws_region")


def by_account(events: Events) -> Chart:
    """A strip over time for each of the busiest accounts that received events, on the ground of its own digests."""
    return timelines(events, "recipient_account_id")


def _ground(events: Events, bins: Bins, by: str, values: Sequence[Any]) -> Ground:
    place = _PLACES.get(by)
    if place is None or not values or values[0] is None:
        return ground_of(events, bins.window)
    narrowed: dict[str, Sequence[str]] = {"accounts": events.accounts, "regions": events.regions, place: values}
    return ground(events.verification, bins.window, **narrowed)


def _strip(axis: Any, bins: Bins, frame: pandas.DataFrame, name: str) -> None:
    dense = _dense(frame, bins)
    peak = _stack(axis, bins, dense)
    low = -0.36 * peak
    left = [True] * len(bins)
    for kind, look in _KINDS:
        here = [bool(count) and free for count, free in zip(dense[kind], left, strict=True)]
        left = [free and not met for free, met in zip(left, here, strict=True)]
        _lane(axis, bins, here, look, low * 0.88, low * 0.4)
    axis.axhline(0, color=INK, linewidth=0.6, zorder=4)
    axis.set_ylim(low, peak * 1.2)
    axis.set_yticks([0, peak], ["0", f"{peak:,}"], fontsize=7.5)
    failed = int(frame.failed.sum())
    told = many(int(frame.events.sum()), "event") + (f", {failed:,} failed" if failed else "")
    axis.set_title(f"{name}  –  {told}", loc="left", fontsize=8.5, color=INK, pad=2.5)
    axis.tick_params(axis="x", length=2)


def _dense(frame: pandas.DataFrame, bins: Bins) -> dict[str, list[int]]:
    """A count for every bin, those without events too."""
    found = {kind: [0] * len(bins) for kind, _ in _KINDS}
    for row in rows_of(frame):
        at = row["bin"] - bins.first
        if 0 <= at < len(bins):
            for kind, counts in found.items():
                counts[at] += row[kind]
    return found


def _stack(axis: Any, bins: Bins, dense: dict[str, list[int]]) -> int:
    """Bars upon each other. Returns the highest."""
    under = [0] * len(bins)
    for kind, look in _KINDS:
        over = [below + count for below, count in zip(under, dense[kind], strict=True)]
        axis.stairs(over, bins.edges, baseline=under, fill=True, gid=kind, **look.fill)
        under = over
    return max([*under, 1])


def _lane(axis: Any, bins: Bins, counts: Sequence[int | bool], look: Look, low: float, high: float) -> None:
    """A line that is there where the bins have events."""
    tops = [high if count else low for count in counts]
    axis.stairs(tops, bins.edges, baseline=low, fill=True, **look.fill)


def _keys() -> list[Any]:
    return [look.key(kind) for kind, look in reversed(_KINDS)]


def _whole_numbers() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, integer=True)
