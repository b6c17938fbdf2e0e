"""The coverage of each chain as a strip, with the gaps numbered as in the table of what is not covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cttoolkit.integrity.coverage import ChainCoverage, Interval, State
from cttoolkit.integrity.verdict import Kind, Status
from cttoolkit.key import LogKey, parse_key
from cttoolkit.report.drawing import INK, SOFT, WIDTH, Look, Scale, axis, box, label, picture
from cttoolkit.text import shortened
from cttoolkit.window import Window

if TYPE_CHECKING:
    from cttoolkit.integrity.verification import Verification

__all__ = ["LOOKS", "draw_strips", "tell_strips", "uncovered"]

LOOKS: Mapping[State, Look] = {
    State.COVERED: Look("#8fd3bc", "#2f6b57"),
    State.DIGEST_MISSING: Look("#ffffff", "#b34a00", "x"),
    State.DIGEST_ALTERED: Look("#f3d9e8", "#7d2a5c", "+"),
    State.DIGEST_UNVERIFIABLE: Look("#fdeccb", "#7a5000", "|"),
    State.NO_CHAIN: Look("#e9ecef", "#57606a", "/"),
    State.BEFORE_FIRST: Look("#ffffff", "#7a838c", "\\"),
    State.AFTER_LAST: Look("#fdf9c4", "#6b6500", "-"),
}
_MOST = 40
_ROW, _HIGH, _TOP = 24, 13, 14
_LEGEND = 17


def uncovered(verification: Verification) -> list[tuple[ChainCoverage, Interval]]:
    """Every stretch that is not covered, chain by chain; their numbers in the report begin at 1."""
    return [
        (chain, interval)
        for chain in verification.coverage.chains
        for interval in chain.intervals
        if interval.state is not State.COVERED
    ]


def draw_strips(verification: Verification) -> str:
    """The picture; nothing where there is no chain."""
    every = [chain for chain in verification.coverage.chains if chain.intervals]
    if not every:
        return ""
    # Where there are too many for a page, those with the most amiss are drawn.
    chains = sorted(every, key=lambda one: (-sum(i.state is not State.COVERED for i in one.intervals), one.chain))[
        :_MOST
    ]
    chains.sort(key=lambda one: one.chain)
    windows = [interval.window for chain in chains for interval in chain.intervals]
    scale = Scale(Window(min(one.start for one in windows), max(one.end for one in windows)))
    numbers = {id(interval): number for number, (_, interval) in enumerate(uncovered(verification), 1)}
    bottom = _TOP + _ROW * len(chains)
    parts = [axis(scale, _TOP - 4, bottom)]
    has_accounts = len({chain.chain.account for chain in chains}) > 1
    for line, chain in enumerate(chains):
        parts.append(label(0, _TOP + line * _ROW + 14, _name(chain, has_accounts=has_accounts), size=9.5, longest=36))
        parts.extend(_strip(chain, scale, _TOP + line * _ROW + 4, numbers))
    parts.extend(_marks(verification, chains, scale))
    states = [state for state in State if any(i.state is state for chain in chains for i in chain.intervals)]
    height = bottom + 40 + _LEGEND * -(-(len(states) + 2) // 4)
    parts.append(_legend(states, bottom + 42))
    left = len(every) - len(chains)
    title = "Coverage by verified digests, by time of delivery (UTC)"
    return picture(
        height, title, " ".join(tell_strips(verification)) + (f" {left} chains are not drawn." if left else ""), parts
    )


def tell_strips(verification: Verification) -> list[str]:
    """The same in words, a sentence a chain."""
    told = []
    for chain in verification.coverage.chains:
        whole = sum(interval.window.length.total_seconds() for interval in chain.intervals)
        held = sum(i.window.length.total_seconds() for i in chain.intervals if i.state is State.COVERED)
        gaps = sum(interval.state is not State.COVERED for interval in chain.intervals)
        if not chain.intervals:
            told.append(f"{shortened(chain.chain, 200)}: nothing is covered.")
            continue
        span = Window(chain.intervals[0].window.start, chain.intervals[-1].window.end)
        told.append(
            f"{shortened(chain.chain, 200)}: {100 * held / (whole or 1):.1f} % of {span} is covered"
            + (f", {gaps:,} stretch{'es are' if gaps != 1 else ' is'} not." if gaps else ", without a gap.")
        )
    return told


def _strip(chain: ChainCoverage, scale: Scale, y: float, numbers: Mapping[int, int]) -> list[str]:
    parts = []
    covered = [i for i in chain.intervals if i.state is State.COVERED]
    amiss = [i for i in chain.intervals if i.state is not State.COVERED]
    for interval in (*covered, *amiss):
        left, right = scale.x(interval.window.start), scale.x(interval.window.end)
        if interval.state is not State.COVERED and right - left < 2.5:
            left, right = (left + right) / 2 - 1.25, (left + right) / 2 + 1.25
        parts.append(box(left, y, right - left, _HIGH, LOOKS[interval.state]))
    last = -99.0
    for interval in amiss:
        middle = (scale.x(interval.window.start) + scale.x(interval.window.end)) / 2
        if middle - last >= 14:
            parts.append(label(middle, y - 1.5, numbers[id(interval)], anchor="middle", size=8, weight=700))
            last = middle
    return parts


def _name(chain: ChainCoverage, *, has_accounts: bool) -> str:
    made = chain.chain
    account = f"{made.account} " if has_accounts else ""
    return f"{account}{made.region}{' backfill' if made.backfill else ''} {made.trail}"


def _marks(verification: Verification, chains: Sequence[ChainCoverage], scale: Scale) -> list[str]:
    """Crosses for log files that are missing or altered, triangles for unlisted ones, at the time of their delivery."""
    lines = {(one.chain.account, one.chain.region): line for line, one in enumerate(chains)}
    parts = []
    for verdict in verification.verdicts:
        key = parse_key(verdict.key)
        if verdict.kind is not Kind.LOG or not isinstance(key, LogKey) or (key.account, key.region) not in lines:
            continue
        x, y = scale.x(key.delivered_at), _TOP + lines[key.account, key.region] * _ROW + 4 + _HIGH / 2
        if verdict.status in (Status.MISSING, Status.ALTERED):
            parts.append(_cross(x, y))
        elif verdict.status is Status.UNLISTED:
            parts.append(_triangle(x, y))
    return parts[:2000]


def _cross(x: float, y: float) -> str:
    return f'<path d="M{x - 4:.1f},{y - 4:.1f}l8,8m0,-8l-8,8" stroke="{INK}" stroke-width="1.7" fill="none"/>'


def _triangle(x: float, y: float) -> str:
    return f'<path d="M{x:.1f},{y - 4.5:.1f}l4.5,8h-9z" fill="{INK}" stroke="#fff" stroke-width="0.8"/>'


def _legend(states: Sequence[State], y: float) -> str:
    entries = [(box(0, 0, 20, 9, LOOKS[state]), state.value) for state in states]
    entries += [(_cross(10, 4.5), "log file missing or altered"), (_triangle(10, 4.5), "log file unlisted")]
    parts = []
    for at, (mark, told) in enumerate(entries):
        x, down = (at % 4) * (WIDTH / 4), y + (at // 4) * _LEGEND
        parts.append(
            f'<g transform="translate({x:.1f},{down:.1f})">{mark}{label(26, 8.5, told, size=9.5, colour=SOFT)}</g>'
        )
    return "".join(parts)
