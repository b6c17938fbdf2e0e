"""Was the trail, or where it delivers to, switched off, narrowed or thinned out?

Predicates follow the API references of CloudTrail, S3, KMS and CloudWatch Logs.
"""

from __future__ import annotations

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.param import param

__all__ = ["TRAIL_TAMPERING"]

_FAMILY = "trail-tampering"
_LOGS = ("T1562.008",)

TRAIL_TAMPERING = (
    Detection(
        name="trail-stopped",
        family=_FAMILY,
        question="Was a trail stopped or deleted?",
        said="stop or delete a trail",
        severity=Severity.CRITICAL,
        techniques=_LOGS,
        false_positives="An account or a stack with a trail of its own is taken down; the organization's trail replaces it.",
        bypass="Narrowing the selectors, or taking the bucket or the key away from under the trail, silences it as well.",
        find=calls("cloudtrail", "StopLogging", "DeleteTrail"),
    ),
    Detection(
        name="trail-narrowed",
        family=_FAMILY,
        question="Was a trail changed so that it records or proves less?",
        said="make a trail record or prove less",
        severity=Severity.CRITICAL,
        techniques=_LOGS,
        false_positives="A trail of one region beside another of all regions is made so on purpose; costs of data events are cut.",
        bypass="Another bucket as the trail's target leaves the trail as wide as it was, and elsewhere.",
        find=calls(
            "cloudtrail",
            "UpdateTrail",
            when=(param("requestParameters.isMultiRegionTrail") == False)  # noqa: E712
            | (param("requestParameters.includeGlobalServiceEvents") == False)  # noqa: E712
            | (param("requestParameters.enableLogFileValidation") == False),  # noqa: E712
        ),
    ),
)
