"""Boxes and lines of a graph of credentials, in inches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cttoolkit.integrity.verdict import Status
from cttoolkit.plot.layers import Layout
from cttoolkit.plot.lettering import inches, label
from cttoolkit.plot.theme import INK, SOFT

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped, unused-ignore]

__all__ = ["BOX", "CHANNEL", "GRADES", "UNSOUND", "draw_box", "draw_joins", "height_of", "status_of"]

_MOST_PORTS, _PORT = 12, 0.125
BOX, CHANNEL, _LINE = 2.25, 1.45, 0.145
GRADES: Mapping[str, dict[str, Any]] = {
    "exact": {"linestyle": "-", "linewidth": 1.5},
    "strong": {"linestyle": (0, (6, 2)), "linewidth": 1.4},
    "likely": {"linestyle": (0, (1.5, 1.8)), "linewidth": 1.4},
    "possible": {"linestyle": (0, (1, 3)), "linewidth": 0.8},
}
UNSOUND = "#D55E00"


def status_of(held: Mapping[str, Any]) -> str:
    """The status where it is not intact."""
    status = str(held.get("status") or "")
    return "" if status in ("", Status.INTACT.value) else label(status.upper(), 16)


def height_of(graph: networkx.DiGraph, node: Any) -> float:
    # Two that lead to each other: one of them returns, and ends at this node's left as well.
    mutual = sum(child in graph.pred[node] for child in graph.succ[node])
    ports = min(int(graph.in_degree(node)) + mutual, _MOST_PORTS)
    return max(0.12 + _LINE * len(_lines(node, graph.nodes[node])), _PORT * ports + 0.06)


def _lines(node: Any, held: Mapping[str, Any]) -> list[tuple[str, float, str, str]]:
    """What stands in a box: text, size, colour and weight of each line."""
    name = [(text, 7, INK, "bold") for text in _name(held.get("label") or node)]
    status = status_of(held)
    mark = [(f"log file {status}", 6.5, UNSOUND, "bold")] if status else []
    return [*name, (_fitting(_second(held), 6.5), 6.5, SOFT, "normal"), *mark]


def draw_box(plane: Any, graph: networkx.DiGraph, node: Any, laid: Layout, height: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    held = graph.nodes[node]
    left, middle = laid.layer[node] * (BOX + CHANNEL), laid.y[node]
    status = status_of(held)
    plane.add_patch(
        FancyBboxPatch(
            (left, middle - height / 2), BOX, height, boxstyle="round,pad=0,rounding_size=0.05",
            facecolor="#fff3ec" if status else "#f1f6fa", edgecolor=UNSOUND if status else SOFT,
            linewidth=1.6 if status else 0.9, linestyle=(0, (4, 1.5)) if status else "-", zorder=4,
        )
    )  # fmt: skip
    lines = _lines(node, held)
    top = middle - (len(lines) - 1) * _LINE / 2
    for at, (text, size, colour, weight) in enumerate(lines):
        plane.text(
            left + 0.08, top + at * _LINE, text, fontsize=size, color=colour, weight=weight, va="center", zorder=6
        )


def _second(held: Mapping[str, Any]) -> str:
    events = held.get("events")
    when = _minute(held.get("first"))
    until = _minute(held.get("last"))
    shared = next((length for length in (16, 10, 4) if until[:length] == when[:length]), -1)
    until = until[shared + 1 :]
    span = f"{when}–{until}" if until else when
    parts = [
        label(held["kind"], 40) if held.get("kind") else "",
        f"{int(events):,} ev." if isinstance(events, int) and events else "",
        span,
    ]
    whole = " · ".join(part for part in parts if part)
    # What there were how many of, and when, matters more than what kind of thing it is.
    return whole if inches(whole, 6.5) <= BOX - 0.16 else " · ".join(part for part in parts[1:] if part) or whole


def _minute(at: Any) -> str:
    return at.isoformat(sep=" ", timespec="minutes")[:16] if isinstance(at, datetime) and at.year else ""


def _name(text: Any) -> list[str]:
    """A node's label on one line, or an ARN's account and resource on one each."""
    told = label(text, 90, short=True)
    room = BOX - 0.16
    if inches(told, 7, bold=True) <= room:
        return [told]
    account, colon, rest = told.partition(":")
    if not colon or inches(account, 7, bold=True) > room:
        return [_fitting(told, 7, room, bold=True)]
    return [account + colon, _fitting(rest.removeprefix("assumed-role/"), 7, room, bold=True)]


def _fitting(text: str, size: float, room: float = BOX - 0.16, *, bold: bool = False) -> str:
    """As much of a text as fits, of both ends."""
    tried = (label(text, most) for most in range(60, 8, -1))
    return next((told for told in tried if inches(told, size, bold=bold) <= room), label(text, 8))


@dataclass(frozen=True, slots=True)
class _Line:
    """An edge as it is drawn, always from left to right. ``returns`` is one that closes a circle: it leads the other way."""

    held: Mapping[str, Any]
    link: tuple[Any, Any]
    returns: bool


def _drawn_lines(graph: networkx.DiGraph, laid: Layout) -> list[_Line]:
    found = []
    for parent, child in laid.stations:
        for ends, returns in (((parent, child), False), ((child, parent), True)):
            if ends in graph.edges and (ends in laid.backward) is returns:
                found.append(_Line(graph.edges[ends], (parent, child), returns))
    return found


def draw_joins(plane: Any, graph: networkx.DiGraph, laid: Layout, heights: Mapping[Any, float]) -> None:
    """Curves from the right of a parent to the left of its child, each to a port of its own, where the join's name stands."""
    arriving: dict[Any, list[_Line]] = {}
    for line in _drawn_lines(graph, laid):
        arriving.setdefault(line.link[1], []).append(line)
    for child, lines in arriving.items():
        lines.sort(key=lambda line: laid.y[laid.stations[line.link][-1] if laid.stations[line.link] else line.link[0]])
        step = min(_PORT, (heights[child] - 0.06) / max(len(lines), 1))
        for at, line in enumerate(lines):
            _draw_join(plane, line, laid, laid.y[child] + (at - (len(lines) - 1) / 2) * step)
    for node in graph.nodes:
        if graph.has_edge(node, node):
            right = laid.layer[node] * (BOX + CHANNEL) + BOX - 0.05
            plane.text(right, laid.y[node], "↺", fontsize=9, ha="right", va="center", zorder=7)


