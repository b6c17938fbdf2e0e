"""Was the trail, or where it delivers to, switched off, narrowed or thinned out?

Predicates follow the API references of CloudTrail, S3, KMS and Organizations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls
from cttoolkit.detections.callers import NOT_BY_SERVICE
from cttoolkit.detections.log_places import bucket_weakened, key_weakened
from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["TRAIL_TAMPERING"]

_FAMILY = "trail-tampering"
_LOGS = ("T1562.008",)
_SELECTOR = "requestParameters.eventSelectors[]"
_NARROWING_FIELDS = "readOnly|eventSource|eventName|userIdentity[.]arn|sessionCredentialFromConsole|eventType"
_MANAGEMENT = r'\{[^{}]*"Management"[^{}]*\}'
_NARROWING = rf'\{{[^{{}}]*"(?:{_NARROWING_FIELDS})"[^{{}}]*\}}'
_BETWEEN = r"(?:\s*,\s*\{[^{}]*\})*\s*,\s*"
_NARROWED = f"{_MANAGEMENT}{_BETWEEN}{_NARROWING}|{_NARROWING}{_BETWEEN}{_MANAGEMENT}"
"""One advanced selector: its conditions are objects side by side, of which one takes management events and another but some."""
_LOG_FILE = r'"key"\s*:\s*"[^"]*AWSLogs/[^"]*/CloudTrail(?:-Digest|-Insight|-NetworkActivity)?/'


def _is_narrowed(table: ibis.Table) -> Any:
    advanced = param("requestParameters.advancedEventSelectors").value(table)
    return (advanced.notnull() & ~advanced.contains('"Management"')) | advanced.re_search(_NARROWED)


def _is_log_file(table: ibis.Table) -> Any:
    return table.request_parameters.re_search(_LOG_FILE)


def _may_be_log_file(table: ibis.Table) -> Any:
    return table.request_parameters.contains("/CloudTrail")


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
            | (param("requestParameters.enableLogFileValidation") == False)  # noqa: E712
            | (param("requestParameters.isOrganizationTrail") == False)  # noqa: E712
            | (param("requestParameters.cloudWatchLogsLogGroupArn") == "")
            | (param("requestParameters.kmsKeyId") == ""),
        ),
    ),
    Detection(
        name="trail-redirected",
        family=_FAMILY,
        question="Was a trail given a bucket, a prefix or a key to write with?",
        said="set the bucket, the prefix or the key of a trail",
        severity=Severity.MEDIUM,
        techniques=_LOGS,
        false_positives="The console and Terraform send the bucket with every change; compare it with that of the evidence.",
        bypass="Replication or a lifecycle rule of the bucket takes the files away without a change to the trail.",
        find=calls(
            "cloudtrail",
            "UpdateTrail",
            when=param("requestParameters.s3BucketName").exists()
            | param("requestParameters.s3KeyPrefix").exists()
            | param("requestParameters.kmsKeyId").exists(),
        ),
    ),
    Detection(
        name="selectors-narrowed",
        family=_FAMILY,
        question="Was a trail told to leave management events out, or some of them?",
        said="tell a trail to leave out management events",
        severity=Severity.CRITICAL,
        techniques=_LOGS,
        false_positives="A trail for data events beside one for management events; two selectors that share them; KMS left out for cost.",
        bypass="UpdateTrail narrows by region; data events are left out by naming fewer resources, which is not asked here.",
        find=calls(
            "cloudtrail",
            "PutEventSelectors",
            when=(param(f"{_SELECTOR}.includeManagementEvents") == False)  # noqa: E712
            | param(f"{_SELECTOR}.readWriteType").isin(["ReadOnly", "WriteOnly"])
            | param(f"{_SELECTOR}.excludeManagementEventSources[]").exists()
            | Match("advanced selectors without all management events", _is_narrowed),
        ),
    ),
    Detection(
        name="insights-emptied",
        family=_FAMILY,
        question="Were the insights of a trail switched off?",
        said="switch off the insights of a trail",
        severity=Severity.MEDIUM,
        techniques=_LOGS,
        false_positives="Insights are charged for, and switched off to save.",
        bypass="Insights see bursts only; a slow attacker leaves them on.",
        find=calls(
            "cloudtrail",
            "PutInsightSelectors",
            when=~param("requestParameters.insightSelectors[].insightType").exists(),
        ),
    ),
    Detection(
        name="event-data-store-stopped",
        family=_FAMILY,
        question="Was an event data store of CloudTrail Lake stopped or deleted, or opened to deletion?",
        said="stop, delete or unprotect an event data store",
        severity=Severity.HIGH,
        techniques=_LOGS,
        false_positives="A trial of CloudTrail Lake that ends.",
        bypass="Stores can be given narrower selectors, or a shorter retention, and go on.",
        find=calls("cloudtrail", "DeleteEventDataStore", "StopEventDataStoreIngestion", "DeleteChannel")
        | calls(
            "cloudtrail",
            "UpdateEventDataStore",
            when=param("requestParameters.terminationProtectionEnabled") == False,  # noqa: E712
        ),
    ),
    Detection(
        name="log-bucket-weakened",
        family=_FAMILY,
        question="Was a bucket that a trail delivers to opened, shortened, emptied or deleted?",
        said="change, empty or delete a bucket that a trail delivers to",
        severity=Severity.HIGH,
        techniques=("T1562.008", "T1070", "T1485.001"),
        false_positives="Retention and policies are set once, when the bucket is made, mostly by a template.",
        bypass="A log archive in another account, whose own trail is not in the evidence, is changed unseen.",
        find=bucket_weakened,
    ),
    Detection(
        name="log-files-touched",
        family=_FAMILY,
        question="Did anybody but an AWS service write or delete log files or digests in their place?",
        said="write or delete objects where log files and digests lie",
        severity=Severity.CRITICAL,
        techniques=("T1070", "T1485"),
        false_positives="A job that copies an archive to another bucket under the same keys.",
        bypass="Without data events of the bucket there is no event; DeleteObjects does not name its keys; lifecycle rules delete too.",
        find=calls(
            "s3",
            "DeleteObject",
            "DeleteObjectVersion",
            "PutObject",
            "CopyObject",
            "CompleteMultipartUpload",
            when=Match("on log files", _is_log_file, _may_be_log_file) & NOT_BY_SERVICE,
        ),
    ),
    Detection(
        name="log-key-weakened",
        family=_FAMILY,
        question="Was a key that a trail encrypts with disabled, deleted or given another policy?",
        said="disable, delete or change the key that a trail encrypts with",
        severity=Severity.HIGH,
        techniques=("T1562.008", "T1485"),
        false_positives="Rotation by hand to a new key, after which the old one is disabled.",
        bypass="A trail that is pointed at a key which CloudTrail may not use writes nothing either.",
        find=key_weakened,
    ),
    Detection(
        name="log-administrator-removed",
        family=_FAMILY,
        question="Did the organization take an account's mandate away to look after trails or security services?",
        said="take away an account's mandate for trails or security services",
        severity=Severity.HIGH,
        techniques=("T1562.008", "T1562.001"),
        false_positives="The mandate moves to another account; a registration follows at once.",
        bypass="The delegated account itself can be emptied of its people instead.",
        find=calls("cloudtrail", "DeregisterOrganizationDelegatedAdmin")
        | calls("organizations", "DeregisterDelegatedAdministrator", "DisableAWSServiceAccess"),
    ),
)
