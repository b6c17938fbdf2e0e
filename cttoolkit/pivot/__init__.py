"""Events regrouped: by who, from where and with what; by what is new, rare, sudden or refused; and two windows compared.

Each function takes Events and returns a Pivot, whose rows drill back to the events behind them.
"""

from __future__ import annotations

from cttoolkit.pivot.axes import (
    access_keys,
    accounts,
    actors,
    addresses,
    agent_families,
    agents,
    credentials,
    errors,
    hours,
    names,
    networks,
    on,
    principals,
    regions,
    roles,
    services,
    sessions,
    widest_key_owner,
)
from cttoolkit.pivot.bursts import bursts
from cttoolkit.pivot.compare import compare
from cttoolkit.pivot.gaps import beacons, stretches
from cttoolkit.pivot.history import history
from cttoolkit.pivot.hours_kept import off_hours
from cttoolkit.pivot.namesakes import namesakes
from cttoolkit.pivot.noise import folded
from cttoolkit.pivot.novelty import first_seen, new_agents, new_regions, rare
from cttoolkit.pivot.refusals import denied_runs, enumerations, refusals
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.pivot.silences import silences

__all__ = [
    "Pivot",
    "access_keys",
    "accounts",
    "actors",
    "addresses",
    "agent_families",
    "agents",
    "beacons",
    "bursts",
    "compare",
    "credentials",
    "denied_runs",
    "enumerations",
    "errors",
    "first_seen",
    "folded",
    "history",
    "hours",
    "names",
    "namesakes",
    "networks",
    "new_agents",
    "new_regions",
    "off_hours",
    "on",
    "principals",
    "rare",
    "refusals",
    "regions",
    "roles",
    "services",
    "sessions",
    "silences",
    "stretches",
    "widest_key_owner",
]
