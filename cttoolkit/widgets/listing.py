"""A page of events, each with a box that puts it into the basket and a button that shows it in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets

from cttoolkit.display import cell
from cttoolkit.widgets.axes import CONFLICTING, told_standing
from cttoolkit.widgets.basket import Basket, Place
from cttoolkit.widgets.choosers import briefly
from cttoolkit.widgets.exploration import PAGE, Exploration

__all__ = ["STYLE", "Listing"]

_SHOWN = (
    ("call", "event_name", "1.4fr"),
    ("actor", "actor", "2.2fr"),
    ("session", "session_name", "1.2fr"),
    ("region", "aws_region", "1fr"),
    ("address", "source_ip_address", "1.3fr"),
    ("error", "error_code", "1.2fr"),
    ("standing", "status", "1.3fr"),
)
_WIDEST = 120
_ROW = "2em 14.5em minmax(0, 1fr)"
_CELLS = " ".join(f"minmax(0, {width})" for _, _, width in _SHOWN)
STYLE = (
    "<style>.ct-cells{display:grid;grid-template-columns:" + _CELLS + ";gap:0 0.6em;line-height:1.35}"
    ".ct-cells span{overflow-wrap:anywhere}.ct-listing .widget-html-content{line-height:1.35}"
    ".ct-explorer .jupyter-button{height:auto;min-height:2em;line-height:1.4;white-space:normal}"
    ".ct-lines>*{flex-shrink:0}.ct-row{border-top:1px solid #c4cbd1;align-items:center}.ct-row .widget-checkbox{width:auto;min-width:0}"
    # What a screen reader reads of a box, and nobody sees.
    ".ct-row .widget-checkbox span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
    ".ct-json{white-space:pre-wrap;overflow-wrap:anywhere;max-height:32em;overflow:auto;border:1px solid #c4cbd1;padding:0.5em}"
    ".ct-explorer :focus-visible{outline:3px solid #0072B2;outline-offset:1px}"
    ".ct-explorer select{font-size:inherit}</style>"
)


class Listing:
    """Fifty lines that are made once and filled anew for each page. Sorting, choosing and looking are the caller's to do."""

    def __init__(
        self,
        sort: Callable[[str], None],
        put: Callable[[Mapping[str, Any], bool], None],
        look: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._heads = {name: _head(name, sort) for name in ("time", *(name for name, _, _ in _SHOWN))}
        cells = ipywidgets.GridBox(
            [self._heads[name] for name, _, _ in _SHOWN],
            layout=ipywidgets.Layout(grid_template_columns=_CELLS, grid_gap="0 0.6em", overflow="hidden"),
        )
        plain = ipywidgets.HTML('<span title="in the basket">✓</span>')
        head = ipywidgets.GridBox(
            [plain, self._heads["time"], cells], layout=ipywidgets.Layout(grid_template_columns=_ROW)
        )
        # Shared by all lines: each layout is a thing of its own in the browser.
        shared = {
            "row": ipywidgets.Layout(grid_template_columns=_ROW),
            "wide": ipywidgets.Layout(width="auto"),
            "hidden": ipywidgets.Layout(display="none"),
        }
        self._lines = [_Line(shared, put, look) for _ in range(PAGE)]
        # The lines scroll within their own box, so that the event in full stays in sight below them.
        lines = ipywidgets.VBox(
            [line.view for line in self._lines], layout=ipywidgets.Layout(max_height="28em", overflow="auto")
        )
        lines.add_class("ct-lines")
        self.view = ipywidgets.VBox([head, lines])
        self.view.add_class("ct-listing")

    def show(self, at: Exploration, basket: Basket) -> None:
        for name, button in self._heads.items():
            arrow = ("↓" if at.is_descending else "↑") if name == at.sort else ""
            button.description = f"{name} {arrow}".strip()
            button.tooltip = f"sort by {name}"
        rows: Sequence[Mapping[str, Any] | None] = [*at.rows, *([None] * (PAGE - len(at.rows)))]
        for line, row in zip(self._lines, rows, strict=True):
            line.show(at, row, basket)


def _head(name: str, sort: Callable[[str], None]) -> Any:
    button = ipywidgets.Button(layout=ipywidgets.Layout(width="auto"))
    button.add_class(f"ct-sort-{name}")
    button.on_click(lambda _: sort(name))
    return button


class _Line:
    def __init__(
        self,
        shared: Mapping[str, Any],
        put: Callable[[Mapping[str, Any], bool], None],
        look: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._shared = shared
        self._put = put
        self._look = look
        self._row: Mapping[str, Any] | None = None
        self._is_drawing = False
        wide = shared["wide"]
        self._box = ipywidgets.Checkbox(indent=False, layout=wide)
        self._box.observe(self._ticked, "value")
        self._button = ipywidgets.Button(layout=wide, tooltip="show the event in full")
        self._button.on_click(self._clicked)
        self._cells = ipywidgets.HTML(layout=wide)
        self.view = ipywidgets.GridBox([self._box, self._button, self._cells], layout=shared["hidden"])
        self.view.add_class("ct-row")

    def _ticked(self, change: dict[str, Any]) -> None:
        if self._row is not None and not self._is_drawing:
            self._put(self._row, bool(change["new"]))

    def _clicked(self, _: Any) -> None:
        if self._row is not None:
            self._look(self._row)

    def show(self, at: Exploration, row: Mapping[str, Any] | None, basket: Basket) -> None:
        self._row = row
        layout = self._shared["hidden" if row is None else "row"]
        if self.view.layout is not layout:
            self.view.layout = layout
        if row is None:
            return
        self._is_drawing = True
        try:
            self._box.value = Place.of(row) in basket
        finally:
            self._is_drawing = False
        self._button.description = cell(row["event_time"]) or "no time"
        self._box.description = f"put the event of {self._button.description} into the basket"
        self._cells.value = f'<div class="ct-cells">{"".join(_cell(at, row, name) for _, name, _ in _SHOWN)}</div>'


def _cell(at: Exploration, row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if name == "status":
        doubted = value == "intact" and row["is_conflicting"]
        value = told_standing(at.base.verification, CONFLICTING if doubted else value)
    return f"<span>{escape(cell(briefly(value), _WIDEST))}</span>"
