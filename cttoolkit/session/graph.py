"""Credentials and joins as a graph, to be drawn or asked with networkx."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.session.edges import Edge, worst

if TYPE_CHECKING:
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["KINDS", "drawn"]

KINDS = {
    "key": "credential",
    "tmp": "credential",
    "con": "credential",
    "fas": "credential",
    "sis": "credential",
    "login": "login",
    "svc": "service",
    "ext": "account",
    "saml": "person",
    "oidc": "person",
    "idc": "person",
    "cert": "certificate",
    "anon": "anonymous",
}
"""What a node is, by how its name begins; all others are principals."""


def drawn(uses: Mapping[str, Mapping[str, Any]], nodes: Iterable[str], edges: Iterable[Edge]) -> DiGraph:
    """A graph of these nodes and joins, from parent to child.

    Nodes have ``kind, label, events, status, first, last``, edges ``kind, grade, enables, status, note, event_ids``. Where
    several joins lie between the same two, the graph shows the best, causes first; it cites the events of all, and notes their kinds.
    """
    import networkx

    graph = networkx.DiGraph()
    for name in nodes:
        graph.add_node(name, **_used(name, uses))
    for edge in sorted(edges, key=lambda edge: (edge.parent, edge.child, edge.enables, -edge.grade, edge.kind)):
        for name in (edge.parent, edge.child):
            if name not in graph:
                graph.add_node(name, **_used(name, uses))
            if name not in uses:
                _seen(graph.nodes[name], edge)
        known = graph.edges.get((edge.parent, edge.child))
        graph.add_edge(edge.parent, edge.child, **(_shown(edge) if known is None else _beside(known, edge)))
    return graph


def _used(name: str, uses: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    kind = KINDS.get(name.partition(":")[0], "principal")
    use = uses.get(name)
    if use is None:
        label = name.partition(":")[2] or name
        return {"kind": kind, "label": label, "events": 0, "status": "", "first": None, "last": None}
    return {
        "kind": kind,
        "label": use["actor"] or name,
        "events": use["events"],
        "status": use["status"],
        "first": use["first"],
        "last": use["last"],
    }


def _seen(node: dict[str, Any], edge: Edge) -> None:
    """What made no call is known from its joins alone."""
    node["status"] = worst([edge.status, *([node["status"]] if node["status"] else [])])
    node["first"] = min(node["first"] or edge.at, edge.at)
    node["last"] = max(node["last"] or edge.at, edge.at)


def _shown(edge: Edge) -> dict[str, Any]:
    return {
        "kind": edge.kind,
        "grade": edge.grade.word,
        "enables": edge.enables,
        "status": edge.status,
        "note": edge.note,
        "event_ids": edge.event_ids,
    }


def _beside(known: Mapping[str, Any], edge: Edge) -> dict[str, Any]:
    also = f"also {edge.kind} ({edge.grade.word})"
    return {
        **known,
        "note": f"{known['note']}; {also}" if known["note"] else also,
        "status": worst([known["status"], edge.status]),
        "event_ids": tuple(dict.fromkeys([*known["event_ids"], *edge.event_ids])),
    }
