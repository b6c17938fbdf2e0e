"""Survivors: what somebody made or opened that may let them back in, and what is known of its end and of its use."""

from __future__ import annotations

from cttoolkit.survivors.table import Survivor, Survivors, survivors

__all__ = ["Survivor", "Survivors", "survivors"]
