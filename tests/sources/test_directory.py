"""Evidence in a folder: never followed out of, never written to, never half read."""

import errno
import json
import os
from pathlib import Path

import pytest

from cttoolkit.errors import EvidenceChangedError, EvidenceError
from cttoolkit.evidence import open_evidence
from cttoolkit.source import StoredObject
from cttoolkit.sources.directory import Directory

LOG = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/01/111122223333_CloudTrail_us-east-1_20260301T0205Z_AbCdEfGhIjKlMnOp.json.gz"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "evidence" / LOG
    path.parent.mkdir(parents=True)
    path.write_bytes(b"body")
    return tmp_path / "evidence"


def test_keys_are_paths_with_slashes(folder):
    source = Directory(folder)
    (stored,) = source.objects()
    assert stored.key == LOG
    assert source.read(stored) == b"body"


def test_no_such_folder_and_a_file():
    with pytest.raises(EvidenceError, match="no such folder"):
        open_evidence("/no/such/folder")
    with pytest.raises(EvidenceError, match="no folder and no archive"):
        open_evidence(__file__)


def test_an_empty_folder_and_one_of_other_things(tmp_path):
    with pytest.raises(EvidenceError, match="empty"):
        open_evidence(tmp_path)
    (tmp_path / "photo.png").write_bytes(b"")
    with pytest.raises(EvidenceError, match="1 files, none of them CloudTrail's"):
        open_evidence(tmp_path)


def test_links_are_refused_and_named(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text("{}")
    (folder / "link.json").symlink_to(outside / "secret.json")
    (folder / "folder").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    evidence = open_evidence(folder)
    assert [item.stored.key for item in evidence.logs] == [LOG]
    assert {key for key, reason in evidence.others.items() if "link" in reason} == {"link.json", "folder", "circle"}


def test_a_file_replaced_by_a_link_is_not_followed(folder, tmp_path):
    source = Directory(folder)
    (stored,) = source.objects()
    (tmp_path / "secret").write_bytes(b"body")
    (folder / LOG).unlink()
    (folder / LOG).symlink_to(tmp_path / "secret")
    with pytest.raises(EvidenceError, match="symbolic link"):
        source.read(stored)


def test_a_folder_replaced_by_a_link_is_not_followed(folder, tmp_path):
    source = Directory(folder)
    (stored,) = source.objects()
    (folder / "AWSLogs").rename(tmp_path / "AWSLogs")
    (folder / "AWSLogs").symlink_to(tmp_path / "AWSLogs")
    with pytest.raises(EvidenceError, match="became a link"):
        source.read(stored)


def test_a_changed_file_is_detected(folder):
    source = Directory(folder)
    (stored,) = source.objects()
    (folder / LOG).write_bytes(b"other")
    with pytest.raises(EvidenceChangedError, match="changed since"):
        source.read(stored)


def test_a_touched_file_of_the_same_size_is_detected(folder):
    source = Directory(folder)
    (stored,) = source.objects()
    os.utime(folder / LOG, (1, 1))
    with pytest.raises(EvidenceChangedError):
        source.read(stored)


@pytest.mark.parametrize("key", ["../secret", "AWSLogs/../../secret", "/etc/passwd", "", "a//b", "a\0b", "."])
def test_no_key_leads_out_of_the_folder(folder, key):
    with pytest.raises(EvidenceError, match="not a key inside"):
        Directory(folder).read(StoredObject(key, 4, ""))


def test_metadata_from_the_listing_and_from_a_head_file(folder):
    (folder / "objects-metadata.jsonl").write_text(
        json.dumps({"key": LOG, "metadata": {"X-Amz-Meta-Signature": "aa"}}) + "\n"
    )
    assert Directory(folder).metadata(LOG) == {"signature": "aa"}
    Path(f"{folder / LOG}.head.json").write_text('{"ContentLength": 4, "Metadata": {"Signature": "bb"}}')
    assert Directory(folder).metadata(LOG) == {"signature": "bb"}
    Path(f"{folder / LOG}.metadata.json").write_text('{"key": "k", "metadata": {"signature": "cc"}}')
    assert Directory(folder).metadata(LOG) == {"signature": "cc"}
    assert [stored.key for stored in Directory(folder).objects()] == [LOG]


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"metadata": {}}', '{"key": 1}'])
def test_a_broken_sidecar_is_an_error_that_names_the_line(folder, line):
    (folder / "objects-metadata.jsonl").write_text('{"key": "a", "metadata": {}}\n\n' + line + "\n")
    with pytest.raises(EvidenceError, match="line 3"):
        Directory(folder).metadata(LOG)


def test_an_unreadable_file_is_an_access_problem(folder, monkeypatch):
    source = Directory(folder)
    (stored,) = source.objects()

    def refuse(*_):
        # A test may run as root, to whom no file mode says no.
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(EvidenceError, match="permission denied"):
        source.read(stored)


def test_nothing_is_written(folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    evidence = open_evidence(folder)
    evidence.source.read(evidence.logs[0].stored)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_name_that_is_no_utf8_is_named_and_not_read(folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.json")).write_bytes(b"{}")
    evidence = open_evidence(folder)
    (reason,) = [reason for key, reason in evidence.others.items() if "udcff" in key]
    assert "not UTF-8" in reason


def test_a_file_changed_under_its_old_times_is_detected(folder):
    source = Directory(folder)
    (stored,) = source.objects()
    before = (folder / LOG).stat()
    (folder / LOG).write_bytes(b"bodz")
    os.utime(folder / LOG, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(EvidenceChangedError):
        source.read(stored)


def test_a_sidecar_without_line_ends_is_bounded(folder):
    with (folder / "objects-metadata.jsonl").open("wb") as file:
        file.write(b"[" * 3_000_000)
    with pytest.raises(EvidenceError, match="line 1: not JSON"):
        Directory(folder).metadata(LOG)
