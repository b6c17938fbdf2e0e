"""Credential chains: what was issued from what, walked both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cttoolkit.errors import ActorError, ColumnError
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.session.columns import compute
from cttoolkit.session.edges import Edge, Grade, worst
from cttoolkit.session.graph import drawn
from cttoolkit.session.joined import Joins
from cttoolkit.session.joins import joined
from cttoolkit.session.timeline import Ints, codes_of
from cttoolkit.session.upward import DEEPEST
from cttoolkit.session.uses import Uses

if TYPE_CHECKING:
    import pandas
    from networkx import DiGraph  # type: ignore[import-untyped, unused-ignore]

__all__ = ["ISSUED", "PERSONAL", "PROVIDED", "UNISSUED", "UNKNOWN", "Chains", "Path", "chains", "end_of"]

_MOST_PATHS = 64
ISSUED = ("tmp", "con", "fas", "sis")
"""Kinds of credentials that some call gave out."""
PROVIDED = ("saml", "oidc", "idc", "cert", "user", "root")
"""Kinds of origins whose name is somebody's."""
UNKNOWN = "no issuing event"
PERSONAL = frozenset(
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
    "cert": "certificate of IAM Roles Anywhere",
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
    """All credentials of the admitted events and the joins between them. Build it with chains().

    ``left_out`` says what was not joined for there being too much of it.
    """

    events: Events = field(repr=False)
    uses: Uses = field(repr=False)
    edges: Joins = field(repr=False)
    persons: Mapping[str, tuple[str, ...]] = field(repr=False)
    left_out: str = field(default="", repr=False)

    def __repr__(self) -> str:
        return f"Chains of {len(self.uses):,} credentials, {len(self.edges):,} joins"

    def above(self, credential: str, least: Grade = Grade.POSSIBLE) -> list[Edge]:
        """What a credential came from, and what enabled it."""
        return [edge for edge in self.edges.above(credential) if edge.grade >= least]

    def below(self, node: str, least: Grade = Grade.POSSIBLE) -> list[Edge]:
        return [edge for edge in self.edges.below(node) if edge.grade >= least]

    def paths(self, credential: str, least: Grade = Grade.STRONG) -> list[Path]:
        """Every way up from a credential: one, but where joins are ambiguous.

        Joins below ``least`` are not walked. A circle of roles ends where it closes, no path is longer than twenty joins, and of
        more than 64 ways up the rest ends where it was. ColumnError where there is no such credential.
        """
        if credential not in self.uses and not self.above(credential) and not self.below(credential):
            raise ColumnError(credential, "no such credential", "take one from the credential column of .frame()")
        found: list[Path] = []
        waiting: list[tuple[str, tuple[Edge, ...]]] = [(credential, ())]
        while waiting:
            node, below = waiting.pop()
            causes = [edge for edge in self.above(node) if not edge.enables]
            strong = [edge for edge in causes if edge.grade >= least]
            walked = {credential, *(edge.parent for edge in below)}
            up = [edge for edge in strong if edge.parent not in walked]
            if len(below) >= DEEPEST or len(found) + len(waiting) + len(up) > _MOST_PATHS:
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
        is_issued = kind in ISSUED
        end = left or end_of(kind)
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
            if use is not None and use["actor_rung"] in PERSONAL:
                return str(use["actor"])
        kind, _, rest = path.origin.partition(":")
        if kind == "login":
            return str(self.uses[path.edges[0].child]["actor"])
        return rest if kind in PROVIDED else ""

    def downward(self, starts: Iterable[str], least: Grade) -> tuple[list[str], Ints]:
        """Every credential that came from these, by first use, and the rows of the joins on the way; what enables counts as well."""
        import pyarrow as pa

        joins = self.edges
        seen = np.zeros(len(joins.nodes), bool)
        front = np.unique(np.array([joins.places[name] for name in starts], np.int64))
        on_the_way = []
        while len(front):
            seen[front] = True
            rows = joins.from_all(front, least.value)
            on_the_way.append(rows)
            reached = np.unique(joins.child[rows])
            front = reached[~seen[reached]]
        columns = self.uses.columns
        is_reached = seen[codes_of(columns["credential"], joins.nodes)]
        found = columns.filter(pa.array(is_reached)).sort_by([("first", "ascending"), ("credential", "ascending")])
        rows = np.unique(np.concatenate(on_the_way)) if on_the_way else np.zeros(0, np.int64)
        return found["credential"].to_pylist(), rows

    def held_by(self, who: str) -> list[str]:
        """Nodes that a text stands for: a credential, an access key, a principal, or an actor as in Events.by()."""
        pc = compute()
        joins = self.edges
        plain = [node for node in (who, f"key:{who}", f"tmp:{who}") if node in joins.places]
        if plain:
            return plain
        actor = self.events.resolve(who)
        columns = self.uses.columns
        is_theirs = pc.or_kleene(pc.equal(columns["actor"], actor), pc.equal(columns["role"], actor))
        held = columns.filter(is_theirs.fill_null(False))  # noqa: FBT003
        logins = {f"login:{owner}" for owner in held["principal_id"].unique().to_pylist()} & joins.places.keys()
        if not held.num_rows and not logins:
            raise ActorError(who, "used no credentials that the events name", "look at ct.pivot.actors(events)")
        return [*held["credential"].to_pylist(), *sorted(logins)]

    def graph(self, least: Grade = Grade.POSSIBLE) -> DiGraph:
        """All credentials and the joins between them that are ``least`` or better, as a networkx graph from parent to child."""
        return drawn(self.uses, self.uses, (edge for edge in self.edges if edge.grade >= least))

    def frame(self) -> pandas.DataFrame:
        """The joins as a DataFrame of your own, one row an edge."""
        return self.edges.frame()


def end_of(kind: str) -> str:
    """What an origin is, by the first part of its name."""
    return UNKNOWN if kind in ISSUED else _ENDS.get(kind, "a principal without credentials")


def chains(events: Events, least: Grade = Grade.LIKELY) -> Chains:
    """Join all credentials of the admitted events, whatever ``events`` was narrowed to: what issued one may lie anywhere.

    The tables are made in the engine, and joined by what their rows have in common; nothing grows with the number of events but
    the scans. With ``Grade.POSSIBLE`` credentials that share address and agent are joined as well, which is a lead and no more.
    """
    whole = events.root
    uses, joins, persons, left_out = joined(whole, with_hands=least is Grade.POSSIBLE)
    return Chains(whole, uses, joins, persons, left_out)
