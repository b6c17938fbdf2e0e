"""When each value was first seen: a lane a principal, a marker a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.ground import ground_of, hatch, key, names_of
from cttoolkit.plot.lettering import inches, label, labels
from cttoolkit.plot.scale import bins_of, drawable, moment, number, time_axis
from cttoolkit.plot.tally import about, many, noun
from cttoolkit.plot.theme import FAINT, INK, SOFT, WIDTH, Chart, canvas, drawn
from cttoolkit.schema import known_column
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas

__all__ = ["Regrouped", "first_seen", "notes_of"]

_MOST_LANES, _MOST_LEVELS, _MOST_MARKERS = 12, 6, 400
_SIZE = 7.0
_FEW_HEAPS = 4
_MOST_PAIRS = 20_000
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_RIGHT = 1.5
_LEVEL = 0.155
"""The height of one line of labels, in inches."""


class Regrouped(Protocol):
    """Any pivot: what it regroups, on which axis, and its rows."""

    @property
    def axis(self) -> str: ...

    @property
    def events(self) -> Events: ...

    def frame(self) -> pandas.DataFrame: ...


@dataclass(slots=True)
class _Lane:
    """The markers of one lane and the labels that found room, by where they begin, in inches."""

    name: str
    points: list[tuple[float, str, int]]
    placed: list[tuple[float, float, int, str]] = field(default_factory=list)
    levels: int = 1
    unlabelled: int = 0

    def place(self, levels: int) -> None:
        """Labels for markers, those of one place above each other and the earliest on top, where they run into no other.

        From the last to the first: labels lie to the right of their marker, so the line up to them crosses none.
        """
        starts = [float("inf")] * levels
        heaps = _heaps(self.points)
        for x, held in reversed(heaps):
            crowded = len(held) > 1 and len(heaps) > _FEW_HEAPS
            texts = [f"{held[0]} + {len(held) - 1} more"] if crowded else held
            begins = x + 0.05
            ends = begins + max(inches(text, _SIZE) for text in texts) + 0.08
            free = [level for level, taken in enumerate(starts) if ends <= taken]
            if not free:
                self.unlabelled += len(held)
                continue
            told = (
                texts if len(texts) <= len(free) else [*texts[: len(free) - 1], f"+ {len(texts) - len(free) + 1} more"]
            )
            used = free[: len(told)][::-1]
            for level, text in zip(used, told, strict=True):
                starts[level] = x - 0.04
                self.placed.append((begins, x, level, text))
            # Whatever lies lower may not begin left of this line up.
            starts[: used[0]] = [min(taken, x - 0.04) for taken in starts[: used[0]]]
            self.levels = max(self.levels, used[0] + 1)

    @property
    def height(self) -> float:
        return 0.24 + _LEVEL * self.levels


@drawn
def first_seen(firsts: Regrouped | Events, axis: str = "event_name") -> Chart:
    """First appearances over time: a lane for each principal, a marker where a value was first seen with it.

    Takes a pivot whose frame has ``principal``, the values on its axis, ``first`` and ``events``; or Events, and then whatever an actor
    did is first seen some time, known before or not.
    """
    events = drawable(firsts if isinstance(firsts, Events) else firsts.events)
    by = known_column(axis) if isinstance(firsts, Events) else firsts.axis
    frame = _of_events(firsts, by) if isinstance(firsts, Events) else firsts.frame()
    for name in ("principal", by, "first", "events"):
        if name not in frame:
            raise ColumnError(name, "this pivot has no such column", "draw a pivot of values first seen")
    what = f"{noun(by).capitalize()}s first seen"
    frame = frame[frame["first"].notna() & (frame["first"] < _LATEST)]
    if frame.empty:
        return nothing(events, what)
    frame = frame.assign(principal=frame.principal.fillna("(none)"))
    frame = frame.sort_values(["first", "principal", by]).reset_index(drop=True)
    span = _window(events, frame)
    order = list(dict.fromkeys(frame.principal))
    most = frame.groupby("principal", dropna=False)["first"].count()
    kept = set(sorted(order, key=lambda name: -int(most.get(name, 0)))[:_MOST_LANES])
    order = [name for name in order if name in kept]
    actors = dict(zip(frame.principal, frame.actor, strict=True)) if "actor" in frame else {}
    names = labels((actors.get(name) or name for name in order), 40)
    left = 0.3 + max(inches(name, 8) for name in names)
    width = WIDTH - left - _RIGHT
    scale = width / (number(span.end) - number(span.start))
    lanes = []
    for name, told in zip(order, names, strict=True):
        rows = frame[frame.principal == name].head(_MOST_MARKERS)
        points = [
            (
                left + (number(row["first"].to_pydatetime()) - number(span.start)) * scale,
                label(row[by], 30),
                int(row["events"]),
            )
            for _, row in rows.iterrows()
        ]
        lane = _Lane(told, points)
        lane.place(_MOST_LEVELS if len(order) <= 6 else _MOST_LEVELS - 2)
        lanes.append(lane)
    body = sum(lane.height for lane in lanes)
    made = canvas(body + 0.6, margins=(left, 0.55, _RIGHT, 0.05))
    (plane,) = made.axes
    _draw(plane, lanes, left, scale, number(span.start), body)
    under = ground_of(events, span)
    hatch(plane, under)
    time_axis(plane, span)
    dropped = len(dict.fromkeys(frame.principal)) - len(lanes)
    unlabelled = sum(lane.unlabelled for lane in lanes)
    notes = [
        f"{many(dropped, 'principal')} with fewer left out." if dropped else "",
        f"Only the first {_MOST_PAIRS:,} are looked at." if len(frame) == _MOST_PAIRS else "",
        f"{many(unlabelled, 'marker')} too close to others to be labelled." if unlabelled else "",
    ]
    more = f"{many(len(frame), noun(by))} first seen with {many(len(most), 'principal')}"
    return made.chart(frame, what, about(events, int(frame.events.sum()), more), key=[*_keys(), *key(names_of(under))],
                      notes=[" ".join(note for note in notes if note), *notes_of(firsts)])  # fmt: skip


def _heaps(points: list[tuple[float, str, int]]) -> list[tuple[float, list[str]]]:
    """Markers that stand too close to be told apart."""
    found: list[tuple[float, list[str]]] = []
    for x, text, _ in points:
        if found and x - found[-1][0] < 0.05:
            found[-1][1].append(text)
        else:
            found.append((x, [text]))
    return found


def notes_of(rows: Any) -> tuple[str, ...]:
    """What a pivot says its rows rest on."""
    return tuple(getattr(rows, "notes", ()))


def _of_events(events: Events, by: str) -> pandas.DataFrame:
    table = events.table.filter(events.table.event_time.notnull())
    counted = table.group_by(principal=table.actor, **{by: table[by]}).aggregate(
        first=table.event_time.min(), events=table.count()
    )
    frame: pandas.DataFrame = counted.order_by(["first", "principal", by]).limit(_MOST_PAIRS).to_pyarrow().to_pandas()
    return frame


def _window(events: Events, frame: pandas.DataFrame) -> Window:
    """Whole bins around the firsts, wide enough to have a scale."""
    first, last = frame["first"].min().to_pydatetime(), frame["first"].max().to_pydatetime()
    span = events.span
    if span is not None:
        first, last = min(first, span.start), max(last, span.end)
    bins = bins_of(Window(first, max(last, moment(number(first) * 86400 + 60))), 60)
    return bins.window


def _draw(plane: Any, lanes: list[_Lane], left: float, scale: float, start: float, body: float) -> None:
    top = 0.0
    ticks = []
    for number_of, lane in enumerate(lanes):
        base = top + lane.height - 0.1
        ticks.append((top + lane.height / 2, lane.name))
        if number_of:
            plane.axhline(top, color=FAINT, linewidth=0.6, zorder=1)
        for x, _, _ in lane.points:
            plane.plot(
                [start + (x - left) / scale], [base], marker="|", markersize=6, color=INK, markeredgewidth=1.2, zorder=5
            )
        for begins, x, level, text in lane.placed:
            line = base - 0.14 - level * _LEVEL
            at = start + (x - left) / scale
            plane.plot([at, at], [base, line - 0.02], color=SOFT, linewidth=0.6, zorder=3)
            plane.text(start + (begins - left) / scale, line, text, fontsize=_SIZE, va="center", zorder=6,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.85})  # fmt: skip
        top += lane.height
    plane.set_yticks([at for at, _ in ticks], [name for _, name in ticks], parse_math=False)
    plane.tick_params(axis="y", length=0)
    plane.spines["left"].set_visible(False)
    plane.set_ylim(body, 0)


def _keys() -> list[Any]:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], marker="|", color=INK, linestyle="none", markersize=7, markeredgewidth=1.2, label="first seen")
    ]
