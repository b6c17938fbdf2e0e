"""The ways up of many credentials at once, as far as each has a single one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cttoolkit.session.columns import Column, compute
from cttoolkit.session.timeline import Ints, codes_of

if TYPE_CHECKING:
    from cttoolkit.session.joined import Joins
    from cttoolkit.session.uses import Uses

__all__ = ["DEEPEST", "Upward", "upward"]

DEEPEST = 20
"""No way up is walked further than so many joins."""


@dataclass(frozen=True)
class Upward:
    """For each credential asked for: whether it has ``one`` way up and, where so, what that comes to.

    ``origin`` and ``last`` are places of nodes, of the origin and of the one below it; ``grade`` is 0 where there is no join,
    ``person`` the place of the uppermost credential that is somebody's own, or -1. ``edges`` are rows of joins, a column for each
    step up, -1 beyond the origin.
    """

    one: Ints
    origin: Ints
    last: Ints
    grade: Ints
    sound: Ints
    person: Ints
    is_below: Ints
    is_named: Ints
    edges: Ints


def upward(joins: Joins, uses: Uses, starts: Column, least: int, personal: frozenset[str], named: Any) -> Upward:
    """Walk up from all of these at once; what branches, goes in a circle or on for too long has to be walked one by one."""
    count = len(joins.nodes)
    causes = ~joins.enables
    walked = np.flatnonzero(causes & (joins.grade >= least))
    ways = np.bincount(joins.child[walked], minlength=count)
    has_cause = np.bincount(joins.child[causes], minlength=count) > 0
    single = np.full(count, -1)
    single[joins.child[walked]] = walked
    single[ways != 1] = -1
    sound_of, is_own = _told(joins, uses, personal)
    is_somebodys = np.zeros(count, bool)
    is_somebodys[[joins.places[name] for name in named if name in joins.places]] = True

    at = codes_of(starts, joins.nodes)
    last, grade, sound = at.copy(), np.full(len(at), 127), sound_of[at]
    person = np.where(is_own[at], at, -1)
    is_named = is_somebodys[at]
    steps = []
    for _ in range(DEEPEST + 1):
        step = single[at]
        goes = step >= 0
        if not goes.any():
            break
        steps.append(step)
        edge = step[goes]
        last[goes] = at[goes]
        at[goes] = joins.parent[edge]
        grade[goes] = np.minimum(grade[goes], joins.grade[edge])
        sound[goes] = np.maximum(sound[goes], np.maximum(joins.sound[edge], sound_of[at[goes]]))
        person = np.where(goes & is_own[at], at, person)
        is_named |= is_somebodys[at]
    one = (ways[at] == 0) & (len(steps) <= DEEPEST or single[at] < 0)
    if len(steps) > DEEPEST:
        one &= steps[-1] < 0
    edges = np.stack(steps, 1) if steps else np.zeros((len(at), 0), int)
    return Upward(one, at, last, np.where(grade == 127, 0, grade), sound, person, has_cause[at], is_named, edges)


def _told(joins: Joins, uses: Uses, personal: frozenset[str]) -> tuple[Ints, Ints]:
    """Of each node how sound its calls are, and whether what made them is somebody's own."""
    import pyarrow as pa

    pc = compute()
    sound, is_own = np.zeros(len(joins.nodes), np.int8), np.zeros(len(joins.nodes), bool)
    places = codes_of(uses.columns["credential"], joins.nodes)
    sound[places] = uses.columns["sound"].to_numpy()
    is_own[places] = pc.is_in(uses.columns["actor_rung"], pa.array(sorted(personal))).to_numpy()
    return sound, is_own
