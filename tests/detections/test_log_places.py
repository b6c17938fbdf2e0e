"""A bucket or key is the trail's where the evidence says so, and any other is left alone."""

import pytest

from cttoolkit.detections.log_places import bucket_weakened, key_weakened
from tests.conftest import admitted, event
from tests.detections.samples.records import by_service, by_way_of, call

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY}"
USED = "aaaaaaaa-12ab-34cd-56ef-1234567890ab"
ENCRYPTED = {
    "keyId": f"arn:aws:kms:us-east-1:111122223333:key/{USED}",
    "encryptionContext": {"aws:cloudtrail:arn": "t"},
}
OTHER = "bbbbbbbb-12ab-34cd-56ef-1234567890ab"


def on_bucket(name, bucket, **more):
    return call("s3", name, {"bucketName": bucket} | more)


# The digests of this world say that it lies in bucket "b".
SEEN = [
    on_bucket("DeleteBucketPolicy", "b"),
    on_bucket("PutBucketLifecycle", "named-in-a-call", LifecycleConfiguration={"Rule": {"Expiration": {"Days": 1}}}),
    on_bucket("PutBucketVersioning", "looked-at", VersioningConfiguration={"Status": "Suspended"}),
    on_bucket("DeleteObjects", "b"),
    by_way_of(on_bucket("DeleteBucket", "b")),
]
UNSEEN = [
    on_bucket("DeleteBucketPolicy", "another"),
    on_bucket("PutBucketVersioning", "b", VersioningConfiguration={"Status": "Enabled"}),
    on_bucket("GetBucketPolicy", "b"),
    by_service(on_bucket("PutBucketLifecycle", "b")),
    on_bucket("DeleteBucketPolicy", "looked-at-by-somebody"),
    on_bucket("GetBucketAcl", "looked-at-by-somebody"),
    call("example", "DeleteBucketPolicy", {"bucketName": "b"}),
]
KEYS_SEEN = [
    call("kms", "DisableKey", {"keyId": KEY}),
    call("kms", "ScheduleKeyDeletion", {"keyId": ARN}),
    call("kms", "PutKeyPolicy", {"keyId": USED, "policyName": "default"}),
]
KEYS_UNSEEN = [
    call("kms", "DisableKey", {"keyId": OTHER}),
    call("kms", "EnableKey", {"keyId": KEY}),
    call("kms", "GenerateDataKey", {"keyId": OTHER, "encryptionContext": {"aws:s3:arn": "x"}}),
]
NAMING = [
    call("cloudtrail", "CreateTrail", {"name": "t", "s3BucketName": "named-in-a-call", "kmsKeyId": ARN}),
    by_service(on_bucket("GetBucketAcl", "looked-at"), "cloudtrail.amazonaws.com"),
    by_service(call("kms", "GenerateDataKey", ENCRYPTED), "cloudtrail.amazonaws.com"),
]
GROUPS = (SEEN, UNSEEN, KEYS_SEEN, KEYS_UNSEEN, NAMING)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    told = [
        event(100 * group + n, f"2026-03-01T01:{group:02d}:{n:02d}Z") | record
        for group, records in enumerate(GROUPS)
        for n, record in enumerate(records)
    ]
    return admitted(tmp_path_factory.mktemp("logs"), *told)


def times(rows):
    found = []
    for row in rows:
        behind = rows.drill(row)
        assert len(behind) == row["events"]
        found += [(time.minute, time.second) for time in behind.frame("event_time").event_time]
    return sorted(found)


def test_what_was_done_to_a_bucket_of_the_trail_is_seen(events):
    assert times(bucket_weakened(events)) == [(0, n) for n in range(len(SEEN))]


def test_what_was_done_to_a_key_of_the_trail_is_seen(events):
    assert times(key_weakened(events)) == [(2, n) for n in range(len(KEYS_SEEN))]


def test_the_trail_is_known_from_all_events_whatever_was_narrowed(events):
    assert times(bucket_weakened(events.named("PutBucketLifecycle"))) == [(0, 1)]
