"""The catalogue: every detection there is, by family, in the order in which a case is read."""

from __future__ import annotations

from cttoolkit.detection import Detection
from cttoolkit.detections.accounts import ACCOUNTS
from cttoolkit.detections.cis import CIS
from cttoolkit.detections.compute import COMPUTE
from cttoolkit.detections.cost import COST
from cttoolkit.detections.destruction import DESTRUCTION
from cttoolkit.detections.discovery import DISCOVERY
from cttoolkit.detections.exfiltration import EXFILTRATION
from cttoolkit.detections.network import NETWORK
from cttoolkit.detections.secrets import SECRETS
from cttoolkit.detections.trail_tampering import TRAIL_TAMPERING

__all__ = ["CATALOGUE", "GROUPS"]

CATALOGUE: tuple[Detection, ...] = (
    *TRAIL_TAMPERING,
    *DISCOVERY,
    *SECRETS,
    *EXFILTRATION,
    *DESTRUCTION,
    *COMPUTE,
    *COST,
    *NETWORK,
    *ACCOUNTS,
)
"""What ``ct.detect(events)`` asks."""

GROUPS: dict[str, tuple[Detection, ...]] = {
    "trail-tampering": TRAIL_TAMPERING,
    "discovery": DISCOVERY,
    "secrets": SECRETS,
    "exfiltration": EXFILTRATION,
    "destruction": DESTRUCTION,
    "compute": COMPUTE,
    "cost": COST,
    "network": NETWORK,
    "accounts": ACCOUNTS,
    "cis": CIS,
}
"""By name, as ``ct.detect(events, only="privilege")`` takes it."""
