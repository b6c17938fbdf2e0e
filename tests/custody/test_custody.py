"""A collected folder is tampered with: the manifest, its hash or its signature tells."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.custody.check import Seal
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.manifest import Collected, Manifest, Marker, read_manifest
from cttoolkit.custody.path import JOURNAL, LOCK
from cttoolkit.errors import EvidenceError
from tests.collection.conftest import *  # noqa: F403 (the same server's fixtures)
from tests.collection.worlds import BUCKET


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    private, public = folder / "key.pem", folder / "key.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public


@pytest.fixture(scope="module")
def sealed(proxy, filled, pair, tmp_path_factory):
    proxy.reset()
    folder = tmp_path_factory.mktemp("sealed") / "evidence"
    ct.collect(f"s3://{BUCKET}", folder, signing_key=pair[0], workers=4)
    return folder


@pytest.fixture
def copy(sealed, tmp_path):
    import shutil

    shutil.copytree(sealed, tmp_path / "copy")
    return tmp_path / "copy"


def first_log(folder):
    return min(folder.rglob("*_CloudTrail_*.gz"))


def rewrite(path, body):
    path.chmod(0o644)
    path.write_bytes(body)


def test_untouched_it_is_whole_and_the_signature_holds(sealed, pair):
    custody = ct.check_custody(sealed, pair[1])
    assert custody.is_whole
    assert custody.seal is Seal.HOLDS
    assert ct.check_custody(sealed).seal is Seal.UNCHECKED


def test_deleted_altered_and_added_files_are_named(copy):
    logs = sorted(copy.rglob("*_CloudTrail_*.gz"))
    logs[0].unlink()
    body = logs[1].read_bytes()
    rewrite(logs[1], body[:-1] + bytes([body[-1] ^ 1]))
    rewrite(copy / "public-keys.json", b"{}")
    (copy / "AWSLogs" / "planted.json.gz").write_bytes(b"x")
    custody = ct.check_custody(copy)
    assert not custody.is_whole
    assert custody.missing == (logs[0].relative_to(copy).as_posix(),)
    assert custody.altered == (logs[1].relative_to(copy).as_posix(), "public-keys.json")
    assert custody.added == ("AWSLogs/planted.json.gz",)


def test_a_link_to_the_same_bytes_is_no_evidence(copy, tmp_path):
    log = first_log(copy)
    log.rename(tmp_path / "elsewhere")
    log.symlink_to(tmp_path / "elsewhere")
    assert ct.check_custody(copy).altered == (log.relative_to(copy).as_posix(),)


def test_a_manifest_that_was_written_again_breaks_its_signature(copy, pair):
    log = first_log(copy)
    held = json.loads((copy / "manifest.json").read_text())
    rewrite(log, b"forged")
    import hashlib

    for one in held["objects"]:
        if one["path"] == log.relative_to(copy).as_posix():
            one.update(size=6, sha256=hashlib.sha256(b"forged").hexdigest())
    rewrite(copy / "manifest.json", json.dumps(held).encode())
    assert ct.check_custody(copy).is_whole
    custody = ct.check_custody(copy, pair[1])
    assert custody.seal is Seal.FAILS
    assert not custody.is_whole


@pytest.mark.parametrize("harm", ["remove", "garbage", "empty"])
def test_a_signature_that_is_gone_or_garbage_does_not_hold(copy, pair, harm):
    place = copy / "manifest.json.sig"
    if harm == "remove":
        place.unlink()
    else:
        rewrite(place, b"" if harm == "empty" else b"\xff not base64")
    assert ct.check_custody(copy, pair[1]).seal is Seal.FAILS


def test_verify_checks_the_manifest_first_and_names_what_is_wrong(copy, world, tmp_path, capsys, pair):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(world.public_keys()))
    given = ["verify", str(copy), "--keys", str(keys), "--custody-key", str(pair[1])]
    assert main(given) == 0
    assert capsys.readouterr().out.startswith("Custody: all ")
    (copy / "note.txt").write_text("x")
    assert main(given) == 1
    assert "added: note.txt" in capsys.readouterr().out
    assert main([*given, "--format", "json"]) == 1
    held = json.loads(capsys.readouterr().out)["custody"]
    assert held["added"] == ["note.txt"]
    assert held["signature"] == "holds"


def test_evidence_without_a_manifest_of_ours_has_no_custody(tmp_path, pair):
    assert ct.check_custody(tmp_path) is None
    (tmp_path / "manifest.json").write_text('{"files": []}')
    assert ct.check_custody(tmp_path) is None
    with pytest.raises(EvidenceError, match=r"no manifest\.json of a collection"):
        ct.check_custody(tmp_path, pair[1])


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("{", "not JSON"),
        ('{"format": "cttoolkit manifest 9"}', "another version"),
        ('{"format": "cttoolkit manifest 1", "objects": [{}]}', "not a manifest"),
    ],
)
def test_a_damaged_manifest_is_an_error(tmp_path, body, wrong):
    (tmp_path / "manifest.json").write_text(body)
    with pytest.raises(EvidenceError, match=wrong):
        ct.check_custody(tmp_path)


def test_a_journal_is_read_up_to_the_line_that_a_kill_cut_short(tmp_path):
    one = Collected("a", "a", 1, "0" * 64, "e", "t", "t", "etag", "s3://b", 1)
    with Journal(tmp_path) as journal:
        journal.add(one)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"path": "b", "ke')
    with Journal(tmp_path) as journal:
        assert journal.found == {"a": one}
        journal.add(one)
    with Journal(tmp_path) as journal:
        assert journal.found == {"a": one}


def test_a_journal_that_somebody_wrote_into_is_an_error(tmp_path):
    (tmp_path / JOURNAL).write_bytes(b"[]\n")
    with pytest.raises(EvidenceError, match="line 1"):
        Journal(tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "manifest.json.sig"])
def test_a_pipe_in_the_place_of_what_custody_rests_on_is_told_and_not_waited_for(tmp_path, name):
    if name != "manifest.json":
        bare(tmp_path)
    os.mkfifo(tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "cttoolkit.cli", "verify", tmp_path, "--keys", "none.json"],
        check=False, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 2
    if name == "manifest.json":
        assert "manifest.json: not a regular file" in done.stderr
    else:
        custody = ct.check_custody(tmp_path)
        assert (custody.seal, custody.added) == (Seal.ABSENT, (name,))


def test_a_link_in_the_place_of_the_manifest_is_not_followed(tmp_path):
    (tmp_path / "elsewhere.json").write_text("{}")
    (tmp_path / "manifest.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(EvidenceError, match=r"manifest\.json: a symbolic link, which is not followed"):
        ct.check_custody(tmp_path)


def test_a_manifest_larger_than_any_is_not_read(tmp_path, monkeypatch):
    bare(tmp_path)
    monkeypatch.setattr("cttoolkit.custody.regular._LARGEST", 10)
    with pytest.raises(EvidenceError, match="larger than any"):
        ct.check_custody(tmp_path)


@pytest.mark.parametrize(
    "lie",
    [
        {"delete_markers": [{}]},
        {"delete_markers": [{"key": [1], "version_id": {}, "last_modified": "", "is_latest": True}]},
        {"files": [{"path": "a", "size": "1", "sha256": 5}]},
        {"runs": [{"a": [[[[]]]]}]},
        {"runs": [5]},
    ],
)
def test_a_manifest_that_lies_is_an_error_and_crashes_nothing(tmp_path, lie):
    bare(tmp_path, **lie)
    with pytest.raises(EvidenceError, match=r"manifest\.json: not a manifest: "):
        ct.check_custody(tmp_path)


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    marker = Marker("k", "v", "t", is_latest=True)
    body = Manifest(
        files={"a": (1, "0")}, delete_markers=[marker], runs=[{"by": {"arn": "x"}, "window": ["a", "b"], "number": 1}]
    ).encoded()
    (tmp_path / "manifest.json").write_bytes(body)
    found, read = read_manifest(tmp_path)
    assert read == body == found.encoded()
    assert found.delete_markers == [marker]


@pytest.mark.parametrize("kind", ["content", "link", "folder"])
def test_a_lock_that_holds_anything_was_added(tmp_path, kind):
    bare(tmp_path)
    lock = tmp_path / LOCK
    lock.write_bytes(b"")
    assert ct.check_custody(tmp_path).is_whole
    if kind == "content":
        lock.write_bytes(b"anything")
    else:
        lock.unlink()
        if kind == "link":
            lock.symlink_to(tmp_path / "manifest.json")
        else:
            lock.mkdir()
            (lock / "x").touch()
    assert ct.check_custody(tmp_path).added == (LOCK + "/x" * (kind == "folder"),)


def bare(folder, **more):
    """A manifest of nothing, or of what is said."""
    held = {"format": "cttoolkit manifest 1", "objects": [], "files": [], "delete_markers": [], "not_collected": {}}
    (folder / "manifest.json").write_text(json.dumps({**held, "left_out": {}, "runs": [], **more}))
