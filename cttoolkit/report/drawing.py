"""Pictures as SVG that needs nothing from elsewhere: hatched boxes that hold without colour, an axis of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

from cttoolkit.text import shortened, visible
from cttoolkit.window import Window

__all__ = ["FAINT", "INK", "LEFT", "SOFT", "WIDTH", "Look", "Scale", "axis", "box", "label", "picture"]

WIDTH, LEFT, RIGHT = 760, 206, 12
INK, SOFT, FAINT = "#1b1f23", "#4a535c", "#c4cbd1"
_SPACING = 5.0
_TICKS = 7
_STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000)
)


@dataclass(frozen=True, slots=True)
class Look:
    """A fill, the colour of its lines, and how they run: ``/ | - x +`` or backwards; nothing for a plain box."""

    fill: str
    line: str
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """Time to the places between the margins of a picture."""

    window: Window

    def x(self, moment: datetime) -> float:
        whole = self.window.length.total_seconds() or 1.0
        share = (moment - self.window.start).total_seconds() / whole
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)

    def ticks(self) -> list[datetime]:
        """At most seven round times."""
        length = self.window.length
        step = next((one for one in _STEPS if length / one <= _TICKS), None)
        if step is None:
            step = _STEPS[-1] * -(-length // (_STEPS[-1] * _TICKS))
        epoch = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, so that weeks begin where people's do
        first = epoch + step * -(-(self.window.start - epoch) // step)
        # Counted in lengths, since the calendar ends before a tick after its last day.
        until = (self.window.end - first) // step
        return [first + step * n for n in range(min(_TICKS, until) + 1)]


def label(
    x: float,
    y: float,
    text: object,
    *,
    anchor: str = "start",
    size: float = 10,
    colour: str = INK,
    weight: int = 400,
    longest: int = 60,
) -> str:
    """A line of text, escaped."""
    style = f' font-weight="{weight}"' if weight != 400 else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{style}'
    shown = visible(text)
    shown = shown if len(shown) <= longest else shown[: longest - 1] + "…"
    return f"<text {place}>{escape(shown)}</text>"


def box(x: float, y: float, width: float, height: float, look: Look) -> str:
    """A filled box with its hatch."""
    drawn = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{look.fill}" '
        f'stroke="{look.line}" stroke-width="0.6"/>'
    )
    lines = "".join(_hatch(x, y, x + width, y + height, look.hatch))
    return drawn + (f'<path d="{lines}" stroke="{look.line}" stroke-width="0.9" fill="none"/>' if lines else "")


def axis(scale: Scale, top: float, bottom: float) -> str:
    """Thin lines at round times, with their dates below; the date is said where it changes."""
    drawn, said = [], ""
    ticks = scale.ticks()
    is_daily = len(ticks) > 1 and ticks[1] - ticks[0] >= timedelta(days=1)
    has_seconds = len(ticks) > 1 and ticks[1] - ticks[0] < timedelta(minutes=1)
    for tick in ticks:
        x = scale.x(tick)
        day = f"{tick:%Y-%m-%d}"
        time = "" if is_daily else f"{tick:%H:%M:%S}" if has_seconds else f"{tick:%H:%M}"
        drawn.append(f'<path d="M{x:.1f},{top:.1f}V{bottom + 3:.1f}" stroke="{FAINT}" stroke-width="0.7" fill="none"/>')
        anchor = "end" if x > WIDTH - RIGHT - 24 else "middle"
        drawn.append(label(x, bottom + 14, time or day, anchor=anchor, size=9.5, colour=SOFT))
        if time and day != said:
            drawn.append(label(x, bottom + 26, day, anchor=anchor, size=9.5, colour=SOFT))
        said = day
    return "".join(drawn)


def picture(height: float, title: str, description: str, parts: list[str]) -> str:
    """The whole picture, with its title and what it shows in words."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg" '
        f"font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\"><title>{escape(title)}</title>"
        f"<desc>{escape(shortened(description, 2000))}</desc>{''.join(parts)}</svg>"
    )


def _hatch(left: float, top: float, right: float, bottom: float, kind: str) -> Iterator[str]:
    """Lines within a box, as parts of a path."""
    if kind in ("|", "+"):
        yield from (f"M{x:.1f},{top:.1f}V{bottom:.1f}" for x in _between(left, right))
    if kind in ("-", "+"):
        yield from (f"M{left:.1f},{y:.1f}H{right:.1f}" for y in _between(top, bottom))
    if kind in ("/", "x"):
        yield from _diagonals(left, top, right, bottom, rising=True)
    if kind in ("\\", "x"):
        yield from _diagonals(left, top, right, bottom, rising=False)


def _between(low: float, high: float) -> Iterator[float]:
    at = (low // _SPACING + 1) * _SPACING
    while at < high:
        yield at
        at += _SPACING


def _diagonals(left: float, top: float, right: float, bottom: float, *, rising: bool) -> Iterator[str]:
    height = bottom - top
    for at in _between(left - height, right):
        # From (at, one edge) to (at + height, the other), cut to the box.
        start, end = max(at, left), min(at + height, right)
        first, last = (bottom - (start - at), bottom - (end - at)) if rising else (top + start - at, top + end - at)
        yield f"M{start:.1f},{first:.1f}L{end:.1f},{last:.1f}"
