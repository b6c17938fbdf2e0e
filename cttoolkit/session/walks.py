"""The two questions of an investigation about credentials: who stood behind these calls, and what did this reach?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.display import html_table, text_table
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.session.chains import UNISSUED, UNKNOWN, Chains, Path, chains
from cttoolkit.session.edges import Edge, Grade
from cttoolkit.session.graph import drawn

if TYPE_CHECKING:
    import pandas
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["Behind", "Reach", "behind", "reach"]

_SHOWN = 20
_MOST_RESOURCES = 10_000
_MOST_SPELT = 1_000
_COLUMNS = ("credential", "used_by", "events", "origin", "is_a", "person", "grade", "status", "joins")


@dataclass(frozen=True, eq=False)
class Behind:
    """Who stood behind events: a row for each credential and each way up from it.

    ``unattributed`` counts events that no credential made: those of AWS services, and calls that carry none.
    """

    chains: Chains = field(repr=False)
    paths: tuple[Path, ...] = field(repr=False)
    counts: dict[str, int] = field(repr=False)
    unattributed: int
    least: Grade

    @property
    def is_resolved(self) -> bool:
        """Whether every credential has exactly one way up, and that one explains itself."""
        return len(self.paths) == len(self.counts) and all(path.is_resolved for path in self.paths)

    def _rows(self) -> list[tuple[Any, ...]]:
        uses = self.chains.uses
        return [
            (
                path.credential,
                uses[path.credential]["actor"],
                self.counts[path.credential],
                path.origin,
                path.end,
                self.chains.person(path),
                path.grade.word if path.grade else "",
                path.status,
                _told(path.edges),
            )
            for path in self.paths
        ]

    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame of your own."""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=list(_COLUMNS))

    def graph(self, least: Grade = Grade.POSSIBLE) -> DiGraph:
        """The credentials and all ways up from them, as a networkx graph from parent to child."""
        edges = {edge: None for path in self.paths for edge in path.edges if edge.grade >= least}
        return drawn(self.chains.uses, self.counts, edges)

    @property
    def _caption(self) -> str:
        ways = Counter(path.credential for path in self.paths)
        several = sum(count > 1 for count in ways.values())
        open_ends = len({path.credential for path in self.paths if path.end == UNKNOWN})
        left = len({path.credential for path in self.paths if not path.is_resolved}) - open_ends
        parts = [f"{len(ways):,} credentials"]
        parts += [f"{several:,} ambiguous"] if several else []
        parts += [f"{open_ends:,} without an issuing event"] if open_ends else []
        parts += [f"{left:,} otherwise unresolved"] if left > 0 else []
        parts += [f"{self.unattributed:,} events without a credential"] if self.unattributed else []
        parts += [f"the first {_SHOWN} shown"] if len(self.paths) > _SHOWN else []
        return f"Who stood behind, by joins that are {self.least.word} or better: " + " · ".join(parts)

    @property
    def explanations(self) -> tuple[str, ...]:
        """What may be the reason where no event issued a credential; none where every credential was issued before our eyes."""
        return UNISSUED if any(path.end == UNKNOWN for path in self.paths) else ()

    def __repr__(self) -> str:
        lines = [self._caption, text_table(_COLUMNS, self._rows()[:_SHOWN])]
        lines += [f"No issuing event: {reason}." for reason in self.explanations]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        reasons = "".join(f"<li>{reason}</li>" for reason in self.explanations)
        below = f"<p>Where no event issued a credential, either</p><ul>{reasons}</ul>" if reasons else ""
        return html_table(_COLUMNS, self._rows()[:_SHOWN], self._caption) + below


