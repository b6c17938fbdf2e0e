"""How many bytes left a bucket, and what cannot be read of that is counted."""

import pytest

from cttoolkit.pivot.volume import volume_out
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

SINCE = "2026-03-01T03:00:00Z"
BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}


def sent(number, time, size, bucket="claims", **parts):
    kept = {
        "eventSource": "s3.amazonaws.com",
        "requestParameters": {"bucketName": bucket, "key": "k"},
        "additionalEventData": {"bytesTransferredIn": 7, "bytesTransferredOut": size},
    }
    return event(number, time, "GetObject", **(kept | parts))


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [sent(n, f"2026-03-01T01:00:0{n}Z", 1000.0) for n in range(5)]
    records += [sent(10 + n, f"2026-03-01T04:00:0{n}Z", 50_000, sourceIPAddress="198.51.100.7") for n in range(4)]
    records += [sent(20, "2026-03-01T04:01:00Z", 2500)]
    # Bob fetches more, and did before.
    records += [sent(30 + n, f"2026-03-01T0{h}:02:0{n}Z", 90_000.0, userIdentity=BOB) for n in range(9) for h in (1, 4)]
    records = [one | {"eventID": f"{n:032d}"} for n, one in enumerate(records)]
    return admitted(tmp_path_factory.mktemp("volume"), *records)


def test_who_carried_off_what_nobody_had_before_comes_first(events):
    rows = volume_out(events, since=SINCE)
    same_as_its_events(rows)
    frame = rows.frame()
    first = frame.iloc[0]
    assert (first.source_ip_address, first.bucket, first.bytes, first.busiest) == (
        "198.51.100.7",
        "claims",
        200_000,
        200_000,
    )
    assert (first.most, first.baseline_days, first.beyond, first.events) == (5000, 1, 195_000, 4)
    assert frame.beyond.tolist() == [195_000, 0, -2500]
    assert "too short" in rows.caption


def test_without_a_time_rows_are_by_bytes(events):
    rows = volume_out(events)
    same_as_its_events(rows)
    assert rows.frame().bytes.tolist() == [1_620_000, 200_000, 7500]
    assert "no baseline named" in rows.caption


def test_the_baselines_most_is_of_one_day(tmp_path):
    days = [sent(n, f"2026-02-{20 + n // 2}T01:00:0{n % 2}Z", 100 * (n + 1)) for n in range(6)]
    now = [sent(90, "2026-03-01T04:00:00Z", 500), sent(91, "2026-03-02T04:00:00Z", 2000)]
    rows = volume_out(admitted(tmp_path, *days, *now, delivered_at="2026-03-01T05:00:00Z"), since=SINCE)
    (row,) = rows.frame().itertuples()
    assert (row.bytes, row.busiest, row.most, row.baseline_days, row.beyond) == (2500, 2000, 1100, 3, 900)
    assert "9.1 days" in rows.caption
    assert "short" not in rows.caption


@pytest.mark.parametrize(
    "size", ["many", "NaN", "inf", "-5", 1e300, "1e9999", "9" * 5000, [1], {"a": 1}, True, "", 1e16]
)
def test_what_cannot_be_read_is_counted_and_adds_nothing(tmp_path, size):
    rows = volume_out(admitted(tmp_path, sent(1, "2026-03-01T01:00:00Z", size), sent(2, "2026-03-01T01:00:01Z", 100)))
    (row,) = rows.frame().itertuples()
    assert (row.bytes, row.unreadable, row.events) == (100, 1, 2)
    same_as_its_events(rows)


@pytest.mark.parametrize(("size", "read"), [("512", 512), (512.9, 512), ("1.5E3", 1500), (1e15, 1e15), (0, 0)])
def test_numbers_are_read_as_they_may_be_written(tmp_path, size, read):
    (row,) = volume_out(admitted(tmp_path, sent(1, "2026-03-01T01:00:00Z", size))).frame().itertuples()
    assert (row.bytes, row.unreadable) == (read, 0)


@pytest.mark.parametrize(
    "parts",
    [
        {"additionalEventData": None},
        {"additionalEventData": {"bytesTransferredIn": 5}},
        {"eventSource": "ec2.amazonaws.com"},
        {"eventSource": None},
        {"eventTime": "never"},
        {"userIdentity": {"type": "AWSService", "invokedBy": "replication.amazonaws.com"}},
    ],
)
def test_nothing_was_sent(tmp_path, parts):
    one = sent(1, "2026-03-01T01:00:00Z", 5) | parts
    assert len(volume_out(admitted(tmp_path, one, delivered_at="2026-03-01T01:50:00Z"))) == 0


def test_nulls_and_odd_times_are_rows_like_any(tmp_path):
    odd = [
        sent(1, "0001-01-01T00:00:00Z", 1, requestParameters=None),
        sent(2, "9999-12-31T23:59:59Z", 2, requestParameters=None, sourceIPAddress=None),
        sent(3, "2026-03-01T01:00:00Z", 3, bucket="x" * 5000),
    ]
    events = admitted(tmp_path, *odd, delivered_at="2026-03-01T01:50:00Z")
    for rows in (volume_out(events), volume_out(events, since="2026-03-01T00:00:00Z")):
        assert len(rows) >= 2
        same_as_its_events(rows)
