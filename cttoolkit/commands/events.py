"""cttoolkit events: admit events, narrow them, and show, regroup or plot them."""

from __future__ import annotations

import argparse
import inspect
import sys

from cttoolkit.commands.admission import narrowed, tell_left_out
from cttoolkit.display import csv_table, text_table
from cttoolkit.errors import ColumnError, EvidenceError, WindowError
from cttoolkit.events import Events
from cttoolkit.pivot import Pivot
from cttoolkit.text import visible

__all__ = ["run"]

_SHOWN = 50
"""Rows of a text, where --limit says nothing else."""


def run(options: argparse.Namespace) -> int:
    events = narrowed(options)
    if options.plot:
        _save_plot(options, events)
    tell_left_out(events)
    limit = options.limit if options.limit is not None or options.format != "text" else _SHOWN
    if options.pivot or options.touched or options.on:
        regrouped = _regrouped(options, events)
        told = visible(regrouped.caption if limit is None else regrouped.captioned(limit))
        found = regrouped.frame() if limit is None else regrouped.frame().head(limit)
    else:
        shown = ("event_time", "event_name", "aws_region", "actor", "source_ip_address", "error_code", "status")
        found = events.frame(*(shown if options.format == "text" else ()), limit=limit)
        told = visible(repr(events)) + (
            f"; the first {limit:,} shown" if limit is not None and len(events) > limit else ""
        )
    columns, rows = list(found.columns), [tuple(row) for row in found.itertuples(index=False)]
    if options.format == "csv":
        print(csv_table(columns, rows), end="")
    elif options.format == "jsonl":
        lines = found.to_json(orient="records", lines=True, date_format="iso", force_ascii=True)
        # pandas writes every slash as \\/, which JSON allows and nobody searches for.
        sys.stdout.write(lines.replace("\\/", "/"))
    else:
        print(told)
        print(text_table(columns, rows))
    return 0


def _regrouped(options: argparse.Namespace, events: Events) -> Pivot:
    from cttoolkit import pivot

    if options.touched:
        return pivot.history(events, options.touched)
    if options.on:
        return pivot.on(events, *options.on)
    regroup = getattr(pivot, "access_keys" if options.pivot == "keys" else options.pivot)
    since = inspect.signature(regroup).parameters.get("since")
    if options.since is not None and since is None:
        raise WindowError("--since", f"{options.pivot} has no baseline", "leave it out, or narrow with --from")
    if options.since is None and since is not None and since.default is inspect.Parameter.empty:
        raise WindowError(options.pivot, "since when is not said", "add --since TIME, before which the baseline lies")
    rows: Pivot = regroup(events) if options.since is None else regroup(events, since=options.since)
    return rows


def _save_plot(options: argparse.Namespace, events: Events) -> None:
    from cttoolkit import plot

    if events.verification.evidence.holds(options.plot):
        raise EvidenceError(
            options.plot, "it lies inside the evidence, which is never written to", "choose another place"
        )
    draw = getattr(plot, options.pivot or "timeline", None)
    if draw is None:
        raise ColumnError(
            options.pivot, "there is no picture of this axis", "plot actors, roles, regions, names, addresses or hours"
        )
    try:
        draw(events).save(options.plot)
    except (OSError, ValueError) as error:
        raise EvidenceError(
            options.plot, str(error), "give a file that can be written, ending in .png, .svg or .pdf"
        ) from error
