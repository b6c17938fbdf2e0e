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
from cttoolkit.pivot.crossings import crossings
from cttoolkit.pivot.drift import drift
from cttoolkit.pivot.fan_out import fan_out
from cttoolkit.pivot.gaps import beacons, stretches
from cttoolkit.pivot.history import history
from cttoolkit.pivot.hours_kept import off_hours
from cttoolkit.pivot.namesakes import namesakes
from cttoolkit.pivot.noise import folded
from cttoolkit.pivot.novelty import first_seen, new_agents, new_regions, rare
from cttoolkit.pivot.objects import objects
from cttoolkit.pivot.openings import openings
from cttoolkit.pivot.overlaps import mixed_agents, overlaps
from cttoolkit.pivot.places import asns, cities, countries, located
from cttoolkit.pivot.refusals import denied_runs, enumerations, refusals
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.pivot.secrets import secrets
from cttoolkit.pivot.sequences import rare_sequences, unusual_sessions
from cttoolkit.pivot.sharing import sharing
from cttoolkit.pivot.silences import silences
from cttoolkit.pivot.travel import travel
from cttoolkit.pivot.turns import turns
from cttoolkit.pivot.volume import volume_out

__all__ = [
    "Pivot",
    "access_keys",
    "accounts",
    "actors",
    "addresses",
    "agent_families",
    "agents",
    "asns",
    "beacons",
    "bursts",
    "cities",
    "compare",
    "countries",
    "credentials",
    "crossings",
    "denied_runs",
    "drift",
    "enumerations",
    "errors",
    "fan_out",
    "first_seen",
    "folded",
    "history",
    "hours",
    "located",
    "mixed_agents",
    "names",
    "namesakes",
    "networks",
    "new_agents",
    "new_regions",
    "objects",
    "off_hours",
    "on",
    "openings",
    "overlaps",
    "principals",
    "rare",
    "rare_sequences",
    "refusals",
    "regions",
    "roles",
    "secrets",
    "services",
    "sessions",
    "sharing",
    "silences",
    "stretches",
    "travel",
    "turns",
    "unusual_sessions",
    "volume_out",
    "widest_key_owner",
]
