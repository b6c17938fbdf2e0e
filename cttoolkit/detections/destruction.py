"""Was something destroyed: deleted in bulk or outright, left to expire, or its copies taken away?

Predicates follow the API references of S3, Backup, RDS and EC2, and records as published for S3's parameters, which are the XML
of the request.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.detection import Detection, Severity, calls, needing
from cttoolkit.detections.bulk import by_event, in_bulk, listed
from cttoolkit.detections.invocation import BY_ITSELF
from cttoolkit.detections.locked_data import LOCKED
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["DESTRUCTION"]

_FAMILY = "destruction"
_BATCH = 10
"""What one DeleteObjects counts for: the keys are not recorded, and may be up to a thousand."""
_RULE = "requestParameters.LifecycleConfiguration.Rule"
_SOON = r'"Expiration"\s*:\s*\{\s*(?:"Days"\s*:\s*"?[1-7]"?\s*[,}]|"Date")|"NoncurrentDays"\s*:\s*"?[1-7]"?\s*[,}]'
_DISABLED = r'"Status"\s*:\s*"Disabled"'
_OBJECTS = ("DeleteObject", "DeleteObjects")
_COPIES = {
    "ec2": ("DeleteSnapshot", "DeregisterImage"),
    "rds": ("DeleteDBSnapshot", "DeleteDBClusterSnapshot", "DeleteDBInstanceAutomatedBackup"),
    "backup": ("DeleteRecoveryPoint",),
    "dynamodb": ("DeleteBackup",),
    "redshift": ("DeleteClusterSnapshot",),
}
_STORES = {
    "s3": ("DeleteBucket",),
    "dynamodb": ("DeleteTable",),
    "rds": ("DeleteDBInstance", "DeleteDBCluster"),
    "elasticfilesystem": ("DeleteFileSystem",),
    "ecr": ("DeleteRepository",),
}


_NO_SNAPSHOT = param("requestParameters.skipFinalSnapshot") == True  # noqa: E712
_NO_CLUSTER_SNAPSHOT = param("requestParameters.skipFinalClusterSnapshot") == True  # noqa: E712


def _named(services: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in services.values() for name in names)


def _of(events: Events, services: dict[str, tuple[str, ...]]) -> Events:
    """Calls of these names to these services."""

    def holds(table: ibis.Table) -> Any:
        pairs = ((f"{service}.amazonaws.com", names) for service, names in services.items())
        found = [(table.event_source == source) & table.event_name.isin(names) for source, names in pairs]
        return reduce(or_, found).fill_null(False)

    named = events.named(*_named(services))
    return named.where(Match(f"to {', '.join(services)}", holds))


@needing(*_OBJECTS)
def _deleted(events: Events) -> Pivot:
    """A hundred or more objects of S3 deleted by one credential within ten minutes, a DeleteObjects as ten; needs data events."""
    import ibis

    asked = events.to_service("s3").named(*_OBJECTS)
    return in_bulk(
        asked,
        by_event,
        least=100,
        size=lambda table: ibis.cases((table.event_name == "DeleteObjects", _BATCH), else_=1),
    )


@needing(*_named(_COPIES))
def _copies(events: Events) -> Pivot:
    """Ten or more different snapshots, images or recovery points deleted by one credential within ten minutes."""
    return in_bulk(_of(events, _COPIES), lambda table: table.request_parameters, least=10)


@needing(*_named(_STORES))
def _stores(events: Events) -> Pivot:
    """Five or more different buckets, tables, databases, file systems or repositories deleted by one credential within ten minutes."""
    return in_bulk(_of(events, _STORES), lambda table: table.request_parameters, least=5)


@needing("TerminateInstances")
def _instances(events: Events) -> Pivot:
    """Ten or more instances terminated by one credential within ten minutes."""
    asked = events.to_service("ec2").named("TerminateInstances")
    return in_bulk(asked, lambda table: table.request_parameters, least=10, size=listed("instanceId"))


def _expires_soon(rule: Any) -> Any:
    return rule.re_search(_SOON) & ~rule.re_search(_DISABLED)


_EXPIRES_SOON = param(f"{_RULE}[]").meets("expires soon", _expires_soon) | param(_RULE).meets(
    "expires soon", lambda rule: rule.startswith("{") & _expires_soon(rule)
)

DESTRUCTION = (
    *LOCKED,
    Detection(
        name="versioning-weakened",
        family=_FAMILY,
        question="Was versioning suspended, or MFA Delete switched off?",
        said="suspend versioning, or switch MFA Delete off",
        severity=Severity.HIGH,
        techniques=("T1490",),
        false_positives="Costs of old versions are cut; Terraform sets Suspended where versioning was never on.",
        bypass="Deleting each version by its id works with versioning on.",
        find=calls(
            "s3",
            "PutBucketVersioning",
            when=(param("requestParameters.VersioningConfiguration.Status") == "Suspended")
            | (param("requestParameters.VersioningConfiguration.MfaDelete") == "Disabled"),
        ),
    ),
    Detection(
        name="lifecycle-expires-soon",
        family=_FAMILY,
        question="Was a bucket told to let its objects expire within a week, or on a date?",
        said="have a bucket's objects expire within a week, or on a date",
        severity=Severity.HIGH,
        techniques=("T1485.001",),
        false_positives="Buckets for temporary files, by prefixes like tmp/.",
        bypass="Eight days and more; DeleteObjects, which does not wait.",
        find=calls(
            "s3",
            "PutBucketLifecycle",
            when=_EXPIRES_SOON,
        ),
    ),
    Detection(
        name="objects-deleted-in-bulk",
        family=_FAMILY,
        question="Did one credential delete a great many objects within ten minutes?",
        said="delete a hundred or more objects within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1485",),
        false_positives="Jobs that clean up after themselves; a bucket that is emptied before it is deleted.",
        bypass="A lifecycle rule deletes without any call of the caller's: see lifecycle-expires-soon.",
        find=_deleted,
    ),
    Detection(
        name="stores-deleted-in-a-row",
        family=_FAMILY,
        question="Did one credential delete several buckets, tables, databases or file systems within ten minutes?",
        said="delete five or more buckets, tables, databases or file systems within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1485",),
        false_positives="A test environment that is torn down; look at the names and at who made them.",
        bypass="Four in ten minutes; by CloudFormation, whose calls say so and are left out.",
        find=_stores,
    ),
    Detection(
        name="copies-deleted-in-bulk",
        family=_FAMILY,
        question="Did one credential delete many snapshots, images or recovery points within ten minutes?",
        said="delete ten or more snapshots, images or recovery points within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1490", "T1485"),
        false_positives="Jobs that keep the newest few; they run at a steady hour and by one role.",
        bypass="A retention of a day, set on the plan, deletes them without a call of the caller's.",
        find=_copies,
    ),
    Detection(
        name="backups-removed",
        family=_FAMILY,
        question="Was a backup vault, its lock or a plan removed, or continuous backup switched off?",
        said="remove a backup vault, its lock or a plan, or switch continuous backups off",
        severity=Severity.HIGH,
        techniques=("T1490",),
        false_positives="A plan is replaced by another; a table is on its way out.",
        bypass="UpdateBackupPlan with a retention of one day leaves the plan in place.",
        find=calls(
            "backup",
            *("DeleteBackupVault", "DeleteBackupVaultLockConfiguration", "DeleteBackupPlan", "DeleteBackupSelection"),
            when=BY_ITSELF,
        )
        | calls(
            "dynamodb",
            "UpdateContinuousBackups",
            when=param("requestParameters.pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled") == False,  # noqa: E712
        ),
    ),
    Detection(
        name="database-deleted-outright",
        family=_FAMILY,
        question="Was a database deleted with no last snapshot?",
        said="delete a database without a last snapshot",
        severity=Severity.HIGH,
        techniques=("T1485", "T1490"),
        false_positives="Test databases; members of a cluster, and replicas, which have no last snapshot of their own.",
        bypass="A last snapshot is made, and then deleted.",
        find=calls("rds", "DeleteDBInstance", "DeleteDBCluster", when=_NO_SNAPSHOT)
        | calls("redshift", "DeleteCluster", when=_NO_CLUSTER_SNAPSHOT),
    ),
    Detection(
        name="instances-terminated-in-bulk",
        family=_FAMILY,
        question="Did one credential terminate many instances within ten minutes?",
        said="terminate ten or more instances within ten minutes",
        severity=Severity.MEDIUM,
        techniques=("T1485", "T1578.003"),
        false_positives="Batch systems and Karpenter end what they began; so do tests of recovery.",
        bypass="A scaling group set to zero has a service do it.",
        find=_instances,
    ),
)
