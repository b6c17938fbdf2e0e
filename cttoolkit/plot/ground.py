"""The ground under a chart: hatched where no verified digest covers the time, dotted where only some places are covered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cttoolkit.events import Events
from cttoolkit.integrity.uncovered import uncovered
from cttoolkit.integrity.verification import Verification
from cttoolkit.plot.scale import number
from cttoolkit.plot.theme import UNCOVERED, Look
from cttoolkit.window import Window, earlier, joined, later

__all__ = ["NOWHERE", "PARTLY", "Ground", "ground", "ground_of", "hatch", "hatch_cells", "key"]

NOWHERE, PARTLY = Look("#e9ecef", "/////", UNCOVERED), Look("#f6f7f8", "...", UNCOVERED)
_SHADES = ((NOWHERE, "nowhere"), (PARTLY, "partly"))
# Digests end seconds after the hour, which would hatch an hour for its first minute.
_MINUTES = timedelta(minutes=2)
_NARROWEST = 350
"""A hole is drawn as wide as this part of the axis at least: one hour of a year must not vanish."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The stretches of a window that no account and region of the evidence has verified digests for, and those that some have not."""

    shown: Window
    nowhere: tuple[Window, ...]
    partly: tuple[Window, ...]

    def of(self, cell: Window) -> str | None:
        """What a cell of a grid stands on, a field's name; None where every place is covered all the time."""
        nowhere = _within(self.nowhere, cell)
        if nowhere >= max(cell.length - _MINUTES, cell.length / 2):
            return "nowhere"
        return "partly" if _touches(self.nowhere, cell) or _touches(self.partly, cell) else None


def ground_of(events: Events, shown: Window) -> Ground:
    """The ground of these events: of the accounts and regions that they were narrowed to, or else of the whole evidence."""
    return ground(events.verification, shown, accounts=events.accounts, regions=events.regions)


def ground(
    verification: Verification, shown: Window, *, accounts: Sequence[str] = (), regions: Sequence[str] = ()
) -> Ground:
    """What digests cover of a window."""
    nowhere, partly = uncovered(verification, shown, accounts=accounts, regions=regions)
    return Ground(shown, _trimmed(nowhere, shown), _trimmed(partly, shown))


def hatch(axis: Any, under: Ground) -> None:
    """Hatch the axis from top to bottom."""
    least = (number(under.shown.end) - number(under.shown.start)) / _NARROWEST
    for look, name in reversed(_SHADES):
        spans = _widened(((number(w.start), number(w.end)) for w in getattr(under, name)), least)
        if spans:
            bars = axis.broken_barh(
                [(start, end - start) for start, end in spans],
                (0, 1),
                transform=axis.get_xaxis_transform(),
                zorder=0,
                **look.fill,
            )
            bars.set_gid(name)


def hatch_cells(axis: Any, places: dict[str, list[tuple[int, int]]]) -> None:
    """Hatch cells of a grid, named by column and line."""
    from matplotlib.collections import PolyCollection

    for look, name in _SHADES:
        cells = places.get(name)
        if cells:
            squares = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for x, y in cells]
            drawn = PolyCollection(squares, facecolor="none", edgecolor=look.lines, hatch=look.hatch, linewidth=0)
            drawn.set_gid(name)
            axis.add_collection(drawn)


def key(names: Iterable[str]) -> list[Any]:
    """Entries of a legend for what was hatched."""
    met = set(names)
    found = [NOWHERE.key("not covered by verified digests")] if "nowhere" in met else []
    return found + ([PARTLY.key("covered in part")] if "partly" in met else [])


def names_of(*grounds: Ground) -> list[str]:
    """Which shades these grounds have."""
    return [name for _, name in _SHADES if any(getattr(one, name) for one in grounds)]


def counted(windows: Iterable[Window]) -> list[Window]:
    """Covered stretches stretched by the minutes that digests are off the hour."""
    return [Window(earlier(one.start, _MINUTES), later(one.end, _MINUTES)) for one in windows]


def _trimmed(holes: Iterable[Window], shown: Window) -> tuple[Window, ...]:
    """Without the seconds at either end that the window cut from a digest's hour."""
    return tuple(
        hole
        for hole in joined(holes)
        if hole == shown or hole.length > _MINUTES or (hole.start > shown.start and hole.end < shown.end)
    )


def _parts(holes: Sequence[Window], cell: Window) -> Iterator[tuple[Window, Window]]:
    """The holes that reach into a cell, each with its part there."""
    at = max(bisect_right(holes, cell.start, key=lambda hole: hole.start) - 1, 0)
    while at < len(holes) and holes[at].start < cell.end:
        part = holes[at].intersection(cell)
        if part is not None:
            yield holes[at], part
        at += 1


def _within(holes: Sequence[Window], cell: Window) -> timedelta:
    return sum((part.length for _, part in _parts(holes, cell)), timedelta(0))


def _touches(holes: Sequence[Window], cell: Window) -> bool:
    """Whether any is to be seen. What lies within the cell whole is a gap, however short: a trail may be stopped for a minute."""
    return any(part.length > _MINUTES or cell.covers(hole) for hole, part in _parts(holes, cell))


def _widened(spans: Iterable[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in spans:
        wider = max(0.0, least - (end - start)) / 2
        if found and start - wider <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end + wider))
        else:
            found.append((start - wider, end + wider))
    return found
