"""Event history collected over HTTP: what is asked, what is written, and what it is worth."""

import gzip
import itertools
import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.collection.event_history import _History
from cttoolkit.collection.pace import Pace
from cttoolkit.errors import EvidenceError
from cttoolkit.sources import clients
from cttoolkit.sources.clients import Access
from tests.collection.history import ACCOUNT, NOW, History, told
from tests.conftest import event

WEEK = ct.Window.of("2026-03-03T00:00Z", "2026-03-10T00:00Z")
DAY = ct.Window.of("2026-03-05T00:00Z", "2026-03-06T00:00Z")


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch:
        made = History()
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_PROFILE", raising=False)
        patch.setenv("AWS_ENDPOINT_URL", made.url)
        # One session for all: it reads what it knows of each service from the disk, which takes longer than a test.
        session = boto3.Session()
        patch.setattr(clients, "open_session", lambda profile=None: session)
        yield made
        made.shutdown()
        made.server_close()


@pytest.fixture
def history(server):
    server.reset()
    return server


def unpaced(per_second):
    return Pace(per_second, sleep=lambda seconds: None)


@pytest.fixture
def gather(history, tmp_path):
    def call(window=DAY, name="e", **options):
        return ct.collect_event_history(tmp_path / name, window=window, **{"pace": unpaced, **options})

    return call


def fill(history, count, start="2026-03-05T00:00:00+00:00", step=600, region="us-east-1", first=1):
    """Events of a region, one every ``step`` seconds."""
    at = datetime.fromisoformat(start)
    records = [
        event(first + n, (at + timedelta(seconds=n * step)).isoformat().replace("+00:00", "Z"), awsRegion=region)
        for n in range(count)
    ]
    history.entries[region] += [told(record) for record in records]
    return records


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in (folder / "EventHistory").rglob("*.json.gz"))


def held(folder, skip=None):
    """Every record of the folder, as its own text would be read."""
    paths = [folder / path for path in files(folder) if path != skip]
    return [one for path in paths for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]]


def ids(records):
    return sorted(one["eventID"] for one in records)


def test_a_record_stays_byte_for_byte_and_is_admitted_as_unverifiable_with_the_reason(gather, history, tmp_path):
    record = event(1, "2026-03-05T23:59:59Z", "StopLogging")
    odd = json.dumps(record, indent=3, ensure_ascii=False).replace(
        '"number": 1', '"number": 1.00, "é": 12345678901234567890'
    )
    history.entries["us-east-1"] = [told(record, odd)]
    fill(history, 3, region="eu-west-1", first=2)
    done = gather()
    assert (done.records, done.not_records, done.is_whole) == (4, 0, True)
    assert odd.encode() in b"".join(gzip.decompress((done.folder / path).read_bytes()) for path in files(done.folder))
    verification = ct.verify(ct.open_evidence(done.folder))
    assert {verdict.status for verdict in verification.verdicts} == {ct.Status.UNVERIFIABLE}
    assert all("AWS signs no digests of Event history" in verdict.reason for verdict in verification.verdicts)
    assert "management events of the last 90 days and no others" in verification.sentence
    with pytest.raises(ct.errors.AdmissionError):
        ct.admit(verification, ct.IntactOnly())
    events = ct.admit(verification, ct.AcceptUnverified(reason="no trail"))
    assert len(events) == 4
    assert events.original(record["eventID"]) == odd
    stopped = ct.finding("The trail was stopped.", cites=events.named("StopLogging"))
    assert stopped.standing.word is ct.Word.REPORTED_PRESENT
    quiet = ct.absence("Nobody signed in.", cites=events.named("ConsoleLogin"), window=DAY)
    assert quiet.standing.word is ct.Word.UNPROVEN


def test_names_are_no_log_files_of_cloudtrail_and_custody_is_whole(gather, history):
    fill(history, 2)
    done = gather()
    paths = files(done.folder)
    assert paths == [
        f"EventHistory/{ACCOUNT}/{region}/2026/03/05/{ACCOUNT}_EventHistory_{region}_20260305T000000Z_20260306T000000Z.json.gz"
        for region in ("eu-west-1", "us-east-1")
    ]
    custody = ct.check_custody(done.folder)
    assert custody.is_whole
    assert custody.manifest_sha256 == done.manifest_sha256
    (run,) = custody.runs
    assert (run["source"], run["by"]["account"], run["records"]) == ("event-history", ACCOUNT, 2)
    assert run["started_at"] == "2026-03-10T12:00:00Z"
    assert (done.folder / paths[0]).stat().st_mode & 0o777 == 0o444
    (done.folder / paths[0]).chmod(0o644)
    (done.folder / paths[0]).write_bytes(gzip.compress(b'{"Records":[]} '))
    assert ct.check_custody(done.folder).altered == (paths[0],)


