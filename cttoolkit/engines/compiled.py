"""DuckDB through Ibis, with each question put into SQL once.

Ibis takes tens of milliseconds to write a question down, on little evidence longer than DuckDB takes to answer it. What is asked is
mostly asked again: the same pivot of other events, the same cell of a playbook on another case.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis.common.graph import Node

__all__ = ["connect", "form"]

_MOST = 1000
"""Questions that are remembered at most; the oldest is forgotten first."""
_LARGEST = 5000
"""Nodes of a question that is remembered; one with more names thousands of values, and is hardly asked again."""


def connect(**settings: Any) -> Any:
    """A database of its own in memory, as an Ibis backend, the ``made()`` of which makes a temporary table of a table's rows."""
    backend = _backend()(":memory:", **settings)
    backend.reconnect()
    backend.numbers = itertools.count()
    return backend


@cache
def _backend() -> Any:
    from ibis.backends.duckdb import Backend

    remembered: dict[Hashable, str] = {}

    class Remembering(Backend):  # type: ignore[misc]
        def compile(self, expr: Any, /, *, limit: Any = None, params: Any = None, pretty: bool = False) -> str:
            asked = form(expr.as_table().op()) if params is None else None
            known = (asked, limit, pretty)
            if asked is None or (found := remembered.get(known)) is None:
                found = str(super().compile(expr, limit=limit, params=params, pretty=pretty))
                if asked is not None:
                    if len(remembered) >= _MOST:
                        # Another thread may have been faster.
                        remembered.pop(next(iter(remembered)), None)
                    remembered[known] = found
            return found

        def made(self, table: Any) -> Any:
            # Names that are drawn would make every question to such a table another one.
            name = f"kept_{next(self.numbers)}"
            # Rows that come with a question are handed to the database first.
            self._run_pre_execute_hooks(table)
            self.raw_sql(f'CREATE TEMP TABLE "{name}" AS {self.compile(table)}')
            return self.table(name)

    return Remembering


def form(asked: Node) -> Hashable | None:
    """All that the SQL of a question depends on: its nodes, each by its kind and arguments, in an order that is its own.

    Tables count by name and columns, whatever database they lie in. None where the question holds rows of its own, or something that
    cannot be compared, or is very large.
    """
    from ibis.expr.operations import InMemoryTable

    numbers: dict[int, int] = {}
    nodes: list[Hashable] = []
    waiting = [asked]
    while waiting:
        node = waiting[-1]
        if id(node) in numbers:
            waiting.pop()
            continue
        before = [one for one in node.__children__ if id(one) not in numbers]
        if before:
            waiting.extend(before)
            continue
        waiting.pop()
        if isinstance(node, InMemoryTable):
            return None
        numbers[id(node)] = len(numbers)
        nodes.append((type(node), *(_argument(one, numbers) for one in node.__args__)))
    if len(nodes) > _LARGEST:
        return None
    found = tuple(nodes)
    try:
        hash(found)
    except TypeError:
        return None
    return found


def _argument(value: Any, numbers: Mapping[int, int]) -> Hashable:
    from ibis.backends import BaseBackend
    from ibis.common.graph import Node

    if isinstance(value, Node):
        return (Node, numbers[id(value)])
    if isinstance(value, tuple | list):
        return (tuple, *(_argument(one, numbers) for one in value))
    if isinstance(value, Mapping):
        return (Mapping, *((key, _argument(one, numbers)) for key, one in value.items()))
    if isinstance(value, BaseBackend):
        return None
    # 1, 1.0 and True are equal, and are written in three ways.
    return (type(value), value)
