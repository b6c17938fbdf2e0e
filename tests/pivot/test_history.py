"""What was done to a resource, under whatever way of writing its name."""

import pytest

from cttoolkit import pivot
from cttoolkit.errors import ColumnError
from tests.conftest import admitted, event
from tests.pivot.people import user
from tests.pivot.rows import same_as_its_events


def test_every_event_that_names_it_whole_counts(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "PutBucketPolicy", requestParameters={"bucketName": "payroll"}),
        event(2, "2026-03-01T01:01:00Z", "GetObject", resources=[{"ARN": "arn:aws:s3:::payroll/2026/march.csv"}]),
        event(
            3,
            "2026-03-01T01:02:00Z",
            "GetObject",
            userIdentity=user("bob"),
            requestParameters={"bucketName": "payroll"},
        ),
        event(
            4,
            "2026-03-01T01:03:00Z",
            "GetObject",
            requestParameters={"bucketName": "payroll-old", "key": "not-payroll"},
        ),
        event(5, "2026-03-01T01:04:00Z", "CreateBucket", responseElements={"arn": "arn:aws:s3:::payroll"}),
        event(6, "2026-03-01T01:05:00Z", "ListBuckets", userAgent="payroll"),
    )
    rows = pivot.history(events, "payroll")
    same_as_its_events(rows)
    assert [name for _, name in rows.values] == ["PutBucketPolicy", "GetObject", "GetObject", "CreateBucket"]
    assert rows.frame().actors.tolist() == [1] * 4 if "actors" in rows.frame() else True
    assert len(pivot.history(events, "arn:aws:s3:::payroll").drill(rows.values[3])) == 1
    assert "naming payroll" in rows.caption


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "ünïcode", "a/b:c", "100%_", "'; drop table"])
def test_odd_names_are_found_as_they_are(tmp_path, name):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", requestParameters={"key": name}),
        event(2, "2026-03-01T01:00:00Z", requestParameters={"key": "x" + name}),
    )
    assert pivot.history(events, name).frame().events.tolist() == [1]


@pytest.mark.parametrize("name", ["", " ", "/", '"', "::"])
def test_no_name_is_an_error(tmp_path, name):
    with pytest.raises(ColumnError, match="no name"):
        pivot.history(admitted(tmp_path, event(1, "2026-03-01T01:00:00Z")), name)
