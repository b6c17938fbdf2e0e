"""Where an event could have been recorded, and whether the evidence has all of that.

A region that was left out of the copy, digests and all, leaves no trace in the other regions' chains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cttoolkit.calls import GLOBAL_CALLS, REGIONAL_CALLS, TRAIL_CALLS
from cttoolkit.integrity.anchor import REGION_CALLS
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.coverage import State
from cttoolkit.key import LogKey
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.events import Events
    from cttoolkit.integrity.verification import Verification

__all__ = ["coverage", "regions"]


def coverage(searched: Events, reach: Window) -> Condition:
    """Whether verified digests cover the time in every place; with calls of global services, in the place that records those."""
    verification = searched.verification
    places = sorted({(c.chain.account, c.chain.region) for c in verification.coverage.chains if not c.chain.backfill})
    if not places:
        return Condition("coverage", Met.NO, "no verified digest covers anything")
    holes: list[str] = []
    for account, region in places:
        chains = [c for c in verification.coverage.of(account, region) if not c.chain.backfill]
        if any(chain.covers(reach) for chain in chains):
            continue
        for chain in chains:
            holes.extend(
                f"{chain.chain}: {interval.window} {interval.state.value}" for interval in chain.uncovered(reach)
            )
    for one in verification.coverage.chains:
        if one.chain.backfill:
            doubts = (i for i in one.intervals if i.state is not State.COVERED and i.window.overlaps(reach))
            holes.extend(f"{one.chain}: {interval.window} {interval.state.value}" for interval in doubts)
    if not searched.names or not set(searched.names) <= REGIONAL_CALLS:
        for account in sorted({account for account, _ in places}):
            own = {region for of, region in places if of == account}
            if _global_region(own) not in own:
                where = _global_region(own)
                holes.append(
                    f"{account} {where}: not in the evidence, and global services (IAM, sign-in) are recorded there"
                )
    uncharted = sorted(_places_of_logs(verification) - set(places))
    holes.extend(f"{account} {region}: log files, and no digests" for account, region in uncharted)
    if holes:
        return Condition("coverage", Met.NO, "; ".join(holes))
    shown = ", ".join(f"{account} {region}" for account, region in places)
    return Condition("coverage", Met.YES, f"delivery {reach} in {shown}")


def _global_region(regions: Iterable[str]) -> str:
    """Where the partition of these regions records its global services (User Guide, "About global service events")."""
    some = min(regions)
    if some.startswith("cn-"):
        return "cn-north-1"
    return "us-gov-west-1" if some.startswith("us-gov-") else "us-east-1"


def _places_of_logs(verification: Verification) -> set[tuple[str, str]]:
    keys = (item.key for item in verification.evidence.logs)
    return {(key.account, key.region) for key in keys if isinstance(key, LogKey)}


def regions(searched: Events, window: Window) -> Condition:
    """Whether every region that could hold such events is in the evidence."""
    name = "regions"
    verification = searched.verification
    own = {chain.chain.region for chain in verification.coverage.chains}
    wanted = set(searched.names)
    if wanted and wanted <= TRAIL_CALLS:
        homes = {chain.chain.home_region for chain in verification.coverage.chains}
        return _within(name, homes, own, "changes to a trail are recorded in its home region")
    if wanted and wanted <= GLOBAL_CALLS:
        home = {_global_region(own)} if own else set()
        return _within(name, home, own, "calls of global services are recorded in one region")
    if searched.regions:
        return _within(name, set(searched.regions), own, "only these were asked about")
    changed = searched.root.table
    changed = changed.filter(changed.event_name.isin(REGION_CALLS) & (changed.event_time >= window.start))
    if int(changed.count().to_pyarrow().as_py()):
        return Condition(name, Met.UNKNOWN, "the events show regions being enabled or disabled since the window began")
    enabled = verification.configuration.enabled_regions
    if not enabled:
        advice = (
            "the enabled regions were not noted: narrow with in_region(…), or note them in trail-configuration.json"
        )
        return Condition(name, Met.UNKNOWN, advice)
    return _within(name, set(enabled), own, "all that were enabled, as noted at the collection")


def _within(name: str, wanted: set[str], own: set[str], why: str) -> Condition:
    lacking = sorted(wanted - own)
    if lacking:
        return Condition(name, Met.NO, f"not in the evidence: {', '.join(lacking)} ({why})")
    return Condition(name, Met.YES, f"{', '.join(sorted(wanted))}: {why}")
