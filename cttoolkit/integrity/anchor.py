"""What holds the ends of a chain: anchors, each met, not met or unknown.

A chain that verifies is a chain without its oldest and newest digests too, if somebody took them: nothing inside points at
them. What can be held against that comes from outside of the chain: the trail's own events, and what the collector noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.integrity.chain import Chain, ChainId
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.configuration import TrailConfiguration, TrailNote
from cttoolkit.integrity.digest import Digest
from cttoolkit.integrity.selectors import Records
from cttoolkit.window import written

__all__ = ["REGION_CALLS", "START_CALLS", "Anchor", "TrailEvent", "anchors"]

START_CALLS = ("StartLogging", "CreateTrail", "UpdateTrail")
REGION_CALLS = ("EnableRegion", "DisableRegion")
_DUE = timedelta(hours=2)
"""A digest is written for each hour and delivered within the next."""


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """An event from an intact log file that changed a trail or the set of regions."""

    name: str
    account: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor of one chain."""

    chain: ChainId
    condition: Condition

    def row(self) -> tuple[Any, ...]:
        return (str(self.chain), self.condition.name, self.condition.met.value, self.condition.found)


def anchors(
    chains: Iterable[Chain], configuration: TrailConfiguration, events: Sequence[TrailEvent] | None
) -> list[Anchor]:
    """The anchors of each chain. ``events`` is None where the log files were judged and not loaded."""
    found: list[Anchor] = []
    chains = tuple(chains)
    there = {(chain.id.account, chain.id.region) for chain in chains if not chain.id.backfill}
    for chain in chains:
        proved = sorted(chain.proved, key=lambda digest: digest.window)
        if not proved or chain.id.backfill:
            continue
        note = configuration.trail(chain.id.trail, chain.id.account, chain.id.home_region)
        of_account = None if events is None else [one for one in events if one.account == chain.id.account]
        enabled = configuration.enabled_regions.get(chain.id.account, frozenset())
        lacking = {region for region in enabled if (chain.id.account, region) not in there}
        conditions = (
            _head(proved[0], note, of_account),
            _tail(proved[-1], configuration.collected_at, note),
            _restarts(proved[1:]),
            _selectors(note.management if note else Records.UNKNOWN),
            _regions(note, of_account, lacking),
        )
        found.extend(Anchor(chain.id, condition) for condition in conditions)
    return found


def _head(first: Digest, note: TrailNote | None, events: Sequence[TrailEvent] | None) -> Condition:
    start = first.window.start
    if not first.starts_chain:
        return Condition("head", Met.YES, f"proof reaches back to {written(start)}, and the chain goes on before it")
    told = [one for one in events or () if one.name in START_CALLS and abs(one.at - start) <= _DUE]
    if told:
        return Condition("head", Met.YES, f"the chain starts at {written(start)}, and {told[0].name} explains it")
    if note is not None and note.started_at is not None:
        if abs(note.started_at - start) <= _DUE:
            return Condition(
                "head", Met.YES, f"the chain starts at {written(start)}, when the trail was started, as noted"
            )
        return Condition(
            "head",
            Met.NO,
            f"the chain starts at {written(start)}, and the trail was started at {written(note.started_at)}, as noted: "
            "validation was off in between, or digests were removed",
        )
    if events is None:
        return Condition("head", Met.UNKNOWN, f"the chain starts at {written(start)}; load the events to look for why")
    return Condition("head", Met.NO, f"the chain starts at {written(start)}, and nothing explains why")


def _tail(last: Digest, collected_at: datetime | None, note: TrailNote | None) -> Condition:
    end = last.window.end
    latest = note.latest_digest_at if note else None
    if latest is not None and latest > end + _DUE:
        return Condition(
            "tail",
            Met.NO,
            f"the newest digest ends at {written(end)}; AWS delivered one at {written(latest)}, as noted",
        )
    if collected_at is None:
        return Condition(
            "tail", Met.UNKNOWN, f"proof reaches to {written(end)}; when the evidence was collected is not noted"
        )
    if collected_at - end > _DUE:
        hours = (collected_at - end) // timedelta(hours=1)
        return Condition(
            "tail",
            Met.NO,
            f"proof reaches to {written(end)}, {hours} hours before the evidence was collected, with a digest due hourly",
        )
    return Condition(
        "tail", Met.YES, f"proof reaches to {written(end)}; the evidence was collected at {written(collected_at)}"
    )


def _restarts(later: Iterable[Digest]) -> Condition:
    starts = [written(digest.window.start) for digest in later if digest.starts_chain]
    if starts:
        return Condition("unbroken", Met.NO, f"the chain starts again at {', '.join(starts)}")
    return Condition("unbroken", Met.YES, "no digest after the first starts a chain")


def _selectors(answer: Records) -> Condition:
    met = {Records.YES: Met.YES, Records.NO: Met.NO, Records.UNKNOWN: Met.UNKNOWN}[answer]
    found = {
        Records.YES: "all management events are selected, as noted",
        Records.NO: "not all management events are selected, as noted",
        Records.UNKNOWN: "the trail's selectors were not noted",
    }[answer]
    return Condition("selectors", met, found)


def _regions(note: TrailNote | None, events: Sequence[TrailEvent] | None, lacking: set[str]) -> Condition:
    if lacking:
        return Condition("regions", Met.NO, f"enabled, as noted, and not in the evidence: {', '.join(sorted(lacking))}")
    changed = [f"{one.name} at {written(one.at)}" for one in events or () if one.name in REGION_CALLS]
    if changed:
        return Condition("regions", Met.NO, f"the set of enabled regions changed: {', '.join(changed)}")
    if note is None or note.is_multi_region is None:
        return Condition("regions", Met.UNKNOWN, "whether the trail records all regions was not noted")
    if not note.is_multi_region:
        return Condition("regions", Met.NO, "the trail records its home region only, as noted")
    if events is None:
        return Condition(
            "regions", Met.UNKNOWN, "the trail records all enabled regions; load the events to see if those changed"
        )
    return Condition("regions", Met.YES, "the trail records all enabled regions, as noted, and no event changed those")
