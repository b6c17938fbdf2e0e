"""The explorer where no widget can run: what it would open on, as a table."""

from __future__ import annotations

from cttoolkit.display import html_table, text_table
from cttoolkit.text import number_of
from cttoolkit.widgets.axes import AXES
from cttoolkit.widgets.choosers import label_of
from cttoolkit.widgets.exploration import Exploration

__all__ = ["static_html", "static_text"]

_BUSIEST = 3


def _rows(at: Exploration) -> list[tuple[str, int, str]]:
    rows = []
    for axis in AXES:
        values = at.tally.values[axis.name]
        busiest = ", ".join(f"{label_of(at, axis.name, value)} ({count:,})" for value, count in values[:_BUSIEST])
        rows.append((axis.name, at.tally.distinct[axis.name], busiest))
    return rows


def _caption(at: Exploration) -> str:
    chosen = ", ".join(at.choices.values) or "nothing"
    when = f", {at.choices.window}" if at.choices.window else ""
    return f"Explorer of {number_of(at.tally.events, 'event')}{when}; chosen: {chosen}"


def static_html(at: Exploration) -> str:
    """Each chooser with its busiest values."""
    return html_table(("chooser", "values", "the busiest"), _rows(at), f"{_caption(at)}. Run the cell to explore.")


def static_text(at: Exploration) -> str:
    return f"{_caption(at)}\n{text_table(('chooser', 'values', 'the busiest'), _rows(at))}"
