"""The ATT&CK techniques that detections name: one table, with the ids of two versions.

Ids move between versions, and tools print either. Names are those of MITRE ATT&CK for Enterprise, version 18; ``later`` is the id
of version 19, which split "Impair Defenses" and its tactic.
"""

from __future__ import annotations

from dataclasses import dataclass

from cttoolkit.errors import DetectionError

__all__ = ["LATER_VERSION", "TECHNIQUES", "VERSION", "Technique", "technique"]

VERSION = "18"
LATER_VERSION = "19"


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique. ``tactics`` are those of version 18 that matter in a cloud account, as the Navigator spells them."""

    id: str
    name: str
    tactics: tuple[str, ...]
    later: str = ""

    def __str__(self) -> str:
        return f"{self.id} {self.name}" + (f" ({self.later} in v{LATER_VERSION})" if self.later else "")


def _table(text: str) -> tuple[Technique, ...]:
    made = []
    for line in text.strip().splitlines():
        ids, name, tactics = (part.strip() for part in line.split("|"))
        first, _, later = ids.partition(" ")
        made.append(Technique(first, name, tuple(tactics.split()), later))
    return tuple(made)


TECHNIQUES = _table(
    """
    T1021.007 | Remote Services: Cloud Services | lateral-movement
    T1053 | Scheduled Task/Job | execution persistence
    T1040 | Network Sniffing | credential-access discovery
    T1059.009 | Command and Scripting Interpreter: Cloud API | execution
    T1069.003 | Permission Groups Discovery: Cloud Groups | discovery
    T1070 | Indicator Removal | defense-evasion
    T1078.004 | Valid Accounts: Cloud Accounts | initial-access persistence privilege-escalation defense-evasion
    T1087.004 | Account Discovery: Cloud Account | discovery
    T1098 | Account Manipulation | persistence privilege-escalation
    T1098.001 | Account Manipulation: Additional Cloud Credentials | persistence privilege-escalation
    T1098.003 | Account Manipulation: Additional Cloud Roles | persistence privilege-escalation
    T1098.004 | Account Manipulation: SSH Authorized Keys | persistence privilege-escalation
    T1098.005 | Account Manipulation: Device Registration | persistence privilege-escalation
    T1110.001 | Brute Force: Password Guessing | credential-access
    T1110.003 | Brute Force: Password Spraying | credential-access
    T1133 | External Remote Services | initial-access persistence
    T1136.003 | Create Account: Cloud Account | persistence
    T1190 | Exploit Public-Facing Application | initial-access
    T1199 | Trusted Relationship | initial-access
    T1484.002 | Domain or Tenant Policy Modification: Trust Modification | defense-evasion privilege-escalation
    T1485 | Data Destruction | impact
    T1485.001 | Data Destruction: Lifecycle-Triggered Deletion | impact
    T1486 | Data Encrypted for Impact | impact
    T1490 | Inhibit System Recovery | impact
    T1496.001 | Resource Hijacking: Compute Hijacking | impact
    T1496.003 | Resource Hijacking: SMS Pumping | impact
    T1496.004 | Resource Hijacking: Cloud Service Hijacking | impact
    T1525 | Implant Internal Image | persistence
    T1526 | Cloud Service Discovery | discovery
    T1528 | Steal Application Access Token | credential-access
    T1530 | Data from Cloud Storage | collection
    T1531 | Account Access Removal | impact
    T1535 | Unused/Unsupported Cloud Regions | defense-evasion
    T1537 | Transfer Data to Cloud Account | exfiltration
    T1538 | Cloud Service Dashboard | discovery
    T1546 | Event Triggered Execution | persistence privilege-escalation
    T1548.005 | Abuse Elevation Control Mechanism: Temporary Elevated Cloud Access | privilege-escalation
    T1550.001 | Use Alternate Authentication Material: Application Access Token | defense-evasion lateral-movement
    T1550.004 | Use Alternate Authentication Material: Web Session Cookie | defense-evasion lateral-movement
    T1552.001 | Unsecured Credentials: Credentials In Files | credential-access
    T1552.005 | Unsecured Credentials: Cloud Instance Metadata API | credential-access
    T1552.007 | Unsecured Credentials: Container API | credential-access
    T1555.006 | Credentials from Password Stores: Cloud Secrets Management Stores | credential-access
    T1556.006 | Modify Authentication Process: Multi-Factor Authentication | credential-access defense-evasion persistence
    T1556.007 | Modify Authentication Process: Hybrid Identity | credential-access defense-evasion persistence
    T1556.009 | Modify Authentication Process: Conditional Access Policies | credential-access defense-evasion persistence
    T1562.001 T1685 | Impair Defenses: Disable or Modify Tools | defense-evasion
    T1562.007 T1686.001 | Impair Defenses: Disable or Modify Cloud Firewall | defense-evasion
    T1562.008 T1685.002 | Impair Defenses: Disable or Modify Cloud Logs | defense-evasion
    T1557 | Adversary-in-the-Middle | credential-access collection
    T1567.002 | Exfiltration Over Web Service: Exfiltration to Cloud Storage | exfiltration
    T1578.001 | Modify Cloud Compute Infrastructure: Create Snapshot | defense-evasion
    T1578.002 | Modify Cloud Compute Infrastructure: Create Cloud Instance | defense-evasion
    T1578.003 | Modify Cloud Compute Infrastructure: Delete Cloud Instance | defense-evasion
    T1578.005 | Modify Cloud Compute Infrastructure: Modify Cloud Compute Configurations | defense-evasion
    T1580 | Cloud Infrastructure Discovery | discovery
    T1584.001 | Compromise Infrastructure: Domains | resource-development
    T1586.003 | Compromise Accounts: Cloud Accounts | resource-development
    T1610 | Deploy Container | execution defense-evasion
    T1619 | Cloud Storage Object Discovery | discovery
    T1621 | Multi-Factor Authentication Request Generation | credential-access
    T1648 | Serverless Execution | execution
    T1651 | Cloud Administration Command | execution
    T1666 | Modify Cloud Resource Hierarchy | defense-evasion
    """
)

_BY_ID = {one.id: one for one in TECHNIQUES} | {one.later: one for one in TECHNIQUES if one.later}


def technique(name: str) -> Technique:
    """The technique of an id, in either version's spelling. DetectionError where the table has none."""
    found = _BY_ID.get(name.strip().upper())
    if found is None:
        raise DetectionError(
            name, f"no technique of ATT&CK v{VERSION} or v{LATER_VERSION} in the table", "look at ct.detections"
        )
    return found
