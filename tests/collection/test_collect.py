"""A bucket collected over HTTP: what is asked for, what is written, and what a second run adds."""

import hashlib
import json
import stat
from datetime import UTC, datetime

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.errors import EvidenceError
from tests.collection.worlds import BUCKET


def verdicts(folder, world, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(world.public_keys()))
    return ct.verify(ct.open_evidence(folder), ct.load_keys(keys), load=False)


def test_what_was_collected_verifies_as_what_was_delivered(gather, world, filled, tmp_path):
    done = gather()
    assert (done.collected, done.kept, done.is_whole) == (len(filled), 0, True)
    for key, one in world.objects.items():
        path = done.folder / key
        assert path.read_bytes() == one.body
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    verification = verdicts(done.folder, world, tmp_path)
    assert verification.counts()[ct.Status.INTACT] == len(filled)
    assert verification.is_whole


def test_the_manifest_tells_of_every_object_and_its_hash_is_what_is_told(gather, world, filled):
    done = gather(clock=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    body = (done.folder / "manifest.json").read_bytes()
    assert hashlib.sha256(body).hexdigest() == done.manifest_sha256
    held = json.loads(body)
    assert [one["key"] for one in held["objects"]] == filled
    digest = next(one for one in held["objects"] if "Digest" in one["key"])
    original = world.objects[digest["key"]]
    assert digest["sha256"] == hashlib.sha256(original.body).hexdigest()
    assert digest["metadata"]["signature"] == original.metadata["signature"]
    assert digest["checked_by"] == "checksum crc32"
    assert digest["version_id"]
    assert digest["collected_at"].endswith("Z")
    run = held["runs"][0]
    assert run["by"]["account"] == "123456789012"
    assert abs(run["clock_offset_seconds"]) > 3600
    assert not (done.folder / "manifest-journal.jsonl").exists()


def test_only_the_days_of_the_window_are_listed(gather, proxy, filled):
    done = gather(window=ct.Window.of("2026-03-05T00:00Z", "2026-03-06T00:00Z"))
    assert (done.listed, done.collected) == (0, 0)
    done = gather(name="near", window=ct.Window.of("2026-03-02T00:00Z", "2026-03-03T00:00Z"))
    assert done.collected == len(filled)


@pytest.mark.parametrize(
    "choice",
    [{"accounts": ["999999999999"]}, {"regions": ["eu-west-1"]}],
)
def test_what_was_not_asked_for_is_left_out_and_told(gather, choice):
    done = gather(**choice)
    assert done.collected == 0
    held = json.loads((done.folder / "manifest.json").read_text())
    assert any("not asked for" in why for why in held["left_out"].values())


def test_a_prefix_may_end_anywhere(gather, filled):
    logs = [key for key in filled if "/CloudTrail/" in key]
    for number, prefix in enumerate(
        ("AWSLogs/111122223333/CloudTrail/", "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03", logs[0])
    ):
        done = gather(f"s3://{BUCKET}/{prefix}", name=str(number))
        assert done.collected == (1 if prefix == logs[0] else len(logs))


def test_a_second_run_fetches_nothing_and_hashes_what_is_there(gather, proxy, filled):
    first = gather()
    proxy.seen.clear()
    again = gather()
    assert (again.collected, again.kept) == (0, len(filled))
    assert not any(path.endswith(".gz") for path in proxy.seen)
    held = json.loads((again.folder / "manifest.json").read_text())
    assert held["runs"][1]["manifest_before_sha256"] == first.manifest_sha256
    kept = again.folder / "custody" / "before-run-2" / "manifest.json"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == first.manifest_sha256


def test_a_file_that_was_altered_meanwhile_stops_the_second_run(gather, filled):
    done = gather()
    path = done.folder / filled[0]
    path.chmod(0o644)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(EvidenceError, match="altered since it was collected"):
        gather()


def test_other_content_under_a_key_is_named_with_both_hashes_and_overwrites_nothing(gather, s3, filled, world):
    done = gather()
    key = filled[0]
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"other")
    try:
        again = gather()
    finally:
        version = s3.head_object(Bucket=BUCKET, Key=key)["VersionId"]
        s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
    assert len(again.conflicts) == 1
    told = again.conflicts[0]
    for body in (world.objects[key].body, b"other"):
        assert hashlib.sha256(body).hexdigest() in told
    assert (done.folder / key).read_bytes() == world.objects[key].body


def test_deleted_and_overwritten_logs_come_back_where_the_digest_lists_their_hash(gather, s3, filled, world, tmp_path):
    logs = [key for key in filled if "/CloudTrail/" in key]
    digests = [key for key in filled if "/CloudTrail-Digest/" in key]
    deleted, altered, digest = logs[1], logs[2], digests[1]
    version = s3.head_object(Bucket=BUCKET, Key=deleted)["VersionId"]
    # A name that would be the older version's own, below versions/, if whoever deleted the log had the choice.
    planted = f"versions/{deleted}.{version}.version"
    added = [
        (planted, s3.put_object(Bucket=BUCKET, Key=planted, Body=b"nothing")["VersionId"]),
        (deleted, s3.delete_object(Bucket=BUCKET, Key=deleted)["VersionId"]),
        (altered, s3.put_object(Bucket=BUCKET, Key=altered, Body=b"forged")["VersionId"]),
        (digest, s3.put_object(Bucket=BUCKET, Key=digest, Body=b"forged")["VersionId"]),
    ]
    try:
        plain, whole = gather(name="plain"), gather(name="whole", versions=True)
    finally:
        for key, version in added:
            s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
    counts = verdicts(plain.folder, world, tmp_path).counts()
    assert counts[ct.Status.MISSING]
    assert counts[ct.Status.ALTERED]
    assert set(whole.recovered) == {deleted, altered, digest}
    assert set(whole.not_collected) == {planted}
    assert verdicts(whole.folder, world, tmp_path).counts()[ct.Status.INTACT] == len(filled)
    held = json.loads((whole.folder / "manifest.json").read_text())
    assert [one["key"] for one in held["delete_markers"]] == [deleted]
    forged = [
        path for path in (whole.folder / "versions").rglob("*") if path.is_file() and path.read_bytes() == b"forged"
    ]
    assert len(forged) == 2


