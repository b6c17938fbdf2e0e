"""How every picture looks: one palette that holds without colour, a head that says what and how many, deterministic bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from cttoolkit.evidence import refuse_to_write
from cttoolkit.plot.lettering import inches, shown_in_font, wrapped

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

__all__ = [
    "FAILED",
    "FAINT",
    "INK",
    "PALE",
    "READS",
    "SOFT",
    "UNCOVERED",
    "WIDTH",
    "WRITES",
    "Canvas",
    "Chart",
    "Look",
    "canvas",
    "drawn",
    "picture",
]

INK, SOFT, FAINT, PALE, UNCOVERED = "#1b1f23", "#57606a", "#c4cbd1", "#f1f3f5", "#8d969e"
WIDTH = 9.0
_RESOLUTION = 110
_PRINTED = 200
_STYLE = {
    "axes.edgecolor": UNCOVERED,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": False,
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],
    "hatch.linewidth": 0.7,
    "legend.fontsize": 8,
    "svg.hashsalt": "cttoolkit",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "xtick.labelsize": 8,
    "ytick.color": INK,
    "ytick.labelsize": 8,
}
# What each format writes of the machine and the day.
_UNSAID: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of thing is filled: a colour of Okabe and Ito's palette, and a hatch for those who see none."""

    colour: str
    hatch: str | None = None
    lines: str = "white"

    @property
    def fill(self) -> dict[str, Any]:
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": self.lines, "linewidth": 0}

    def key(self, text: str) -> Any:
        from matplotlib.patches import Patch

        edge = UNCOVERED if self.lines == "white" and self.hatch is None else self.lines
        return Patch(**(self.fill | {"edgecolor": edge}), label=text)


READS, WRITES, FAILED = Look("#56B4E9"), Look("#0072B2"), Look("#D55E00", "xxxxx", "#5c2500")


def style() -> AbstractContextManager[Any]:
    """The theme alone, whatever the machine's own settings say."""
    from matplotlib import style as styles

    context: AbstractContextManager[Any] = styles.context(["default", _STYLE])
    return context


def drawn(draw: Callable[P, T]) -> Callable[P, T]:
    """Draw in the theme."""

    @wraps(draw)
    def themed(*args: P.args, **options: P.kwargs) -> T:
        with style():
            return draw(*args, **options)

    return themed


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with the frame behind it. ``save`` writes it as the file's ending says: png, svg, pdf."""

    figure: Figure = field(repr=False)
    data: pandas.DataFrame = field(repr=False)
    title: str

    def save(self, path: str) -> None:
        """EvidenceError where that lies in evidence that was opened, by whatever way it leads there."""
        refuse_to_write(path)
        ending = str(path).rpartition(".")[2].lower()
        with style():
            self.figure.savefig(path, dpi=_PRINTED, metadata=_UNSAID.get(ending))

    @cached_property
    def _png(self) -> bytes:
        # Drawn once: a second layout of the same figure may come out a pixel apart.
        return picture(self.figure)

    def _repr_png_(self) -> bytes:
        return self._png

    def __repr__(self) -> str:
        return f"Chart: {self.title}"


def picture(made: Figure) -> bytes:
    """The figure as PNG, without the software's name in it."""
    import io

    out = io.BytesIO()
    with style():
        made.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


@dataclass(frozen=True, eq=False)
class Canvas:
    """Axes on a figure whose head and foot are still to be written; lengths are in inches.

    ``margins`` (left, bottom, right, top) fix the place of the axes, for pictures that reckon with it; without, they make room
    for their labels.
    """

    figure: Figure
    axes: list[Any]
    height: float
    margins: tuple[float, float, float, float] | None = None

    def chart(
        self, data: pandas.DataFrame, what: str, about: str, *, key: Sequence[Any] = (), notes: Iterable[str] = ()
    ) -> Chart:
        """Write title, key and notes around what was drawn, none of them over it."""
        made = self.figure
        width = made.get_figwidth()
        told = wrapped(shown_in_font(about), 8.5, width - 0.3, 3)
        columns, lines = _columns([one.get_label() for one in key], width - 0.3)
        below = [line for note in notes if note for line in wrapped(shown_in_font(note), 7.5, width - 0.3, 3)]
        head = 0.36 + 0.17 * len(told) + (0.08 + 0.185 * lines if key else 0) + 0.06
        foot = 0.06 + 0.15 * len(below) if below else 0.0
        whole = self.height + head + foot
        made.set_figheight(whole)
        place: dict[str, Any] = {"x": 0.12 / width, "ha": "left", "va": "top"}
        made.text(y=1 - 0.1 / whole, s=shown_in_font(what), size=11, weight="bold", **place)
        made.text(y=1 - 0.34 / whole, s="\n".join(told), size=8.5, color=SOFT, linespacing=1.25, **place)
        if key:
            top = 1 - (0.36 + 0.17 * len(told) + 0.08) / whole
            made.legend(handles=list(key), loc="upper left", bbox_to_anchor=(0.12 / width, top), ncols=columns,
                        frameon=False, borderpad=0, borderaxespad=0, handlelength=1.7, handleheight=1.0, columnspacing=1.4,
                        labelspacing=0.45)  # fmt: skip
        if below:
            made.text(0.12 / width, 0.06 / whole, "\n".join(below), size=7.5, color=SOFT, va="bottom", linespacing=1.25)
        if self.margins is None:
            made.set_layout_engine("constrained", rect=(0, foot / whole, 1, self.height / whole), h_pad=0.03)
        else:
            left, bottom, right, top = self.margins
            for axis in self.axes:
                axis.set_position((left / width, (foot + bottom) / whole, (width - left - right) / width,
                                   (self.height - bottom - top) / whole))  # fmt: skip
        return Chart(made, data, f"{what}: {about}")


def canvas(
    height: float,
    ratios: Sequence[float] = (1.0,),
    *,
    width: float = WIDTH,
    margins: tuple[float, float, float, float] | None = None,
) -> Canvas:
    """Empty axes from top to bottom over one x, made without pyplot's global state."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), dpi=_RESOLUTION, layout=None if margins else "constrained")
    rows = len(ratios)
    axes = made.subplots(rows, 1, squeeze=False, sharex=rows > 1, gridspec_kw={"height_ratios": list(ratios)})
    # Loosely typed: the library's stubs do not know that its axes take times.
    flat: list[Any] = [row[0] for row in axes]
    for one in flat:
        # Said here, since ticks made when a figure is drawn would ask whatever settings then hold.
        one.tick_params(labelsize=8, color=INK, labelcolor=INK)
    return Canvas(made, flat, height, margins)


def _columns(texts: Sequence[str], width: float) -> tuple[int, int]:
    """As many columns as fit, and the lines that they leave. A legend is filled column by column."""
    widths = [inches(text, 8) + 0.42 for text in texts]
    for columns in range(len(widths), 1, -1):
        lines = -(-len(widths) // columns)
        if sum(max(widths[at : at + lines]) for at in range(0, len(widths), lines)) <= width:
            return columns, lines
    return 1, len(widths)
