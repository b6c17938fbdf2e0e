"""Facts for containment: what to disable, to revoke, to look at and whom to ask, read from the events of the suspects."""

from __future__ import annotations

from cttoolkit.containment.facts import Fact, Task
from cttoolkit.containment.table import Containment, containment

__all__ = ["Containment", "Fact", "Task", "containment"]
