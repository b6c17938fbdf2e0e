"""The ladder of refusals: what was tried, refused, and later allowed to the same actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.calls import is_failed
from cttoolkit.events import Events
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.ground import ground_of, hatch, key, names_of
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.scale import Bins, bins_of, drawable, number, shown, time_axis
from cttoolkit.plot.tally import about, many, rows_of
from cttoolkit.plot.theme import FAILED, FAINT, INK, SOFT, Chart, canvas, drawn

if TYPE_CHECKING:
    import ibis
    import pandas

__all__ = ["denied"]

_MOST_RUNGS = 30
_MOST_BINS = 1500
_OFF = 0.18
_ALLOWED = "#009E73"
_SAME = ["event_source", "event_name", "actor"]


@drawn
def denied(events: Events) -> Chart:
    """A rung for each call that was refused, in the order of first refusals.

    Crosses are refusals, and discs are later successes of the same call by an actor that it had been refused to. A line leads from
    the first refusal to the first of these.

    Give it events that are not narrowed to denied ones: successes have to be among them.
    """
    events = drawable(events)
    what = "Refused, and allowed later"
    window = shown(events)
    if window is None:
        return nothing(events, what)
    bins = bins_of(window, _MOST_BINS, least=1)
    refused = _refused(events)
    rungs = _rungs(refused, events)
    if rungs.empty:
        return nothing(events, what, "no call was refused for want of permission")
    kept = rungs
    if len(rungs) > _MOST_RUNGS:
        # Those that came to something first, then those tried most; drawn in the order of first refusals all the same.
        order = rungs.assign(came=rungs.allowed > 0).sort_values(
            ["came", "refused", "call"], ascending=[False, False, True]
        )
        kept = order.head(_MOST_RUNGS)
    kept = kept.sort_values(["first_refused", "call"]).reset_index(drop=True)
    points = _points(refused, events, bins, kept)
    made = canvas(0.55 + 0.29 * max(len(kept), 1.3))
    (axis,) = made.axes
    under = ground_of(events, bins.window)
    _draw(axis, kept, points, bins)
    hatch(axis, under)
    time_axis(axis, bins.window)
    came = int((rungs.allowed > 0).sum())
    told = [many(len(rungs), "call") + " refused", f"{came:,} of them allowed later to the same actor"]
    left = len(rungs) - len(kept)
    return made.chart(
        kept,
        what,
        about(events, int(rungs.refused.sum()), ", ".join(told)).replace(" event", " refused event", 1),
        key=[*_keys(), *key(names_of(under))],
        notes=[
            "On the right: how often a call was refused, and how often allowed later.",
            f"{many(left, 'call')} with fewer refusals left out." if left else "",
        ],
    )


def _refused(events: Events) -> ibis.Table:
    table = events.denied().table
    return table.filter(table.event_time.notnull())


def _later(refused: ibis.Table, events: Events) -> ibis.Table:
    """Successes of a call by an actor to whom it had been refused before."""
    first = refused.group_by(_SAME).aggregate(refused_at=refused.event_time.min())
    done = events.table
    done = done.filter(done.event_time.notnull() & ~is_failed(done))
    met = done.select(*_SAME, "event_time").join(first, _SAME)
    return met.filter(met.event_time > met.refused_at)


def _rungs(refused: ibis.Table, events: Events) -> pandas.DataFrame:
    """One row a call, with how often it was refused and allowed later, and to how many actors."""
    call = ["event_source", "event_name"]
    tried = (
        refused.group_by(call)
        .aggregate(first_refused=refused.event_time.min(), refused=refused.count(), actors=refused.actor.nunique())
        .to_pyarrow()
        .to_pandas()
    )
    later = _later(refused, events)
    came = (
        later.group_by(call)
        .aggregate(first_allowed=later.event_time.min(), allowed=later.count(), allowed_to=later.actor.nunique())
        .to_pyarrow()
        .to_pandas()
    )
    frame: pandas.DataFrame = tried.merge(came, on=call, how="left")
    frame["allowed"] = frame.allowed.fillna(0).astype("int64")
    frame["allowed_to"] = frame.allowed_to.fillna(0).astype("int64")
    frame.insert(0, "call", [_call(*pair) for pair in zip(frame.event_source, frame.event_name, strict=True)])
    return frame.sort_values(["first_refused", "call"]).reset_index(drop=True)


def _points(
    refused: ibis.Table, events: Events, bins: Bins, kept: pandas.DataFrame
) -> dict[str, list[tuple[float, int]]]:
    """Where the markers go, no two closer than a marker's part of the axis."""
    lines = {pair: line for line, pair in enumerate(zip(kept.event_source, kept.event_name, strict=True))}
    found: dict[str, list[tuple[float, int]]] = {}
    for name, table in (("refused", refused), ("allowed", _later(refused, events))):
        some = table.filter(table.event_name.isin([name for _, name in lines]))
        place = (some.event_time.epoch_seconds() / bins.seconds).floor().cast("int64")
        # The first of a bin, and not its middle: what came first must stand first.
        grouped = some.group_by(["event_source", "event_name"], bin=place).aggregate(at=some.event_time.min())
        rows = grouped.to_pyarrow().to_pylist()
        found[name] = sorted(
            (number(row["at"]), lines[row["event_source"], row["event_name"]])
            for row in rows
            if (row["event_source"], row["event_name"]) in lines
        )
    return found


