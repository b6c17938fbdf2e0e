"""All ways up of many credentials: counted in columns, and made a Path where one is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np

from cttoolkit.integrity.verdict import Status
from cttoolkit.session.chain import ISSUED, PERSONAL, PROVIDED, Chains, Path, end_of
from cttoolkit.session.columns import Column
from cttoolkit.session.edges import Grade
from cttoolkit.session.timeline import Ints
from cttoolkit.session.upward import Upward, upward

__all__ = ["COLUMNS", "Ways", "row_of", "ways_of"]

COLUMNS = ("credential", "used_by", "origin", "is_a", "person", "grade", "status", "joins")


@dataclass(frozen=True, eq=False)
class Ways(Sequence[Path]):
    """The ways up of each credential in turn. ``several`` has those that do not have exactly one, by their row."""

    chains: Chains
    credentials: Column
    least: Grade
    up: Upward
    several: Mapping[int, Sequence[Path]]

    @cached_property
    def counts(self) -> Ints:
        """The number of ways of each credential."""
        counts = np.ones(len(self.credentials), np.int64)
        for row, paths in self.several.items():
            counts[row] = len(paths)
        return counts

    @cached_property
    def _stops(self) -> Ints:
        return np.cumsum(self.counts)

    def __len__(self) -> int:
        return int(self._stops[-1]) if len(self._stops) else 0

    @overload
    def __getitem__(self, at: int) -> Path: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Path]: ...
    def __getitem__(self, at: int | slice) -> Path | Sequence[Path]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        row = int(np.searchsorted(self._stops, at, "right"))
        if row in self.several:
            return self.several[row][at - int(self._stops[row])]
        return self.chains.paths(self.credentials[row].as_py(), self.least)[0]

    @cached_property
    def ends(self) -> list[str]:
        """What each credential's one way ends at; of those in ``several`` nothing is said."""
        places, which = np.unique(self.up.origin, return_inverse=True)
        kinds = [name.partition(":")[0] for name in self.chains.edges.nodes.take(places).to_pylist()]
        below = f"joins below {self.least.word} only"
        return [below if is_below else end_of(kinds[n]) for n, is_below in zip(which, self.up.is_below, strict=True)]

    @cached_property
    def is_resolved(self) -> Ints:
        """Whether each credential has one way, which explains itself."""
        places, which = np.unique(self.up.origin, return_inverse=True)
        names = self.chains.edges.nodes.take(places).to_pylist()
        is_issued = np.array([name.partition(":")[0] in ISSUED for name in names], bool)[which]
        found: Ints = self.up.one & ~is_issued & ~self.up.is_below
        for row, paths in self.several.items():
            found[row] = len(paths) == 1 and paths[0].is_resolved
        return found

    def columns(self) -> dict[str, list[Any]]:
        """Every way as columns, in order."""
        up, nodes = self.up, self.chains.edges.nodes
        words = {grade.value: grade.word for grade in Grade} | {0: ""}
        statuses = [status.value for status in Status]
        found: dict[str, list[Any]] = {
            "credential": self.credentials.to_pylist(),
            "used_by": self._actors(self._rows(self.credentials)),
            "origin": nodes.take(up.origin).to_pylist(),
            "is_a": self.ends,
            "grade": [words[grade] for grade in up.grade.tolist()],
            "status": [statuses[sound] for sound in up.sound.tolist()],
            "joins": self._joins(),
        }
        found["person"] = self._persons(found["origin"])
        if not self.several:
            return {name: found[name] for name in COLUMNS}
        rows: list[tuple[Any, ...]] = []
        for row, single in enumerate(zip(*(found[name] for name in COLUMNS), strict=True)):
            rows += [row_of(path, self.chains) for path in self.several[row]] if row in self.several else [single]
        return dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))

    def _rows(self, names: Any) -> Ints:
        from cttoolkit.session.timeline import codes_of

        return codes_of(names, self.chains.uses.columns["credential"].combine_chunks())

    def _actors(self, rows: Ints) -> list[str]:
        actors: list[str] = self.chains.uses.columns["actor"].take(rows).to_pylist()
        return actors

    def _persons(self, origins: Sequence[str]) -> list[str]:
        up, nodes = self.up, self.chains.edges.nodes
        owner = np.where(up.person >= 0, up.person, up.last)
        rows = self._rows(nodes.take(owner))
        actors = self._actors(np.maximum(rows, 0))
        found = []
        for row, (origin, actor) in enumerate(zip(origins, actors, strict=True)):
            kind, _, rest = origin.partition(":")
            if up.is_named[row] and row not in self.several:
                (path,) = self.chains.paths(self.credentials[row].as_py(), self.least)
                found.append(self.chains.person(path))
            elif up.person[row] >= 0 or kind == "login":
                found.append(actor)
            else:
                found.append(rest if kind in PROVIDED else "")
        return found

    def _joins(self) -> list[str]:
        told = self.chains.edges.told()
        found: list[str] = [""] * len(self.credentials)
        for step in self.up.edges.T:
            for row in np.flatnonzero(step >= 0).tolist():
                above = told[step[row]]
                found[row] = f"{above} → {found[row]}" if found[row] else above
        return found


def ways_of(chains: Chains, credentials: Column, least: Grade) -> Ways:
    """The ways up of all these credentials. Those that branch or go in circles are walked one by one."""
    up = upward(chains.edges, chains.uses, credentials, least.value, PERSONAL, chains.persons)
    several = {row: chains.paths(credentials[row].as_py(), least) for row in np.flatnonzero(~up.one).tolist()}
    return Ways(chains, credentials, least, up, several)


def row_of(path: Path, chains: Chains) -> tuple[Any, ...]:
    """One way as a row of COLUMNS."""
    return (
        path.credential,
        chains.uses[path.credential]["actor"],
        path.origin,
        path.end,
        chains.person(path),
        path.grade.word if path.grade else "",
        path.status,
        " → ".join(f"{edge.kind} ({edge.grade.word}{', ' + edge.note if edge.note else ''})" for edge in path.edges),
    )
