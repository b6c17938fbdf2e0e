"""What the stories have in common: the days that they lie in, what their trails select, how their truth is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.daily import live_a_day
from cttoolkit.training.day import Day
from cttoolkit.training.draws import Draws
from cttoolkit.training.machines import ARCHIVE
from cttoolkit.training.scribe import Scribe
from cttoolkit.training.simulator import Simulator, Trail
from cttoolkit.window import Window, written

__all__ = ["FROM_CONSOLE", "SELECTORS", "ask_bucket", "live", "moment", "opened", "told"]

FROM_CONSOLE: dict[str, Any] = {"sessionCredentialFromConsole": "true"}
SELECTORS = {
    "AdvancedEventSelectors": [
        {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
        {
            "Name": "claims archive",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::{ARCHIVE}/"]},
            ],
        },
    ]
}
"""All management events, and data events of one bucket: the ordinary days write objects of no other."""


def opened(
    sim: Simulator, account: str, home: str, regions: tuple[str, ...], start: datetime, days: int, **more: Any
) -> Trail:
    """A trail from the first midnight to an hour after the last, with a log file for each half hour in which something happened."""
    end = start + timedelta(days=days, hours=1)
    given: dict[str, Any] = {
        "bucket": "example-log-archive",
        "every": timedelta(minutes=30),
        "selectors": SELECTORS,
    } | more
    return sim.trail("management-events", account=account, home=home, regions=regions, start=start, end=end, **given)


def live(
    trail: Trail, seed: int, days: int, volume: float, *, regions: tuple[str, ...], unrecorded: Window | None = None
) -> None:
    """Fill the days of an account, in some of its regions; nothing is written of what happens while the trail is stopped."""
    scribe = Scribe(trail, seed, "everyday", trail.account, unrecorded=unrecorded)
    for number in range(days):
        start = trail.span.start + timedelta(days=number)
        draws = Draws("day", seed, trail.account, start.date())
        live_a_day(Day(scribe, trail.account, regions, trail.home, start, draws, volume))


def moment(day: datetime, text: str) -> datetime:
    """``02:05:12`` of a day."""
    hours, minutes, seconds = map(int, text.split(":"))
    return day + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def ask_bucket(bucket: str, region: str, **more: Any) -> dict[str, Any]:
    """What a call to a bucket asks for, as S3 writes it; ``more`` is what the call is about."""
    return {"bucketName": bucket, "Host": f"{bucket}.s3.{region}.amazonaws.com", **more}


def told(
    world: str,
    suspect: str | None,
    window: Window,
    named: Mapping[str, list[str]],
    meanings: Mapping[str, str],
    *,
    innocent: Mapping[str, str],
    absent: Sequence[str],
    unproven: Sequence[str],
    **facts: Any,
) -> dict[str, Any]:
    """The truth of a world.

    ``meanings`` says what the events of each claim are, ``innocent`` the same of each red herring. No call of a name in
    ``absent`` was recorded in the window; what stands in ``unproven`` no event of the evidence can tell.
    """
    return {
        "world": world,
        "suspect": suspect,
        "window": {"start": written(window.start), "end": written(window.end)},
        **facts,
        "meanings": dict(meanings),
        "claims": {name: list(named[name]) for name in meanings},
        "red_herrings": {name: {"meaning": text, "events": list(named[name])} for name, text in innocent.items()},
        "absent": list(absent),
        "unproven": list(unproven),
        "tampering": [],
    }
