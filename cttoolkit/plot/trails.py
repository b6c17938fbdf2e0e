"""What each trail was set to record, and what was done to it, over the coverage by verified digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.integrity.selectors import Records
from cttoolkit.plot.digests import draw_coverage
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.scale import number, time_axis
from cttoolkit.plot.tally import many
from cttoolkit.plot.theme import INK, UNCOVERED, Chart, Look, canvas, drawn
from cttoolkit.posture.history import History, Kind, history
from cttoolkit.trail_change import Aspect
from cttoolkit.trail_history import TrailHistory
from cttoolkit.window import Window

if TYPE_CHECKING:
    import pandas

__all__ = ["trails"]

_LOOKS: Mapping[Records, Look] = {
    Records.YES: Look("#8fd3bc"),
    Records.NO: Look("#D55E00", "xxxx", "#5c2500"),
    Records.UNKNOWN: Look("#e9ecef", "/////", UNCOVERED),
}
_WORDS = {Records.YES: "recorded", Records.NO: "not recorded", Records.UNKNOWN: "not known"}
_MARKS = {
    Kind.STOPPED: "X", Kind.STARTED: ">", Kind.NARROWED: "v", Kind.SET: "o", Kind.MOVED: "s", Kind.BUCKET: "D", Kind.FILES: "P",
    Kind.KEY: "*",
}  # fmt: skip
_ASPECTS = (Aspect.LOGGING, Aspect.MANAGEMENT, Aspect.ALL_REGIONS, Aspect.VALIDATION)
_MOST = 12
_NARROWEST = 350
_WHAT = "What the trails recorded"


@drawn
def trails(events: Events) -> Chart:
    """Each trail's settings through time, a line an aspect; marks are changes to the trail, its bucket or its key.

    Below, what verified digests cover, as in coverage(). Both are of all admitted events. ``data`` has a row a stretch.
    """
    told = history(events)
    shown = told.trails[:_MOST]
    if not shown:
        return nothing(events, _WHAT, "no trail is named")
    lines = [(one, aspect) for one in shown for aspect in _ASPECTS]
    whole = Window(min(one.span.start for one in shown), max(one.span.end for one in shown))
    chains = [one for one in events.verification.coverage.chains if one.intervals][: 4 * _MOST]
    high, low = 0.24 * len(lines) + 0.3, 0.3 * max(len(chains), 1.3) + 0.55
    made = canvas(high + low, (high, low))
    above, below = made.axes
    key = _pieces(above, lines, whole) + _marks(above, told, lines)
    several = len({one.account for one in shown}) > 1
    names = [f"{one.account + ' ' if several else ''}{one.trail}: {aspect.value}" for one, aspect in lines]
    above.set_yticks(range(len(lines)), labels(names, 44), parse_math=False)
    above.set_ylim(len(lines) - 0.4, -0.7)
    above.tick_params(axis="x", labelbottom=False)
    key += draw_coverage(below, events.verification, chains, whole)
    below.set_yticks(range(len(chains)), labels((one.chain for one in chains), 44), parse_math=False)
    below.set_ylim(max(len(chains), 1) - 0.4, -0.6)
    for axis in made.axes:
        axis.tick_params(axis="y", length=0)
    time_axis(below, whole)
    below.set_xlabel("time of the event above, of delivery below, UTC")
    left = len(told.trails) - len(shown)
    notes = [f"{many(left, 'trail')} left out." if left else ""]
    return made.chart(_frame(lines), _WHAT, told.sentence, key=key, notes=notes)


def _pieces(axis: Any, lines: list[tuple[TrailHistory, Aspect]], whole: Window) -> list[Any]:
    from matplotlib.collections import PolyCollection

    least = (number(whole.end) - number(whole.start)) / _NARROWEST
    boxes: dict[Records, list[list[tuple[float, float]]]] = {}
    for line, (trail, aspect) in enumerate(lines):
        for piece in trail.pieces(aspect):
            start, end = number(piece.window.start), number(piece.window.end)
            # What is off must be seen, however short it was.
            wider = max(0.0, least - (end - start)) / 2 if piece.answer is Records.NO else 0.0
            left, right, low, high = start - wider, end + wider, line - 0.32, line + 0.32
            boxes.setdefault(piece.answer, []).append([(left, low), (right, low), (right, high), (left, high)])
    found = []
    for order, (answer, look) in enumerate(_LOOKS.items()):
        if answer in boxes:
            made = PolyCollection(boxes[answer], **look.fill, zorder=3 if answer is Records.NO else 2 - order / 10)
            made.set_gid(f"trail {answer.value}")
            axis.add_collection(made)
            found.append(look.key(_WORDS[answer]))
    return found


def _marks(axis: Any, told: History, lines: list[tuple[TrailHistory, Aspect]]) -> list[Any]:
    """Marks on the first line of the trail; those of buckets and keys on that of the account's first trail."""
    from matplotlib.lines import Line2D

    places = {(one.account, one.trail): line for line, (one, aspect) in enumerate(lines) if aspect is _ASPECTS[0]}
    of_account = {account: line for (account, _), line in reversed(places.items())}
    found = []
    for kind, marker in _MARKS.items():
        touches = [one for one in told.touches if one.kind is kind and not one.failed]
        points = [
            (number(one.at), places.get((one.account, one.what.partition(" (")[0]), of_account.get(one.account, 0)))
            for one in touches
        ]
        if points:
            axis.scatter([x for x, _ in points], [y for _, y in points], marker=marker, color=INK, s=34, zorder=5,
                         linewidths=0.6, edgecolors="white", gid=kind.value)  # fmt: skip
            found.append(Line2D([], [], marker=marker, color=INK, linestyle="none", markersize=6, label=kind.value))
    return found


def _frame(lines: list[tuple[TrailHistory, Aspect]]) -> pandas.DataFrame:
    import pandas as pd

    rows = [
        (trail.account, trail.trail, aspect.value, piece.window.start, piece.window.end, piece.answer.value, piece.why)
        for trail, aspect in lines
        for piece in trail.pieces(aspect)
    ]
    return pd.DataFrame(rows, columns=["account", "trail", "aspect", "start", "end", "answer", "why"])
