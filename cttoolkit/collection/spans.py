"""Stretches of time that an API is asked about, day by day, and the files that its answers are kept in.

A file's name holds what was asked, so that a later run can tell from the folder alone what is still to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from cttoolkit.custody.manifest import Collected
from cttoolkit.errors import EvidenceError
from cttoolkit.key import AnswerKey, parse_key
from cttoolkit.window import Window, instant, joined

__all__ = ["SETTLED_AFTER", "SOURCES", "Place", "days", "remaining", "settled", "whole_seconds"]

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_REGION = re.compile(r"[a-z0-9-]{4,32}")
SOURCES = {"EventHistory": "event-history", "CloudWatchLogs": "cloudwatch"}
"""What the manifest notes as the source of each kind."""
SETTLED_AFTER = timedelta(hours=1)
"""What was asked sooner than this after its end is asked again by a later run.

AWS promises no time. CloudTrail tells of most calls within five minutes, and of some later.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose API answers: ``folder`` is where its files lie, below the folder of the collection."""

    kind: str
    account: str
    region: str
    folder: str

    def __post_init__(self) -> None:
        # What is written under a name that no one can read again would be asked for again, and again.
        if not _REGION.fullmatch(self.region):
            raise EvidenceError(self.region, "no name of a region", "write it as us-east-1")

    def path(self, window: Window, number: int = 1) -> str:
        """Where the answer about a window lies; the second and later ones about the same have their number."""
        again = f"-{number}" if number > 1 else ""
        name = (
            f"{self.account}_{self.kind}_{self.region}_{_compact(window.start)}_{_compact(window.end)}{again}.json.gz"
        )
        return f"{self.folder}/{window.start:%Y/%m/%d}/{name}"


def whole_seconds(window: Window) -> Window:
    """The same, its start moved back and its end moved on to a second, since CloudTrail tells whole seconds only."""
    end = window.end.replace(microsecond=0)
    return Window(window.start.replace(microsecond=0), end if end == window.end else end + _SECOND)


def days(window: Window) -> Iterator[Window]:
    """The window cut at each midnight of UTC."""
    start = window.start
    while start < window.end:
        end = min(window.end, datetime.combine(start.date(), time(), UTC) + _DAY)
        yield Window(start, end)
        start = end


def remaining(window: Window, held: Iterable[Window]) -> list[Window]:
    """What of a window none of these covers."""
    found: list[Window] = []
    start = window.start
    for one in joined(held):
        if one.end <= start:
            continue
        if one.start >= window.end:
            break
        if one.start > start:
            found.append(Window(start, one.start))
        start = one.end
    if start < window.end:
        found.append(Window(start, window.end))
    return found


def settled(place: Place, collected: Iterable[Collected]) -> Iterator[tuple[Collected, Window]]:
    """Those answers that need not be asked for again, with what each was about."""
    for one in collected:
        key = parse_key(one.path)
        # An object of a bucket may have been given such a name, so that nobody asks.
        if one.source != SOURCES[place.kind]:
            continue
        if not isinstance(key, AnswerKey) or not one.path.startswith(f"{place.folder}/") or not one.collected_at:
            continue
        if instant(one.collected_at) >= key.window.end + SETTLED_AFTER:
            yield one, key.window


def _compact(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"
