"""Verdicts as a tree: by chain, and there by status and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cttoolkit.integrity.chain import ChainId
from cttoolkit.integrity.verdict import Kind, Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.key import DigestKey, LogKey, parse_key

__all__ = ["Branch", "branches"]


@dataclass(frozen=True)
class Branch:
    """One chain, or what no chain vouches for, with its verdicts by status and reason, the worst first."""

    name: str
    reasons: Mapping[tuple[Status, str], tuple[Verdict, ...]]

    def counts(self) -> dict[Status, int]:
        """How many objects have each status that is met, the worst first."""
        found: dict[Status, int] = {}
        for (status, _), verdicts in self.reasons.items():
            found[status] = found.get(status, 0) + len(verdicts)
        return found

    @property
    def worst(self) -> Status:
        return max((status for status, _ in self.reasons), key=lambda status: status.rank)


def branches(verification: Verification) -> list[Branch]:
    """Every verdict once: a digest in its chain, a log file in the chain whose digests list it; the worst branch first."""
    held: dict[str, list[Verdict]] = {}
    for verdict in verification.verdicts:
        held.setdefault(_branch_of(verdict), []).append(verdict)
    found = [_made(name, verdicts) for name, verdicts in held.items()]
    return sorted(found, key=lambda branch: (-branch.worst.rank, branch.name))


def _made(name: str, verdicts: list[Verdict]) -> Branch:
    reasons: dict[tuple[Status, str], list[Verdict]] = {}
    for verdict in sorted(verdicts, key=lambda one: (-one.status.rank, one.reason, one.key)):
        reasons.setdefault((verdict.status, verdict.reason), []).append(verdict)
    return Branch(name, {reason: tuple(held) for reason, held in reasons.items()})


def _branch_of(verdict: Verdict) -> str:
    for key in (verdict.key, *verdict.vouched_by):
        parsed = parse_key(key)
        if isinstance(parsed, DigestKey):
            return str(ChainId.of(parsed))
    parsed = parse_key(verdict.key)
    place = f"{parsed.account} {parsed.region}, " if isinstance(parsed, LogKey) else ""
    kind = "digests of no known chain" if verdict.kind is Kind.DIGEST else "log files that no digest vouches for"
    return f"{place}{kind}"
