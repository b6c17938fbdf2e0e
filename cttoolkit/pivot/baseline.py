"""The time before, which a lead is held against: how long it is, and how much of it verified digests cover.

What is rare or new is so against a baseline. Where that is short, or not covered, the lead says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WindowError
from cttoolkit.events import Events
from cttoolkit.identity import Rung
from cttoolkit.integrity.uncovered import covered_share
from cttoolkit.param import Match
from cttoolkit.window import Instant, Window, earlier, instant, written

if TYPE_CHECKING:
    import ibis

__all__ = ["Baseline", "acting", "baseline_of"]

_LONGEST = timedelta(days=30)
_LEAST = timedelta(days=7)
_DAY = timedelta(days=1)
_NOBODY = (Rung.SERVICE.value, Rung.NONE.value)
_SERVICE_ROLE = ":role/aws-service-role/"


def acting(events: Events) -> Events:
    """Events by somebody: without AWS services, their service-linked roles and their onward calls, and with a time."""

    def holds(table: ibis.Table) -> Any:
        is_service = table.actor_rung.isin(_NOBODY) | table.role.contains(_SERVICE_ROLE).fill_null(False)
        is_onward = table.credential.startswith("fas:").fill_null(False)
        return ~is_service & ~is_onward & table.event_time.notnull()

    return events.where(Match("without AWS services", holds))


@dataclass(frozen=True)
class Baseline:
    """The stretch before ``since``. ``window`` is None where nothing was recorded before it."""

    since: datetime
    window: Window | None
    covered: float

    @property
    def is_short(self) -> bool:
        return self.window is None or self.window.length < _LEAST

    @property
    def note(self) -> str:
        """What the rows are held against, in words."""
        if self.window is None:
            return "no baseline: no event before"
        days = self.window.length / _DAY
        short = ", too short" if self.is_short else ""
        return f"baseline {self.window} ({days:.1f} days{short}; {self.covered:.0%} covered by verified digests)"

    def before(self, table: ibis.Table) -> Any:
        """Whether an event lies in the baseline."""
        if self.window is None:
            # Never true, and a column all the same.
            return table.event_time.isnull() & table.event_time.notnull()
        return (table.event_time >= self.window.start) & (table.event_time < self.window.end)

    def after(self, events: Events) -> Events:
        """Events since the time that is asked about."""
        return events.where(Match(f"since {written(self.since)}", lambda table: table.event_time >= self.since))


def baseline_of(events: Events, since: Instant, window: Window | None = None) -> Baseline:
    """The baseline before ``since``: at most thirty days of the admitted events, or the window that is given.

    WindowError where the given window runs past ``since``.
    """
    moment = instant(since)
    if window is not None and window.end > moment:
        raise WindowError(str(window), f"it runs past {since}, which it is the baseline of", "give an earlier window")
    span = events.root.span
    if window is None and span is not None and span.start < moment:
        window = Window(max(span.start, earlier(moment, _LONGEST)), moment)
    share = covered_share(events.verification, window) if window is not None else 0.0
    return Baseline(moment, window, share)
