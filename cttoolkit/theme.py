"""How every picture looks: one palette, legible labels, deterministic bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cttoolkit.text import visible

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

__all__ = ["INK", "PALE", "READS", "REFUSED", "UNCOVERED", "WRITES", "Chart", "figure", "label", "picture"]

# From Okabe and Ito's palette, which holds for the usual kinds of colour blindness.
READS, WRITES, REFUSED = "#56B4E9", "#0072B2", "#D55E00"
INK, PALE, UNCOVERED = "#1b1f23", "#e3e7eb", "#9aa3ab"
_RESOLUTION = 110
_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):(.+)")


def figure(height: float, title: str, rows: int = 1, ratios: tuple[float, ...] = (1.0,)) -> tuple[Figure, list[Any]]:
    """An empty figure of full width with its axes from top to bottom, made without pyplot's global state."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(9.0, height), dpi=_RESOLUTION, layout="constrained", facecolor="white")
    axes = made.subplots(rows, 1, squeeze=False, sharex=rows > 1, gridspec_kw={"height_ratios": ratios})
    # Loosely typed: the library's stubs do not know that its axes take times.
    flat: list[Any] = [row[0] for row in axes]
    made.suptitle(label(title, 110), fontsize=10.5, x=0.01, ha="left", color=INK, parse_math=False)
    for one in flat:
        one.spines[["top", "right"]].set_visible(False)
        one.tick_params(labelsize=8.5, colors=INK)
    return made, flat


def label(text: Any, widest: int = 46) -> str:
    """Text from evidence as a label: visible, and shortened in the middle, since both ends of an ARN matter."""
    plain = visible("(none)" if text is None or text == "" else text)
    if len(plain) <= widest:
        return plain
    arn = _ARN.fullmatch(plain)
    plain = f"{arn[1]}:{arn[2]}" if arn else plain
    if len(plain) <= widest:
        return plain
    head = (widest - 1) // 3
    return f"{plain[:head]}…{plain[-(widest - 1 - head) :]}"


def picture(made: Figure) -> bytes:
    """The figure as PNG, without the software's name in it."""
    import io

    out = io.BytesIO()
    made.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with the frame behind it. ``save`` writes it as the file's ending says: png, svg, pdf."""

    figure: Figure = field(repr=False)
    data: pandas.DataFrame = field(repr=False)
    title: str

    def save(self, path: str) -> None:
        self.figure.savefig(path)

    @cached_property
    def _png(self) -> bytes:
        # Drawn once: a second layout of the same figure may come out a pixel apart.
        return picture(self.figure)

    def _repr_png_(self) -> bytes:
        return self._png

    def __repr__(self) -> str:
        return f"Chart: {self.title}"
