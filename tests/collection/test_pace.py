"""Requests have their turn, evenly apart, whoever asks."""

import threading

import pytest

from cttoolkit.collection.pace import Pace


class Clock:
    """A clock that only goes on when somebody sleeps."""

    def __init__(self):
        self.now = 100.0
        self.lock = threading.Lock()

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        with self.lock:
            self.now += seconds


@pytest.mark.parametrize("per_second", [2.0, 5.0])
def test_so_many_turns_take_so_long(per_second):
    clock = Clock()
    pace = Pace(per_second, clock, clock.sleep)
    waits = [pace.wait() for _ in range(11)]
    assert waits[0] == 0
    assert clock.now == pytest.approx(100 + 10 / per_second)
    assert pace.asked == 11


def test_time_that_passed_meanwhile_is_not_saved_up():
    clock = Clock()
    pace = Pace(2.0, clock, clock.sleep)
    pace.wait()
    clock.now += 60
    assert pace.wait() == 0
    assert pace.wait() == pytest.approx(0.5)


def test_threads_share_the_turns():
    given = []
    pace = Pace(2.0, lambda: 0.0, given.append)
    threads = [threading.Thread(target=lambda: [pace.wait() for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The clock stands still, so each turn is half a second after the one before.
    assert sorted(given) == pytest.approx([number / 2 for number in range(1, 20)])
