"""The joins of a case in columns, and as edges where they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from cttoolkit.integrity.verdict import Status
from cttoolkit.session.columns import Column, Rows, compute
from cttoolkit.session.edges import Edge, Grade
from cttoolkit.session.timeline import Ints, codes_of, ranked

if TYPE_CHECKING:
    import pandas

__all__ = ["Chosen", "Joins"]

_STATUSES = tuple(status.value for status in Status)
_GRADES = {grade.value: grade for grade in Grade}


@dataclass(frozen=True, eq=False)
class Joins(Sequence[Edge]):
    """Edges by child, from the best grade. ``nodes`` are all names in order; ``parent`` and ``child`` are their places.

    Rows of ``cited``, from one of ``starts`` to the next, are the events that an edge cites; ``halves`` has those that stand for
    more than themselves.
    """

    nodes: Column = field(repr=False)
    parent: Ints = field(repr=False)
    child: Ints = field(repr=False)
    grade: Ints = field(repr=False)
    enables: Ints = field(repr=False)
    sound: Ints = field(repr=False)
    shown: Rows = field(repr=False)
    starts: Ints = field(repr=False)
    cited: Column = field(repr=False)
    halves: Mapping[str, Sequence[str]] = field(repr=False)

    @classmethod
    def of(cls, found: Sequence[Rows], credentials: Column, halves: Iterable[Sequence[str]]) -> Joins:
        """Of all candidates for a credential those of the best grade, and those that only enable; one for each parent and kind."""
        import pyarrow as pa

        pc = compute()
        from cttoolkit.session.candidates import schema

        rows = pa.concat_tables([table.select(schema().names).cast(schema()) for table in found])
        rows = rows.filter(pc.not_equal(rows["parent"], rows["child"]))
        names = pa.chunked_array([*credentials.chunks, *rows["parent"].chunks], pa.string()).unique()
        nodes = names.take(pc.sort_indices(names))
        child, parent = codes_of(rows["child"], nodes), codes_of(rows["parent"], nodes)
        grade, enables = rows["grade"].to_numpy(), rows["enables"].to_numpy()
        best = np.zeros(len(nodes), grade.dtype)
        np.maximum.at(best, child[~enables], grade[~enables])
        kept = enables | (grade == best[child])
        kinds = pc.unique(rows["kind"])
        kind = codes_of(rows["kind"], kinds.take(pc.sort_indices(kinds)))
        at = rows["at"].cast(pa.int64()).to_numpy()
        cited = ranked(rows["cited"])
        order = np.lexsort((cited, at, kind, parent, -grade.astype(int), child))
        order = order[kept[order]]
        child, parent, kind, rows = child[order], parent[order], kind[order], rows.take(order)
        same = np.ones(len(order), bool)
        same[1:] = (child[1:] != child[:-1]) | (parent[1:] != parent[:-1]) | (kind[1:] != kind[:-1])
        starts = np.flatnonzero(same)
        sound = rows["sound"].to_numpy()
        return cls(
            nodes,
            parent[starts].astype(np.int32),
            child[starts].astype(np.int32),
            grade[order][starts],
            enables[order][starts],
            np.maximum.reduceat(sound, starts) if len(starts) else sound,
            rows.select(["kind", "note", "at"]).take(starts),
            np.append(starts, len(order)),
            rows["cited"],
            {ids[0]: tuple(ids) for ids in halves},
        )

    def __repr__(self) -> str:
        return f"Joins of {len(self.nodes):,} nodes: {len(self):,}"

    def __len__(self) -> int:
        return len(self.child)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(_same, self, other))

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, row: int) -> Edge: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Edge]: ...
    def __getitem__(self, row: int | slice) -> Edge | Sequence[Edge]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        row %= len(self)
        shown = self.shown
        return Edge(
            self.nodes[int(self.parent[row])].as_py(),
            self.nodes[int(self.child[row])].as_py(),
            shown["kind"][row].as_py(),
            _GRADES[int(self.grade[row])],
            self._cited(row),
            shown["at"][row].as_py(),
            _STATUSES[int(self.sound[row])],
            shown["note"][row].as_py(),
            bool(self.enables[row]),
        )

    def _cited(self, row: int) -> tuple[str, ...]:
        start, stop = int(self.starts[row]), int(self.starts[row + 1])
        ids = [one for one in self.cited.slice(start, stop - start).to_pylist() if one]
        return tuple(dict.fromkeys(half for one in ids for half in self.halves.get(one, (one,)) if half))

    def __iter__(self) -> Iterator[Edge]:
        for row in range(len(self)):
            yield self[row]

    def told(self) -> list[str]:
        """Each edge in words: its kind, grade and note."""
        words = {grade.value: grade.word for grade in Grade}
        rows = zip(self.shown["kind"].to_pylist(), self.grade.tolist(), self.shown["note"].to_pylist(), strict=True)
        return [f"{kind} ({words[grade]}{', ' + note if note else ''})" for kind, grade, note in rows]

    def frame(self) -> pandas.DataFrame:
        """All edges as a DataFrame, one row each."""
        import pandas as pd

        columns = {
            "parent": self.nodes.take(self.parent).to_pandas(),
            "child": self.nodes.take(self.child).to_pandas(),
            "join": self.shown["kind"].to_pandas(),
            "grade": [_GRADES[grade].word for grade in self.grade.tolist()],
            "enables": self.enables,
            "at": self.shown["at"].to_pandas(),
            "status": [_STATUSES[sound] for sound in self.sound.tolist()],
            "note": self.shown["note"].to_pandas(),
            "event_ids": [list(self._cited(row)) for row in range(len(self))],
        }
        return pd.DataFrame(columns)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each node."""
        return {name: place for place, name in enumerate(self.nodes.to_pylist())}

    @cached_property
    def _by_parent(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.parent, kind="stable")
        return order, self.parent[order]

    def above(self, name: str) -> Iterator[Edge]:
        """The edges to a node."""
        place = self.places.get(name, -1)
        start, stop = (int(np.searchsorted(self.child, place, side)) for side in ("left", "right"))
        return (self[row] for row in range(start, stop))

    def below(self, name: str) -> Iterator[Edge]:
        """The edges from a node."""
        place = self.places.get(name, -1)
        order, parents = self._by_parent
        start, stop = (int(np.searchsorted(parents, place, side)) for side in ("left", "right"))
        return (self[int(row)] for row in order[start:stop])

    def branching(self, least: int) -> list[str]:
        """Nodes with more than one way up."""
        causes = self.child[~self.enables & (self.grade >= least)]
        found, counts = np.unique(causes, return_counts=True)
        names: list[str] = self.nodes.take(found[counts > 1]).to_pylist()
        return names

    def from_all(self, places: Ints, least: int) -> Ints:
        """Rows of the edges from any of these nodes."""
        order, parents = self._by_parent
        start, stop = np.searchsorted(parents, places, "left"), np.searchsorted(parents, places, "right")
        counts = stop - start
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        rows = order[np.repeat(start, counts) + within]
        kept: Ints = rows[self.grade[rows] >= least]
        return kept


def _same(one: Any, other: Any) -> bool:
    return bool(one == other)


@dataclass(frozen=True)
class Chosen(Sequence[Edge]):
    """Some rows of all joins, in their order."""

    joins: Joins
    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Edge: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Edge]: ...
    def __getitem__(self, at: int | slice) -> Edge | Sequence[Edge]:
        if isinstance(at, slice):
            return Chosen(self.joins, self.rows[at])
        return self.joins[int(self.rows[at])]
