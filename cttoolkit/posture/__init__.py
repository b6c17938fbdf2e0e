"""Was the trail itself fit to be evidence? The trail, its bucket, key and account, held against what AWS recommends.

``audit`` asks; ``open_accounts`` and ``open_folder`` are whom it asks; ``history`` tells from events what was done to the trails.
"""

from __future__ import annotations

from cttoolkit.configuration import Answers, Recorder, open_folder
from cttoolkit.posture.audit import audit
from cttoolkit.posture.audited import GOOD_TRAIL, Audit
from cttoolkit.posture.beside import recorded
from cttoolkit.posture.check import Check
from cttoolkit.posture.checks import CHECKS
from cttoolkit.posture.history import History, Kind, Touch, history
from cttoolkit.posture.judged import Line, Outcome
from cttoolkit.posture.note import trail_note
from cttoolkit.posture.row import Row
from cttoolkit.sources.account import open_accounts

__all__ = [
    "CHECKS",
    "GOOD_TRAIL",
    "Answers",
    "Audit",
    "Check",
    "History",
    "Kind",
    "Line",
    "Outcome",
    "Recorder",
    "Row",
    "Touch",
    "audit",
    "history",
    "open_accounts",
    "open_folder",
    "recorded",
    "trail_note",
]
