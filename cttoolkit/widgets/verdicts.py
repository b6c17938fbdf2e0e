"""A verification to walk through: from chains to statuses and reasons, and from there to the objects."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets

from cttoolkit.display import cell, html_table
from cttoolkit.integrity.verdict import Status, Verdict
from cttoolkit.integrity.verification import Verification
from cttoolkit.text import number_of
from cttoolkit.widgets.branches import Branch, branches

__all__ = ["Verdicts", "verification"]

_SHOWN = 50
_WIDEST = 150


class Verdicts:
    """Three steps down. Build it with ct.widgets.verification(). ``verdicts`` are those that are looked at."""

    def __init__(self, verified: Verification) -> None:
        self._verified = verified
        self._branches = branches(verified)
        self._reasons: list[tuple[Status, str]] = []
        self.verdicts: tuple[Verdict, ...] = ()
        wide = ipywidgets.Layout(width="100%")
        # A label of no width: the line above is seen, and the label is what a screen reader reads.
        unseen = {"description_width": "0"}
        auto = ipywidgets.Layout(width="auto")
        self._chain = ipywidgets.Select(rows=6, layout=auto, description="chains", style=unseen)
        self._chain.add_class("ct-chain")
        self._reason = ipywidgets.Select(rows=6, layout=auto, description="statuses and reasons", style=unseen)
        self._reason.add_class("ct-reasons")
        self._objects = ipywidgets.HTML(layout=wide)
        self._chain.observe(self._chain_chosen, "index")
        self._reason.observe(self._reason_chosen, "index")
        self._chain.options = [(_told(branch), place) for place, branch in enumerate(self._branches)]
        self._chain.index = 0 if self._branches else None
        self.view = ipywidgets.VBox(
            [
                ipywidgets.HTML(verified._repr_html_()),
                ipywidgets.HTML("<b>Chains</b>, the worst first"),
                self._chain,
                ipywidgets.HTML("<b>Statuses and reasons</b>, the worst first"),
                self._reason,
                self._objects,
            ],
            layout=wide,
        )
        self.view.add_class("ct-verdicts")

    def _chain_chosen(self, change: Mapping[str, Any]) -> None:
        if change["new"] is None:
            return
        branch = self._branches[change["new"]]
        self._reasons = list(branch.reasons)
        self._reason.options = [
            (f"{status.value} ({len(verdicts):,}): {cell(reason, _WIDEST)}", place)
            for place, ((status, reason), verdicts) in enumerate(branch.reasons.items())
        ]
        self._reason.index = 0
        self._show(branch, 0)

    def _reason_chosen(self, change: Mapping[str, Any]) -> None:
        if self._chain.index is not None:
            self._show(self._branches[self._chain.index], change["new"])

    def _show(self, branch: Branch, place: int | None) -> None:
        if place is None or place >= len(self._reasons):
            return
        self.verdicts = branch.reasons[self._reasons[place]]
        status, reason = self._reasons[place]
        rows = [
            (one.kind.value, one.key, one.sha256, one.expected, ", ".join(one.vouched_by), one.note)
            for one in self.verdicts[:_SHOWN]
        ]
        more = f"; the first {_SHOWN} shown" if len(self.verdicts) > _SHOWN else ""
        caption = f"{status.value}: {reason} – {number_of(len(self.verdicts), 'object')}{more}"
        self._objects.value = html_table(("kind", "key", "sha256", "expected", "vouched by", "note"), rows, caption)

    def __repr__(self) -> str:
        return repr(self._verified)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.view._repr_mimebundle_(include=include, exclude=exclude)
        rows = "".join(f"<li>{escape(_told(branch))}</li>" for branch in self._branches)
        return bundle | {
            "text/plain": repr(self),
            "text/html": f"{self._verified._repr_html_()}<p>Chains, the worst first:</p><ul>{rows}</ul>",
        }


def _told(branch: Branch) -> str:
    counts = ", ".join(f"{count:,} {status.value}" for status, count in branch.counts().items())
    return f"{cell(branch.name, _WIDEST)}: {counts}"


def verification(verified: Verification) -> Verdicts:
    """Walk down the verdicts: chains, the worst first; their statuses with reasons; and the objects, with who vouched."""
    return Verdicts(verified)
