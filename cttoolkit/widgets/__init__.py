"""Evidence and events under the hand, in a notebook: they show and narrow, and decide nothing. They need the lab extra."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cttoolkit.widgets.opening import Opening, case
    from cttoolkit.widgets.verdicts import Verdicts, verification
    from cttoolkit.widgets.workbench import Explorer, explorer

__all__ = ["Explorer", "Opening", "Verdicts", "case", "explorer", "verification"]

_WHERE = {
    "Explorer": "workbench",
    "Opening": "opening",
    "Verdicts": "verdicts",
    "case": "opening",
    "explorer": "workbench",
    "verification": "verdicts",
}


def __getattr__(name: str) -> Any:
    # They need ipywidgets, which who works without a notebook need not have.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
