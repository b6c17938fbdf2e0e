"""How many objects were touched, which is not how many calls were made."""

import pytest

from cttoolkit.pivot import objects
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events


def call(number, name, key=None, bucket="claims", **parts):
    request = {"bucketName": bucket} | ({} if key is None else {"key": key})
    kept = {"eventSource": "s3.amazonaws.com", "eventCategory": "Data", "requestParameters": request}
    return event(number, f"2026-03-01T01:{number:02d}:00Z", name, **(kept | parts))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    records = [
        *(call(n, "GetObject", f"claim-{n % 3}") for n in range(6)),
        call(6, "GetObject", "locked", errorCode="AccessDenied"),
        call(7, "GetObject", "claim-0", bucket="other"),
        call(8, "DeleteObjects"),
        call(9, "ListObjects"),
        call(10, "GetBucketPolicy"),
        event(11, "2026-03-01T01:11:00Z", "GetThing", requestParameters={"bucketName": "claims", "key": "x"}),
    ]
    return objects(admitted(tmp_path_factory.mktemp("objects"), *records))


def test_an_object_that_is_read_twice_counts_once(rows):
    row = rows.frame().iloc[0]
    assert (row.bucket, row.event_name, row.events, row.objects, row.failed) == ("claims", "GetObject", 7, 3, 1)


def test_what_deletes_many_and_names_none_is_told_apart(rows):
    (row,) = [row for row in rows if row["event_name"] == "DeleteObjects"]
    assert (row["objects"], row["unnamed"]) == (0, 1)


def test_calls_on_buckets_and_other_services_are_no_calls_on_objects(rows):
    assert {row["event_name"] for row in rows} == {"GetObject", "DeleteObjects"}
    assert "3 events left out" in rows.caption


def test_rows_lead_back_to_their_events(rows):
    same_as_its_events(rows)
