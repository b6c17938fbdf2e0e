"""A grid of counts in cells, on the ground of what was covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cttoolkit.plot.ground import hatch_cells
from cttoolkit.plot.theme import PALE, SOFT, Canvas, Look, canvas

__all__ = ["Grid", "paint", "squares"]

_DARK = 0.5


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts by line and column with their labels. ``places`` are cells, column and line, by the name of their ground.

    A column without a name gets no label. ``written`` puts the counts into the cells, ``slanted`` makes room for long names.
    """

    counts: Sequence[Sequence[int]]
    lines: Sequence[str]
    columns: Sequence[str]
    places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    x_label: str = ""
    y_label: str = ""
    written: bool = False
    slanted: bool = False
    row_height: float = 0.27


def paint(grid: Grid) -> Canvas:
    """Cells coloured by the logarithm of their count, light to dark, so that one event is told from none and from thousands."""
    from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
    from matplotlib.ticker import FuncFormatter

    longest = max((len(name) for name in grid.columns), default=0)
    below = 0.35 + (0.062 * longest * 0.72 if grid.slanted else 0.2)
    made = canvas(below + grid.row_height * max(len(grid.lines), 2) + 0.1)
    (axis,) = made.axes
    values = [[float(count) if count else float("nan") for count in row] for row in grid.counts]
    most = max((count for row in grid.counts for count in row), default=1)
    colours = LinearSegmentedColormap.from_list("counts", ["#d6e9f8", "#7fb8de", "#2f7fb8", "#0b4a7d", "#06264a"])
    norm = LogNorm(1, max(most, 10)) if most > 20 else Normalize(1, max(most, 2))
    small = len(grid.columns) <= 60
    image = axis.pcolormesh(
        values, cmap=colours, norm=norm, edgecolors="white" if small else "face", linewidth=0.6 if small else 0
    )
    axis.set_facecolor(PALE)
    hatch_cells(axis, grid.places)
    if grid.written:
        for y, row in enumerate(grid.counts):
            for x, count in enumerate(row):
                if count:
                    dark = norm(count) > _DARK
                    axis.text(x + 0.5, y + 0.5, _brief(count), ha="center", va="center", fontsize=7.5,
                              color="white" if dark else "black")  # fmt: skip
    axis.set_yticks([n + 0.5 for n in range(len(grid.lines))], grid.lines, parse_math=False)
    ticks = [n for n, name in enumerate(grid.columns) if name]
    axis.set_xticks([n + 0.5 for n in ticks], [grid.columns[n] for n in ticks], parse_math=False)
    if grid.slanted:
        axis.tick_params(axis="x", rotation=40)
        for tick in axis.get_xticklabels():
            tick.set(ha="right", rotation_mode="anchor")
    axis.set_xlim(0, len(grid.columns))
    axis.set_ylim(len(grid.lines), 0)
    axis.set_xlabel(grid.x_label)
    axis.set_ylabel(grid.y_label)
    axis.tick_params(length=0)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    if not grid.written:
        bar = made.figure.colorbar(image, ax=axis, pad=0.01, fraction=0.02, aspect=30)
        bar.ax.tick_params(labelsize=7.5, length=2)
        bar.ax.minorticks_off()
        bar.set_ticks(_steps(most))
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
        bar.outline.set_visible(False)
        bar.set_label("events", fontsize=8, color=SOFT)
    return made


def squares(cells: Sequence[tuple[int, int]], look: Look, edges: Sequence[float]) -> Any:
    """Cells of one look, named by column and line, over edges that lie where they may."""
    from matplotlib.collections import PolyCollection

    boxes = [
        [(edges[x], y + 0.08), (edges[x + 1], y + 0.08), (edges[x + 1], y + 0.92), (edges[x], y + 0.92)]
        for x, y in cells
    ]
    return PolyCollection(boxes, **look.fill)


def _steps(most: int) -> list[int]:
    if most <= 20:
        return sorted({1, max(1, most // 2), max(most, 2)})
    return [step for power in range(len(str(most))) for step in (10**power,) if step <= max(most, 10)]


def _brief(count: int) -> str:
    """A count that fits a cell."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if count >= size:
            scale = size if unit != "k" else 1000
            return (
                f"{count / scale:.1f}".removesuffix(".0") + unit if count < 100 * scale else f"{count // scale}{unit}"
            )
    return str(count)
