"""Reports: findings and absences on paper, with the basis of integrity first."""

from __future__ import annotations

from cttoolkit.report.limits import LIMITS
from cttoolkit.report.page import Report, report

__all__ = ["LIMITS", "Report", "report"]
