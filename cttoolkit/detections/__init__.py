"""The catalogue: every detection there is, by family, in the order in which a case is read."""

from __future__ import annotations

from cttoolkit.detection import Detection
from cttoolkit.detections.accounts import ACCOUNTS
from cttoolkit.detections.cis import CIS
from cttoolkit.detections.compute import COMPUTE
from cttoolkit.detections.cost import COST
from cttoolkit.detections.credentials import CREDENTIALS
from cttoolkit.detections.destruction import DESTRUCTION
from cttoolkit.detections.discovery import DISCOVERY
from cttoolkit.detections.exfiltration import EXFILTRATION
from cttoolkit.detections.monitoring import MONITORING
from cttoolkit.detections.network import NETWORK
from cttoolkit.detections.persistence import PERSISTENCE
from cttoolkit.detections.privilege import PRIVILEGE
from cttoolkit.detections.secrets import SECRETS
from cttoolkit.detections.sign_in import SIGN_IN
from cttoolkit.detections.trail_tampering import TRAIL_TAMPERING

__all__ = ["CATALOGUE", "GROUPS"]

CATALOGUE: tuple[Detection, ...] = (
    *TRAIL_TAMPERING,
    *MONITORING,
    *CREDENTIALS,
    *SIGN_IN,
    *PRIVILEGE,
    *PERSISTENCE,
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
    "monitoring": MONITORING,
    "credentials": CREDENTIALS,
    "sign-in": SIGN_IN,
    "privilege": PRIVILEGE,
    "persistence": PERSISTENCE,
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
