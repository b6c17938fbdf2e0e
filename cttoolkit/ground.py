"""The ground under a chart, hatched where verified digests do not cover the time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cttoolkit.integrity.uncovered import uncovered
from cttoolkit.integrity.verification import Verification
from cttoolkit.theme import UNCOVERED
from cttoolkit.window import Window, joined

__all__ = ["hatch", "hatch_cells"]

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
