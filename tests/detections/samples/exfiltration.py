"""What leaves, call by call; what leaves in bulk is in test_in_bulk.py."""

from tests.detections.samples.records import ACCOUNT, OTHER, call, refused
from tests.detections.samples.secrets import BY_ORGANIZATION

BUCKET = {"bucketName": "data", "Host": "data.s3.us-east-1.amazonaws.com"}
TO_CLOUDTRAIL = {
    "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "*",
}  # fmt: skip
PLAIN_ONLY = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip


def image(name, **permission):
    kind = "createVolumePermission" if name == "ModifySnapshotAttribute" else "launchPermission"
    return call("ec2", name, {"snapshotId": "snap-0123456789abcdef0", kind: permission, "attributeType": kind})


def database(name="ModifyDBSnapshotAttribute", **values):
    return call("rds", name, {"dBSnapshotIdentifier": "orders", "attributeName": "restore", **values})


def bucket(name, **parameters):
    return call("s3", name, BUCKET | parameters)


def policy(*statements):
    whole = [
        {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*", "Effect": "Allow"} | one for one in statements
    ]
    return bucket("PutBucketPolicy", bucketPolicy={"Version": "2012-10-17", "Statement": whole}, policy="")


def blocked(name="PutBucketPublicAccessBlock", **switches):
    whole = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    return bucket(name, publicAccessBlock="", PublicAccessBlockConfiguration=whole | switches)


def granted(grantee):
    grants = {"Grant": {"Grantee": grantee, "Permission": "READ"}}
    return bucket("PutBucketAcl", acl="", AccessControlPolicy={"AccessControlList": grants})


def replicated(**destination):
    rule = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"} | destination}
    return bucket("PutBucketReplication", replication="", ReplicationConfiguration={"Role": "r", "Rule": rule})


def copied(account):
    return call(
        "backup", "StartCopyJob",
        {
            "recoveryPointArn": f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:1",
            "destinationBackupVaultArn": f"arn:aws:backup:us-east-1:{account}:backup-vault:central",
        },
    )  # fmt: skip


ITEMS = {"items": [{"userId": OTHER}]}
EVERYONE = {"items": [{"group": "all"}]}
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"

SEEN = {
    "snapshot-public": [
        image("ModifySnapshotAttribute", add=EVERYONE),
        image("ModifyImageAttribute", add={"items": [{"userId": OTHER}, {"group": "all"}]}),
        database(valuesToAdd=["all"]),
    ],
    "snapshot-shared": [
        image("ModifySnapshotAttribute", add=ITEMS),
        refused(image("ModifyImageAttribute", add=ITEMS), "Client.UnauthorizedOperation"),
        database(valuesToAdd=[ACCOUNT, OTHER]),
        database("ModifyDBClusterSnapshotAttribute", valuesToAdd=[OTHER]),
        call("redshift", "AuthorizeSnapshotAccess", {"snapshotIdentifier": "s", "accountWithRestoreAccess": OTHER}),
    ],
    "shared-snapshot-used": [
        call(
            "ec2", "SharedSnapshotVolumeCreated", userIdentity={"invokedBy": "ec2.amazonaws.com"}, eventType="AwsServiceEvent",
            serviceEventDetails={"snapshotId": "snap-0123456789abcdef0"},
        )
    ],
    "bucket-policy-public": [
        policy({"Principal": "*"}),
        policy(TO_CLOUDTRAIL, {"Principal": {"AWS": "*"}}),
        policy({"Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        policy({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}),
        bucket("PutBucketPolicy", bucketPolicy={"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}),
    ],
    "bucket-policy-shared": [
        policy({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:user/eve"}}),
        policy({"Principal": {"Service": "s3.amazonaws.com", "AWS": OTHER}}),
    ],
    "acl-public": [
        bucket("PutBucketAcl", **{"x-amz-acl": "public-read"}),
        bucket("PutBucketAcl", **{"x-amz-acl": ["public-read-write"]}),
        granted({"xsi:type": "Group", "URI": ALL_USERS}),
        bucket("PutObjectAcl", key="k", **{"x-amz-grant-read": f'uri="{ALL_USERS}"'}),
    ],
    "public-access-unblocked": [
        blocked(BlockPublicPolicy=False),
        bucket("DeleteBucketPublicAccessBlock"),
        blocked("PutAccountPublicAccessBlock", RestrictPublicBuckets=False),
        call("ec2", "DisableImageBlockPublicAccess", {}),
    ],
    "bucket-replicated-out": [replicated(Account=OTHER), replicated()],
    "data-exported": [
        call("dynamodb", "ExportTableToPointInTime", {"tableArn": "arn:aws:dynamodb:us-east-1:111122223333:table/t"}),
        call("rds", "StartExportTask", {"exportTaskIdentifier": "e"}),
        call("ec2", "CreateStoreImageTask", {"imageId": "ami-1", "bucket": "b"}),
    ],
    "backup-let-out": [
        copied(OTHER),
        call(
            "backup", "PutBackupVaultAccessPolicy",
            {"policy": '{"Statement": {"Effect" : "Allow", "Principal" : {"AWS" : "arn:aws:iam::444455556666:root"}}}'},
        ),
    ],
    "traffic-mirrored": [call("ec2", "CreateTrafficMirrorSession", {})],
    "transfer-set-up": [call("datasync", "CreateTask", {}), call("transfer", "CreateUser", {})],
}  # fmt: skip
UNSEEN = {
    "snapshot-public": [
        image("ModifySnapshotAttribute", add=ITEMS),
        image("ModifySnapshotAttribute", remove=EVERYONE),
        database(valuesToRemove=["all"]),
    ],
    "snapshot-shared": [
        image("ModifySnapshotAttribute", remove=ITEMS),
        image("ModifyImageAttribute", add={"items": [{"userId": ACCOUNT}]}),
        database(valuesToAdd=[ACCOUNT]),
        database(valuesToRemove=[OTHER]),
    ],
    "shared-snapshot-used": [call("ec2", "CreateVolume", {"snapshotId": "snap-0123456789abcdef0"})],
    "bucket-policy-public": [
        policy(TO_CLOUDTRAIL, PLAIN_ONLY),
        policy({"Principal": "*"} | BY_ORGANIZATION),
        policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Sid": '"Principal":"*"'}),
    ],
    "bucket-policy-shared": [
        policy({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
        policy({"Effect": "Deny", "Principal": {"AWS": OTHER}}, TO_CLOUDTRAIL),
        policy({"Principal": {"Service": "s3.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}}}),
    ],
    "acl-public": [
        bucket("PutBucketAcl", **{"x-amz-acl": "private"}),
        granted({"xsi:type": "CanonicalUser", "ID": "a1", "DisplayName": '"x-amz-acl":"public-read"'}),
        bucket("PutBucketTagging", **{"x-amz-acl": "public-read"}),
    ],
    "public-access-unblocked": [blocked(), call("ec2", "EnableImageBlockPublicAccess", {})],
    "bucket-replicated-out": [replicated(Account=ACCOUNT), bucket("DeleteBucketReplication")],
    "data-exported": [call("dynamodb", "DescribeExport", {}), call("rds", "CancelExportTask", {})],
    "backup-let-out": [copied(ACCOUNT), call("backup", "PutBackupVaultAccessPolicy", {"policy": '{"Statement": []}'})],
    "traffic-mirrored": [call("ec2", "DescribeTrafficMirrorSessions", {})],
    "transfer-set-up": [call("datasync", "StartTaskExecution", {}), call("iam", "CreateUser", {})],
}  # fmt: skip