def _draw_join(plane: Any, line: _Line, laid: Layout, port: float) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    parent, child = line.link
    end = laid.layer[child] * (BOX + CHANNEL)
    points = [(laid.layer[parent] * (BOX + CHANNEL) + BOX, laid.y[parent])]
    for trunk in laid.stations[line.link]:
        left = trunk.layer * (BOX + CHANNEL)
        points += [(left, laid.y[trunk]), (left + BOX, laid.y[trunk])]
    points.append((end, port))
    vertices, codes = [points[0]], [Path.MOVETO]
    for at, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        # Between layers it turns early, so that lines lie apart where their names stand; past a layer it goes straight.
        if at % 2 == 0:
            bend = min(0.3, (to_x - x) / 3)
            vertices += [(x + bend, y), (x + bend, to_y), (x + 2 * bend, to_y)]
            codes += [Path.CURVE4] * 3
        vertices.append((to_x, to_y))
        codes.append(Path.LINETO)
    enables, status = bool(line.held.get("enables")), status_of(line.held)
    colour = UNSOUND if status else INK
    style = GRADES.get(str(line.held.get("grade")), GRADES["possible"])
    # The curve ends at the head's base: a thick line would show through an open head.
    ends: dict[str, Any] = {"shrinkA": 0, "shrinkB": 0, "zorder": 2, "color": colour}
    plane.add_patch(FancyArrowPatch(path=Path(vertices, codes), arrowstyle="-", **ends, **style))
    tip, behind = (vertices[0], 0.001) if line.returns else (vertices[-1], -0.001)
    plane.add_patch(
        FancyArrowPatch((tip[0] + behind, tip[1]), tip, arrowstyle="-|>", mutation_scale=9, edgecolor=colour, linewidth=0.9,
                        facecolor="white" if enables else colour, shrinkA=0, shrinkB=0, zorder=5)
    )  # fmt: skip
    notes = (
        (" (enables)" if enables else "") + (f", {status.lower()}" if status else "") + (" ↺" if line.returns else "")
    )
    told = _fitting(str(line.held.get("kind") or ""), 6, CHANNEL - 0.25 - inches(notes, 6)) + notes
    plane.text(end - 0.13, port, told, fontsize=6, color=colour, ha="right", va="center", zorder=3,
               bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
