"""Where the nodes of a directed graph go: layers from left to right, few crossings, nothing over anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped, unused-ignore]

__all__ = ["Layout", "Trunk", "lay_out"]

_SWEEPS = 12
_TALLEST = 14
"""So many nodes stand in one layer before those that lead nowhere move on to the next."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A place that edges of one look from one parent pass, in a layer between their ends."""

    parent: Any
    look: Any
    layer: int


@dataclass(slots=True)
class Layout:
    """The layer and the height of every node and trunk, and the stations that each edge calls at between its ends."""

    layer: dict[Any, int] = field(default_factory=dict)
    y: dict[Any, float] = field(default_factory=dict)
    stations: dict[tuple[Any, Any], tuple[Trunk, ...]] = field(default_factory=dict)
    backward: set[tuple[Any, Any]] = field(default_factory=set)
    height: float = 0.0

    @property
    def layers(self) -> int:
        return max(self.layer.values(), default=-1) + 1


def lay_out(
    graph: networkx.DiGraph,
    order: Sequence[Any],
    look: Callable[[Any, Any], Any],
    heights: Mapping[Any, float],
    gap: float,
) -> Layout:
    """Lay a graph out. ``order`` settles what else would be left to chance; ``heights`` are the nodes' own.

    Edges that close a circle are laid out as if they led the other way.
    """
    backward = _circles(graph, order)
    forward = [
        (child, parent) if (parent, child) in backward else (parent, child)
        for parent, child in sorted(graph.edges, key=lambda edge: (order.index(edge[0]), order.index(edge[1])))
        if parent != child
    ]
    found = Layout(_layers(order, forward), backward=backward)
    links: list[tuple[Any, Any]] = []
    for parent, child in dict.fromkeys(forward):
        passed = tuple(
            Trunk(parent, look(parent, child) if (parent, child) in graph.edges else look(child, parent), layer)
            for layer in range(found.layer[parent] + 1, found.layer[child])
        )
        found.stations[parent, child] = passed
        links += zip((parent, *passed), (*passed, child), strict=True)
        found.layer |= {trunk: trunk.layer for trunk in passed}
    _set_heights(found, list(dict.fromkeys(links)), order, heights, gap)
    return found


def _circles(graph: networkx.DiGraph, order: Sequence[Any]) -> set[tuple[Any, Any]]:
    """Edges that lead back to a node that leads to them, found by walking in order."""
    place = {node: at for at, node in enumerate(order)}
    done: set[Any] = set()
    found: set[tuple[Any, Any]] = set()
    # Origins first, so that a circle is cut where it comes back to them.
    for start in sorted(order, key=lambda node: (graph.in_degree(node) > 0, place[node])):
        if start in done:
            continue
        path, on_path = [(start, iter(sorted(graph.successors(start), key=place.__getitem__)))], {start}
        while path:
            node, children = path[-1]
            for child in children:
                if child in on_path:
                    found.add((node, child))
                elif child not in done:
                    path.append((child, iter(sorted(graph.successors(child), key=place.__getitem__))))
                    on_path.add(child)
                    break
            else:
                path.pop()
                on_path.discard(node)
                done.add(node)
    return found


def _layers(order: Sequence[Any], forward: Iterable[tuple[Any, Any]]) -> dict[Any, int]:
    """Topological generations; a node that nothing leads to moves up to what it leads to, and crowds move on."""
    import networkx  # type: ignore[import-untyped, unused-ignore]

    graph = networkx.DiGraph()
    graph.add_nodes_from(order)
    graph.add_edges_from(forward)
    layer = {node: at for at, some in enumerate(networkx.topological_generations(graph)) for node in some}
    for node in order:
        if graph.in_degree(node) == 0 and graph.out_degree(node):
            layer[node] = min(layer[child] for child in graph.successors(node)) - 1
    joined = [node for node in order if graph.degree(node)]
    at = 0
    while at <= max((layer[node] for node in joined), default=-1):
        here = [node for node in joined if layer[node] == at]
        movable = [node for node in here if graph.in_degree(node) and not graph.out_degree(node)]
        surplus = min(len(movable), max(len(here) - _TALLEST, 0))
        for node in movable[len(movable) - surplus :]:
            layer[node] += 1
        at += 1
    alone = [node for node in order if not graph.degree(node)]
    across = max([layer[node] + 1 for node in joined] + [min(4, len(alone))], default=1)
    return layer | {node: at % across for at, node in enumerate(alone)}


