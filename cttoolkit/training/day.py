"""One day of an account, for those who fill it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cttoolkit.training.draws import Draws
from cttoolkit.training.scribe import Scribe

__all__ = ["Day"]


@dataclass(frozen=True, slots=True)
class Day:
    """Midnight to midnight UTC, and who writes it down. Amounts grow with ``volume``."""

    scribe: Scribe
    account: str
    regions: tuple[str, ...]
    home: str
    start: datetime
    draws: Draws
    volume: float = 1.0

    def at(self, hour: int, minute: int = 0, second: int = 0) -> datetime:
        return self.start + timedelta(hours=hour, minutes=minute, seconds=second)

    def sometime(self, hour: int) -> datetime:
        """Some second of an hour."""
        return self.at(hour, self.draws.below(60), self.draws.below(60))

    def times(self, number: float) -> int:
        """A daily number of something, grown with the volume; at least one."""
        return max(1, round(number * self.volume))

    @property
    def is_workday(self) -> bool:
        return self.start.weekday() < 5
