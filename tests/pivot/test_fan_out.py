"""How many roles, accounts, regions, secrets and buckets one credential reached within an hour."""

import pytest

from cttoolkit.pivot.fan_out import fan_out
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events

SINCE = "2026-03-01T03:00:00Z"
BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}


def secret(number, hour, name, **parts):
    time = f"2026-03-01T0{hour}:00:{number % 60:02d}Z"
    parts = {"eventSource": "secretsmanager.amazonaws.com", "requestParameters": {"secretId": name}} | parts
    return event(hour * 1000 + number, time, "GetSecretValue", **parts)


def call(number, hour, name, **parts):
    return event(hour * 1000 + 500 + number, f"2026-03-01T0{hour}:01:{number:02d}Z", name, **parts)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [secret(n, 1, f"app-{n % 2}") for n in range(8)]
    records += [secret(n, 4, f"prod-{n}", **({"errorCode": "AccessDenied"} if n > 8 else {})) for n in range(10)]
    # Bob reads as many in any hour as in this one.
    records += [secret(20 + n, hour, f"bob-{n}", userIdentity=BOB) for n in range(6) for hour in (1, 2, 4)]
    records += [
        call(n, 4, "AssumeRole", requestParameters={"roleArn": f"arn:{n}"}, eventSource="sts.amazonaws.com")
        for n in range(3)
    ]
    records += [call(10 + n, 4, "ListObjectsV2", requestParameters={"bucketName": f"b-{n}"}) for n in range(2)]
    records += [call(20 + n, 4, "DescribeVpcs", awsRegion=f"eu-west-{n}") for n in range(4)]
    records += [call(30 + n, 4, "GetUser", awsRegion=f"ap-{n}", eventSource="iam.amazonaws.com") for n in range(9)]
    records += [call(40, 4, "GetRole", recipientAccountId="444455556666", eventSource="iam.amazonaws.com")]
    return admitted(tmp_path_factory.mktemp("fan"), *records)


def test_who_read_every_secret_comes_first(events):
    rows = fan_out(events, since=SINCE)
    same_as_its_events(rows)
    frame = rows.frame()
    first = frame.iloc[0]
    assert (first.credential, first.kind) == ("key:AKIAIOSFODNN7EXAMPLE", "secrets")
    assert (first.reached, first.most, first.ratio, first.baseline_hours) == (10, 2, 5, 1)
    assert (first.events, first.denied) == (10, 1)
    bobs = frame[frame.credential == "key:AKIABOB"].iloc[0]
    assert (bobs.kind, bobs.reached, bobs.most, bobs.ratio, bobs.baseline_hours) == ("secrets", 6, 6, 1, 2)


def test_each_kind_is_counted_and_global_services_are_in_no_region(events):
    frame = fan_out(events, since=SINCE).frame()
    alices = frame[frame.credential != "key:AKIABOB"].set_index("kind")
    # us-east-1 and four more.
    assert alices.reached.to_dict() == {"secrets": 10, "roles": 3, "buckets": 2, "regions": 5, "accounts": 2}
    assert alices.most.to_dict() == {"secrets": 2, "roles": 0, "buckets": 0, "regions": 1, "accounts": 1}
    assert alices.ratio.to_dict() == {"secrets": 5, "roles": 3, "buckets": 2, "regions": 5, "accounts": 2}


def test_who_did_nothing_before_has_no_ratio_and_that_is_said(events):
    rows = fan_out(events, since="2026-03-01T01:00:00Z")
    assert rows.frame().ratio.isna().all()
    assert "no baseline: no event before" in rows.caption
    assert "too short" in fan_out(events, since=SINCE).caption


def test_without_a_time_rows_are_by_number(events):
    rows = fan_out(events)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.reached.is_monotonic_decreasing
    assert "ratio" not in frame
    assert "no baseline named" in rows.caption


def test_an_hour_is_cut_where_the_time_lies(tmp_path):
    events = admitted(tmp_path, *(secret(n * 10, 1, f"s-{n}") for n in range(6)))
    rows = fan_out(events, since="2026-03-01T01:00:25Z")
    same_as_its_events(rows)
    assert (rows.frame().reached[0], rows.frame().most[0]) == (3, 3)


def test_one_of_a_kind_is_no_fan(tmp_path):
    assert len(fan_out(admitted(tmp_path, *(secret(n, 1, "the same") for n in range(9))))) == 0


def test_nulls_and_odd_times_reach_nothing(tmp_path):
    odd = [
        event(1, "0001-01-01T00:00:00Z", "GetSecretValue", requestParameters=None),
        event(2, "9999-12-31T23:59:59Z", "GetSecretValue", requestParameters={"secretId": "x" * 5000}),
        event(3, "9999-12-31T23:59:58Z", "GetSecretValue", requestParameters={"secretId": ["a"]}),
        event(4, "never", "GetSecretValue", requestParameters={"secretId": "b"}),
        event(5, "2026-03-01T01:00:00Z", "GetSecretValue", requestParameters="c", awsRegion=None),
        event(6, "2026-03-01T01:00:00Z", "GetSecretValue", recipientAccountId=None, userIdentity=None),
    ]
    rows = fan_out(admitted(tmp_path, *odd, delivered_at="2026-03-01T01:50:00Z"))
    assert rows.frame()[["kind", "reached"]].to_numpy().tolist() == [["secrets", 2]]
    same_as_its_events(rows)