def test_a_part_of_what_was_told_can_be_judged_by_region_account_and_time(gather, history):
    evidence = ct.open_evidence(gather(WEEK).folder)
    assert len(evidence.logs) == 14

    def judged(**part):
        return len(ct.verify(evidence, load=False, **part).verdicts)

    assert judged(regions=["eu-west-1"]) == 7
    assert judged(accounts=[ACCOUNT]) == 14
    assert judged(window=ct.Window.of("2026-03-05T12:00Z", "2026-03-06T00:00Z")) == 2
    with pytest.raises(EvidenceError, match="nothing in it"):
        judged(accounts=["999999999999"])


def test_each_region_has_two_requests_a_second_of_its_own(gather, history):
    fill(history, 300, step=60)
    paces = []

    def pace(per_second):
        paces.append(Pace(per_second, clock=lambda: 0.0, sleep=slept.append))
        return paces[-1]

    slept = []
    gather(pace=pace)
    assert [one.per_second for one in paces] == [2.0, 2.0]
    assert sorted(one.asked for one in paces) == sorted(map(len, history.asked.values())) == [1, 6]
    # The clock stands still: the six requests of the one region are half a second apart, the other's needs no turn.
    assert sorted(slept) == [0.5, 1.0, 1.5, 2.0, 2.5]


def test_every_enabled_region_is_asked_and_no_other(gather, history):
    gather()
    assert set(history.asked) == {"us-east-1", "eu-west-1"}
    history.asked.clear()
    gather(name="f", regions=["eu-west-1"])
    assert set(history.asked) == {"eu-west-1"}


def test_where_the_regions_cannot_be_told_they_have_to_be_named(gather, history):
    history.refused = {"ListRegions"}
    gather()
    assert set(history.asked) == {"us-east-1", "eu-west-1"}
    history.refused = {"ListRegions", "DescribeRegions"}
    with pytest.raises(EvidenceError, match="name the regions, or ask for account:ListRegions"):
        gather(name="f")


def test_pages_days_and_seconds_meet_without_a_gap_or_a_repeat(gather, history):
    # Every five minutes for three days: 288 a day, six pages, with one in the first and one in the last second of each day.
    records = fill(history, 864, start="2026-03-05T00:00:00+00:00", step=300)
    for number, text in enumerate(("2026-03-05T23:59:59Z", "2026-03-06T23:59:59Z", "2026-03-08T00:00:00Z")):
        records.append(event(9000 + number, text))
        history.entries["us-east-1"].append(told(records[-1]))
    done = gather(ct.Window.of("2026-03-05T00:00Z", "2026-03-08T00:00Z"), regions=["us-east-1"])
    assert ids(held(done.folder)) == ids(records[:-1])
    assert len(history.asked["us-east-1"]) == 3 * 6
    assert len(files(done.folder)) == 3


