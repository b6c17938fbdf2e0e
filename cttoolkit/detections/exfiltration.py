"""Did data leave: shared, opened, replicated, exported, or read in bulk?

Predicates follow the API references of EC2, RDS, S3, Backup and DataSync, and records as published for S3's, whose parameters are the
XML of the request. Accounts of the same organization are other accounts.
"""

from __future__ import annotations

from dataclasses import replace

from cttoolkit.detection import Detection, Severity, calls, needing
from cttoolkit.detections.bulk import at, in_bulk
from cttoolkit.detections.policy_statements import opens_to_another, opens_to_everyone
from cttoolkit.detections.request_text import says, says_of_another
from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.regrouped import Pivot
from cttoolkit.pivot.volume import volume_out

__all__ = ["EXFILTRATION"]

_FAMILY = "exfiltration"
_SHARED = ("T1537",)
_GIB = 1024**3
_IMAGES = ("ModifySnapshotAttribute", "ModifyImageAttribute")
_DATABASES = ("ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute")
_ADDED = r'"add"\s*:\s*\{\s*"items"\s*:\s*\[[^\]]*'
_RESTORED = r'"valuesToAdd"\s*:\s*\[[^\]]*'
_GROUPS = r"acs\.amazonaws\.com/groups/global/(?:AllUsers|AuthenticatedUsers)"
_PUBLIC_ACL = says(
    "granted to everyone",
    rf'"x-amz-acl"\s*:\s*\[?\s*"(?:public-read|public-read-write|authenticated-read)"|"URI"\s*:\s*"https?://{_GROUPS}"'
    rf'|"x-amz-grant-[a-z-]+"\s*:\s*(?:\[[^\]]*)?"(?:[^"]|\\")*{_GROUPS}',
    *("public-read", "authenticated-read", "groups/global/"),
)
_UNBLOCKED = says(
    "one of the four switched off",
    r'"(?:BlockPublicAcls|IgnorePublicAcls|BlockPublicPolicy|RestrictPublicBuckets)"\s*:\s*"?false',
)
_TO_ANOTHER = says_of_another("to an account that is another", r'"Account"\s*:\s*"?[0-9]')
_TO_NOBODY = Match(
    "to no account that is named", lambda table: ~table.request_parameters.re_search(r'"Account"\s*:').fill_null(False)
)


@needing("GetObject")
def _objects(events: Events) -> Pivot:
    """A thousand or more different objects of S3, read by one credential within ten minutes; needs data events."""
    return in_bulk(events.to_service("s3").named("GetObject"), at("requestParameters.key"), least=1000)


@needing("GetSnapshotBlock")
def _blocks(events: Events) -> Pivot:
    """Two hundred or more blocks of snapshots, read directly by one credential within ten minutes; needs data events."""
    return in_bulk(
        events.to_service("ebs").named("GetSnapshotBlock"), lambda table: table.request_parameters, least=200
    )


def _volume(events: Events) -> Pivot:
    """A GiB or more from a bucket to a principal's address in a day, nine tenths of all that went there; needs data events."""
    found = volume_out(events)
    rows = found.expression
    return replace(found, expression=rows.filter((rows.busiest >= _GIB) & (rows.busiest >= 0.9 * rows.bytes)))


