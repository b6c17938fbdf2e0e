"""The window as two times to type: what the brush shows, for those who cannot drag it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from cttoolkit.window import Window, written

__all__ = ["Span"]


class Span:
    """Two fields with the ends of a window. ``typed`` is called with both texts once one of them was changed by hand."""

    def __init__(self, typed: Callable[[str, str], None]) -> None:
        self._typed = typed
        self._is_showing = False
        self._from, self._to = (_field(name) for name in ("from", "to"))
        for field in (self._from, self._to):
            field.observe(self._changed, "value")
        self.view = ipywidgets.HBox([self._from, self._to])

    def show(self, window: Window) -> None:
        """Show a window, without calling anybody."""
        self._is_showing = True
        try:
            self._from.value, self._to.value = written(window.start), written(window.end)
        finally:
            self._is_showing = False

    def _changed(self, _: Mapping[str, Any]) -> None:
        if not self._is_showing:
            self._typed(self._from.value.strip(), self._to.value.strip())


def _field(name: str) -> Any:
    layout = ipywidgets.Layout(width="17em")
    field = ipywidgets.Text(
        description=name, continuous_update=False, layout=layout, style={"description_width": "3em"}
    )
    field.add_class(f"ct-{name}")
    return field
