"""Two windows held against each other: what is new, what is gone, and what came more or less often.

Source of the test: Przyborowski and Wilenski 1940, "Homogeneity of results in testing samples from Poisson series": given both
counts, the first is binomial with the windows' lengths as odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.integrity.uncovered import covered_share
from cttoolkit.pivot.derived import DERIVED, check_column, column_of, narrowed_to, with_derived
from cttoolkit.pivot.gathered import gathered, regathered
from cttoolkit.pivot.measures import marked, rounded
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.window import Window

if TYPE_CHECKING:
    import ibis

__all__ = ["compare"]

_NOTABLE = 3.0
_HOUR = 3600


def compare(incident: Events, baseline: Events, axis: str = "event_name") -> Pivot:
    """What changed on an axis between two windows of the same evidence, the greatest change first.

    ``change`` is ``new`` (not in the baseline), ``gone``, ``more`` or ``less`` (``z`` beyond 3), or ``same``. Rates are events an
    hour, over the windows that the events were narrowed to. z = (x - n w) / sqrt(n w (1 - w)), with x of n events in the
    incident and w its part of both lengths. A row drills to the incident's events, and where they are gone to the baseline's. What is
    new against a baseline that digests do not cover may have been there: the caption says how much they cover.

    WindowError where the two overlap, or come from two verifications.
    """
    check_column(axis)
    if incident.verification is not baseline.verification:
        raise WindowError("comparison", "the events come from two verifications", "narrow both from the same events")
    windows = _window_of(incident, "the incident"), _window_of(baseline, "the baseline")
    if windows[0].overlaps(windows[1]):
        raise WindowError(f"{windows[0]} and {windows[1]}", "they overlap", "compare windows that do not")
    now, before = (_counted(events, axis) for events in (incident, baseline))
    both = now.mutate(is_now=_true()).union(before.mutate(is_now=~_true()))
    rows = _changes(both, axis, windows)
    notes = tuple(
        f"{name} {window} ({covered_share(incident.verification, window):.0%} covered by verified digests)"
        for name, window in zip(("incident", "baseline"), windows, strict=True)
    )

    def drilled(events: Events, row: Mapping[str, Any]) -> Events:
        return narrowed_to(events if row["incident"] else baseline, axis, row[axis])

    return Pivot(axis, incident, rows, (axis,), notes=notes, drilled=drilled)


def _true() -> Any:
    import ibis

    return ibis.literal(value=True)


def _window_of(events: Events, what: str) -> Window:
    window = events.bounds or events.span
    if window is None or not window.length:
        raise WindowError(what, "there are no events, and no window was named", "narrow with between(…) first")
    return window


def _counted(events: Events, axis: str) -> ibis.Table:
    table = marked(events, events.table)
    written = table.group_by(column_of(axis)).aggregate(**gathered(events, table))
    if axis in DERIVED:
        written = with_derived(written, axis)
        written = written.group_by(axis).aggregate(**regathered(events, written))
    return written


def _changes(both: ibis.Table, axis: str, windows: tuple[Window, Window]) -> ibis.Table:
    import ibis

    hours, hours_before = (window.length.total_seconds() / _HOUR for window in windows)
    share = hours / (hours + hours_before)
    # Each side has one row a value, so that the least of one is the one.
    rows = both.group_by(axis).aggregate(
        incident=both.events.sum(where=both.is_now).coalesce(0),
        baseline=both.events.sum(where=~both.is_now).coalesce(0),
        **{name: both[name].min(where=both.is_now) for name in ("first", "last", "standing")},
        **{f"{name}_before": both[name].min(where=~both.is_now) for name in ("first", "last", "standing")},
    )
    total = rows.incident + rows.baseline
    rows = rows.mutate(
        incident_rate=rows.incident / hours,
        baseline_rate=rows.baseline / hours_before,
        z=rounded((rows.incident - total * share) / (total * (share * (1 - share))).sqrt()),
    )
    change = ibis.cases(
        (rows.baseline == 0, "new"),
        (rows.incident == 0, "gone"),
        (rows.z > _NOTABLE, "more"),
        (rows.z < -_NOTABLE, "less"),
        else_="same",
    )
    rows = rows.mutate(
        change=change,
        events=(rows.incident > 0).ifelse(rows.incident, rows.baseline),
        **{name: rows[name].coalesce(rows[f"{name}_before"]) for name in ("first", "last", "standing")},
    )
    shown = (axis, "change", "incident", "baseline", "incident_rate", "baseline_rate", "z")
    rows = rows.select(*shown, "events", "first", "last", "standing")
    return rows.order_by([rows.z.abs().desc(), rows[axis].asc()])