@dataclass(frozen=True, eq=False)
class Reach:
    """What came from an actor or a credential: the credentials issued on from it, and all that these did.

    ``events`` are Events like any, to be narrowed and regrouped.
    """

    start: str
    chains: Chains = field(repr=False)
    credentials: tuple[str, ...]
    edges: tuple[Edge, ...] = field(repr=False)
    least: Grade
    events: Events = field(repr=False)

    def _distinct(self, column: str) -> list[str]:
        values = self.events.table.select(column).distinct().to_pyarrow()[column].to_pylist()
        return sorted(value for value in values if value)

    @cached_property
    def roles(self) -> list[str]:
        return self._distinct("role")

    @cached_property
    def accounts(self) -> list[str]:
        """Accounts whose trails received the events."""
        return self._distinct("recipient_account_id")

    @cached_property
    def regions(self) -> list[str]:
        return self._distinct("aws_region")

    @cached_property
    def made(self) -> list[tuple[str, int]]:
        """Calls that changed something and succeeded, with their number, most first."""
        table = self.events.succeeded().table
        writes = table.filter(~table.read_only)
        rows: list[dict[str, Any]] = writes["event_name"].value_counts(name="events").to_pyarrow().to_pylist()
        return sorted(((row["event_name"], row["events"]) for row in rows), key=lambda row: (-row[1], row[0]))

    @cached_property
    def resources(self) -> list[tuple[str, int]]:
        """ARNs that the events name as accessed, with the number of events; of the ten thousand most frequent lists of them."""
        table = self.events.table.filter(self.events.table.resources.notnull())
        counted = table["resources"].value_counts(name="events")
        order = [counted.events.desc(), counted.resources.asc()]
        found: Counter[str] = Counter()
        for row in counted.order_by(order).limit(_MOST_RESOURCES).to_pyarrow().to_pylist():
            for arn in _arns(row["resources"]):
                found[arn] += row["events"]
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def _rows(self) -> list[tuple[Any, ...]]:
        uses = self.chains.uses
        return [
            (name, use["actor"], use["role"], use["first"], use["last"], use["events"], use["addresses"])
            for name in self.credentials
            for use in (uses[name],)
        ]

    def graph(self, least: Grade = Grade.POSSIBLE) -> DiGraph:
        """The credentials reached and the joins on the way, as a networkx graph from parent to child."""
        return drawn(self.chains.uses, self.credentials, (edge for edge in self.edges if edge.grade >= least))

    def frame(self) -> pandas.DataFrame:
        """The credentials as a DataFrame of your own, in the order in which they were first used."""
        import pandas as pd

        return pd.DataFrame(self._rows(), columns=list(_REACHED))

    @property
    def _caption(self) -> str:
        counts = (
            (len(self.credentials), "credentials"),
            (len(self.roles), "roles"),
            (len(self.accounts), "accounts"),
            (len(self.regions), "regions"),
            (len(self.events), "events"),
        )
        told = " · ".join(f"{count:,} {what}" for count, what in counts)
        return f"Reached from {self.start}, by joins that are {self.least.word} or better: {told}"

    def __repr__(self) -> str:
        return f"{self._caption}\n{text_table(_REACHED, self._rows()[:_SHOWN])}"

    def _repr_html_(self) -> str:
        return html_table(_REACHED, self._rows()[:_SHOWN], self._caption)


_REACHED = ("credential", "used_by", "role", "first", "last", "events", "addresses")


def behind(events: Events, least: Grade = Grade.STRONG) -> Behind:
    """Who stood behind events: each credential that made them, followed up to where it came from.

    Joins below ``least`` are left out; ask for ``Grade.LIKELY`` or ``Grade.POSSIBLE`` to see leads, which prove nothing.
    """
    found = chains(events)
    table = events.table
    rows = table.group_by("credential").aggregate(events=table.count()).to_pyarrow().to_pylist()
    counts = {row["credential"]: row["events"] for row in rows if row["credential"] in found.uses}
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    paths = tuple(path for name in ordered for path in found.paths(name, least))
    others = sum(row["events"] for row in rows if row["credential"] not in found.uses)
    return Behind(found, paths, counts, others, least)


def reach(events: Events, who: str, least: Grade = Grade.STRONG) -> Reach:
    """What came from an actor, an access key or a credential, within all admitted events.

    What it only made possible counts as well: a key that it created, a password that it set. ActorError where nobody answers to
    ``who``.
    """
    found = chains(events)
    names, edges = found.downward(found.held_by(who), least)
    names.sort(key=lambda name: (found.uses[name]["first"], name))
    reached = Match(f"reached from {who}", lambda table: table.credential.isin(_listed(names)))
    return Reach(who, found, tuple(names), tuple(edges), least, events.root.where(reached))


def _listed(names: Sequence[str]) -> Any:
    """The names as they are, or as a table where they are too many to be spelt out in a query."""
    import ibis

    if len(names) <= _MOST_SPELT:
        return names
    return ibis.memtable({"credential": list(names)}, schema={"credential": "string"}).credential


def _told(edges: Sequence[Edge]) -> str:
    return " → ".join(f"{edge.kind} ({edge.grade.word}{', ' + edge.note if edge.note else ''})" for edge in edges)


def _arns(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    held = (one.get("ARN") or one.get("ARNPrefix") for one in found if isinstance(one, dict))
    return [arn for arn in held if isinstance(arn, str)]
