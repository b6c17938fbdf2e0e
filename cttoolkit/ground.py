"""The ground under a chart, hatched where verified digests do not cover the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from cttoolkit.integrity.coverage import ChainCoverage
from cttoolkit.integrity.verification import Verification
from cttoolkit.theme import UNCOVERED
from cttoolkit.window import Window, joined

__all__ = ["hatch", "hatch_cells", "uncovered"]

_MINUTES = timedelta(minutes=2)


def hatch(axis: Any, verification: Verification, shown: Window) -> None:
    """Hatch what no chain covers whole: a window counts as covered where every account and region of the evidence is."""
    chains = [one for one in verification.coverage.chains if not one.chain.backfill]
    holes = joined(uncovered(verification, shown)) if chains else (shown,)
    for number, hole in enumerate(holes):
        axis.axvspan(hole.start, hole.end, facecolor="none", edgecolor=UNCOVERED, hatch="////", linewidth=0, zorder=0,
                     label="not covered by verified digests" if number == 0 else None)  # fmt: skip


def hatch_cells(axis: Any, cells: list[list[Window]], verification: Verification) -> None:
    from matplotlib.patches import Rectangle

    shown = Window(min(cell.start for row in cells for cell in row), max(cell.end for row in cells for cell in row))
    holes = joined(uncovered(verification, shown)) if verification.coverage.chains else (shown,)
    for line, row in enumerate(cells):
        for place, cell in enumerate(row):
            # Digests end seconds after the hour, which would hatch an hour for its first minute.
            parts = [part for hole in holes if (part := hole.intersection(cell))]
            if any(part.length > _MINUTES for part in parts):
                axis.add_patch(
                    Rectangle((place, line), 1, 1, fill=False, hatch="////", edgecolor=UNCOVERED, linewidth=0)
                )


def uncovered(verification: Verification, shown: Window) -> Iterable[Window]:
    """The parts of a window that some account and region of the evidence has no verified digest for."""
    places = {(one.chain.account, one.chain.region) for one in verification.coverage.chains}
    for account, region in sorted(places):
        chains = [one for one in verification.coverage.of(account, region) if not one.chain.backfill]
        if not any(one.covers(shown) for one in chains):
            yield from (
                (interval.window for interval in chains[0].uncovered(shown))
                if len(chains) == 1
                else _common(chains, shown)
            )


def _common(chains: list[ChainCoverage], shown: Window) -> Iterable[Window]:
    """What none of several chains of one place covers."""
    edges = sorted(
        {
            shown.start,
            shown.end,
            *(edge for one in chains for w in one.covered for edge in (w.start, w.end) if edge in shown),
        }
    )
    for start, end in pairwise(edges):
        if not any(one.covers(Window(start, end)) for one in chains):
            yield Window(start, end)
