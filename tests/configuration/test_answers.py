"""Answers recorded and read again, and what a hostile folder of them can do: nothing."""

import json
import os
import random
import shutil

import pytest

from cttoolkit.configuration import OPERATIONS, Absent, Answered, Answers, Denied, Failed, Recorder, open_folder
from cttoolkit.configuration.operations import DENIALS
from cttoolkit.configuration.recorded import decode
from cttoolkit.errors import ConfigurationError
from cttoolkit.evidence import open_evidence
from cttoolkit.posture import audit
from cttoolkit.training.account import sound_account
from cttoolkit.window import instant

ACCOUNT, HOME = "111122223333", "us-east-1"
PLACE = f"configuration/{ACCOUNT}/{HOME}"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A folder with all that an audit of a sound account asks."""
    folder = tmp_path_factory.mktemp("recorded")
    made = audit(Recorder(sound_account(), folder))
    return folder, made


def planted(tmp_path, document, name="cloudtrail.DescribeTrails.json"):
    path = tmp_path / PLACE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    (folder,) = open_folder(tmp_path)
    return folder.ask("cloudtrail", "DescribeTrails", HOME)


def answer(**more):
    return {
        "account": ACCOUNT, "region": HOME, "service": "cloudtrail", "operation": "DescribeTrails", "parameters": {},
        "outcome": "answered", "value": {"trailList": []}, "at": None, **more,
    }  # fmt: skip


def test_what_was_recorded_gives_the_same_audit_again(recorded):
    folder, live = recorded
    offline = audit(folder)
    assert [(row.check.name, row.outcome, row.reason, row.lines) for row in offline.rows] == [
        (row.check.name, row.outcome, row.reason, row.lines) for row in live.rows
    ]
    assert len(offline.rows) == 26


def test_the_place_of_an_answer_says_what_was_asked(recorded):
    folder, _ = recorded
    place = folder / PLACE
    assert (place / "account.ListRegions.json").is_file()
    (found,) = place.glob("s3.GetBucketPolicy.*.json")
    document = json.loads(found.read_text())
    assert document["parameters"] == {"Bucket": "example-log-archive"}
    assert document["at"] == "2026-06-10T01:30:00Z"


def test_recorded_answers_are_not_taken_for_log_files(recorded, case):
    evidence = case.write()
    before = open_evidence(evidence)
    for path in sorted((recorded[0] / "configuration").rglob("*.json")):
        target = evidence / path.relative_to(recorded[0])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    after = open_evidence(evidence)
    assert len(after.logs) == len(before.logs)
    assert set(after.others.values()) >= {"a recorded answer about the account's configuration, and no log file"}


def test_an_answer_is_never_written_over(tmp_path):
    Recorder(sound_account(), tmp_path).ask("account", "ListRegions", HOME)
    with pytest.raises(ConfigurationError, match="none is written over; record into a new folder"):
        Recorder(sound_account(), tmp_path).ask("account", "ListRegions", HOME)


def test_a_refusal_is_recorded_as_one(tmp_path):
    account = sound_account()
    for reply in (
        Denied("cloudtrail:DescribeTrails"),
        Absent("NoSuchThing"),
        Failed("throttled"),
        Answered({"a": 1}, None),
    ):
        folder = tmp_path / type(reply).__name__
        told = Recorder(account.but("cloudtrail.DescribeTrails", reply), folder).ask(
            "cloudtrail", "DescribeTrails", HOME
        )
        (read,) = open_folder(folder)
        assert read.ask("cloudtrail", "DescribeTrails", HOME) == told == reply


@pytest.mark.parametrize("region", ["../../x", "", "a/b", "EU"])
def test_nothing_is_written_for_a_region_that_is_none(tmp_path, region):
    reply = Recorder(sound_account(), tmp_path / "in" / "side").ask("cloudtrail", "DescribeTrails", region)
    assert reply == Failed("the region is none")
    assert not list(tmp_path.rglob("*"))


def test_what_was_not_asked_then_is_not_known_now(recorded):
    (folder,) = open_folder(recorded[0])
    assert folder.ask("kms", "DescribeKey", "eu-north-1", {"KeyId": "x"}) == Failed(
        "not asked when the answers were recorded"
    )


@pytest.mark.parametrize("name", ["aa-east-1", "zz-east-1"])
def test_a_region_that_somebody_added_does_not_take_the_questions_of_the_account(recorded, tmp_path, name):
    shutil.copytree(recorded[0], tmp_path / "copy")
    added = tmp_path / "copy" / "configuration" / ACCOUNT / name
    added.mkdir()
    (added / "account.ListRegions.json").write_text("{}")
    (folder,) = open_folder(tmp_path / "copy")
    assert folder.region == HOME


def test_an_answer_put_in_anothers_place_is_told(tmp_path):
    for part in ("account", "region", "service", "operation", "parameters"):
        assert planted(tmp_path / part, answer(**{part: "other"})) == Failed(
            "its file holds an answer to another question"
        )
    assert isinstance(planted(tmp_path / "right", answer()), Answered)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 200_000, b'{"outcome": "answered"}', json.dumps(answer(outcome="maybe")).encode(),
     json.dumps(answer(value=[])).encode(), json.dumps(answer(at="soon")).encode()],
)  # fmt: skip
def test_what_is_no_answer_fails_and_raises_nothing(tmp_path, body):
    assert isinstance(planted(tmp_path, body), Failed)


def test_any_bytes_at_all_raise_nothing():
    draw = random.Random(7)
    whole = json.dumps(answer()).encode()
    for _ in range(400):
        body = bytearray(whole)
        body[draw.randrange(len(body))] = draw.randrange(256)
        decode(bytes(body), {"account": ACCOUNT})


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps(answer()))
    place = tmp_path / "case" / PLACE
    place.mkdir(parents=True)
    (place / "cloudtrail.DescribeTrails.json").symlink_to(secret)
    (folder,) = open_folder(tmp_path / "case")
    assert folder.ask("cloudtrail", "DescribeTrails", HOME) == Failed("its file is a link out of the folder")


def test_a_pipe_in_an_answers_place_does_not_hold_up_the_audit(tmp_path):
    place = tmp_path / PLACE
    place.mkdir(parents=True)
    os.mkfifo(place / "cloudtrail.DescribeTrails.json")
    (folder,) = open_folder(tmp_path)
    assert isinstance(folder.ask("cloudtrail", "DescribeTrails", HOME), Failed)


def test_an_answer_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("cttoolkit.configuration.folder._LARGEST", 50)
    assert planted(tmp_path, answer()) == Failed("its file is larger than any answer")


@pytest.mark.parametrize("region", ["../../..", "", "us-east-1/..", "US-EAST-1"])
def test_a_region_that_is_none_leads_nowhere(recorded, region):
    (folder,) = open_folder(recorded[0])
    assert folder.ask("cloudtrail", "DescribeTrails", region) == Failed("the region is none")


@pytest.mark.parametrize("layout", [None, "configuration", "configuration/not-an-account"])
def test_a_folder_without_answers_is_an_error(tmp_path, layout):
    if layout:
        (tmp_path / layout).mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="give the folder that cttoolkit collect or posture --record wrote to"):
        open_folder(tmp_path)


@pytest.mark.parametrize("made", [sound_account(), Recorder(sound_account(), "nowhere")])
def test_only_what_reads_may_be_asked(made):
    assert isinstance(made, Answers)
    for name in ("StopLogging", "DeleteTrail", "PutEventSelectors", "NoSuchThing"):
        with pytest.raises(ConfigurationError, match="not among the operations that may be asked"):
            made.ask("cloudtrail", name, HOME)


def test_every_operation_reads_by_its_name_and_by_its_permission():
    for name, operation in OPERATIONS.items():
        assert name == f"{operation.service}.{operation.name}"
        assert operation.name.startswith(("Get", "List", "Describe"))
        assert operation.permission.partition(":")[2].startswith(("Get", "List", "Describe"))
        assert not operation.absent & DENIALS


def test_an_answer_knows_when_aws_gave_it(recorded):
    (folder,) = open_folder(recorded[0])
    assert folder.ask("account", "ListRegions", HOME).at == instant("2026-06-10T01:30:00Z")
