"""What a collection recorded of the account is judged as the account itself is."""

import json
import re
import shutil
from pathlib import Path

import boto3
import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.configuration import Absent, Answered, Denied
from cttoolkit.errors import EvidenceError
from cttoolkit.integrity.configuration import read_configuration
from cttoolkit.posture import Outcome, audit, open_accounts, open_folder
from tests.collection.worlds import BUCKET

ACCOUNT, HOME = "123456789012", "us-east-1"
REFUSED = {"GetTrailStatus": "AccessDeniedException", f"/{BUCKET}?versioning": "AccessDenied"}


@pytest.fixture(scope="module")
def trail(proxy, filled):
    """A trail that delivers to the collected bucket, under a key."""
    key = boto3.client("kms", HOME).create_key()["KeyMetadata"]["Arn"]
    trails = boto3.client("cloudtrail", HOME)
    arn = trails.create_trail(Name="main", S3BucketName=BUCKET, IsMultiRegionTrail=True, KmsKeyId=key)["TrailARN"]
    trails.start_logging(Name="main")
    selectors = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    trails.put_event_selectors(TrailName="main", EventSelectors=selectors)
    yield arn
    trails.delete_trail(Name="main")


@pytest.fixture(scope="module", autouse=True)
def session(proxy):
    """One session for all: each new one reads the models of twenty services again."""
    made = boto3.Session()
    with pytest.MonkeyPatch.context() as patch:
        for place in ("clients", "account"):
            patch.setattr(f"cttoolkit.sources.{place}.open_session", lambda profile=None: made)
        yield made


def matrix(made):
    """All rows. The server says of each trail that it has delivered just now, so times are left out."""
    return [
        (row.check.name, row.account, row.trail, row.outcome, re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "…", row.reason))
        for row in made.rows
    ]


def outcomes(made):
    return {row.check.name: row.outcome for row in made.rows}


@pytest.fixture(scope="module")
def both(proxy, trail, tmp_path_factory):
    """A collection, and the account judged live before and after it."""
    proxy.reset()
    folder = tmp_path_factory.mktemp("both") / "evidence"
    done = ct.collect(f"s3://{BUCKET}", folder, workers=4)
    return done, audit(*open_accounts())


@pytest.fixture(scope="module")
def refused(proxy, trail, both, tmp_path_factory):
    """A second run into a copy of the folder, with answers of another account in it, while two permissions are denied."""
    proxy.reset()
    folder = tmp_path_factory.mktemp("refused") / "evidence"
    shutil.copytree(both[0].folder, folder)
    stale = Path("configuration") / "999999999999" / HOME / "account.ListRegions.json"
    (folder / stale.parent).mkdir(parents=True)
    (folder / stale).write_text("{}")
    proxy.refuses = REFUSED.get
    done, live = ct.collect(f"s3://{BUCKET}", folder, workers=4), audit(*open_accounts())
    proxy.reset()
    return done, live, stale


def versioning(folder):
    """Where the answer about the bucket's versions lies."""
    (path,) = (folder / "configuration" / ACCOUNT / HOME).glob("s3.GetBucketVersioning.*")
    return path.relative_to(folder)


def test_the_collected_folder_is_judged_as_the_account_was(both, monkeypatch):
    done, live = both
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    offline = audit(done.folder)
    assert matrix(offline) == matrix(live)
    assert repr(offline.matrix()) == repr(live.matrix())
    assert {one.outcome for one in offline.rows} >= {Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE}
    assert outcomes(offline)["CT-01"] is Outcome.PASS
    assert not [one for one in offline.asked if "not asked when" in getattr(one.reply, "reason", "")]


def test_the_command_line_judges_the_collected_folder(both, capsys):
    done, live = both
    assert main(["posture", "--collected", str(done.folder), "--format", "json"]) == live.exit_code
    told = json.loads(capsys.readouterr().out)["summary"]
    assert [told["pass"], told["fail"], told["unknown"]] == [
        live.count(one) for one in (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN)
    ]


def test_every_answer_is_in_the_manifest(both):
    done, _ = both
    assert ct.check_custody(done.folder).is_whole
    held = {one["path"] for one in json.loads((done.folder / "manifest.json").read_text())["files"]}
    lying = {path.relative_to(done.folder).as_posix() for path in (done.folder / "configuration").rglob("*.json")}
    assert len(lying) > 30
    assert lying < held
    assert not list(done.folder.glob(".*"))


def test_absences_rest_on_the_note_of_a_collection(both):
    done, _ = both
    note = read_configuration("note", (done.folder / "trail-configuration.json").read_bytes())
    assert note.trail("main").is_logging is True
    assert note.records_management_events("main").value == "yes"
    assert note.collected_at is not None