def test_a_busy_day_is_cut_into_files_of_whole_seconds(gather, history, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.transcript.LARGEST_FILE", 100_000)
    records = fill(history, 700, step=1)
    # Many in one second, across the end of a page.
    records += fill(history, 120, start="2026-03-05T00:05:00+00:00", step=0, first=2000)
    done = gather(regions=["us-east-1"])
    assert ids(held(done.folder)) == ids(records)
    assert len(files(done.folder)) > 5
    windows = sorted(one["window"] for one in map(window_of, files(done.folder)))
    assert windows[0][0] == DAY.start
    assert windows[-1][1] == DAY.end
    assert all(one[1] == other[0] for one, other in itertools.pairwise(windows))
    assert ct.verify(ct.open_evidence(done.folder)).completeness.duplicates == 0


def window_of(path):
    from cttoolkit.key import parse_key

    key = parse_key(path)
    return {"window": (key.window.start, key.window.end)}


def test_an_answer_that_is_not_in_order_is_kept_whole_and_not_cut(gather, history, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.transcript.LARGEST_FILE", 1000)
    first = fill(history, 2, start="2026-03-05T10:00:00+00:00")
    entries = history.entries["us-east-1"]

    def fault(region, asked, number):
        # Oldest first, against what is documented, and one from before in a second page.
        return {"Events": entries, "NextToken": "more"} if "NextToken" not in asked else {"Events": entries[:1]}

    history.fault = fault
    done = gather(regions=["us-east-1"])
    assert len(files(done.folder)) == 1
    assert len(held(done.folder)) == 3
    assert {one["eventID"] for one in held(done.folder)} == set(ids(first))


def test_more_than_ninety_days_is_said(gather, history):
    fill(history, 1, start="2025-12-10T12:00:01+00:00")
    done = gather(ct.Window.of("2025-12-01T00:00Z", "2025-12-12T00:00Z"), regions=["us-east-1"])
    assert done.records == 1
    assert done.notes == (
        "Event history keeps 90 days: nothing can be had of 2025-12-01T00:00:00Z – 2025-12-10T12:00:00Z",
    )
    assert min(one["StartTime"] for one in history.asked["us-east-1"]) == (NOW - timedelta(days=90)).timestamp()
    with pytest.raises(EvidenceError, match="keeps 90 days"):
        gather(ct.Window.of("2025-01-01T00:00Z", "2025-02-01T00:00Z"), name="f")


def test_without_a_window_ninety_days_are_asked_the_oldest_first(gather, history):
    done = gather(None, regions=["us-east-1"])
    starts = [one["StartTime"] for one in history.asked["us-east-1"]]
    assert len(starts) == 91
    assert min(starts) == (NOW - timedelta(days=90)).timestamp()
    assert max(one["EndTime"] for one in history.asked["us-east-1"]) == NOW.timestamp() - 1
    # Two threads may swap neighbours.
    assert all(later > earlier - 3 * 86400 for earlier, later in itertools.pairwise(starts))
    assert len(done.folder.name) == 1


def test_what_was_fetched_before_the_credentials_ran_out_is_kept_and_not_asked_again(gather, history, tmp_path):
    records = fill(history, 7, start="2026-03-03T01:00:00+00:00", step=86400)
    history.fault = lambda region, asked, number: "ExpiredTokenException" if number > 4 else None
    with pytest.raises(EvidenceError, match="renew the credentials"):
        gather(WEEK, regions=["us-east-1"])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "e").rglob("*.json.gz")}
    assert 1 <= len(before) <= 4
    history.fault = lambda region, asked, number: None
    asked = len(history.asked["us-east-1"])
    done = gather(WEEK, regions=["us-east-1"])
    assert done.kept == len(before)
    assert len(history.asked["us-east-1"]) - asked == 7 - len(before)
    assert ids(held(done.folder)) == ids(records)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())
    assert ct.check_custody(done.folder).is_whole


def test_half_a_busy_day_is_kept_when_it_is_broken_off(gather, history, monkeypatch, tmp_path):
    monkeypatch.setattr("cttoolkit.collection.transcript.LARGEST_FILE", 100_000)
    records = fill(history, 700, step=60)
    history.fault = lambda region, asked, number: "ExpiredTokenException" if number > 6 else None
    with pytest.raises(EvidenceError):
        gather(regions=["us-east-1"])
    newest = ids(held(tmp_path / "e"))
    assert 100 < len(newest) < 500
    history.fault = lambda region, asked, number: None
    history.asked.clear()
    done = gather(regions=["us-east-1"])
    assert ids(held(done.folder)) == ids(records)
    assert max(one["EndTime"] for one in history.asked["us-east-1"]) < DAY.end.timestamp() - 3600


