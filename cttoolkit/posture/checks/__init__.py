"""Every check there is, by its number."""

from __future__ import annotations

from cttoolkit.posture.check import Check
from cttoolkit.posture.checks.bucket import BUCKET
from cttoolkit.posture.checks.evidence import EVIDENCE
from cttoolkit.posture.checks.people import PEOPLE
from cttoolkit.posture.checks.permissions import PERMISSIONS
from cttoolkit.posture.checks.recording import RECORDING
from cttoolkit.posture.checks.services import SERVICES
from cttoolkit.posture.checks.watching import WATCHING

__all__ = ["ALWAYS", "CHECKS"]

CHECKS: tuple[Check, ...] = tuple(
    sorted((*RECORDING, *PERMISSIONS, *BUCKET, *WATCHING, *SERVICES, *PEOPLE, *EVIDENCE), key=lambda check: check.name)
)
"""CT-01 to CT-26."""

ALWAYS = ("account.ListRegions", "ec2.DescribeRegions", "cloudtrail.DescribeTrails")
"""What is asked before any check: which regions and trails there are."""
