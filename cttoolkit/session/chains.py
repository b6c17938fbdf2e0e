"""Credential chains: what was issued from what, walked both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ActorError
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.integrity.verdict import Status
from cttoolkit.session.edges import Edge, Grade, worst
from cttoolkit.session.graph import drawn
from cttoolkit.session.issues import DOUBTFUL, issues_of, persons_of, sign_ins_of, uses_of
from cttoolkit.session.joins import joined

if TYPE_CHECKING:
    import pandas
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["UNISSUED", "UNKNOWN", "Chains", "Path", "chains"]

_DEEPEST = 20
_MOST_PATHS = 64
UNKNOWN = "no issuing event"
_PERSONAL = frozenset(
    rung.value
    for rung in (Rung.SOURCE_IDENTITY, Rung.USER, Rung.SSO_USER, Rung.ROOT, Rung.IDENTITY_CENTER, Rung.PROVIDER)
)
UNISSUED = (
    "it was issued before the time that the evidence covers",
    "it was issued in an account or region that is not in the evidence: STS records in the region that was asked",
    "the trail does not record read-only management events, and AssumeRole is one",
    "it comes from IAM Identity Center, the console or a service's onward call, whose issues name no key",
    "the record of it is missing: lost, or removed",
)
"""The five explanations where no event issued a credential. None can be struck out but by what the evidence covers."""
_ENDS = {
    "key": "long-lived access key",
    "login": "console sign-in",
    "svc": "AWS service",
    "ext": "another account",
    "saml": "SAML identity provider",
    "oidc": "OpenID Connect identity provider",
    "idc": "Identity Center user",
    "anon": "no authentication",
    "arn": "a principal whose session is not in the evidence",
    "root": "account root",
    "user": "IAM user",
    "role": "role",
}


@dataclass(frozen=True)
class Path:
    """From one credential up to where it came from: ``edges`` from the origin down.

    ``grade`` is that of the worst edge, None where there are no edges. ``status`` is the worst of the log files that hold what the
    edges cite, or a call of any credential on the way. ``end`` says what the origin is, or why the way up stopped there;
    ``is_resolved`` is True where it explains itself.
    """

    credential: str
    origin: str
    end: str
    is_resolved: bool
    edges: tuple[Edge, ...]
    status: str

    @property
    def grade(self) -> Grade | None:
        return min((edge.grade for edge in self.edges), default=None)

    @property
    def event_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for edge in self.edges for one in edge.event_ids))


@dataclass(frozen=True, eq=False)
class Chains:
    """All credentials of the admitted events and the joins between them. Build it with chains()."""

    events: Events = field(repr=False)
    uses: Mapping[str, Mapping[str, Any]] = field(repr=False)
    edges: tuple[Edge, ...] = field(repr=False)
    persons: Mapping[str, tuple[str, ...]] = field(repr=False)

    def __repr__(self) -> str:
        return f"Chains of {len(self.uses):,} credentials, {len(self.edges):,} joins"

    @cached_property
    def _above(self) -> dict[str, list[Edge]]:
        return _by(self.edges, "child")

    @cached_property
    def _below(self) -> dict[str, list[Edge]]:
        return _by(self.edges, "parent")

    def above(self, credential: str, least: Grade = Grade.POSSIBLE) -> list[Edge]:
        """What a credential came from, and what enabled it."""
        return [edge for edge in self._above.get(credential, ()) if edge.grade >= least]

    def below(self, node: str, least: Grade = Grade.POSSIBLE) -> list[Edge]:
        return [edge for edge in self._below.get(node, ()) if edge.grade >= least]

    def paths(self, credential: str, least: Grade = Grade.STRONG) -> list[Path]:
        """Every way up from a credential: one, but where joins are ambiguous.

        Joins below ``least`` are not walked. A circle of roles ends where it closes, no path is longer than twenty joins, and of
        more than 64 ways up the rest ends where it was.
        """
        found: list[Path] = []
        waiting: list[tuple[str, tuple[Edge, ...]]] = [(credential, ())]
        while waiting:
            node, below = waiting.pop()
            causes = [edge for edge in self.above(node) if not edge.enables]
            strong = [edge for edge in causes if edge.grade >= least]
            walked = {credential, *(edge.parent for edge in below)}
            up = [edge for edge in strong if edge.parent not in walked]
            if len(below) >= _DEEPEST or len(found) + len(waiting) + len(up) > _MOST_PATHS:
                found.append(self._path(credential, node, below, "more joins than are walked" if up else ""))
            elif up:
                waiting.extend((edge.parent, (edge, *below)) for edge in up)
            else:
                left = "a circle" if strong else f"joins below {least.word} only" if causes else ""
                found.append(self._path(credential, node, below, left))
        return sorted(found, key=lambda path: (path.origin, path.event_ids))

    def _path(self, credential: str, origin: str, edges: tuple[Edge, ...], left: str) -> Path:
        """``left`` says why the way up was left where there is one."""
        kind = origin.partition(":")[0]
        is_issued = kind in ("tmp", "con", "fas", "sis")
        end = left or (UNKNOWN if is_issued else _ENDS.get(kind, "a principal without credentials"))
        nodes = (credential, *(edge.parent for edge in edges))
        held = [self.uses[node]["status"] for node in nodes if node in self.uses]
        status = worst([*held, *(edge.status for edge in edges)])
        return Path(credential, origin, end, not (left or is_issued), edges, status)

    def person(self, path: Path) -> str:
        """The human being at the upper end of a path, as far as the evidence names one; empty where it names none.

        From the strongest: on whose behalf Identity Center says that any credential on the path was used; the session's source
        identity; an IAM user, the root, or a subject at an identity provider. Services and roles are nobody.
        """
        nodes = [path.origin, *(edge.child for edge in path.edges)]
        named = {person for node in nodes for person in self.persons.get(node, ())}
        if named:
            return ", ".join(sorted(named))
        for node in nodes:
            use = self.uses.get(node)
            if use is not None and use["actor_rung"] in _PERSONAL:
                return str(use["actor"])
        kind, _, rest = path.origin.partition(":")
        if kind == "login":
            return str(self.uses[path.edges[0].child]["actor"])
        return rest if kind in ("saml", "oidc", "idc", "user", "root") else ""

    def downward(self, starts: Iterable[str], least: Grade) -> tuple[list[str], list[Edge]]:
        """Every credential that came from these, and the joins on the way; what only enables counts as well."""
        seen = dict.fromkeys(starts)
        waiting = list(seen)
        on_the_way: list[Edge] = []
        while waiting:
            for edge in self.below(waiting.pop(), least):
                on_the_way.append(edge)
                if edge.child not in seen:
                    seen[edge.child] = None
                    waiting.append(edge.child)
        return [node for node in seen if node in self.uses], on_the_way

    def held_by(self, who: str) -> list[str]:
        """Nodes that a text stands for: a credential, an access key, a principal, or an actor as in Events.by()."""
        plain = [node for node in (who, f"key:{who}", f"tmp:{who}") if node in self.uses or node in self._below]
        if plain:
            return plain
        actor = self.events.resolve(who)
        held = [name for name, use in self.uses.items() if actor in (use["actor"], use["role"])]
        logins = {f"login:{self.uses[name]['principal_id']}" for name in held} & self._below.keys()
        if not held and not logins:
            raise ActorError(who, "used no credentials that the events name", "look at ct.pivot.actors(events)")
        return [*held, *sorted(logins)]

    def graph(self, least: Grade = Grade.POSSIBLE) -> DiGraph:
        """All credentials and the joins between them that are ``least`` or better, as a networkx graph from parent to child."""
        return drawn(self.uses, self.uses, (edge for edge in self.edges if edge.grade >= least))

    def frame(self) -> pandas.DataFrame:
        """The joins as a DataFrame of your own, one row an edge."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "parent": edge.parent,
                    "child": edge.child,
                    "join": edge.kind,
                    "grade": edge.grade.word,
                    "enables": edge.enables,
                    "at": edge.at,
                    "status": edge.status,
                    "note": edge.note,
                    "event_ids": list(edge.event_ids),
                }
                for edge in self.edges
            ],
            columns=["parent", "child", "join", "grade", "enables", "at", "status", "note", "event_ids"],
        )


def chains(events: Events) -> Chains:
    """Join all credentials of the admitted events, whatever ``events`` was narrowed to: what issued one may lie anywhere.

    The tables are made in the engine, and joined by what their rows have in common; nothing grows with the number of events but
    the two scans.
    """
    whole = events.root
    uses, issues, sign_ins = (_rows(make(whole)) for make in (uses_of, issues_of, sign_ins_of))
    for use in uses:
        use["status"] = worst([Status.INTACT, *(status for status in DOUBTFUL if use[status])])
    uses.sort(key=lambda use: str(use["credential"]))
    found = joined(uses, [row for row in issues if row["event_time"]], [row for row in sign_ins if row["event_time"]])
    edges = sorted(found, key=lambda edge: (edge.child, -edge.grade, edge.parent, edge.kind))
    persons: dict[str, list[str]] = {}
    for row in _rows(persons_of(whole)):
        persons.setdefault(row["credential"], []).append(f"{row['store'] or '?'}#{row['person']}")
    named = {credential: tuple(sorted(found)) for credential, found in persons.items()}
    return Chains(whole, {use["credential"]: use for use in uses}, tuple(edges), named)


def _rows(table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _by(edges: Sequence[Edge], end: str) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(getattr(edge, end), []).append(edge)
    return found
