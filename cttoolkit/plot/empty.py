"""A chart that says that there is nothing to draw."""

from __future__ import annotations

from cttoolkit.events import Events
from cttoolkit.plot.tally import about
from cttoolkit.plot.theme import Chart, canvas, drawn

__all__ = ["blank", "nothing"]


def nothing(events: Events, what: str, why: str = "no events") -> Chart:
    """No events to draw, whatever others there are."""
    return blank(what, about(events, 0), why)


@drawn
def blank(what: str, about: str, why: str) -> Chart:
    import pandas as pd

    made = canvas(0.8)
    (axis,) = made.axes
    axis.text(0.5, 0.5, why, ha="center", va="center", transform=axis.transAxes, fontsize=10)
    axis.set_axis_off()
    return made.chart(pd.DataFrame(), what, about)