EXFILTRATION = (
    Detection(
        name="snapshot-public",
        family=_FAMILY,
        question="Was a snapshot or an image shared with everyone?",
        said="share a snapshot or an image with everyone",
        severity=Severity.CRITICAL,
        techniques=_SHARED,
        false_positives="A vendor that publishes images, from an account made for it.",
        bypass="Sharing with one account first, which then copies it: see snapshot-shared.",
        find=calls("ec2", *_IMAGES, when=says("with all", _ADDED + r'"group"\s*:\s*"all"', '"group"'))
        | calls("rds", *_DATABASES, when=says("with all", _RESTORED + '"all"', '"all"')),
    ),
    Detection(
        name="snapshot-shared",
        family=_FAMILY,
        question="Was a snapshot or an image shared with another account?",
        said="share a snapshot or an image with another account",
        severity=Severity.HIGH,
        techniques=_SHARED,
        false_positives="Golden images and backups go to accounts of the same organization; compare the account with the list of them.",
        bypass="A copy in a region that is not recorded, or an export to a bucket: see data-exported.",
        find=calls(
            "ec2", *_IMAGES, when=says_of_another("with another", _ADDED + r'"userId"\s*:\s*"[0-9]{12}"', "userId")
        )
        | calls("rds", *_DATABASES, when=says_of_another("with another", _RESTORED + '"[0-9]{12}"', "valuesToAdd"))
        | calls("redshift", "AuthorizeSnapshotAccess"),
    ),
    Detection(
        name="shared-snapshot-used",
        family=_FAMILY,
        question="Was a volume or a copy made of a snapshot that one account shared with another?",
        said="record that a volume or a copy was made of a shared snapshot",
        severity=Severity.MEDIUM,
        techniques=_SHARED,
        false_positives="An instance of this account's that starts from another's image: a launch seconds before says so.",
        bypass="Only EC2 records it, and of snapshots only: the use of a shared image or database snapshot leaves nothing here.",
        find=calls("ec2", "SharedSnapshotVolumeCreated", "SharedSnapshotCopyInitiated"),
    ),
    Detection(
        name="bucket-policy-public",
        family=_FAMILY,
        question="Was a bucket's policy opened to everyone?",
        said="open a bucket's policy to everyone",
        severity=Severity.HIGH,
        techniques=("T1530", "T1537"),
        false_positives="Buckets of public web sites and downloads. A public access block may stop it: the call then fails.",
        bypass="A condition that names a source and lets all pass, such as aws:SourceIp with 0.0.0.0/0.",
        find=calls("s3", "PutBucketPolicy", when=opens_to_everyone("requestParameters.bucketPolicy")),
    ),
    Detection(
        name="bucket-policy-shared",
        family=_FAMILY,
        question="Was a bucket's policy opened to another account?",
        said="open a bucket's policy to another account",
        severity=Severity.MEDIUM,
        techniques=_SHARED,
        false_positives="Accounts of the organization; AWS's own, which deliver logs of load balancers and of Redshift.",
        bypass="A canonical user id or an access point's policy names no account here.",
        find=calls("s3", "PutBucketPolicy", when=opens_to_another("requestParameters.bucketPolicy")),
    ),
    Detection(
        name="acl-public",
        family=_FAMILY,
        question="Was a bucket, or an object, granted to everyone by an ACL?",
        said="grant a bucket or an object to everyone",
        severity=Severity.HIGH,
        techniques=("T1530", "T1537"),
        false_positives="Assets of a web site. Where ACLs are disabled, as in new buckets, the call fails.",
        bypass="The object's ACL is a data event; without those, only the bucket's is seen.",
        find=calls("s3", "PutBucketAcl", "PutObjectAcl", "CreateBucket", when=_PUBLIC_ACL),
    ),
    Detection(
        name="public-access-unblocked",
        family=_FAMILY,
        question="Was a block of public access taken away?",
        said="take away a block of public access",
        severity=Severity.HIGH,
        techniques=("T1562.007", "T1530"),
        false_positives="Web sites that are made by templates, with all four switches off from the start.",
        bypass="Nothing is needed where the bucket is older than April 2023 and was never blocked.",
        find=calls("s3", "DeleteBucketPublicAccessBlock", "DeleteAccountPublicAccessBlock")
        | calls("s3", "PutBucketPublicAccessBlock", "PutAccountPublicAccessBlock", when=_UNBLOCKED)
        | calls("ec2", "DisableSnapshotBlockPublicAccess", "DisableImageBlockPublicAccess"),
    ),
    Detection(
        name="bucket-replicated-out",
        family=_FAMILY,
        question="Was a bucket set to replicate to another account, or to a bucket of which the account is not named?",
        said="have a bucket replicated to another account, or to a bucket whose account is not named",
        severity=Severity.HIGH,
        techniques=_SHARED,
        false_positives="Replication within the account names no account either; look at whose the bucket is.",
        bypass="DataSync, S3 Batch and plain copies move the same objects without any replication.",
        find=calls("s3", "PutBucketReplication", when=_TO_ANOTHER | _TO_NOBODY),
    ),
    Detection(
        name="data-exported",
        family=_FAMILY,
        question="Was a table, a database snapshot or an image exported to a bucket?",
        said="export a table, a snapshot or an image to a bucket",
        severity=Severity.MEDIUM,
        techniques=("T1530", "T1537"),
        false_positives="Nightly exports for analysis, by the same role each time.",
        bypass="Reading the table with Scan, or restoring the snapshot and dumping it from there.",
        find=calls("dynamodb", "ExportTableToPointInTime")
        | calls("rds", "StartExportTask")
        | calls("ec2", "CreateInstanceExportTask", "ExportImage", "CreateStoreImageTask"),
    ),
    Detection(
        name="backup-let-out",
        family=_FAMILY,
        question="Was a backup copied to another account, or a vault opened?",
        said="copy a backup to another account, or open a vault to others",
        severity=Severity.HIGH,
        techniques=_SHARED,
        false_positives="Central vaults in a backup account are recommended practice; the account is then always the same.",
        bypass="A plan that copies on its own names the other vault in CreateBackupPlan, which is not looked at.",
        find=calls(
            "backup",
            "StartCopyJob",
            when=says_of_another(
                "to another vault",
                r'"destinationBackupVaultArn"\s*:\s*"arn:aws[a-z-]*:backup:[a-z0-9-]*:[0-9]{12}:',
                "destinationBackupVaultArn",
            ),
        )
        | calls(
            "backup",
            "PutBackupVaultAccessPolicy",
            when=opens_to_everyone("requestParameters.policy") | opens_to_another("requestParameters.policy"),
        ),
    ),
    Detection(
        name="traffic-mirrored",
        family=_FAMILY,
        question="Was network traffic mirrored?",
        said="mirror the traffic of a network interface",
        severity=Severity.HIGH,
        techniques=("T1040",),
        false_positives="Intrusion detection that is fed so, set up by its own deployment.",
        bypass="A capture on the instance itself leaves nothing here.",
        find=calls("ec2", "CreateTrafficMirrorSession", "CreateTrafficMirrorTarget", "ModifyTrafficMirrorSession"),
    ),
    Detection(
        name="transfer-set-up",
        family=_FAMILY,
        question="Was a way out set up in DataSync or Transfer Family?",
        said="set up a transfer of files",
        severity=Severity.MEDIUM,
        techniques=("T1537", "T1567.002"),
        false_positives="Migrations, and partners who are given an SFTP account.",
        bypass="A task that is already there is started by StartTaskExecution, which is not looked at.",
        find=calls("datasync", "CreateTask", "UpdateTask") | calls("transfer", "CreateServer", "CreateUser"),
    ),
    Detection(
        name="objects-read-in-bulk",
        family=_FAMILY,
        question="Did one credential read a great many objects within ten minutes?",
        said="read a thousand or more objects of S3 within ten minutes",
        severity=Severity.MEDIUM,
        techniques=("T1530", "T1619"),
        false_positives="Jobs that process a bucket do nothing else; look at whether this one always did.",
        bypass="Slower; or without data events, of which the trail has none by default.",
        find=_objects,
    ),
    Detection(
        name="volume-out",
        family=_FAMILY,
        question="Did a great deal of a bucket go to one address on one day and hardly any on others?",
        said="have a GiB or more from a bucket at one address, and nearly all of it in one day",
        severity=Severity.MEDIUM,
        techniques=("T1530", "T1537"),
        false_positives="Restores and migrations; in evidence of a day or two every heavy reader.",
        bypass="A little each day; a copy to another bucket, which sends nothing out.",
        find=_volume,
    ),
    Detection(
        name="snapshot-read-directly",
        family=_FAMILY,
        question="Were blocks of snapshots read directly in bulk?",
        said="read two hundred or more blocks of snapshots within ten minutes",
        severity=Severity.HIGH,
        techniques=("T1530", "T1578.001"),
        false_positives="Backup products use the same interface, with their own role.",
        bypass="A volume of the snapshot on an instance; or without data events of EBS, which no trail has by default.",
        find=_blocks,
    ),
)
