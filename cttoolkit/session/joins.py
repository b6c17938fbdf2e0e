"""All joins of a case: each use of credentials with what may have issued it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cttoolkit.session.console import ways_in
from cttoolkit.session.edges import Edge, Grade, worst
from cttoolkit.session.issued import by_creation, by_key, onward, sources_of, whole
from cttoolkit.session.timeline import Row, Timeline

__all__ = ["joined"]


def joined(uses: Sequence[Row], issues: Sequence[Row], sign_ins: Sequence[Row]) -> list[Edge]:
    """Every join that the two sides allow; where several stand for one credential, only those of the best grade."""
    found: list[Edge] = []
    actions = whole(issues)
    keys, holders = Timeline(actions, "issued_key"), Timeline(actions, "issued_id")
    console, sources = ways_in(uses, sign_ins), sources_of(uses)
    for use in uses:
        candidates = list(by_key(use, keys))
        if not any(edge.grade is Grade.EXACT and not edge.enables for edge in candidates):
            candidates += [*by_creation(use, holders), *console(use), *onward(use, sources)]
        # What a session did itself did not open it.
        candidates = [edge for edge in candidates if edge.parent != edge.child]
        enabling = [edge for edge in candidates if edge.enables]
        causing = [edge for edge in candidates if not edge.enables]
        best = max((edge.grade for edge in causing), default=None)
        found.extend(_once([*(edge for edge in causing if edge.grade is best), *enabling]))
    return found


def _once(edges: Sequence[Edge]) -> Iterator[Edge]:
    """One edge for each parent and kind, which cites the events of all."""
    seen: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        known = seen.get((edge.parent, edge.kind), edge)
        ids = tuple(dict.fromkeys([*known.event_ids, *edge.event_ids]))
        seen[edge.parent, edge.kind] = replace(known, event_ids=ids, status=worst((known.status, edge.status)))
    yield from seen.values()
