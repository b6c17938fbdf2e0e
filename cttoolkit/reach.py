"""Where an event could have been recorded, and whether the evidence has all of that.

A region that was left out of the copy, digests and all, leaves no trace in the other regions' chains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cttoolkit.calls import GLOBAL_CALLS, GLOBAL_SERVICES, REGIONAL_CALLS, SHARED_NAMES, TRAIL_CALLS
from cttoolkit.integrity.anchor import REGION_CALLS
from cttoolkit.integrity.condition import Condition, Met
from cttoolkit.integrity.coverage import State
from cttoolkit.key import LogKey
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.events import Events
    from cttoolkit.integrity.verification import Verification

__all__ = ["coverage", "places_asked", "regions"]


def coverage(searched: Events, reach: Window) -> Condition:
    """Whether verified digests cover the time in every place; with calls of global services, in the place that records those."""
    verification = searched.verification
    asked = set(searched.accounts)
    chains = [c for c in verification.coverage.chains if not asked or c.chain.account in asked]
    places = sorted({(c.chain.account, c.chain.region) for c in chains if not c.chain.backfill})
    if not places:
        return Condition("coverage", Met.NO, "no verified digest covers anything")
    holes: list[str] = []
    for account, region in places:
        here = [c for c in verification.coverage.of(account, region) if not c.chain.backfill]
        if any(chain.covers(reach) for chain in here):
            continue
        for chain in here:
            holes.extend(
                f"{chain.chain}: {interval.window} {interval.state.value}" for interval in chain.uncovered(reach)
            )
    for one in chains:
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
    logs = {place for place in _places_of_logs(verification) if not asked or place[0] in asked}
    uncharted = sorted(logs - set(places))
    holes.extend(f"{account} {region}: log files, and no digests" for account, region in uncharted)
    if holes:
        return Condition("coverage", Met.NO, "; ".join(holes))
    shown = ", ".join(f"{account} {region}" for account, region in places)
    return Condition("coverage", Met.YES, f"delivery {reach} in {shown}")


def places_asked(searched: Events) -> set[tuple[str, str]]:
    """Accounts and regions with digests in which what was searched for would be recorded."""
    chains = [one.chain for one in searched.verification.coverage.chains if not one.chain.backfill]
    chains = [one for one in chains if not searched.accounts or one.account in searched.accounts]
    own = {(one.account, one.region) for one in chains}
    if _are_of_trails(searched):
        return {(one.account, one.home_region) for one in chains} & own
    if _are_global(searched) and own:
        return {place for place in own if place[1] == _global_region(region for _, region in own)}
    return {place for place in own if not searched.regions or place[1] in searched.regions}


def _are_of_trails(searched: Events) -> bool:
    return bool(searched.names) and set(searched.names) <= TRAIL_CALLS


def _are_global(searched: Events) -> bool:
    """Whether all that is searched for is a global service's; a name that other services have too needs to_service()."""
    names = set(searched.names)
    if not names or not names <= GLOBAL_CALLS:
        return False
    return set(searched.sources) <= set(GLOBAL_SERVICES) if searched.sources else not names & SHARED_NAMES


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
    chains = [one.chain for one in verification.coverage.chains if not one.chain.backfill]
    own = {(chain.account, chain.region) for chain in chains}
    enabled = verification.configuration.enabled_regions
    asked = set(searched.accounts)
    accounts = asked or {account for account, _ in own} | set(enabled)
    if not accounts:
        return Condition(name, Met.NO, "no digest in the evidence speaks of any")
    if asked and _unplaced(searched):
        return Condition(name, Met.UNKNOWN, "some events do not say whose trail received them")
    if _are_of_trails(searched):
        homes = {(chain.account, chain.home_region) for chain in chains if chain.account in accounts}
        for note in verification.configuration.trails:
            if note.home_region and (note.owner is None or note.owner in accounts):
                homes |= {(one, note.home_region) for one in ([note.owner] if note.owner else accounts)}
        if homeless := sorted(accounts - {account for account, _ in homes}):
            return Condition(
                name, Met.UNKNOWN, f"which region takes changes to the trails of {', '.join(homeless)} is not known"
            )
        return _within(name, homes, own, "changes to a trail are recorded in its home region")
    if _are_global(searched) and own:
        home = _global_region(region for _, region in own)
        return _within(
            name, {(one, home) for one in accounts}, own, "calls of global services are recorded in one region"
        )
    changed = searched.root.table
    changed = changed.filter(changed.event_name.isin(REGION_CALLS) & (changed.event_time >= window.start))
    is_changed = bool(int(changed.count().to_pyarrow().as_py()))
    doubt = Condition(name, Met.UNKNOWN, "the events show regions being enabled or disabled since the window began")
    if searched.regions:
        unwanted = {
            (account, region)
            for account in enabled
            for region in searched.regions
            if region not in enabled[account] and any(region == other for _, other in own)
        }
        places = {(account, region) for account in accounts for region in searched.regions}
        if is_changed and (places & unwanted) - own:
            return doubt
        return _within(name, places - unwanted, own, "only these were asked about")
    if is_changed:
        return doubt
    places = {(account, region) for account in accounts for region in enabled.get(account, ())}
    noted = _within(name, places, own, "all that were enabled, as noted at the collection")
    unnoted = sorted(accounts - set(enabled))
    if unnoted and noted.met is Met.YES:
        advice = (
            f"the enabled regions of {', '.join(unnoted)} were not noted: narrow with in_region(…), or note them in "
            "trail-configuration.json"
        )
        return Condition(name, Met.UNKNOWN, advice)
    return noted


def _unplaced(searched: Events) -> bool:
    table = searched.root.table
    return bool(table.filter(table.recipient_account_id.isnull()).limit(1).count().to_pyarrow().as_py())


def _within(name: str, wanted: set[tuple[str, str]], own: set[tuple[str, str]], why: str) -> Condition:
    lacking = sorted(wanted - own)
    if lacking:
        return Condition(name, Met.NO, f"not in the evidence: {_shown(lacking)} ({why})")
    return Condition(name, Met.YES, f"{_shown(wanted)}: {why}")


def _shown(places: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{account} {region}" for account, region in sorted(places))