def _draw(axis: Any, kept: pandas.DataFrame, points: dict[str, list[tuple[float, int]]], bins: Bins) -> None:
    start, end = number(bins.window.start), number(bins.window.end)
    # Refusals stand above their rung and successes below, so that neither hides the other.
    for line, row in enumerate(rows_of(kept)):
        axis.plot([start, end], [line, line], color=FAINT, linewidth=0.5, zorder=1)
        if row["allowed"]:
            axis.plot(
                [number(row["first_refused"]), number(row["first_allowed"])],
                [line - _OFF, line + _OFF],
                color=INK,
                linewidth=1.6,
                zorder=2,
            )
    for name, look in (
        ("refused", {"marker": "x", "color": FAILED.colour, "linewidths": 1.5, "s": 26}),
        ("allowed", {"marker": "o", "facecolor": _ALLOWED, "edgecolor": "black", "linewidths": 0.6, "s": 26}),
    ):
        at = points[name]
        if at:
            axis.scatter(
                [x for x, _ in at],
                [y + (_OFF if name == "allowed" else -_OFF) for _, y in at],
                zorder=4 if name == "allowed" else 3,
                clip_on=False,
                **look,
            )
    axis.set_yticks(range(len(kept)), labels(kept.call, 44), parse_math=False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(kept) - 0.4, -0.6)
    side = axis.secondary_yaxis("right")
    told = [f"{row['refused']:,} ×" + (f"  → {row['allowed']:,} ○" if row["allowed"] else "") for row in rows_of(kept)]
    side.set_yticks(range(len(kept)), told, fontsize=8)
    side.tick_params(length=0, colors=SOFT)
    side.spines["right"].set_visible(False)


def _call(source: str | None, name: str | None) -> str:
    """A call as policies write it: the service's short name, and the action."""
    return f"{(source or '?').removesuffix('.amazonaws.com')}:{name or '?'}"


def _keys() -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], marker="x", color=FAILED.colour, linestyle="none", markersize=5.5, markeredgewidth=1.5, label="refused"),
        Line2D([], [], marker="o", markerfacecolor=_ALLOWED, markeredgecolor="black", markeredgewidth=0.6, linestyle="none",
               markersize=5.5, label="allowed later to an actor that it was refused to"),
        Line2D([], [], color=INK, linewidth=1.6, label="from the first refusal to the first success after it"),
    ]  # fmt: skip
