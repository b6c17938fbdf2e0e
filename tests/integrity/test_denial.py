"""Attempts to keep the judge from judging: by a file that cannot be reckoned with, waited for, held or read to an end."""

import json
import os

import pytest

from cttoolkit.errors import CttoolkitError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import absence
from cttoolkit.integrity import work
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verify import verify
from cttoolkit.sources.directory import Directory
from cttoolkit.standing import Word
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, event
from tests.integrity.test_attacks_on_logs import pack


@pytest.fixture
def judged(case):
    """The bucket judged with what a test put into it; all that AWS wrote has to stay intact."""
    evidence, genuine = case.write(), set(case.objects)

    def again(**options):
        verification = verify(open_evidence(evidence), load_keys(case.folder / "keys.json"), **options)
        assert {v.status for v in verification.verdicts if v.key in genuine} == {Status.INTACT}
        assert genuine <= {v.key for v in verification.verdicts}
        return verification

    again.evidence = evidence
    return again


def put(root, key, body):
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("region", ["us-east-1", "sa-east-1"])
@pytest.mark.parametrize("kind", ["log", "digest"])
def test_names_at_the_ends_of_the_calendar(judged, kind, region, year):
    moment = f"{year}1231T2359"
    if kind == "log":
        name = f"CloudTrail/{region}/{year}/12/31/{ACCOUNT}_CloudTrail_{region}_{moment}Z_AAAAAAAAAAAAAAAA.json.gz"
    else:
        trail = f"{region}_management-events_us-east-1"
        name = f"CloudTrail-Digest/{region}/{year}/12/31/{ACCOUNT}_CloudTrail-Digest_{trail}_{moment}59Z.json.gz"
    put(judged.evidence, f"AWSLogs/{ACCOUNT}/{name}", pack([event(99, f"{year}-12-31T23:59:00Z")]))
    judged()


def test_times_of_events_at_the_ends_of_the_calendar(judged):
    from cttoolkit import pivot, plot

    records = [event(90 + n, time) for n, time in enumerate(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])]
    put(judged.evidence, "odd.json.gz", pack(records))
    events = admit(judged(), AcceptUnverified("to look at it"))
    hours = pivot.hours(events)
    assert sum(len(hours.drill(hour)) for hour in hours.values) == len(events)
    plot.heat(events)
    plot.timeline(events)
    plot.hours(events)


def test_a_silence_to_the_end_of_the_calendar(judged):
    events = admit(judged(), IntactOnly())
    window = Window.of("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    assert absence("No stop.", events.named("StopLogging"), window).standing.word is Word.UNPROVEN


@pytest.mark.parametrize("regions", [None, 5, "x", [None], [{"Regions": None}], [{"Regions": 5}], [{"Regions": [5]}]])
def test_a_note_of_regions_that_is_none(judged, regions):
    (judged.evidence / "trail-configuration.json").write_text(json.dumps({"trails": [], "regions": regions}))
    judged().anchors()


def test_a_name_so_long_that_its_sidecar_could_not_exist(judged):
    digest = next(judged.evidence.rglob("*CloudTrail-Digest_*.json.gz"))
    name = digest.name.replace("management-events", "t" * (250 - len(digest.name) + len("management-events")))
    assert len(name) == 250
    digest.with_name(name).write_bytes(digest.read_bytes())
    judged()


def test_a_pipe_that_takes_a_files_place_is_not_waited_for(case):
    root = case.write()
    evidence = open_evidence(root)
    for key in (case.logs[0], case.digests[0]):
        (root / key).unlink()
        os.mkfifo(root / key)
    verification = verify(evidence, load_keys(case.folder / "keys.json"))
    assert set(verification.completeness.unread) == {case.logs[0], case.digests[0]}


@pytest.mark.parametrize("name", ["objects-metadata.jsonl", "trail-configuration.json"])
def test_a_pipe_in_a_documents_place_is_not_waited_for(case, name):
    root = case.write()
    (root / name).unlink(missing_ok=True)
    os.mkfifo(root / name)
    verify(open_evidence(root), load_keys(case.folder / "keys.json"))


def test_a_file_that_is_larger_than_any_log_is_not_read(judged, monkeypatch):
    """A sparse one takes no room on the disk, and would take all of the memory."""
    with (judged.evidence / "sparse.json").open("wb") as file:
        file.truncate(300 << 20)
    real = Directory.read

    def read(self, stored):
        assert stored.key != "sparse.json"
        return real(self, stored)

    monkeypatch.setattr(Directory, "read", read)
    verification = judged()
    assert verification.completeness.others["sparse.json"] == f"larger than {256 << 20} bytes"


def test_many_rows_go_out_early_and_lie_in_one_shard(judged, monkeypatch):
    put(judged.evidence, "many.json.gz", pack([{}] * 5000))
    whole = judged()
    monkeypatch.setattr(work, "_MANY_ROWS", 3)
    pieces = judged()
    assert len(pieces.shards.events) == len(whole.shards.events)
    assert pieces.completeness == whole.completeness
    frames = [
        admit(one, AcceptUnverified("made up")).frame().sort_values(["log_file", "record_index"]).reset_index(drop=True)
        for one in (whole, pieces)
    ]
    assert frames[0].equals(frames[1])
    assert len(frames[0]) > 5000


def test_a_file_of_an_error_in_every_record_is_still_an_answer(judged):
    put(judged.evidence, "broken.json", b'{"Records": [' + b'{"eventName": ,},' * 20_000 + b"]}")
    assert judged().completeness.skipped >= 20_000


def test_every_error_of_opening_is_one_of_ours(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CttoolkitError):
        open_evidence(tmp_path / "pipe")
