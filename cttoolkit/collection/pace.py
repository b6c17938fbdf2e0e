"""How fast an API may be asked: so many requests a second, whoever of several threads asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Pace"]


@dataclass
class Pace:
    """Gives every request its turn, evenly apart.

    ``clock`` tells seconds that only go forward, ``sleep`` waits for some; with others in their place nothing is waited for and
    everything can be reckoned.
    """

    per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    asked: int = 0
    """Turns that were given."""
    _next: float | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self) -> float:
        """Wait for a turn; the seconds that were waited."""
        with self._lock:
            now = self.clock()
            turn = now if self._next is None else max(now, self._next)
            self._next = turn + 1 / self.per_second
            self.asked += 1
        pause = turn - now
        if pause > 0:
            self.sleep(pause)
        return pause
