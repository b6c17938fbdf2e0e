"""Every shape that CloudTrail's events come in, told by its content."""

import base64
import gzip
import json
import tracemalloc

import pytest

from cttoolkit.integrity.inflate import unpack
from cttoolkit.reader import split
from cttoolkit.rows import Batch
from tests.conftest import event

ONE, TWO = (event(n, f"2026-03-01T02:05:1{n}Z", name) for n, name in ((1, "CreateUser"), (2, "DeleteUser")))
BOTH = ["CreateUser", "DeleteUser"]


def text(value, **options):
    return json.dumps(value, **options).encode()


def names(content):
    """Names of the events in it, and the reasons of what is none."""
    found = split(content, unpack)
    if isinstance(found, str):
        return found
    batch = Batch()
    skipped = batch.add("log", "hash", "intact", found)
    assert len(batch) + len(skipped) == len(found)
    return batch.table()["event_name"].to_pylist(), [skip.reason for skip in skipped]


def lookup(*events):
    return {
        "Events": [{"EventId": e["eventID"], "Username": "alice", "CloudTrailEvent": json.dumps(e)} for e in events]
    }


def bridge(one):
    return {"version": "0", "id": "x", "detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": one}


def subscription(*events):
    logged = [{"id": str(n), "timestamp": 1, "message": json.dumps(e)} for n, e in enumerate(events)]
    return {"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "g", "logEvents": logged}


def packed(*events):
    return {"awslogs": {"data": base64.b64encode(gzip.compress(text(subscription(*events)))).decode()}}


def filtered(*events):
    return {"events": [{"logStreamName": "s", "message": json.dumps(e)} for e in events], "searchedLogStreams": []}


SHAPES = {
    "log file": text({"Records": [ONE, TWO]}),
    "log file, pretty": text({"Records": [ONE, TWO]}, indent=2),
    "log file with more members": text({"more": 1, "Records": [ONE, TWO]}),
    "log files one after the other": text({"Records": [ONE]}) + text({"Records": [TWO]}, indent=1),
    "log files a line each": text({"Records": [ONE]}) + b"\n" + text({"Records": [TWO]}) + b"\n",
    "list": text([ONE, TWO]),
    "lists in a list": text([[ONE], [TWO]]),
    "events a line each": text(ONE) + b"\n\n" + text(TWO),
    "events a line each, CRLF": text(ONE) + b"\r\n" + text(TWO) + b"\r\n",
    "events one after the other": text(ONE) + text(TWO),
    "events one after the other, pretty": text(ONE, indent=2) + b"\n" + text(TWO, indent=2),
    "events with commas between": text(ONE) + b",\n" + text(TWO),
    "UTF-8 with its mark": b"\xef\xbb\xbf" + text([ONE, TWO]),
    "UTF-16": json.dumps([ONE, TWO]).encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + json.dumps([ONE, TWO]).encode("utf-16-be"),
    "UTF-16 without its mark": json.dumps([ONE, TWO]).encode("utf-16-le"),
    "gz in gz": gzip.compress(text({"Records": [ONE, TWO]})),
    "gz in gz in gz": gzip.compress(gzip.compress(text({"Records": [ONE, TWO]}))),
    "gz of two members inside": gzip.compress(text(ONE) + b"\n") + gzip.compress(text(TWO) + b"\n"),
    "LookupEvents": text(lookup(ONE, TWO)),
    "LookupEvents, an entry a line": b"\n".join(text(entry) for entry in lookup(ONE, TWO)["Events"]),
    "LookupEvents, entries in a list": text(lookup(ONE, TWO)["Events"]),
    "EventBridge, a line each": text(bridge(ONE)) + b"\n" + text(bridge(TWO)),
    "EventBridge in a list": text([bridge(ONE), bridge(TWO)]),
    "subscription": text(subscription(ONE, TWO)),
    "subscriptions one after the other": text(subscription(ONE)) + text(subscription(TWO)),
    "awslogs": text(packed(ONE, TWO)),
    "FilterLogEvents": text(filtered(ONE, TWO)),
    "FilterLogEvents, messages only": text([json.dumps(ONE), json.dumps(TWO)]),
    "export of CloudWatch Logs": b"2026-03-01T02:05:12.000Z " + text(ONE) + b"\n2026-03-01T02:05:13.000Z " + text(TWO),
    "an event as a string": text(json.dumps([ONE, TWO])),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_read_whole(shape):
    assert names(SHAPES[shape]) == (BOTH, [])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_record_is_what_stands_there(shape):
    found = split(SHAPES[shape], unpack)
    assert [json.loads(bytes(record)) for record in found.records] == [ONE, TWO]


def test_lines_of_an_export_that_are_no_records_cost_themselves_only():
    stamp = b"2026-03-01T02:05:12.000Z "
    lines = [
        b"START",
        text(ONE),
        b'{"level":"info"}',
        b"",
        b"message of two lines\n" + text(TWO),
        text(TWO, indent=1),
        b"END",
    ]
    found = split(b"\n".join(stamp + line for line in lines) + b"\n", unpack)
    assert [json.loads(bytes(record)) for record in found.records] == [ONE, TWO]
    assert found.indexes == [1, 5]
    assert [index for index, _ in found.unread] == [0, 2, 3, 4, 6]


def test_an_export_of_nothing_but_line_ends_is_not_held_line_by_line():
    tracemalloc.start()
    assert split(b"2026-03-01T02:05:12.000Z x" + b"\n" * 8_000_000, unpack) == "not JSON"
    assert split(text(ONE) + b"\n" * 8_000_000 + text(TWO), unpack).indexes == [0, 1]
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


NOTIFICATION = {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}
INSIGHT = {
    "eventType": "AwsCloudTrailInsight",
    "eventCategory": "Insight",
    "insightDetails": {},
    "eventVersion": "1.08",
}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (text({"Records": [NOTIFICATION]}), "a notification of aws:s3"),
        (text(NOTIFICATION), "a notification of aws:s3"),
        (text({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}), "a notification of aws:sns"),
        (text({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": "{}"}]}), "a notification of aws:sqs"),
        (text({"Records": [INSIGHT, INSIGHT]}), "an Insight event"),
        (text({"messageType": "CONTROL_MESSAGE", "logEvents": []}), "no event in it"),
        (text({"Type": "Notification", "Message": "{}", "TopicArn": "t"}), "a notification of SNS"),
        (text({"configurationItems": [], "fileVersion": "1.0"}), "a file of AWS Config"),
        (text({"EventId": "x", "EventName": "y"}), "without its CloudTrailEvent"),
        (text({"Events": [{"EventId": "x"}]}), "without its CloudTrailEvent"),
        (text({"awslogs": {"data": "!"}}), "packed data of CloudWatch Logs that cannot be read"),
        (text({"awslogs": {"data": base64.b64encode(b"{").decode()}}), "packed data of CloudWatch Logs"),
        (text({"detail": {"state": "running"}, "detail-type": "EC2"}), "no event in it"),
        (text([1, "x", None]), "a JSON number"),
        (b"[" * 50 + b"]" * 50, "nested too deeply"),
        (gzip.compress(b"{}", mtime=0)[:-4], "packed a second time"),
    ],
)
def test_what_only_looks_like_it_is_named(content, reason):
    assert reason in names(content)


def test_what_is_no_event_among_events_is_skipped_in_its_place():
    found = split(text({"Records": [INSIGHT, ONE, NOTIFICATION, TWO]}))
    assert list(found.indexes) == [1, 3]
    assert [index for index, _ in found.unread] == [0, 2]


def test_a_notification_behind_events_is_a_record_of_its_own():
    found, skipped = names(text(ONE) + b"\n" + text({"Records": [NOTIFICATION]}))
    assert found == ["CreateUser"]
    assert "aws:s3" in skipped[0]


@pytest.mark.parametrize("cut", [1, 5, 40, 300])
def test_a_cut_log_file_gives_what_is_whole_and_says_what_is_not(cut):
    found, skipped = names(text({"Records": [ONE, TWO]})[:-cut])
    assert found[0] == "CreateUser"
    assert "not JSON" in skipped[-1]


def test_a_broken_record_costs_itself():
    broken = text(ONE).replace(b'"eventName": "CreateUser"', b'"eventName": CreateUser')
    found, skipped = names(b'{"Records": [' + broken + b"," + text(TWO) + b"]}")
    assert (found, len(skipped)) == (["DeleteUser"], 1)


def test_a_broken_line_costs_itself():
    found, skipped = names(text(ONE) + b'\n{"eventName": \n' + text(TWO))
    assert (found, len(skipped)) == (BOTH, 1)


def test_nesting_ten_thousand_deep_costs_itself():
    deep = b'{"eventName": "Deep", "requestParameters": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    found, skipped = names(b'{"Records": [' + deep + b"," + text(TWO) + b"]}")
    assert "DeleteUser" in found
    assert len(found) + len(skipped) == 2


def test_members_in_other_letter_case_are_taken_and_the_right_case_goes_first():
    one = {
        "eventname": "CreateUser",
        "eventId": "i",
        "sourceIpAddress": "192.0.2.1",
        "eventtime": "2026-03-01T02:05:11Z",
    }
    batch = Batch()
    assert batch.add("log", "hash", "intact", split(text({"Records": [one, one | {"eventID": "right"}]}))) == []
    table = batch.table()
    assert table["event_name"].to_pylist() == ["CreateUser"] * 2
    assert table["event_id"].to_pylist() == ["i", "right"]
    assert table["source_ip_address"].to_pylist() == ["192.0.2.1"] * 2
    assert table["event_time"].null_count == 0


def test_integers_past_two_to_the_53rd_and_duplicate_members_stay_as_they_stand():
    one = text(ONE).replace(
        b'"requestParameters": ', b'"requestParameters": {"n": 12345678901234567890, "n": 1}, "x": '
    )
    batch = Batch()
    batch.add("log", "hash", "intact", split(b'{"Records": [' + one + b"]}"))
    assert batch.table()["request_parameters"].to_pylist() == ['{"n": 12345678901234567890, "n": 1}']


def test_a_bomb_inside_a_log_file_is_bounded():
    assert "inflates to more than" in names(gzip.compress(gzip.compress(b" " * (300 << 20), 1)))


@pytest.mark.parametrize("text", [b'{"Records":[%s]}', b"[%s]", b"%s"], ids=["log file", "list", "documents"])
def test_more_records_than_can_be_held_are_refused_and_named(text):
    """Sixteen kilobytes inflate to this."""
    assert split(text % b",".join([b"{}"] * 4_100_000)) == "more than 1,000,000 records in one file"


def test_very_many_values_of_few_events_are_read():
    record = json.dumps(event(1, "2026-03-01T01:00:00Z") | {"requestParameters": [0] * 2_100_000})
    found = split(f'{{"Records": [{record}, {record}]}}'.encode())
    assert len(found) == 2
    assert not found.unread


def test_a_packed_list_of_more_values_than_can_be_held_is_named():
    assert "a list of more than" in split(b'{"Events": [' + b",".join([b"1"] * 4_100_000) + b"]}")