def test_a_day_that_was_not_over_is_asked_again_and_its_first_answer_stays(gather, history):
    today = ct.Window.of("2026-03-09T00:00Z", "2026-03-11T00:00Z")
    first = fill(history, 1, start="2026-03-10T11:59:00+00:00")
    done = gather(today, regions=["us-east-1"])
    history.asked.clear()
    history.now = NOW + timedelta(hours=6)
    late = fill(history, 1, start="2026-03-10T11:00:00+00:00", first=2)
    after = fill(history, 1, start="2026-03-10T13:00:00+00:00", first=3)
    again = gather(today, regions=["us-east-1"])
    # The day before was settled; today is asked whole, since CloudTrail may tell late.
    assert (again.kept, again.records) == (1, 3)
    assert history.days_asked() == {("us-east-1", "03-10"): 1}
    verification = ct.verify(ct.open_evidence(done.folder))
    assert (verification.completeness.rows, verification.completeness.duplicates) == (3, 1)
    assert {one["eventID"] for one in held(done.folder)} == set(ids(first + late + after))


def test_another_answer_about_the_same_window_is_written_beside(gather, history):
    near = ct.Window.of("2026-03-10T00:00Z", "2026-03-10T11:30Z")
    fill(history, 1, start="2026-03-10T11:00:00+00:00")
    gather(near, regions=["us-east-1"])
    fill(history, 1, start="2026-03-10T11:10:00+00:00", first=2)
    history.now = NOW + timedelta(days=1)
    done = gather(near, regions=["us-east-1"])
    assert not done.conflicts
    assert [path.rpartition("_")[2] for path in files(done.folder)] == [
        "20260310T113000Z-2.json.gz",
        "20260310T113000Z.json.gz",
    ]
    history.asked.clear()
    assert gather(near, regions=["us-east-1"]).collected == 0
    assert not history.asked
    assert ct.check_custody(done.folder).is_whole


def test_a_file_that_nobody_noted_is_taken_up_where_it_is_the_same_and_named_where_it_is_not(gather, history):
    fill(history, 1)
    done = gather(regions=["us-east-1"])
    (path,) = files(done.folder)
    manifest = done.folder / "manifest.json"
    # As if the first run had been killed between writing and noting.
    manifest.unlink()
    again = gather(regions=["us-east-1"])
    assert (files(again.folder), again.conflicts) == ([path], ())
    manifest.unlink()
    (done.folder / path).chmod(0o644)
    (done.folder / path).write_bytes(b"of somebody else")
    other = gather(regions=["us-east-1"])
    assert path in other.conflicts[0]
    assert (done.folder / path).read_bytes() == b"of somebody else"
    assert len(held(other.folder, skip=path)) == 1
    assert ct.check_custody(other.folder).added == (path,)


def test_a_file_that_was_altered_meanwhile_stops_the_next_run(gather, history):
    done = gather(regions=["us-east-1"])
    path = done.folder / files(done.folder)[0]
    path.chmod(0o644)
    path.write_bytes(b"x")
    with pytest.raises(EvidenceError, match="altered since it was collected"):
        gather(regions=["us-east-1"])


def test_what_is_throttled_is_asked_again(gather, history):
    records = fill(history, 3)
    history.fault = lambda region, asked, number: "ThrottlingException" if number <= 3 else None
    done = gather(regions=["us-east-1"])
    assert ids(held(done.folder)) == ids(records)
    assert len(history.asked["us-east-1"]) == 4


def test_a_token_that_went_stale_begins_the_day_anew(gather, history):
    records = fill(history, 120)
    history.fault = lambda region, asked, number: "InvalidNextTokenException" if number == 2 else None
    done = gather(regions=["us-east-1"])
    assert ids(held(done.folder)) == ids(records)


def test_a_region_that_refuses_is_named_once_and_costs_nothing_else(gather, history):
    records = fill(history, 3)
    history.fault = lambda region, asked, number: "AccessDeniedException" if region == "eu-west-1" else None
    done = gather(WEEK)
    assert ids(held(done.folder)) == ids(records)
    assert not done.is_whole
    assert "AWS refuses: because of AccessDeniedException" in done.not_collected["EventHistory eu-west-1"]
    assert len(history.asked["eu-west-1"]) <= 2 * 2
    history.fault = lambda region, asked, number: "AccessDeniedException"
    with pytest.raises(EvidenceError, match="ask for the permissions"):
        gather(name="f")


def test_one_day_that_cannot_be_had_is_named_and_asked_again_later(gather, history):
    sixth = datetime(2026, 3, 6, tzinfo=UTC).timestamp()
    history.fault = lambda region, asked, number: "InternalFailure" if asked["StartTime"] == sixth else None
    done = gather(WEEK, regions=["us-east-1"])
    assert list(done.not_collected) == ["EventHistory us-east-1 2026-03-06T00:00:00Z – 2026-03-07T00:00:00Z"]
    history.fault = lambda region, asked, number: None
    history.asked.clear()
    assert gather(WEEK, regions=["us-east-1"]).is_whole
    assert history.days_asked() == {("us-east-1", "03-06"): 1}


