"""A log group collected over HTTP, and its export to S3 read in place: the messages that are records, and those that are none."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import boto3
import pytest
from botocore.stub import Stubber

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.collection.log_group import _Group, _named
from cttoolkit.collection.pace import Pace
from cttoolkit.collection.spans import Place
from cttoolkit.errors import EvidenceError
from cttoolkit.key import parse_key
from cttoolkit.sources import clients
from tests.conftest import event

GROUP = "/aws/cloudtrail/management-events"
CALLER = "123456789012"
# CloudWatch Logs, and the server in its place, take nothing that is older than two weeks.
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
WINDOW = ct.Window(DAY, DAY + timedelta(days=2))
unpaced = partial(Pace, sleep=lambda seconds: None)


def record(number, minute):
    return event(number, (DAY + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z"))


RECORDS = [record(1, 0), record(2, 60), record(3, 1439), record(4, 1440)]
TEXTS = [json.dumps(one, indent=1).replace('"number": 2', '"number": 2.0') for one in RECORDS]
OTHERS = ["START RequestId: 1", '{"level":"info","message":"up"}', "=cmd|' /C calc'!A0", "[]"]


def put(client, *messages, group=GROUP, stream="111122223333_CloudTrail_us-east-1"):
    """Messages with the minute of each."""
    sent = [
        {"timestamp": int((DAY + timedelta(minutes=minute)).timestamp() * 1000), "message": text}
        for minute, text in sorted(messages)
    ]
    client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=sent)


@pytest.fixture(scope="module")
def logs(moto, credentials):
    """The log group as a trail fills it, with what another program wrote there."""
    url = f"http://127.0.0.1:{moto}"
    session = boto3.Session()
    credentials.setenv("AWS_ENDPOINT_URL", url)
    credentials.setattr(clients, "open_session", lambda profile=None: session)
    client = session.client("logs", endpoint_url=url)
    client.create_log_group(logGroupName=GROUP)
    client.put_retention_policy(logGroupName=GROUP, retentionInDays=30)
    for name in ("111122223333_CloudTrail_us-east-1", "other"):
        client.create_log_stream(logGroupName=GROUP, logStreamName=name)
    put(client, *zip((0, 60, 1439, 1440), TEXTS, strict=True))
    put(client, *((30 + number, text) for number, text in enumerate(OTHERS)), stream="other")
    yield client
    for group in client.describe_log_groups()["logGroups"]:
        client.delete_log_group(logGroupName=group["logGroupName"])
    client.close()


@pytest.fixture
def gather(logs, tmp_path):
    def call(group=GROUP, window=WINDOW, name="e", **options):
        return ct.collect_log_group(group, tmp_path / name, window=window, **{"pace": unpaced, **options})

    return call


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "CloudWatchLogs").rglob("*.json.gz"))


def test_records_stay_byte_for_byte_and_messages_that_are_none_are_counted_and_kept_beside(gather, tmp_path):
    done = gather()
    assert (done.records, done.not_records, done.is_whole) == (4, len(OTHERS), True)
    assert [parse_key(path).window.start for path in files(done.folder)] == [DAY, DAY + timedelta(days=1)]
    kept = b"".join(gzip.decompress((done.folder / path).read_bytes()) for path in files(done.folder))
    assert all(text.encode() in kept for text in TEXTS)
    (beside,) = (done.folder / "CloudWatchLogs").rglob("*.not-records.txt")
    lines = [json.loads(line) for line in beside.read_bytes().splitlines()]
    assert [line["message"] for line in lines] == OTHERS
    assert {line["logStreamName"] for line in lines} == {"other"}
    assert all(line["why"] for line in lines)
    assert ct.check_custody(done.folder).is_whole
    (run,) = json.loads((done.folder / "manifest.json").read_text())["runs"]
    assert (run["log_group"], run["log_group_told"]["retentionInDays"]) == (GROUP, "30")

    verification = ct.verify(ct.open_evidence(done.folder))
    assert {verdict.status for verdict in verification.verdicts} == {ct.Status.UNVERIFIABLE}
    assert all("gets no record of more than 256 KB" in verdict.reason for verdict in verification.verdicts)
    assert "2 files by name from CloudWatch Logs" in verification.sentence
    assert (verification.completeness.rows, verification.completeness.skips) == (4, ())
    events = ct.admit(verification, ct.AcceptUnverified(reason="the bucket is gone"))
    assert events.original(RECORDS[1]["eventID"]) == TEXTS[1]


def test_requests_keep_the_pace(gather):
    paces = []

    def pace(per_second):
        paces.append(Pace(per_second, sleep=lambda seconds: None))
        return paces[-1]

    gather(pace=pace)
    (one,) = paces
    assert (one.per_second, one.asked) == (5.0, 2)


def test_a_part_may_be_asked_and_the_whole_later(gather, tmp_path):
    first = gather(window=ct.Window(DAY, DAY + timedelta(hours=1)))
    assert first.records == 1
    assert first.not_records == len(OTHERS)
    again = gather()
    assert (again.kept, again.records, again.not_records) == (1, 3, 0)
    assert gather().collected == 0
    assert ct.verify(ct.open_evidence(again.folder)).completeness.duplicates == 0
    assert ct.check_custody(again.folder).is_whole


def test_without_a_window_all_that_the_group_keeps_is_asked(gather):
    done = gather(window=None)
    assert done.records == 4
    assert len(files(done.folder)) in (15, 16)


def test_more_than_the_group_keeps_is_said(gather):
    done = gather(window=ct.Window(DAY - timedelta(days=400), DAY + timedelta(hours=1)))
    (note,) = done.notes
    assert note.startswith(f"{GROUP} keeps nothing of ")
    with pytest.raises(EvidenceError, match="ask within it"):
        gather(window=ct.Window.of("2020-01-01T00:00Z", "2020-01-02T00:00Z"), name="f")


def test_a_group_that_there_is_not(gather):
    with pytest.raises(EvidenceError, match="no such log group in us-east-1"):
        gather("/aws/cloudtrail/management")
    with pytest.raises(EvidenceError, match="no name of a log group"):
        gather("s3://bucket")


@pytest.mark.parametrize("ending", ["", ":*"])
def test_a_group_is_asked_by_the_arn_that_a_trails_configuration_has(gather, ending):
    arn = f"arn:aws:logs:us-east-1:{CALLER}:log-group:{GROUP}{ending}"
    done = gather(arn)
    assert done.records == 4
    assert files(done.folder) == files(gather(name="by name", region="us-east-1").folder)


def test_an_arn_of_another_account_or_region_is_told_before_anything_is_asked(gather, tmp_path):
    with pytest.raises(EvidenceError, match=f"these credentials are of account {CALLER}; ask with"):
        gather(f"arn:aws:logs:us-east-1:999999999999:log-group:{GROUP}")
    with pytest.raises(EvidenceError, match="not in eu-west-1; leave the region out"):
        gather(f"arn:aws:logs:us-east-1:{CALLER}:log-group:{GROUP}", region="eu-west-1")
    for wrong in ("arn:aws:logs:us-east-1:1:log-group:x", f"arn:aws:logs:us-east-1:{CALLER}:log-group:../x y"):
        with pytest.raises(EvidenceError, match="no name of a log group"):
            gather(wrong)
    assert not [*tmp_path.rglob("*.json.gz")]


def test_what_refuses_is_named_and_only_what_nothing_goes_on_without_stops(gather, proxy):
    proxy.refuses = lambda name: "AccessDeniedException" if name == "DescribeLogGroups" else None
    done = gather(endpoint_url=proxy.url)
    assert done.records == 4
    assert list(done.not_collected) == [f"logs.DescribeLogGroups {GROUP}"]
    with pytest.raises(EvidenceError, match="name a window, or ask for logs:DescribeLogGroups"):
        gather(window=None, name="f", endpoint_url=proxy.url)
    proxy.refuses = lambda name: "AccessDeniedException" if name == "FilterLogEvents" else None
    with pytest.raises(EvidenceError, match="because of AccessDeniedException; ask for the permissions"):
        gather(name="g", endpoint_url=proxy.url)
    proxy.reset()


@pytest.mark.parametrize("group", [".", "..", "../../x", "a" * 512, "/" * 300, "a/b", "a%2Fb".replace("%", "#")])
def test_no_name_of_a_group_leads_out_of_the_folder(group):
    name = _named(group)
    assert "/" not in name
    assert name not in (".", "..")
    assert len(name) <= 200


def test_pages_may_be_empty_and_go_on(logs):
    """Botocore's model of FilterLogEvents, which is made from AWS's own, accepts requests and answers."""
    place = Place("CloudWatchLogs", CALLER, "us-east-1", "x")
    entry = {"timestamp": 1772323200123, "message": TEXTS[0], "logStreamName": "s", "eventId": "1", "ingestionTime": 1}
    window = ct.Window.of("2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z")
    asked = {"logGroupName": GROUP, "startTime": 1772323200000, "endTime": 1772323200999}
    with Stubber(logs) as stub:
        stub.add_response("filter_log_events", {"events": [], "nextToken": "t"}, asked)
        stub.add_response("filter_log_events", {"events": [entry]}, {**asked, "nextToken": "t"})
        pages = list(_Group(logs, GROUP, place, unpaced(5)).pages(window))
        stub.assert_no_pending_responses()
    (message,) = pages[1].messages
    assert message.moment == datetime(2026, 3, 1, 0, 0, 0, 123000, UTC)
    assert message.text == TEXTS[0]
    with Stubber(logs) as stub:
        for more in ({}, {"nextToken": "t"}):
            stub.add_response("filter_log_events", {"events": [], "nextToken": "t"}, {**asked, **more})
        with pytest.raises(EvidenceError, match="turns in a circle"):
            list(_Group(logs, GROUP, place, unpaced(5)).pages(window))


def test_many_messages_are_cut_at_whole_seconds(gather, logs, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.transcript.LARGEST_FILE", 1)
    # The server tells one stream after the other, where CloudWatch Logs tells by time.
    logs.create_log_group(logGroupName="alone")
    logs.create_log_stream(logGroupName="alone", logStreamName="s")
    put(logs, *zip((0, 60, 1439, 1440), TEXTS, strict=True), group="alone", stream="s")
    done = gather("alone")
    assert done.records == 4
    assert len(files(done.folder)) == 3
    assert ct.verify(ct.open_evidence(done.folder)).completeness.duplicates == 0


def test_the_command_line_asks_a_group(logs, tmp_path, capsys):
    folder = tmp_path / "e"
    start, end = (moment.isoformat() for moment in (WINDOW.start, WINDOW.end))
    assert (
        main(["collect", "cloudwatch", GROUP, str(folder), "--from", start, "--to", end, "--region", "us-east-1"]) == 0
    )
    assert "4 records in 2 files" in capsys.readouterr().out
    assert main(["collect", "cloudwatch", "no-such", str(folder)]) == 2
    assert "no such log group" in capsys.readouterr().err


def test_an_export_to_s3_is_read_in_place_and_lines_that_are_no_records_are_counted(logs, s3, moto, credentials):
    s3.create_bucket(Bucket="example-export")
    span = {"fromTime": int(WINDOW.start.timestamp() * 1000), "to": int(WINDOW.end.timestamp() * 1000)}
    logs.create_export_task(logGroupName=GROUP, destination="example-export", destinationPrefix="exportedlogs", **span)
    credentials.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{moto}")
    evidence = ct.open_evidence("s3://example-export")
    assert "aws-logs-write-test" in evidence.others
    verification = ct.verify(evidence)
    (verdict,) = verification.verdicts
    assert verdict.status is ct.Status.UNVERIFIABLE
    assert "an export of CloudWatch Logs, of which AWS signs no digests" in verdict.reason
    # A stream without a single record is no log file; the trail's is one.
    assert sum(key.endswith("000000.gz") for key in verification.completeness.others) == 1
    for stored in evidence.source.objects():
        s3.delete_object(Bucket="example-export", Key=stored.key)
    s3.delete_bucket(Bucket="example-export")
    assert verification.completeness.rows == 4
