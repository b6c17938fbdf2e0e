"""All verdicts on one body of evidence: what verify() returns. Bad evidence is a value here, never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING

from cttoolkit.calls import is_failed
from cttoolkit.display import Table
from cttoolkit.integrity.anchor import REGION_CALLS, START_CALLS, TrailEvent, anchors
from cttoolkit.integrity.chain import Chain
from cttoolkit.integrity.configuration import TrailConfiguration
from cttoolkit.integrity.coverage import Coverage
from cttoolkit.integrity.impact import Claim, Impact, Loss, impact
from cttoolkit.integrity.keyring import Keyring
from cttoolkit.integrity.scope import Scope
from cttoolkit.integrity.shards import Shards
from cttoolkit.integrity.strip import strip
from cttoolkit.integrity.verdict import SHOWN, Kind, Status, Verdict
from cttoolkit.integrity.work import FileAccount
from cttoolkit.key import AnswerKey
from cttoolkit.rows import Skip
from cttoolkit.text import number_of

if TYPE_CHECKING:
    import pandas

    from cttoolkit.engine import Engine
    from cttoolkit.evidence import Evidence

__all__ = ["Completeness", "KeyProvenance", "Verification"]


_LIMITS = {
    "EventHistory": "from Event history, which keeps management events of the last 90 days and no others",
    "CloudWatchLogs": "from CloudWatch Logs, which gets no record of more than 256 KB",
}


class KeyProvenance(StrEnum):
    """Where the keys came from that vouch for the intact objects."""

    OUTSIDE = "keys from outside the evidence"
    INSIDE = "keys that came inside the evidence"
    NONE = "no key vouches for anything"


@dataclass(frozen=True, slots=True)
class Completeness:
    """Every file and record accounted for.

    ``listed`` counts log files that verified digests list, ``present`` those in the evidence; ``inflated`` is in bytes. For
    every file that could be split into records, ``rows + skipped + duplicates == records``: ``duplicates`` are repeats of an
    event, with the same id and content, and left out of Events. ``conflicting`` counts event ids that stand for more than one content.
    """

    listed: int
    present: int
    inflated: int
    records: int
    rows: int
    skips: tuple[Skip, ...]
    duplicates: int
    conflicting: int
    unread: Mapping[str, str]
    others: Mapping[str, str]

    @property
    def skipped(self) -> int:
        """Single records that could not be read as events. Whole files are in ``skips`` too, with no index."""
        return sum(skip.index is not None for skip in self.skips)


@dataclass(frozen=True, eq=False)
class Verification:
    """What the evidence was found to be. Only verify() makes one."""

    evidence: Evidence
    keyring: Keyring
    scope: Scope
    verdicts: tuple[Verdict, ...] = field(repr=False)
    chains: tuple[Chain, ...] = field(repr=False)
    coverage: Coverage = field(repr=False)
    completeness: Completeness = field(repr=False)
    key_provenance: KeyProvenance
    configuration: TrailConfiguration = field(repr=False)
    losses: tuple[Loss, ...] = field(repr=False)
    accounts: tuple[FileAccount, ...] = field(repr=False)
    shards: Shards | None = field(repr=False)
    engine: Engine = field(repr=False)

    def counts(self, kind: Kind | None = None) -> dict[Status, int]:
        """How many objects have each status, of one kind or of both."""
        found = Counter(verdict.status for verdict in self.verdicts if kind is None or verdict.kind is kind)
        return {status: found[status] for status in SHOWN}

    def of(self, key: str) -> Verdict:
        """The verdict on one object."""
        for verdict in self.verdicts:
            if verdict.key == key:
                return verdict
        from cttoolkit.errors import EvidenceError

        raise EvidenceError(key, "no verdict on such an object", "look for its key in verification.frame()")

    def with_status(self, *statuses: Status) -> Iterator[Verdict]:
        return (verdict for verdict in self.verdicts if verdict.status in statuses)

    @property
    def is_whole(self) -> bool:
        """Whether every object is intact, every file could be read, and no chain has a stretch that is not covered."""
        from cttoolkit.integrity.coverage import State

        return (
            bool(self.verdicts)
            and bool(self.coverage.chains)
            and all(verdict.status is Status.INTACT for verdict in self.verdicts)
            and not self.completeness.unread
            and all(i.state is State.COVERED for chain in self.coverage.chains for i in chain.intervals)
        )

    @property
    def sentence(self) -> str:
        """The state of the evidence in one sentence."""
        logs, digests = self.counts(Kind.LOG), self.counts(Kind.DIGEST)
        parts = [f"Log files: {_told(logs)}."]
        if any(digests.values()):
            parts.append(f"Digests: {_told(digests)}.")
        else:
            parts.append("There are no digests, so nothing vouches for the log files.")
        told = Counter(item.key.kind for item in self.evidence.logs if isinstance(item.key, AnswerKey))
        for kind, limits in _LIMITS.items():
            if told[kind]:
                parts.append(f"{number_of(told[kind], 'file')} by name {limits}.")
        if self.completeness.unread:
            parts.append(f"{len(self.completeness.unread)} files could not be read.")
        if self.key_provenance is KeyProvenance.INSIDE:
            parts.append("The public keys came inside the evidence: internally consistent, key unproven.")
        return " ".join(parts)

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{kind.value} files</th>"
            + "".join(f"<td style='text-align:right'>{count:,}</td>" for count in self.counts(kind).values())
            + "</tr>"
            for kind in Kind
        )
        head = "".join(f"<th>{status.value}</th>" for status in SHOWN)
        return (
            f"<div><p>{escape(self.sentence)}</p><table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f"<p>Coverage by verified digests, a line for each chain (account, region, trail), delivery time:</p>"
            f"{strip(self.coverage)}</div>"
        )

    def frame(self, *statuses: Status | str) -> pandas.DataFrame:
        """One row for each object: key, kind, status, reason, hashes, who vouched; of some statuses, or of all."""
        import pandas as pd

        wanted = {Status(status) for status in statuses} or set(Status)
        rows = [
            (v.key, v.kind.value, v.status.value, v.reason, v.sha256, v.expected, ", ".join(v.vouched_by), v.note)
            for v in self.verdicts
            if v.status in wanted
        ]
        return pd.DataFrame(
            rows, columns=["key", "kind", "status", "reason", "sha256", "expected", "vouched_by", "note"]
        )

    def doubts(self, *statuses: Status | str) -> Table:
        """Every object that is not intact, the worst first; of some statuses, or of all."""
        wanted = {Status(status) for status in statuses} or set(Status) - {Status.INTACT}
        doubtful = [verdict for verdict in self.verdicts if verdict.status in wanted]
        doubtful.sort(key=lambda verdict: (-verdict.status.rank, verdict.kind, verdict.key))
        rows = tuple((v.status.value, v.kind.value, v.reason, v.key) for v in doubtful)
        return Table(("status", "kind", "reason", "key"), rows)

    def anchors(self) -> Table:
        """What holds the ends of each chain, each anchor met, not met or unknown, with what was found."""
        found = anchors(self.chains, self.configuration, self._trail_events())
        return Table(("chain", "anchor", "met", "found"), tuple(anchor.row() for anchor in found))

    def _trail_events(self) -> list[TrailEvent] | None:
        if self.shards is None:
            return None
        if not self.shards.events:
            return []
        table = self.engine.table(self.shards.events)
        told = table.filter(
            table.event_name.isin((*START_CALLS, *REGION_CALLS))
            & (table.status == Status.INTACT.value)
            & table.event_time.notnull()
            & ~is_failed(table)
        )
        rows = told.select("event_name", "recipient_account_id", "event_time").distinct().order_by("event_time")
        return [TrailEvent(*row.values()) for row in rows.to_pyarrow().to_pylist()]

    def impact(self, claims: Iterable[Claim] = ()) -> Impact:
        """What the harms take down: windows about which nothing can be claimed, and which of the claims fall."""
        return impact(self.verdicts, self.losses, self.coverage, claims)

    def quarantine(self) -> pandas.DataFrame:
        """What altered log files say, to be looked at: a plain frame that no claim can cite."""
        import pandas as pd

        from cttoolkit.schema import column_names

        if self.shards is None or not self.shards.quarantine:
            return pd.DataFrame(columns=list(column_names()))
        table = self.engine.table(self.shards.quarantine)
        frame: pandas.DataFrame = table.order_by(["event_time", "log_file", "record_index"]).to_pyarrow().to_pandas()
        return frame


def _told(counts: Mapping[Status, int]) -> str:
    return " · ".join(f"{count:,} {status.value}" for status, count in counts.items())