def test_a_digest_speaks_for_deleted_logs_though_a_strangers_file_lies_in_its_place(gather, s3, filled, tmp_path):
    deleted = next(key for key in filled if "/CloudTrail/" in key)
    digests = [key for key in filled if "/CloudTrail-Digest/" in key]
    for key in digests:
        (tmp_path / "evidence" / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "evidence" / key).write_bytes(b"forged")
    marker = s3.delete_object(Bucket=BUCKET, Key=deleted)["VersionId"]
    try:
        done = gather(versions=True)
    finally:
        s3.delete_object(Bucket=BUCKET, Key=deleted, VersionId=marker)
    assert len(done.conflicts) == len(digests)
    assert done.recovered == (deleted,)


def test_a_deleted_log_that_no_digest_lists_stays_among_the_versions(gather, s3, filled, world):
    stray = next(one for one in filled if "/CloudTrail/" in one)[:-24] + "STRAY00000000000.json.gz"
    put = s3.put_object(Bucket=BUCKET, Key=stray, Body=b"stray")["VersionId"]
    marker = s3.delete_object(Bucket=BUCKET, Key=stray)["VersionId"]
    try:
        done = gather(versions=True)
    finally:
        for version in (put, marker):
            s3.delete_object(Bucket=BUCKET, Key=stray, VersionId=version)
    assert not done.recovered
    assert not (done.folder / stray).exists()
    assert list((done.folder / "versions").rglob("*STRAY*"))


HOSTILE = [
    "../../outside.json.gz",
    "a//b.json.gz",
    "x.json.gz/y",
    "x.json.gz.metadata.json",
    "=cmd|x.json.gz",
    "x.json.gz",
]


def test_hostile_keys_lead_nowhere_and_speak_for_no_other_object(gather, s3, filled):
    above = filled[0].rpartition("/")[0] + "/"
    # The last is the name of the day's folder.
    keys = [*(above + name for name in HOSTILE), above[:-1]]
    versions = [s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")["VersionId"] for key in keys]
    try:
        done = gather()
    finally:
        for key, version in zip(keys, versions, strict=True):
            s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
    assert set(done.not_collected) == set(keys[:3])
    assert done.collected == len(filled) + 4
    inside = {path.relative_to(done.folder).as_posix() for path in done.folder.rglob("*") if path.is_file()}
    for key in (keys[3], keys[-1]):
        assert key not in inside
        assert f"{key}.object" in inside
    assert ct.check_custody(done.folder).is_whole


def test_folders_that_are_too_many_to_be_searched_are_told(gather, s3, filled, monkeypatch):
    monkeypatch.setattr("cttoolkit.collection.wanted._MOST_FOLDERS", 1)
    put = s3.put_object(Bucket=BUCKET, Key="a/b/c", Body=b"x")["VersionId"]
    try:
        done = gather()
    finally:
        s3.delete_object(Bucket=BUCKET, Key="a/b/c", VersionId=put)
    assert done.collected == len(filled)
    assert "1 folder too many to be searched" in done.not_collected[f"s3://{BUCKET} (folders)"]
    assert "too many folders" in json.loads((done.folder / "manifest.json").read_text())["left_out"]["a/"]


def test_keys_of_the_period_and_trails_come_with_it(gather, world):
    done = gather(configuration=True)
    assert json.loads((done.folder / "public-keys.json").read_text()) == world.public_keys()
    (folder,) = ct.posture.open_folder(done.folder)
    assert folder.account == "123456789012"
    # No trail of this account delivers there: the bucket is asked for its settings all the same.
    assert folder.ask("s3", "GetBucketVersioning", "us-east-1", {"Bucket": BUCKET}).value["Status"] == "Enabled"
    # What the server cannot answer is told and holds nothing up.
    assert all("ListPublicKeys" not in what for what in done.not_collected)
    assert ct.check_custody(done.folder).is_whole


def test_the_command_line_collects_and_says_the_hash(gather, filled, tmp_path, capsys):
    code = main(["collect", f"s3://{BUCKET}", str(tmp_path / "e"), "--no-configuration", "--workers", "4"])
    out = capsys.readouterr().out
    assert code == 0
    assert f"{len(filled)} objects collected" in out
    assert hashlib.sha256((tmp_path / "e" / "manifest.json").read_bytes()).hexdigest() in out


@pytest.mark.parametrize("place", ["s3://", "bucket", "s3://Upper/x"])
def test_an_address_that_is_none(place, tmp_path):
    with pytest.raises(EvidenceError, match="no address of a bucket"):
        ct.collect(place, tmp_path)


def test_no_such_bucket(gather):
    with pytest.raises(EvidenceError, match="give the bucket that the trail delivers to"):
        gather("s3://no-such-bucket")
