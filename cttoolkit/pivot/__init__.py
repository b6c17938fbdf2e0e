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
from cttoolkit.pivot.novelty import first_seen, new_agents, new_regions, rare
from cttoolkit.pivot.regrouped import Pivot

__all__ = [
    "Pivot",
    "access_keys",
    "accounts",
    "actors",
    "addresses",
    "agent_families",
    "agents",
    "credentials",
    "errors",
    "first_seen",
    "hours",
    "names",
    "networks",
    "new_agents",
    "new_regions",
    "on",
    "principals",
    "rare",
    "regions",
    "roles",
    "services",
    "sessions",
    "widest_key_owner",
]
