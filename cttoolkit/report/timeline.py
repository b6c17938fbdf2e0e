"""When the cited events happened, a line a conclusion, over ground that shows where verified digests do not cover the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from cttoolkit.finding import Absence, Finding
from cttoolkit.integrity.uncovered import uncovered
from cttoolkit.report.cited import Cited
from cttoolkit.report.drawing import FAINT, LEFT, SOFT, WIDTH, Look, Scale, axis, box, label, picture
from cttoolkit.text import number_of
from cttoolkit.window import Window, earlier, later

__all__ = ["draw_timeline"]

_NOWHERE, _PARTLY = Look("#dfe3e7", "#6b747d", "/"), Look("#f4f6f8", "#9aa3ab", "\\")
_SEARCHED = Look("#ffffff", "#0072b2")
_BAR = "#0072b2"
_ROW, _HIGH, _TOP, _CELL = 26, 18, 8, 2.0
_MOST = 40
_SECOND = timedelta(seconds=1)


def draw_timeline(conclusions: Sequence[Finding | Absence], cited: Cited) -> str:
    """The picture; nothing where no conclusion has a time."""
    windows = [window for one, times in zip(conclusions, cited.times, strict=True) if (window := _span(one, times))]
    if not windows:
        return ""
    scale = Scale(_padded(Window(min(one.start for one in windows), max(one.end for one in windows))))
    drawn = list(zip(conclusions, cited.times, strict=True))[:_MOST]
    bottom = _TOP + _ROW * len(drawn)
    parts: list[str] = []
    for line, (one, times) in enumerate(drawn):
        parts.extend(_ground(one, scale, _TOP + line * _ROW))
        y = _TOP + line * _ROW + _ROW - 4
        parts.append(label(0, y - 5, f"2.{line + 1}  {one.claim}", size=9.5, longest=40))
        parts.append(f'<path d="M{LEFT},{y}H{WIDTH - 12}" stroke="{FAINT}" stroke-width="0.7" fill="none"/>')
        if isinstance(one, Absence):
            left, right = scale.x(one.window.start), scale.x(one.window.end)
            parts.append(_searched(left, right, y - _HIGH / 2))
        parts.append(_bars(times, scale, y))
    parts.append(axis(scale, _TOP, bottom))
    parts.append(_legend(bottom + 42, any(isinstance(one, Absence) for one in conclusions)))
    counts = ", ".join(f"conclusion {n}: {number_of(len(times), 'event')}" for n, times in enumerate(cited.times, 1))
    left = len(conclusions) - len(drawn)
    told = f"{scale.window}; {counts}." + (f" {left} conclusions are not drawn." if left else "")
    return picture(bottom + 60, "Cited events over time, by conclusion (UTC)", told, parts)


def _span(one: Finding | Absence, times: Sequence[datetime]) -> Window | None:
    if isinstance(one, Absence):
        return one.window
    return Window(min(times), later(max(times), _SECOND)) if times else None


def _padded(window: Window) -> Window:
    edge = max(window.length / 40, _SECOND)
    return Window(earlier(window.start, edge), later(window.end, edge))


def _ground(one: Finding | Absence, scale: Scale, y: float) -> Iterable[str]:
    searched = one.cites
    nowhere, partly = uncovered(
        searched.verification, scale.window, accounts=searched.accounts, regions=searched.regions
    )
    for windows, look in ((partly, _PARTLY), (nowhere, _NOWHERE)):
        for window in windows:
            left, right = scale.x(window.start), scale.x(window.end)
            yield box(left, y + 2, max(right - left, 0.5), _ROW - 6, look)


def _searched(left: float, right: float, y: float) -> str:
    """The window of an absence: a line with ends, which stands for having looked and not for having found."""
    return (
        f'<path d="M{left:.1f},{y - 5:.1f}v10m0,-5H{right:.1f}m0,-5v10" stroke="{_BAR}" stroke-width="1.6" fill="none" '
        'stroke-dasharray="5 2"/>'
    )


def _bars(times: Iterable[datetime], scale: Scale, bottom: float) -> str:
    counted = Counter(int((scale.x(time) - LEFT) // _CELL) for time in times)
    if not counted:
        return ""
    highest = max(counted.values())
    parts = []
    for cell, count in sorted(counted.items()):
        high = _HIGH * (0.4 + 0.6 * count / highest)
        place = (
            f'x="{LEFT + cell * _CELL - 0.2:.1f}" y="{bottom - high:.1f}" width="{_CELL + 0.4:.1f}" height="{high:.1f}"'
        )
        parts.append(f'<rect {place} fill="{_BAR}"><title>{number_of(count, "event")}</title></rect>')
    return "".join(parts)


def _legend(y: float, has_absence: bool) -> str:  # noqa: FBT001
    entries = [(f'<rect x="8" width="3" height="10" fill="{_BAR}"/>', "cited events, higher for more")]
    if has_absence:
        entries.append((_searched(2, 18, 5), "window of an absence"))
    entries.append((box(0, 0, 20, 10, _PARTLY), "not covered in some region"))
    entries.append((box(0, 0, 20, 10, _NOWHERE), "not covered anywhere"))
    return "".join(
        f'<g transform="translate({at * WIDTH / 4:.1f},{y:.1f})">{mark}{label(25, 9, told, size=9, colour=SOFT)}</g>'
        for at, (mark, told) in enumerate(entries)
    )