def _set_heights(
    found: Layout, links: Sequence[tuple[Any, Any]], order: Sequence[Any], heights: Mapping[Any, float], gap: float
) -> None:
    """Order each layer by where its neighbours stand, then move everything as near to them as the room allows."""
    first = {node: at for at, node in enumerate(order)}
    rows: list[list[Any]] = [[] for _ in range(found.layers)]
    linked = {node for link in links for node in link}
    for node, layer in found.layer.items():
        if node in linked:
            rows[layer].append(node)
    for row in rows:
        row.sort(key=lambda node: first.get(node.parent if isinstance(node, Trunk) else node, 0))
    before: dict[Any, list[Any]] = {}
    after: dict[Any, list[Any]] = {}
    for left, right in links:
        after.setdefault(left, []).append(right)
        before.setdefault(right, []).append(left)
    rows = _ordered(rows, before, after, links)

    def room(node: Any) -> float:
        return heights.get(node, 0.0) + gap if not isinstance(node, Trunk) else gap

    y = {node: at for row in rows for node, at in zip(row, _apart([0.0] * len(row), [*map(room, row)]), strict=True)}
    for sweep in range(_SWEEPS):
        near = before if sweep % 2 == 0 else after
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            places = [_mean([y[one] for one in near.get(node, ())], y[node]) for node in row]
            y |= dict(zip(row, _apart(places, [room(node) for node in row]), strict=True))
    top = min((y[node] - room(node) / 2 for row in rows for node in row), default=0.0)
    found.y = {node: at - top for node, at in y.items()}
    found.height = max((found.y[node] + room(node) / 2 for node in found.y), default=0.0)
    # What is joined to nothing stands below, in rows.
    alone = [node for node in order if node not in linked]
    for line in sorted({number // max(found.layers, 1) for number in range(len(alone))}):
        row = [node for number, node in enumerate(alone) if number // max(found.layers, 1) == line]
        high = max(room(node) for node in row)
        found.y |= dict.fromkeys(row, found.height + high / 2)
        found.height += high


def _ordered(
    rows: list[list[Any]],
    before: Mapping[Any, list[Any]],
    after: Mapping[Any, list[Any]],
    links: Sequence[tuple[Any, Any]],
) -> list[list[Any]]:
    """Each layer by the middle of its neighbours, there and back again; the order with the fewest crossings counts."""
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    y = _shares(rows)
    for sweep in range(_SWEEPS):
        near, way = (before, rows) if sweep % 2 == 0 else (after, rows[::-1])
        for row in way:
            wish = {node: _mean([y[one] for one in near.get(node, ())], y[node]) for node in row}
            row.sort(key=wish.__getitem__)
            y |= _shares([row])
        crossings = _crossings(rows, links)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _shares(rows: Sequence[Sequence[Any]]) -> dict[Any, float]:
    """How far down its layer each node stands, from 0 to 1."""
    return {node: (at + 0.5) / len(row) for row in rows for at, node in enumerate(row)}


def _crossings(rows: Sequence[Sequence[Any]], links: Sequence[tuple[Any, Any]]) -> int:
    place = {node: (layer, at) for layer, row in enumerate(rows) for at, node in enumerate(row)}
    found = 0
    for layer in range(len(rows)):
        ends = sorted((place[left][1], place[right][1]) for left, right in links if place[left][0] == layer)
        found += sum(a[1] > b[1] for at, a in enumerate(ends) for b in ends[at + 1 :] if a[0] < b[0])
    return found


def _apart(wish: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """The places nearest to the wished ones, in their order and each with its room: pooled neighbours share what they lack."""
    offsets, at = [], 0.0
    for place, own in enumerate(rooms):
        at += own / 2 + (rooms[place - 1] / 2 if place else 0.0)
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for value, offset in zip(wish, offsets, strict=True):
        mean, count = value - offset, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (mean * count + other * size) / (count + size), count + size
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
