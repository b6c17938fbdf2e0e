"""What no amount of intact log files can tell; it stands in every report."""

from __future__ import annotations

__all__ = ["LIMITS"]

LIMITS = (
    "Who sat at the keyboard, and what they meant to do. An event names credentials.",
    "Calls that failed to authenticate, such as those signed with an unknown or deleted key.",
    "Data events that no trail was selected to record, and network activity where it was not switched on.",
    "What a call returned, apart from what the event repeats of it; values of secrets; the content of objects and messages.",
    "What happened inside an instance, a container or a database, and how credentials were taken from one.",
    "Whether the effect of a call lasted.",
    "Accounts, regions and times of which no log files were collected.",
    "Events that the services failed to hand over: CloudTrail delivers what it is given, on a best-effort basis.",
    "Late log files that only a backfill digest listed, where both were taken away: such digests have no fixed time to be missed at.",
)
