"""The histogram of the explorer as SVG: sharp at any size, with coverage as its ground and the brush upon it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from cttoolkit.plot.scale import Bins, day_of
from cttoolkit.plot.theme import FAILED, INK, READS, SOFT, UNCOVERED, WRITES
from cttoolkit.text import number_of
from cttoolkit.widgets.exploration import Exploration
from cttoolkit.window import Window

__all__ = ["histogram", "told_edge"]

_WIDTH, _HIGH = 960.0, 120.0
_LEAST = 2.5
"""One event among ten thousand is to be seen: no bar is lower."""
_KINDS = (("failed", 1, FAILED.colour), ("writes", 2, WRITES.colour), ("reads", 0, READS.colour))
_TICKS = 6
_PATTERNS = (
    '<defs><pattern id="ct-nowhere" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="7" height="7" fill="#e9ecef"/><line x1="0" y1="0" x2="0" y2="7" stroke="{UNCOVERED}" stroke-width="2"/>'
    '</pattern><pattern id="ct-partly" width="7" height="7" patternUnits="userSpaceOnUse"><rect width="7" height="7" '
    f'fill="#f6f7f8"/><circle cx="3" cy="3" r="1.2" fill="{UNCOVERED}"/></pattern><pattern id="ct-failed" width="5" height="5" '
    f'patternUnits="userSpaceOnUse"><rect width="5" height="5" fill="{FAILED.colour}"/>'
    f'<path d="M0 0L5 5M5 0L0 5" stroke="{FAILED.lines}" stroke-width="0.8"/></pattern></defs>'
)


def histogram(at: Exploration) -> str:
    """Events per bin that meet all choices but the window: failed, writes, reads. What lies outside of the brush is veiled."""
    bins = at.bins
    stacks = [at.tally.bins.get(number, (0, 0, 0)) for number in bins.numbers]
    peak = max([stack[0] for stack in stacks] + [1])
    told = f"{number_of(sum(stack[0] for stack in stacks), 'event')} in bins of {bins.told}, {peak:,} in the highest"
    ground = "".join(_ground(at, bins))
    bars = "".join(_bars(stacks, peak))
    # Text stands outside of the picture, which is stretched: letters must not shrink with it.
    return (
        f"<div>{peak:,} per {bins.told}</div>"
        f'<svg class="ct-histogram" role="img" aria-label="{escape(told)}" viewBox="0 0 {_WIDTH:g} {_HIGH:g}" '
        f'preserveAspectRatio="none" style="width:100%;height:9em;display:block;background:#fff">{_PATTERNS}{ground}{bars}'
        f"{_veil(at.choices.window, bins)}</svg>{_axis(bins)}<div>{_key()}</div>"
    )


def _x(bins: Bins, place: float) -> float:
    return place * _WIDTH / len(bins)


def _ground(at: Exploration, bins: Bins) -> Iterator[str]:
    for place in range(len(bins)):
        name = at.ground.of(bins.cell(place))
        if name is not None:
            yield (
                f'<rect class="ct-{name}" x="{_x(bins, place):.2f}" y="0" width="{_x(bins, 1):.2f}" height="{_HIGH:g}" '
                f'fill="url(#ct-{name})"/>'
            )


def _bars(stacks: Sequence[tuple[int, int, int]], peak: int) -> Iterator[str]:
    width = _WIDTH / len(stacks)
    gap = 0.6 if width > 3 else 0.0
    scale = (_HIGH - 4 * _LEAST) / peak
    for name, _, colour in _KINDS:
        path = []
        for place, (events, failed, writes) in enumerate(stacks):
            heights = {"failed": failed, "writes": writes, "reads": events - failed - writes}
            drawn = {kind: max(count * scale, _LEAST) if count else 0.0 for kind, count in heights.items()}
            if drawn[name]:
                under = {"failed": 0.0, "writes": drawn["failed"], "reads": drawn["failed"] + drawn["writes"]}[name]
                top = _HIGH - under - drawn[name]
                path.append(f"M{place * width:.2f} {top:.2f}h{width - gap:.2f}v{drawn[name]:.2f}h-{width - gap:.2f}z")
        fill = "url(#ct-failed)" if name == "failed" else colour
        yield f'<path class="ct-{name}" fill="{fill}" d="{"".join(path)}"/>'


def _veil(window: Window | None, bins: Bins) -> str:
    if window is None:
        return ""
    places = bins.places(window)
    left, right = _x(bins, places.start), _x(bins, places.stop)
    veil = 'y="0" fill="#ffffff" fill-opacity="0.72"'
    edge = f'y1="0" y2="{_HIGH:g}" stroke="{INK}" stroke-width="1.5"'
    return (
        f'<rect class="ct-veil" x="0" width="{left:.2f}" height="{_HIGH:g}" {veil}/>'
        f'<rect class="ct-veil" x="{right:.2f}" width="{_WIDTH - right:.2f}" height="{_HIGH:g}" {veil}/>'
        f'<line x1="{left:.2f}" x2="{left:.2f}" {edge}/><line x1="{right:.2f}" x2="{right:.2f}" {edge}/>'
    )


def _axis(bins: Bins) -> str:
    count = min(_TICKS, len(bins))
    # Each label is as wide as the bins up to the next, so that it begins where its bin does.
    places = [number * len(bins) // count for number in range(count)]
    widths = [after - before for before, after in pairwise([*places, len(bins)])]
    texts = "".join(
        f'<span style="flex:{width} 0 0;min-width:0;border-left:1px solid {INK};padding-left:3px;overflow:hidden">'
        f"{escape(told_edge(bins, place))}</span>"
        for place, width in zip(places, widths, strict=True)
    )
    return f'<div style="display:flex;border-top:1px solid {INK};color:{SOFT};line-height:1.3">{texts}</div>'


def told_edge(bins: Bins, place: int) -> str:
    """Where a bin begins, or the last one ends, as far as bins of this length need to be told."""
    at = bins.cell(place).start
    if bins.seconds >= 86400:
        return f"{day_of(at)} {at.year}"
    return f"{day_of(at)} {at:%H:%M:%S}" if bins.seconds < 60 else f"{day_of(at)} {at:%H:%M}"


def _key() -> str:
    def box(fill: str) -> str:
        return (
            '<svg width="14" height="11" style="vertical-align:-1px" aria-hidden="true">'
            f'<rect width="14" height="11" fill="{fill}" stroke="{UNCOVERED}"/></svg> '
        )

    entries = (
        (READS.colour, "reads"),
        (WRITES.colour, "writes"),
        ("url(#ct-failed)", "failed"),
        ("url(#ct-nowhere)", "not covered by verified digests"),
        ("url(#ct-partly)", "covered in part"),
    )
    return "".join(f'<span style="margin-right:1.2em">{box(fill)}{name}</span>' for fill, name in entries) + "time, UTC"
