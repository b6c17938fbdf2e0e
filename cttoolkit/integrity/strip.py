"""Coverage as a strip of coloured stretches a chain, in HTML that needs nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from cttoolkit.integrity.coverage import Coverage, Interval, State
from cttoolkit.text import shortened
from cttoolkit.window import Window

__all__ = ["COLOURS", "strip"]

COLOURS: Mapping[State, str] = {
    State.COVERED: "#2a7f62",
    State.DIGEST_MISSING: "#b3261e",
    State.DIGEST_ALTERED: "#7b1fa2",
    State.DIGEST_UNVERIFIABLE: "#c98a1b",
    State.NO_CHAIN: "#5b6770",
    State.BEFORE_FIRST: "#c4cbd1",
    State.AFTER_LAST: "#e0803a",
}


def strip(coverage: Coverage) -> str:
    """A strip of coloured stretches a chain, as HTML that needs nothing from outside."""
    windows = [interval.window for one in coverage.chains for interval in one.intervals]
    if not windows:
        return "<p>No digests: nothing is covered.</p>"
    span = Window(min(w.start for w in windows), max(w.end for w in windows))
    rows = "".join(
        f'<tr><th style="text-align:left;font-weight:normal;padding-right:1em">{escape(shortened(one.chain, 200))}</th>'
        f'<td style="width:28em;padding:2px 0">{_stretches(one.intervals, span)}</td></tr>'
        for one in coverage.chains
    )
    legend = "".join(
        f'<span style="white-space:nowrap;margin-right:1em"><span style="display:inline-block;width:0.9em;height:0.9em;'
        f'background:{COLOURS[state]};vertical-align:middle"></span> {state.value}</span>'
        for state in State
        if any(interval.state is state for one in coverage.chains for interval in one.intervals)
    )
    return (
        f"<table style='border-collapse:collapse'><caption style='text-align:left'>{escape(str(span))}</caption>"
        f"{rows}</table><p style='font-size:90%'>{legend}</p>"
    )


def _stretches(intervals: Iterable[Interval], span: Window) -> str:
    whole = span.length.total_seconds() or 1.0
    bars = []
    for interval in intervals:
        left = (interval.window.start - span.start).total_seconds() / whole * 100
        width = max(interval.window.length.total_seconds() / whole * 100, 0.4)
        bars.append(
            f'<span title="{escape(shortened(interval, 600))}" style="position:absolute;left:{left:.2f}%;width:{width:.2f}%;'
            f'top:0;bottom:0;background:{COLOURS[interval.state]}"></span>'
        )
    return f'<span style="position:relative;display:block;height:1em;background:#eee">{"".join(bars)}</span>'
