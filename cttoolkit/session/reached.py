"""What came from a credential: the credentials issued on from it, and all that these did."""

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
from cttoolkit.session.chain import ISSUED, UNISSUED, Chains, chains
from cttoolkit.session.edges import Edge, Grade
from cttoolkit.session.graph import drawn
from cttoolkit.session.joined import Chosen
from cttoolkit.session.made import Made, made_in
from cttoolkit.text import number_of, shortened

if TYPE_CHECKING:
    import pandas
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["Reach", "reach"]

_SHOWN, _LONGEST_PATH = 20, 400
_MOST_RESOURCES = 10_000
_MOST_SPELT = 1_000


@dataclass(frozen=True, eq=False)
class Reach:
    """What came from an actor or a credential: the credentials issued on from it, and all that these did.

    ``events`` are Events like any, to be narrowed and regrouped.
    """

    start: str
    chains: Chains = field(repr=False)
    credentials: tuple[str, ...]
    edges: Sequence[Edge] = field(repr=False)
    least: Grade
    events: Events = field(repr=False)
    starts: tuple[str, ...] = field(default=(), repr=False)

    def _distinct(self, column: str) -> list[str]:
        values = self.events.table.select(column).distinct().to_pyarrow()[column].to_pylist()
        return sorted(value for value in values if value)

    @property
    def sessions(self) -> tuple[str, ...]:
        """The credentials that some call gave out."""
        return tuple(name for name in self.credentials if name.partition(":")[0] in ISSUED)

    @cached_property
    def ambiguous(self) -> dict[str, int]:
        """Credentials that may as well have come from elsewhere, with the number of what each may have come from."""
        causes = {name: self.chains.above(name, self.least) for name in self.chains.edges.branching(self.least)}
        reached = {edge.child for edge in self.edges}
        counts = {name: len({edge.parent for edge in edges if not edge.enables}) for name, edges in causes.items()}
        return {name: counts[name] for name in self.credentials if name in reached and counts.get(name, 0) > 1}

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
    def created(self) -> list[Made]:
        """What was made where the answer tells it, in order of time; the first ten thousand calls that make something are read."""
        return made_in(self.events)

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

    def _rows(self, most: int | None = None) -> list[tuple[Any, ...]]:
        uses = self.chains.uses
        return [
            (name, use["actor"], use["role"], use["first"], use["last"], use["events"], use["addresses"])
            for name in self.credentials[:most]
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
            number_of(len(self.credentials), "credential"),
            number_of(len(self.roles), "role"),
            number_of(len(self.accounts), "account"),
            number_of(len(self.regions), "region"),
            number_of(len(self.events), "event"),
            *([f"{len(self.ambiguous):,} ambiguous"] if self.ambiguous else []),
            *([self.chains.left_out] if self.chains.left_out else []),
        )
        told = " · ".join(counts)
        return f"Reached from {self.start}, by joins that are {self.least.word} or better: {told}"

    def __repr__(self) -> str:
        lines = [shortened(self._caption, 2000), text_table(_REACHED, self._rows(_SHOWN))]
        return "\n".join(lines + [f"No issuing event: {reason}." for reason in self.explanations])

    @property
    def explanations(self) -> tuple[str, ...]:
        """What may be the reason where no event issued a credential that this began with; none where all were issued."""
        starts = [name for name in self.starts if name.partition(":")[0] in ISSUED]
        is_open = any(all(edge.enables for edge in self.chains.above(name)) for name in starts)
        return UNISSUED if is_open else ()

    def _repr_html_(self) -> str:
        reasons = "".join(f"<li>{reason}</li>" for reason in self.explanations)
        below = f"<p>Where no event issued what this began with, either</p><ul>{reasons}</ul>" if reasons else ""
        return html_table(_REACHED, self._rows(_SHOWN), self._caption) + below


_REACHED = ("credential", "used_by", "role", "first", "last", "events", "addresses")


def reach(events: Events, who: str | Events, least: Grade = Grade.STRONG) -> Reach:
    """What came from an actor, an access key or a credential, within all admitted events; or from the credentials of Events.

    What it only made possible counts as well: a key that it created, a password that it set. ActorError where nobody answers to
    ``who``. Of Events, which may be none, those without a credential are part of what is reached; of a sign-in to the console so is the
    session that it opened, and no other of the same user.
    """
    found = chains(events, least)
    starts = found.held_by(who) if isinstance(who, str) else _signed_with(who, found, least)
    told = who if isinstance(who, str) else shortened(" ▸ ".join(who.steps), _LONGEST_PATH)
    names, rows = found.downward(starts, least)
    reached = events.root.where(Match(f"reached from {told}", lambda table: table.credential.isin(_listed(names))))
    if not isinstance(who, str):
        reached = who.united(reached)
    return Reach(told, found, tuple(names), Chosen(found.edges, rows), least, reached, tuple(starts))


def _signed_with(events: Events, found: Chains, least: Grade) -> list[str]:
    """The credentials that signed events, and those that sign-ins among them opened: a sign-in itself has none."""
    names = events.table.select("credential").distinct().to_pyarrow()["credential"].to_pylist()
    entries = (
        events.named("ConsoleLogin").table.select("event_id", "user_identity_principal_id").to_pyarrow().to_pylist()
    )
    ids = {row["event_id"] for row in entries}
    owners = {row["user_identity_principal_id"] for row in entries}
    logins = [edge for owner in sorted(filter(None, owners)) for edge in found.below(f"login:{owner}", least)]
    opened = {edge.child for edge in logins if ids & set(edge.event_ids)}
    return sorted(({name for name in names if name} | opened) & found.edges.places.keys())


def _listed(names: Sequence[str]) -> Any:
    """The names as they are, or as a table where they are too many to be spelt out in a query."""
    import ibis

    if len(names) <= _MOST_SPELT:
        return names
    return ibis.memtable({"credential": list(names)}, schema={"credential": "string"}).credential


def _arns(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    held = (one.get("ARN") or one.get("ARNPrefix") for one in found if isinstance(one, dict))
    return [arn for arn in held if isinstance(arn, str)]
