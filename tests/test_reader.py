"""Records out of bytes: odd ones kept, unreadable ones counted, nothing lost in between."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cttoolkit.reader import split
from cttoolkit.rows import Batch
from cttoolkit.schema import column_names
from tests.conftest import event


def rows(*records):
    found = split(json.dumps({"Records": list(records)}).encode())
    batch = Batch()
    skipped = batch.add("log", "hash", "intact", found)
    assert len(batch) + len(skipped) == len(found)
    return batch.table().to_pylist(), skipped


def test_a_record_becomes_a_row_of_every_column():
    (row,), skipped = rows(event(1, "2026-03-01T02:05:11Z", "CreateAccessKey", errorCode="AccessDenied"))
    assert not skipped
    assert (*row, "also_in", "is_conflicting") == column_names()
    assert row["event_time"].isoformat() == "2026-03-01T02:05:11+00:00"
    assert row["event_name"] == "CreateAccessKey"
    assert row["actor"] == "arn:aws:iam::111122223333:user/alice"
    assert row["access_key_id"] == "AKIAIOSFODNN7EXAMPLE"
    assert json.loads(row["request_parameters"]) == {"number": 1}
    assert row["response_elements"] is None
    assert row["record_index"] == 0


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({"readOnly": "true"}, "read_only", True),
        ({"readOnly": None}, "read_only", None),
        ({"managementEvent": "False"}, "management_event", False),
        ({"errorCode": 403}, "error_code", "403"),
        ({"userAgent": ["a", "b"]}, "user_agent", '["a", "b"]'),
        ({"userAgent": None}, "user_agent", None),
        ({"sourceIPAddress": ""}, "source_ip_address", ""),
        ({"eventTime": "2026-03-01T02:05:11.123Z"}, "event_time", "2026-03-01T02:05:11.123000+00:00"),
        ({"eventTime": "2026-03-01T04:05:11+02:00"}, "event_time", "2026-03-01T02:05:11+00:00"),
        ({"eventTime": "2026-03-01 02:05:11"}, "event_time", None),
        ({"eventTime": "yesterday"}, "event_time", None),
        ({"eventTime": 7}, "event_time", None),
        ({"requestParameters": "null"}, "request_parameters", '"null"'),
        ({"requestParameters": None}, "request_parameters", None),
        ({"requestParameters": [1]}, "request_parameters", "[1]"),
        ({"requestParameters": {"n": 12345678901234567890123}}, "request_parameters", '{"n": 12345678901234567890123}'),
        ({"sessionCredentialFromConsole": "true"}, "is_console", True),
        ({"eventType": "AwsConsoleSignIn"}, "is_console", True),
        ({"userIdentity": None}, "actor", "no identity (ec2.amazonaws.com)"),
        ({"userIdentity": "odd"}, "actor", "no identity (ec2.amazonaws.com)"),
        ({"userAgent": "snow ☃ \u0000 \U0001f600"}, "user_agent", "snow ☃ \u0000 \U0001f600"),
    ],
)
def test_an_oddity_is_kept(changes, column, expected):
    (row,), skipped = rows(event(1, "2026-03-01T02:05:11Z") | changes)
    value = row[column]
    assert (value.isoformat() if hasattr(value, "isoformat") else value) == expected
    assert not skipped


def test_one_odd_time_does_not_cost_the_others_theirs():
    found, _ = rows(event(1, "nonsense"), event(2, "2026-03-01T02:05:11Z"))
    assert [row["event_time"] is None for row in found] == [True, False]


@pytest.mark.parametrize("odd", [7, "text", None, [], True])
def test_what_is_no_object_is_skipped_with_its_place(odd):
    found, (skip,) = rows(event(1, "2026-03-01T02:05:11Z"), odd, event(2, "2026-03-01T02:05:12Z"))
    assert [row["record_index"] for row in found] == [0, 2]
    assert (skip.log_file, skip.index) == ("log", 1)
    assert "not an event" in skip.reason


def test_a_record_nested_too_deeply_is_skipped_and_the_rest_read():
    deep = '{"requestParameters":' + "[" * 200_000 + "]" * 200_000 + "}"
    found = split(
        b'{"Records":[' + deep.encode() + b"," + json.dumps(event(1, "2026-03-01T02:05:11Z")).encode() + b"]}"
    )
    if isinstance(found, str):
        assert "deep" in found
    else:
        batch = Batch()
        skipped = batch.add("log", "hash", "intact", found)
        assert len(batch) + len(skipped) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"nonsense", "not JSON"),
        (b'{"Records": [', "not JSON"),
        (b'{"Records": {}}', "no list"),
        (b'{"a": 1}', "no event in it"),
        (b"[]", "no event in it"),
        (b"7", "a JSON number"),
        (b"null", "a JSON null"),
        (b"some { prose } in a text file", "not JSON"),
        (b'{"digestS3Object": "k", "logFiles": []}', "a digest"),
    ],
)
def test_what_holds_no_records_says_why(content, reason):
    assert reason in split(content)


@pytest.mark.parametrize(
    "content",
    [
        b'[{"eventName": "A", "eventSource": "s"}]',
        b'{"eventName": "A", "eventSource": "s"}',
        b'\xef\xbb\xbf{"Records": [{"eventName": "A"}]}',
        b'  {"Records": [{"eventName": "A", "x": NaN}]}',
        b'{"Records": [{"eventName": "A", "x": "\\ud800"}]}',
        b'{"Records": [{"eventName": "A", "x": "\xff"}]}',
    ],
)
def test_other_containers_and_broken_text_hold_one_record(content):
    found = split(content)
    batch = Batch()
    assert batch.add("log", "hash", "intact", found) == []
    assert batch.table()["event_name"].to_pylist() == ["A"]


def test_a_lone_surrogate_is_kept_as_text():
    (row,), _ = rows(event(1, "2026-03-01T02:05:11Z", userAgent="\ud800"))
    assert row["user_agent"] == "\\ud800"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([*event(1, "2026-03-01T02:05:11Z"), "errorCode", "errorMessage", "resources", "sharedEventID"])


@settings(max_examples=200)
@given(st.lists(st.dictionaries(fields, json_values) | json_values, max_size=5))
def test_every_record_is_a_row_or_a_skip(records):
    found = split(json.dumps({"Records": records}).encode())
    batch = Batch()
    skipped = batch.add("log", "hash", "intact", found)
    assert batch.table().num_rows + len(skipped) == len(records)


@given(st.binary(max_size=400))
def test_any_bytes_are_records_or_a_reason(content):
    found = split(content)
    if not isinstance(found, str):
        batch = Batch()
        assert len(batch.add("log", "hash", "intact", found)) + len(batch) == len(found)
        batch.table()
