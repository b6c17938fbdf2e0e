"""Did somebody gain rights that they did not have?"""

from __future__ import annotations

from cttoolkit.detections.borrowed_roles import BORROWED_ROLES
from cttoolkit.detections.identity_changes import IDENTITY_CHANGES

__all__ = ["PRIVILEGE"]

PRIVILEGE = (*IDENTITY_CHANGES, *BORROWED_ROLES)
