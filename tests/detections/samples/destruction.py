"""What destroys, call by call; what destroys in bulk is in test_in_bulk.py."""

from tests.detections.samples.exfiltration import bucket
from tests.detections.samples.records import ACCOUNT, OTHER, by_service, call

SSE_C = "x-amz-server-side-encryption-customer-algorithm"
KMS = "x-amz-server-side-encryption-aws-kms-key-id"


def key(account):
    return f"arn:aws:kms:us-east-1:{account}:key/0"


def encrypted(account):
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key(account)}}
    return bucket("PutBucketEncryption", encryption="", ServerSideEncryptionConfiguration={"Rule": default})


def lifecycle(*rules):
    rule = rules[0] if len(rules) == 1 else list(rules)
    return bucket("PutBucketLifecycle", lifecycle="", LifecycleConfiguration={"Rule": rule})


def versioning(**configuration):
    return bucket("PutBucketVersioning", versioning="", VersioningConfiguration=configuration)


SEEN = {
    "encrypted-with-sent-key": [
        bucket("CopyObject", key="k", **{SSE_C: "AES256"}),
        bucket("PutObject", key="k") | {"responseElements": {SSE_C: "AES256"}},
        bucket("PutObject", key="k") | {"additionalEventData": {"SSEApplied": "SSE_C"}},
    ],
    "encrypted-with-foreign-key": [bucket("PutObject", key="k", **{KMS: key(OTHER)}), encrypted(OTHER)],
    "key-material-imported": [
        call("kms", "ImportKeyMaterial", {"keyId": key(ACCOUNT)}),
        call("kms", "CreateKey", {"origin": "EXTERNAL"}),
    ],
    "key-destroyed": [
        call("kms", "ScheduleKeyDeletion", {"keyId": key(ACCOUNT), "pendingWindowInDays": 7}),
        call("kms", "DeleteImportedKeyMaterial", {"keyId": key(ACCOUNT)}),
    ],
    "ransom-note": [
        bucket("PutObject", key="HOW_TO_RECOVER_FILES.txt"),
        bucket("PutObject", key="reports/your-data-was-stolen.html"),
        bucket("PutObject", key="FILES-ENCRYPTED.txt"),
        bucket("PutObject", key="a/Ransom_Note.TXT"),
    ],
    "versioning-weakened": [versioning(Status="Suspended"), versioning(Status="Enabled", MfaDelete="Disabled")],
    "lifecycle-expires-soon": [
        lifecycle({"Status": "Enabled", "Filter": {"Prefix": "*"}, "Expiration": {"Days": 1}}),
        lifecycle({"Expiration": {"Days": 365}}, {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}),
        lifecycle({"Expiration": {"Date": "2026-03-02T00:00:00Z"}}),
        lifecycle(
            {"Status": "Disabled", "Expiration": {"Days": 365}}, {"Status": "Enabled", "Expiration": {"Days": 2}}
        ),
    ],
    "backups-removed": [
        call("backup", "DeleteBackupVault", {"backupVaultName": "v"}),
        call(
            "dynamodb",
            "UpdateContinuousBackups",
            {"pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": False}},
        ),
    ],
    "database-deleted-outright": [
        call("rds", "DeleteDBInstance", {"dBInstanceIdentifier": "orders", "skipFinalSnapshot": True}),
        call("redshift", "DeleteCluster", {"clusterIdentifier": "c", "skipFinalClusterSnapshot": True}),
    ],
}
UNSEEN = {
    "encrypted-with-sent-key": [
        bucket("PutObject", key=f'"{SSE_C}": "AES256"', **{"x-amz-server-side-encryption": "AES256"}),
        bucket("GetObject", key="k", **{SSE_C: "AES256"}),
        bucket("PutObject", key="k") | {"additionalEventData": {"SSEApplied": "SSE_S3"}},
    ],
    "encrypted-with-foreign-key": [
        bucket("PutObject", key=f"{KMS}: {key(OTHER)}", **{KMS: key(ACCOUNT)}),
        bucket("PutObject", key="k", **{KMS: "alias/aws/s3"}),
        encrypted(ACCOUNT),
    ],
    "key-material-imported": [call("kms", "CreateKey", {"origin": "AWS_KMS"}), call("kms", "CreateKey", {})],
    "key-destroyed": [call("kms", "CancelKeyDeletion", {"keyId": key(ACCOUNT)})],
    "ransom-note": [
        bucket("PutObject", key="README.txt"),
        bucket("PutObject", key="decrypt/keys.json"),
        bucket("GetObject", key="HOW_TO_RECOVER_FILES.txt"),
        bucket("PutObject", key="ransom.txt/part-0001"),
    ],
    "versioning-weakened": [versioning(Status="Enabled"), versioning(Status="Enabled", MfaDelete="Enabled")],
    "lifecycle-expires-soon": [
        lifecycle({"Status": "Enabled", "Expiration": {"Days": 10}, "ID": '"Expiration":{"Days":1}'}),
        lifecycle({"Status": "Disabled", "Expiration": {"Days": 1}}),
        lifecycle({"Status": "Enabled", "Expiration": {"Days": 99}}, {"Status": "Disabled", "Expiration": {"Days": 1}}),
        lifecycle({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}),
        lifecycle({"Transition": {"Days": 1, "StorageClass": "GLACIER"}}),
    ],
    "backups-removed": [
        by_service(call("backup", "DeleteBackupSelection", {}), "backup.amazonaws.com"),
        call(
            "dynamodb",
            "UpdateContinuousBackups",
            {"pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": True}},
        ),
    ],
    "database-deleted-outright": [
        call("rds", "DeleteDBInstance", {"skipFinalSnapshot": False, "finalDBSnapshotIdentifier": "orders-last"}),
        call("neptune-graph", "DeleteDBInstance", {"skipFinalSnapshot": True}),
    ],
}
