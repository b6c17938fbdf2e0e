"""A list for each axis, with counts that follow the other choices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import ipywidgets

from cttoolkit.display import cell
from cttoolkit.plot.lettering import parts_of
from cttoolkit.text import number_of, visible
from cttoolkit.widgets.axes import AXES, Axis, told_standing
from cttoolkit.widgets.exploration import Exploration

__all__ = ["Choosers", "briefly", "label_of"]

_WIDEST = 70
_LINES = 6


class Choosers:
    """Nine lists. ``choose`` is called with an axis and the values chosen there, ``search`` with an axis and a text."""

    def __init__(self, choose: Callable[[str, list[str | None]], None], search: Callable[[str, str], None]) -> None:
        self._lists = {axis.name: _Chooser(axis, choose, search) for axis in AXES}
        self.view = ipywidgets.GridBox(
            [one.view for one in self._lists.values()],
            layout=ipywidgets.Layout(
                grid_template_columns="repeat(auto-fill, minmax(19em, 1fr))", grid_gap="0.4em", width="100%"
            ),
        )
        self.view.add_class("ct-choosers")

    def show(self, at: Exploration) -> None:
        for one in self._lists.values():
            one.show(at)


class _Chooser:
    def __init__(
        self, axis: Axis, choose: Callable[[str, list[str | None]], None], search: Callable[[str, str], None]
    ) -> None:
        self._axis = axis
        self._choose = choose
        self._values: list[str | None] = []
        self._is_drawing = False
        wide = ipywidgets.Layout(width="auto")
        self._head = ipywidgets.HTML(layout=wide)
        # A label of no width: it is the head that is seen, and the label that a screen reader reads.
        unseen = {"description_width": "0"}
        self._list = ipywidgets.SelectMultiple(rows=_LINES, layout=wide, description=axis.name, style=unseen)
        self._list.add_class(f"ct-choose-{axis.name}")
        self._list.observe(self._chosen, "index")
        self._find = ipywidgets.Text(
            placeholder="find by a part of the text",
            continuous_update=False,
            layout=wide,
            description=f"find {axis.name}",
            style=unseen,
        )
        self._find.add_class(f"ct-find-{axis.name}")
        self._find.observe(lambda change: search(axis.name, change["new"]), "value")
        self.view = ipywidgets.VBox([self._head, self._list, self._find], layout=ipywidgets.Layout(min_width="0"))

    def _chosen(self, change: dict[str, Any]) -> None:
        if not self._is_drawing:
            self._choose(self._axis.name, [self._values[place] for place in change["new"]])

    def show(self, at: Exploration) -> None:
        name = self._axis.name
        held = at.tally.values[name]
        distinct = at.tally.distinct[name]
        hidden = "" if len(held) >= distinct or dict(at.holding).get(name) else f", the busiest {len(held):,} listed"
        self._head.value = f"<b>{name}</b> {number_of(distinct, 'value')}{hidden}"
        self._values = [value for value, _ in held]
        told = [label_of(at, name, value) for value in self._values]
        # Two that read alike are told in full.
        alike = {text for text, times in Counter(told).items() if times > 1}
        texts = [
            visible(value) if text in alike and value else text for text, value in zip(told, self._values, strict=True)
        ]
        labels = tuple(f"{count:,}  {text}" for text, (_, count) in zip(texts, held, strict=True))
        chosen = at.choices.values.get(name, ())
        index = tuple(place for place, value in enumerate(self._values) if value in chosen)
        if (self._list._options_labels, self._list.index) == (labels, index):
            return
        self._is_drawing = True
        try:
            with self._list.hold_sync():
                self._list.options = [(label, place) for place, label in enumerate(labels)]
                self._list.index = index
        finally:
            self._is_drawing = False


def label_of(at: Exploration, name: str, value: str | None) -> str:
    """A value on one line, in which nothing is hidden."""
    if value is None:
        return "(none)"
    if name == "standing":
        return told_standing(at.base.verification, value)
    return cell(briefly(value), _WIDEST) or "(empty)"


def briefly(text: Any) -> Any:
    """Account and resource of an ARN, which tell it from others of one kind; anything else as it is."""
    parts = parts_of(text) if isinstance(text, str) else None
    return ":".join(parts) if parts else text
