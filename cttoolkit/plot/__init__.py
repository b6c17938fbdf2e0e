"""Pictures of Events, pivots, credential chains and of a Verification.

Each function returns a Chart: a figure that shows itself in a notebook, and `data`, the frame that was drawn. Time is UTC. Where
verified digests do not cover the time, the ground is hatched: a quiet hour and an unlogged hour must never look alike.
"""

from __future__ import annotations

from cttoolkit.plot.awake import heat, hours, weekdays
from cttoolkit.plot.bars import (
    access_keys,
    actors,
    addresses,
    agents,
    bars,
    errors,
    names,
    regions,
    roles,
    services,
)
from cttoolkit.plot.digests import coverage, coverage_grid
from cttoolkit.plot.firsts import first_seen
from cttoolkit.plot.graph import sessions
from cttoolkit.plot.ladder import denied
from cttoolkit.plot.matrix import matrix
from cttoolkit.plot.over_time import by_account, by_actor, by_region, by_role, timeline, timelines
from cttoolkit.plot.theme import Chart
from cttoolkit.plot.trails import trails
from cttoolkit.plot.versus import compare

__all__ = [
    "Chart",
    "access_keys",
    "actors",
    "addresses",
    "agents",
    "bars",
    "by_account",
    "by_actor",
    "by_region",
    "by_role",
    "compare",
    "coverage",
    "coverage_grid",
    "denied",
    "errors",
    "first_seen",
    "heat",
    "hours",
    "matrix",
    "names",
    "regions",
    "roles",
    "services",
    "sessions",
    "timeline",
    "timelines",
    "trails",
    "weekdays",
]