def test_what_is_no_record_lies_beside_and_spoils_nothing(gather, history):
    good = event(1, "2026-03-05T10:00:00Z")
    odd = [
        "not JSON",
        '{"Records":[{"eventName":"StopLogging"}]}',
        "\ud800",
        "[]",
        '{"a":1}',
        '{"eventName":"x"}]},{"b":[',
    ]
    history.entries["us-east-1"] = [told(good), *(told(good, text) for text in odd)]
    without = told(good)
    del without["CloudTrailEvent"]
    history.entries["us-east-1"].append(without)
    done = gather(regions=["us-east-1"])
    assert (done.records, done.not_records) == (1, len(odd) + 1)
    (beside,) = (done.folder / "EventHistory").rglob("*.not-records.txt")
    lines = [json.loads(line) for line in beside.read_bytes().splitlines()]
    assert sorted(line.get("CloudTrailEvent", "") for line in lines) == sorted([*odd, ""])
    assert {"not JSON", "no record came with it", "not text that UTF-8 can hold"} <= {line["why"] for line in lines}
    evidence = ct.open_evidence(done.folder)
    assert "is none, kept as it came" in evidence.others[beside.relative_to(done.folder).as_posix()]
    verification = ct.verify(evidence)
    assert (verification.completeness.rows, verification.completeness.skips) == (1, ())
    assert ct.check_custody(done.folder).is_whole


def test_tokens_that_turn_in_a_circle_end(gather, history):
    history.fault = lambda region, asked, number: {"Events": [], "NextToken": "again"}
    with pytest.raises(EvidenceError, match="turns in a circle"):
        gather(regions=["us-east-1"])


def test_requests_and_answers_are_those_of_the_api(history):
    """Botocore's model of LookupEvents, which is made from AWS's own, accepts both."""
    client = boto3.client("cloudtrail", region_name="us-east-1")
    access = Access(endpoint_of="cloudtrail")
    access._clients["cloudtrail", "us-east-1"] = client
    entry = told(event(1, "2026-03-05T10:00:00Z"))
    entry["EventTime"] = datetime(2026, 3, 5, 10, tzinfo=UTC)
    asked = {"StartTime": DAY.start, "EndTime": DAY.end - timedelta(seconds=1), "MaxResults": 50}
    with Stubber(client) as stub:
        stub.add_response("lookup_events", {"Events": [entry], "NextToken": "t"}, asked)
        stub.add_response("lookup_events", {"Events": [entry]}, {**asked, "NextToken": "t"})
        pages = list(_History(access, ACCOUNT, "us-east-1", unpaced(2)).pages(DAY))
        stub.assert_no_pending_responses()
    assert [page.messages[0].text for page in pages] == [entry["CloudTrailEvent"]] * 2
    client.close()


def test_the_command_line_tells_notes_refusals_and_the_hash(history, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.pace.Pace.wait", lambda self: 0.0)
    fill(history, 2, start="2025-12-11T00:00:00+00:00")
    history.fault = lambda region, asked, number: "AccessDeniedException" if region == "eu-west-1" else None
    folder = tmp_path / "e"
    asked = [
        "--from",
        "2025-12-01T00:00Z",
        "--to",
        "2025-12-13T00:00Z",
        "--region",
        "us-east-1",
        "--region",
        "eu-west-1",
    ]
    code = main(["collect", "event-history", str(folder), *asked])
    out, err = capsys.readouterr()
    assert code == 3
    assert "2 records in 3 files" in out
    assert "nothing vouches for them" in out
    assert json.loads((folder / "manifest.json").read_text())["runs"][0]["clock_offset_seconds"] is not None
    assert "note: Event history keeps 90 days: nothing can be had of 2025-12-01" in err
    assert "not collected: EventHistory eu-west-1: AWS refuses" in err
    code = main(["verify", str(folder)])
    out = capsys.readouterr().out
    assert code == 3
    assert "by its name an answer of LookupEvents" in out
    assert "Custody: all" in out
