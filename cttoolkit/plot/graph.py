"""Who stood behind whom: credentials and their joins, drawn from left to right."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.plot.boxes import BOX, CHANNEL, GRADES, UNSOUND, draw_box, draw_joins, height_of, status_of
from cttoolkit.plot.empty import blank
from cttoolkit.plot.layers import lay_out
from cttoolkit.plot.tally import many
from cttoolkit.plot.theme import INK, WIDTH, Chart, canvas, drawn

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped, unused-ignore]
    import pandas

__all__ = ["Graphed", "sessions"]

_MOST_NODES, _MOST_LAYERS, _MOST_TRIED = 50, 12, 2000
_GAP = 0.13
_WHAT = "Credentials and what they came from"


class Graphed(Protocol):
    """Chains, or the answer to behind() or reach()."""

    def graph(self) -> networkx.DiGraph: ...


@drawn
def sessions(chains: Graphed | networkx.DiGraph | Events) -> Chart:
    """The graph of credentials: origins on the left, what came from them on the right.

    Takes what session.chains(), behind() or reach() gave, its graph, or Events, behind which it looks.

    A line is as sure as it is solid: exact, strong, likely, possible. An open arrow head only enables. Nodes and joins that rest on a log
    file that is not intact are framed in red and say so. Of more than fifty nodes the best connected are drawn, and the rest counted.
    """
    graph = _graph(chains)
    frame = _frame(graph)
    about = f"{many(graph.number_of_nodes(), 'credential')}, {many(graph.number_of_edges(), 'join')}"
    if not graph.number_of_nodes():
        return blank(_WHAT, about, "no credentials")
    kept, deep = _kept(graph)
    shown = graph.subgraph(kept)
    heights = {node: height_of(shown, node) for node in kept}
    laid = lay_out(shown, kept, lambda parent, child: _look(shown.edges[parent, child]), heights, _GAP)
    across = laid.layers * BOX + (laid.layers - 1) * CHANNEL
    width = max(WIDTH, across + 0.3)
    made = canvas(max(laid.height, 0.8) + 0.1, width=width, margins=(0.0, 0.0, 0.0, 0.0))
    (plane,) = made.axes
    plane.set_axis_off()
    plane.set_xlim(-0.15, width - 0.15)
    plane.set_ylim(max(laid.height, 0.8) + 0.05, -0.05)
    for node in kept:
        draw_box(plane, shown, node, laid, heights[node])
    draw_joins(plane, shown, laid, heights)
    left = graph.number_of_nodes() - len(kept)
    notes = []
    if any(not shown.degree(node) for node in kept):
        notes.append("The rows at the bottom are joined to nothing that is drawn.")
    if left:
        told = f"{many(left, 'credential')} left out: the {len(kept)} with the most joins and events are drawn."
        notes.append(
            told + (f" {many(deep, 'credential')} of them lie more than {_MOST_LAYERS} joins deep." if deep else "")
        )
    return made.chart(frame, _WHAT, about, key=_keys(shown), notes=notes)


def _graph(chains: Graphed | networkx.DiGraph | Events) -> networkx.DiGraph:
    import networkx  # type: ignore[import-untyped, unused-ignore]

    if isinstance(chains, networkx.DiGraph):
        return chains
    if isinstance(chains, Events):
        from cttoolkit import session

        return _graph(_graphed(session.behind(chains)))
    return _graphed(chains).graph()


def _graphed(chains: Any) -> Graphed:
    if not hasattr(chains, "graph"):
        raise ColumnError(type(chains).__name__, "it has no graph", "draw what session.chains, behind or reach gave")
    graphed: Graphed = chains
    return graphed


def _kept(graph: networkx.DiGraph) -> tuple[list[Any], int]:
    """The nodes that are drawn, in an order that hangs on nothing but them, and how many were too deep.

    The best connected and busiest, each with the whole way up to its origins, so that no path is torn.
    """
    degree = dict(graph.degree())
    order = sorted(graph.nodes, key=lambda node: (-degree[node], -int(graph.nodes[node].get("events") or 0), str(node)))
    taken: dict[Any, None] = {}
    for node in order[:_MOST_TRIED]:
        fresh = [one for one in _way_up(graph, node) if one not in taken]
        if len(taken) + len(fresh) <= _MOST_NODES:
            taken |= dict.fromkeys(fresh)
    if not taken:
        taken = dict.fromkeys(order[:_MOST_NODES])
    some = sorted(taken, key=lambda node: (-degree[node], str(node)))
    flat = lay_out(graph.subgraph(some), some, lambda *_: 0, {}, _GAP)
    kept = [node for node in some if flat.layer[node] < _MOST_LAYERS]
    return sorted(kept, key=lambda node: (flat.layer[node], _when(graph.nodes[node]), str(node))), len(some) - len(kept)


def _way_up(graph: networkx.DiGraph, node: Any) -> list[Any]:
    """A node and all that lies above it, as far as a picture could hold."""
    found = {node: None}
    waiting = [node]
    while waiting and len(found) <= _MOST_NODES:
        above = sorted((one for one in graph.predecessors(waiting.pop()) if one not in found), key=str)
        found |= dict.fromkeys(above)
        waiting += above
    return list(found)


def _when(node: Mapping[str, Any]) -> str:
    return str(node.get("first") or "9")


def _look(edge: Mapping[str, Any]) -> Hashable:
    return str(edge.get("grade")), bool(edge.get("enables"))


def _frame(graph: networkx.DiGraph) -> pandas.DataFrame:
    import pandas as pd

    columns = ["parent", "child", "kind", "grade", "enables", "status", "note", "event_ids"]
    rows = [
        [parent, child, *(held.get(name) for name in columns[2:])]
        for parent, child, held in sorted(graph.edges(data=True), key=lambda edge: (str(edge[0]), str(edge[1])))
    ]
    return pd.DataFrame(rows, columns=columns)


def _keys(graph: networkx.DiGraph) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    edges = [held for _, _, held in graph.edges(data=True)]
    met = {str(held.get("grade")) for held in edges}
    found: list[Any] = [
        Line2D([], [], color=INK, label=grade, **style) for grade, style in GRADES.items() if grade in met
    ]
    for enables, face, text in ((False, INK, "gave rise to"), (True, "white", "only enables")):
        if any(bool(held.get("enables")) is enables for held in edges):
            found.append(
                Line2D([], [], marker=">", color=INK, markerfacecolor=face, linestyle="none", markersize=6, label=text)
            )
    if any(status_of(held) for held in [*edges, *(held for _, held in graph.nodes(data=True))]):
        found.append(
            Patch(
                facecolor="#fff3ec",
                edgecolor=UNSOUND,
                linewidth=1.6,
                linestyle=(0, (4, 1.5)),
                label="rests on a log file not intact",
            )
        )
    return found
