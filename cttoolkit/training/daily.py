"""What happens in an account on any day. Without it, every filter would isolate the attack."""

from __future__ import annotations

from cttoolkit.training.day import Day
from cttoolkit.training.machines import run_machines, run_pipeline
from cttoolkit.training.people import work_in_the_office

__all__ = ["live_a_day"]


def live_a_day(day: Day) -> None:
    """Machines around the clock; people, and what they deploy, on workdays. About 2,500 events at a volume of 1."""
    run_machines(day)
    if day.is_workday:
        run_pipeline(day)
        work_in_the_office(day)
