"""Bars of a pivot: the busiest values, the failed part of their events set off."""

from __future__ import annotations

from cttoolkit import pivot
from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.pivot import Pivot
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.tally import TOP, about, many, noun
from cttoolkit.plot.theme import FAILED, FAINT, PALE, READS, Chart, Look, canvas, drawn

__all__ = ["access_keys", "actors", "addresses", "agents", "bars", "errors", "names", "regions", "roles", "services"]

_SUCCEEDED, _OTHERS = READS, Look(FAINT)


@drawn
def bars(rows: Pivot) -> Chart:
    """The busiest values of any pivot that counts events and failed ones, most first, all others in one bar."""
    frame = rows.frame()
    for name in ("events", "failed"):
        if name not in frame:
            raise ColumnError(name, "this pivot does not count it", "draw a pivot of events by one column")
    word = noun(rows.axis)
    what = f"Events by {word}"
    if frame.empty:
        return nothing(rows.events, what)
    top, rest = frame.head(TOP), frame.iloc[TOP:]
    names, counts, failed = labels(top[rows.axis], 52), [int(n) for n in top.events], [int(n) for n in top.failed]
    if len(rest):
        names.append(many(len(rest), "other"))
        counts.append(int(rest.events.sum()))
        failed.append(int(rest.failed.sum()))
    made = canvas(0.4 + 0.25 * len(names))
    (axis,) = made.axes
    lines = range(len(names))
    done = [count - lost for count, lost in zip(counts, failed, strict=True)]
    drawn_bars = axis.barh(lines, done, height=0.68, **_SUCCEEDED.fill)
    axis.barh(lines, failed, left=done, height=0.68, **FAILED.fill)
    if len(rest):
        drawn_bars[-1].set(facecolor=_OTHERS.colour)
    for line, (count, lost) in enumerate(zip(counts, failed, strict=True)):
        told = f"{count:,}" + (f"  ({lost:,} failed)" if lost else "")
        axis.annotate(told, (count, line), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(lines, names, parse_math=False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(0, max(counts) * (1.28 if any(failed) else 1.12))
    axis.xaxis.set_major_locator(_whole())
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.grid(axis="x", color=PALE, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.set_xlabel("events")
    shown = many(len(frame), word) + (f", the {TOP} busiest shown" if len(rest) else "")
    return made.chart(
        frame,
        what,
        about(rows.events, int(frame.events.sum()), shown),
        key=[_SUCCEEDED.key("succeeded"), FAILED.key("failed")] if any(failed) else (),
    )


def actors(events: Events) -> Chart:
    """The busiest actors."""
    return bars(pivot.actors(events))


def roles(events: Events) -> Chart:
    """The busiest roles, of the events made in role sessions."""
    return bars(pivot.roles(events))


def regions(events: Events) -> Chart:
    """The busiest regions. Global services record in us-east-1."""
    return bars(pivot.regions(events))


def names(events: Events) -> Chart:
    """The most frequent calls."""
    return bars(pivot.names(events))


def services(events: Events) -> Chart:
    """The services that were called most."""
    return bars(pivot.services(events))


def addresses(events: Events) -> Chart:
    """The busiest source addresses."""
    return bars(pivot.addresses(events))


def agents(events: Events) -> Chart:
    """The busiest user agents, as their callers wrote them."""
    return bars(pivot.agents(events))


def access_keys(events: Events) -> Chart:
    """The busiest access keys."""
    return bars(pivot.access_keys(events))


def errors(events: Events) -> Chart:
    """The most frequent error codes, of the events that failed."""
    return bars(pivot.errors(events))


def _whole() -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(6, integer=True)
