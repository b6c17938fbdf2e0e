"""Two windows side by side: what is new in an incident, what is gone, and what became more or less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.firsts import Regrouped, notes_of
from cttoolkit.plot.lettering import PART, labels
from cttoolkit.plot.tally import about, many, noun, rows_of
from cttoolkit.plot.theme import FAINT, INK, PALE, UNCOVERED, Chart, Look, canvas, drawn

if TYPE_CHECKING:
    import pandas

__all__ = ["compare"]

_MOST = 20
_BASELINE = Look("#d5dbe0", None, UNCOVERED)
_LOOKS = {
    "new": Look("#D55E00", "xxxxx"),
    "more": Look("#E69F00", "////", "black"),
    "less": Look("#56B4E9", r"\\\\", "black"),
    "same": Look("#0072B2"),
    "gone": Look("#0072B2"),
}
_TOLD = {"new": "incident: new", "more": "incident: more", "less": "incident: less", "same": "incident: same"}
_WIDEST_RATIO = 300


@drawn
def compare(changes: Regrouped) -> Chart:
    """Rates per hour in a baseline and in an incident, a pair of bars a value; new, gone and changed said in words and by hatch.

    Takes a pivot that compares two windows: its frame has ``change``, ``incident``, ``baseline``, ``incident_rate`` and
    ``baseline_rate`` beside the values on its axis.
    """
    frame = changes.frame()
    for name in ("change", "incident", "baseline", "incident_rate", "baseline_rate"):
        if name not in frame:
            raise ColumnError(name, "this pivot has no such column", "draw a pivot that compares two windows")
    word = noun(changes.axis)
    what = f"Incident against baseline, by {word}"
    if frame.empty:
        return nothing(changes.events, what)
    shown = _shown(frame)
    made = canvas(0.6 + 0.37 * max(len(shown), 2))
    (axis,) = made.axes
    _draw(axis, shown, labels(shown[changes.axis], 46))
    met = [change for change in _LOOKS if (shown.change == change).any()]
    counted = frame.change.value_counts()
    told = ", ".join(f"{int(counted[change]):,} {change}" for change in _LOOKS if change in counted)
    left = len(frame) - len(shown)
    keys = [_BASELINE.key("baseline"), *(_LOOKS[change].key(_TOLD[change]) for change in met if change in _TOLD)]
    notes = [f"{many(left, word)} with smaller rates or no change left out." if left else "", *notes_of(changes)]
    counts = f"{int(frame.incident.sum()):,} events against {int(frame.baseline.sum()):,}"
    return made.chart(frame, what, about(changes.events, None, PART.join((counts, told))), key=keys, notes=notes)


def _shown(frame: pandas.DataFrame) -> pandas.DataFrame:
    """What is new first, then gone, more, less and same; within each the highest rates."""
    order = {change: place for place, change in enumerate(("new", "gone", "more", "less", "same"))}
    place = frame.change.map(order).fillna(len(order))
    rate = frame[["incident_rate", "baseline_rate"]].max(axis=1)
    ordered = frame.assign(_place=place, _rate=rate).sort_values(
        ["_place", "_rate"], ascending=[True, False], kind="stable"
    )
    if len(ordered) > _MOST:
        # A few of each kind before more of one: what is gone is not to be crowded out by what is new.
        rank = ordered.groupby("change").cumcount()
        kept = ordered.assign(_rank=rank).sort_values(["_rank", "_place"], kind="stable").head(_MOST).index
        ordered = ordered.loc[[index for index in ordered.index if index in set(kept)]]
    return ordered.drop(columns=["_place", "_rate"]).reset_index(drop=True)


def _draw(axis: Any, shown: pandas.DataFrame, names: list[str]) -> None:
    rates = [rate for rate in [*shown.incident_rate, *shown.baseline_rate] if rate > 0]
    logarithmic = bool(rates) and max(rates) / min(rates) > _WIDEST_RATIO
    floor = min(rates) / 2 if logarithmic else 0.0
    for line, row in enumerate(rows_of(shown)):
        look = _LOOKS.get(str(row["change"]), _LOOKS["same"])
        if row["baseline_rate"] > 0:
            axis.barh(line - 0.19, row["baseline_rate"] - floor, left=floor, height=0.34, **_BASELINE.fill)
        if row["incident_rate"] > 0:
            axis.barh(line + 0.19, row["incident_rate"] - floor, left=floor, height=0.34, **look.fill)
        axis.annotate(_told(row), (max(row["baseline_rate"], row["incident_rate"], floor), line), (5, 0),
                      textcoords="offset points", va="center", fontsize=8, color=INK)  # fmt: skip
        if line:
            axis.axhline(line - 0.5, color=PALE, linewidth=0.8, zorder=0)
    highest = max(rates, default=1.0)
    if logarithmic:
        axis.set_xscale("log")
        axis.set_xlim(floor, highest * (highest / floor) ** 0.4)
    else:
        axis.set_xlim(0, highest * 1.42)
    axis.xaxis.set_major_formatter("{x:,g}")
    axis.grid(axis="x", color=FAINT, linewidth=0.4)
    axis.set_axisbelow(True)
    axis.set_xlabel("events per hour" + (", logarithmic scale" if logarithmic else ""))
    axis.set_yticks(range(len(names)), names, parse_math=False)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(max(len(names), 2) - 0.5, -0.5)


def _told(row: dict[str, Any]) -> str:
    if row["change"] == "new":
        return f"NEW  {many(int(row['incident']), 'event')}, {row['incident_rate']:,.3g}/h"
    if row["change"] == "gone":
        return f"GONE  were {int(row['baseline']):,}, {row['baseline_rate']:,.3g}/h"
    rates = f"{row['baseline_rate']:,.3g} → {row['incident_rate']:,.3g}/h"
    if row["change"] in ("more", "less") and row["baseline_rate"] > 0 and row["incident_rate"] > 0:
        ratio = row["incident_rate"] / row["baseline_rate"]
        return f"× {ratio:,.3g}  {rates}" if ratio >= 1 else f"÷ {1 / ratio:,.3g}  {rates}"
    return f"{row['change']}  {rates}"
