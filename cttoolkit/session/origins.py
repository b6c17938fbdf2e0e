"""Who stood behind calls: each credential that made them, followed up to where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table, text_table
from cttoolkit.events import Events
from cttoolkit.session.chain import UNISSUED, UNKNOWN, Chains, chains
from cttoolkit.session.columns import compute
from cttoolkit.session.edges import Grade
from cttoolkit.session.graph import drawn
from cttoolkit.session.ways import Ways, row_of, ways_of
from cttoolkit.text import number_of, shortened

if TYPE_CHECKING:
    import pandas
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["Behind", "behind"]

_SHOWN = 20
_COLUMNS = ("credential", "used_by", "events", "origin", "is_a", "person", "grade", "status", "joins")


@dataclass(frozen=True, eq=False)
class Behind:
    """Who stood behind events: a row for each credential and each way up from it.

    ``unattributed`` counts events that no credential made: those of AWS services, and calls that carry none.
    """

    chains: Chains = field(repr=False)
    paths: Ways = field(repr=False)
    counts: Mapping[str, int] = field(repr=False)
    unattributed: int
    least: Grade

    @property
    def is_resolved(self) -> bool:
        """Whether every credential has exactly one way up, and that one explains itself."""
        return bool(self.paths.is_resolved.all())

    def origin(self, credential: str) -> str:
        """Where a credential came from: the origin, or ``ambiguous(n)`` where there are n ways up."""
        paths = self.chains.paths(credential, self.least)
        return paths[0].origin if len(paths) == 1 else f"ambiguous({len(paths)})"

    def _rows(self) -> list[tuple[Any, ...]]:
        shown = (row_of(path, self.chains) for path in self.paths[:_SHOWN])
        return [(*row[:2], self.counts[row[0]], *row[2:]) for row in shown]

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own."""
        import pandas as pd

        columns = self.paths.columns()
        columns["events"] = [self.counts[name] for name in columns["credential"]]
        return pd.DataFrame({name: columns[name] for name in _COLUMNS})

    def graph(self, least: Grade = Grade.POSSIBLE) -> DiGraph:
        """The credentials and all ways up from them, as a networkx graph from parent to child."""
        edges = {edge: None for path in self.paths for edge in path.edges if edge.grade >= least}
        return drawn(self.chains.uses, self.counts, edges)

    @property
    def _caption(self) -> str:
        ways = self.paths
        several = int((ways.counts > 1).sum())
        open_ends = self._open_ends
        left = int((~ways.is_resolved).sum()) - several - open_ends
        parts = [number_of(len(self.counts), "credential")]
        parts += [f"{several:,} ambiguous"] if several else []
        parts += [f"{open_ends:,} without an issuing event"] if open_ends else []
        parts += [f"{left:,} otherwise unresolved"] if left > 0 else []
        parts += [f"{number_of(self.unattributed, 'event')} without a credential"] if self.unattributed else []
        parts += [self.chains.left_out] if self.chains.left_out else []
        parts += [f"the first {_SHOWN} shown"] if len(self.paths) > _SHOWN else []
        return f"Who stood behind, by joins that are {self.least.word} or better: " + " · ".join(parts)

    @property
    def _open_ends(self) -> int:
        """Credentials that no event issued, or what one of their ways leads to."""
        ways = self.paths
        single = sum(end == UNKNOWN for row, end in enumerate(ways.ends) if row not in ways.several)
        return single + sum(any(path.end == UNKNOWN for path in paths) for paths in ways.several.values())

    @property
    def explanations(self) -> tuple[str, ...]:
        """What may be the reason where no event issued a credential; none where every credential was issued before our eyes."""
        return UNISSUED if self._open_ends else ()

    def __repr__(self) -> str:
        lines = [shortened(self._caption, 2000), text_table(_COLUMNS, self._rows())]
        lines += [f"No issuing event: {reason}." for reason in self.explanations]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        reasons = "".join(f"<li>{reason}</li>" for reason in self.explanations)
        below = f"<p>Where no event issued a credential, either</p><ul>{reasons}</ul>" if reasons else ""
        return html_table(_COLUMNS, self._rows(), self._caption) + below


def behind(events: Events, least: Grade = Grade.STRONG, *, known: Chains | None = None) -> Behind:
    """Who stood behind events: each credential that made them, followed up to where it came from.

    Joins below ``least`` are left out; ask for ``Grade.LIKELY`` or ``Grade.POSSIBLE`` to see leads, which prove nothing.
    ``known`` are chains of the same admitted events, made with ``least`` or lower, which need not be joined again then.
    """
    import pyarrow as pa

    pc = compute()
    found = known if known is not None else chains(events, least)
    table = events.table
    rows = table.group_by("credential").aggregate(events=table.count()).to_pyarrow()
    is_used = pc.is_in(rows["credential"], value_set=found.uses.columns["credential"].combine_chunks())
    is_used = pc.and_(is_used, rows["credential"].is_valid())
    held = rows.filter(is_used).sort_by([("events", "descending"), ("credential", "ascending")])
    counts = dict(zip(held["credential"].to_pylist(), held["events"].to_pylist(), strict=True))
    others = pc.sum(rows.filter(pc.invert(is_used))["events"]).as_py() or 0
    return Behind(found, ways_of(found, held["credential"].cast(pa.string()), least), counts, others, least)