def test_a_permission_that_is_denied_is_unknown_live_and_offline(refused, trail):
    done, live, _ = refused
    offline = audit(done.folder)
    assert matrix(offline) == matrix(live)
    assert outcomes(offline)["CT-01"] is outcomes(offline)["CT-17"] is Outcome.UNKNOWN
    (folder,) = open_folder(done.folder)
    assert folder.ask("cloudtrail", "GetTrailStatus", HOME, {"Name": trail}) == Denied("cloudtrail:GetTrailStatus")


def test_what_is_denied_is_named_and_holds_nothing_up(refused, trail):
    done, _, _ = refused
    told = done.not_collected
    assert told[f"cloudtrail.GetTrailStatus.{HOME} {trail}"].endswith("permission cloudtrail:GetTrailStatus")
    assert told[f"s3.GetBucketVersioning.{HOME} {BUCKET}"].endswith("permission s3:GetBucketVersioning")
    assert json.loads((done.folder / "manifest.json").read_text())["not_collected"] == told
    assert done.kept
    assert (done.folder / "public-keys.json").exists()


def test_that_there_is_no_such_thing_is_no_refusal(both):
    done, _ = both
    (folder,) = open_folder(done.folder)
    assert isinstance(folder.ask("s3", "GetBucketPolicy", HOME, {"Bucket": BUCKET}), Absent)
    assert not [what for what in done.not_collected if "GetBucketPolicy" in what]


def test_trails_are_asked_for_where_the_objects_tell_of_them_though_the_regions_are_refused(
    proxy, trail, gather, monkeypatch
):
    proxy.refuses = lambda name: "AccessDenied" if name in ("/listRegions?", "/?") else None
    monkeypatch.setattr(
        "cttoolkit.sources.clients.open_session", lambda profile: boto3.Session(region_name="eu-west-1")
    )
    boto3.client("cloudtrail", HOME).update_trail(Name="main", IsMultiRegionTrail=False)
    try:
        done = gather(configuration=True)
    finally:
        boto3.client("cloudtrail", HOME).update_trail(Name="main", IsMultiRegionTrail=True)
    note = read_configuration("note", (done.folder / "trail-configuration.json").read_bytes())
    assert note.trail("main").is_logging is True


def test_a_second_run_sets_the_answers_of_the_first_apart(both, refused):
    first, (done, _, stale) = both[0], refused
    path = versioning(first.folder)
    assert json.loads((done.folder / path).read_text())["outcome"] == "denied"
    kept = done.folder / "custody" / "before-run-2"
    assert (kept / path).read_bytes() == (first.folder / path).read_bytes()
    # Nobody is judged by the answers of two runs, or of an account that this one did not ask.
    assert [one.account for one in open_folder(done.folder)] == [ACCOUNT]
    assert (kept / stale).exists()
    assert ct.check_custody(done.folder).is_whole


def test_a_run_without_configuration_leaves_the_answers_as_they_are(both, gather, tmp_path):
    shutil.copytree(both[0].folder, tmp_path / "evidence")
    done = gather()
    path = versioning(done.folder)
    assert (done.folder / path).read_bytes() == (both[0].folder / path).read_bytes()
    assert ct.check_custody(done.folder).is_whole


def test_credentials_that_expire_among_the_questions_stop_it_and_the_next_run_goes_on(proxy, trail, gather, filled):
    proxy.refuses = {"GetEventSelectors": "ExpiredTokenException"}.get
    with pytest.raises(EvidenceError, match="renew the credentials"):
        gather(configuration=True)
    proxy.refuses = lambda name: None
    done = gather(configuration=True)
    assert (done.collected, done.kept) == (0, len(filled))
    (folder,) = open_folder(done.folder)
    assert isinstance(folder.ask("cloudtrail", "GetEventSelectors", HOME, {"TrailName": trail}), Answered)
    assert ct.check_custody(done.folder).is_whole


def test_without_a_name_for_the_account_the_note_is_kept_and_no_answer(proxy, trail, gather, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.collect.ask_caller", lambda access, gathered: {"account": "../../x"})
    done = gather(configuration=True)
    assert not (done.folder / "configuration").exists()
    assert "whose account answers" in done.not_collected["configuration"]
    note = read_configuration("note", (done.folder / "trail-configuration.json").read_bytes())
    assert note.trail("main").is_logging is True


def test_without_configuration_nothing_of_the_account_is_recorded(proxy, trail, gather):
    done = gather()
    assert not (done.folder / "configuration").exists()
    assert not (done.folder / "trail-configuration.json").exists()
