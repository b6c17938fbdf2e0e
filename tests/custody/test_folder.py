"""A folder that somebody changed between two runs: nothing outside of it is read, moved or written."""

import os

import pytest

import cttoolkit as ct
from cttoolkit.collection.finishing import _set_answers_aside
from cttoolkit.collection.lock import locked
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.path import FOLDERS, JOURNAL, LOCK
from cttoolkit.errors import EvidenceError


@pytest.fixture
def outside(tmp_path):
    """A folder of somebody's own, beside that of the case; at the end it is as it was."""
    place = tmp_path / "outside"
    (place / "empty").mkdir(parents=True)
    (place / "thesis.json").write_bytes(b"without a line's end")
    yield place
    assert sorted(path.name for path in place.rglob("*")) == ["empty", "thesis.json"]
    assert (place / "thesis.json").read_bytes() == b"without a line's end"


@pytest.fixture
def case(tmp_path):
    (tmp_path / "case").mkdir(exist_ok=True)
    return tmp_path / "case"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_journal_that_is_a_link_is_not_written_through(case, outside, is_there):
    (case / JOURNAL).symlink_to(outside / ("thesis.json" if is_there else "new.json"))
    with pytest.raises(EvidenceError, match="a symbolic link, which is not followed"):
        Journal(case, print)


def test_a_journal_that_is_a_pipe_is_not_waited_for(case):
    os.mkfifo(case / JOURNAL)
    with pytest.raises(EvidenceError, match="not a regular file"):
        Journal(case, print)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_the_collections_own_that_is_a_link_stops_it_before_anything_is_done(case, outside, name):
    (case / name).symlink_to(outside)
    with pytest.raises(EvidenceError, match=f"{name}: leads out of the collection's folder"):
        EvidenceFolder(case)


@pytest.mark.parametrize(
    "work",
    [
        lambda files: _set_answers_aside(files, Ledger(files.root / ".ledger"), {"configuration/x.json": b"x"}, 2),
        lambda files: files.set_aside("configuration/thesis.json", 2),
        lambda files: files.replace("configuration/thesis.json", [b"x"], 2),
        lambda files: files.keep_copy("configuration/thesis.json", 2),
        lambda files: files.remove_empty("configuration"),
        lambda files: files.beside(lambda path: False),
    ],
    ids=["answers set aside", "set aside", "replace", "keep a copy", "remove empty", "list"],
)
def test_a_folder_that_becomes_a_link_while_it_is_collected_is_told(case, outside, work):
    files = EvidenceFolder(case)
    (case / "configuration").symlink_to(outside)
    with pytest.raises(EvidenceError, match="leads out of the collection's folder; remove the link"):
        work(files)


def test_a_link_in_a_files_place_is_neither_read_nor_kept(case, outside):
    files = EvidenceFolder(case)
    (case / "manifest.json.sig").symlink_to(outside / "thesis.json")
    with pytest.raises(EvidenceError, match="not a regular file"):
        files.keep_copy("manifest.json.sig", 2)
    (case / "public-keys.json").symlink_to(outside / "thesis.json")
    files.replace("public-keys.json", [b"without a ", b"line's end"], 2)
    assert not (case / "public-keys.json").is_symlink()
    with pytest.raises(EvidenceError, match="a symbolic link, which is not followed"):
        files.holds("manifest.json.sig", os.lstat(case / "manifest.json.sig").st_size, "0")


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_a_lock_that_is_no_file_is_told(case, outside, kind):
    lock = case / LOCK
    if kind == "folder":
        lock.mkdir()
    elif kind == "pipe":
        os.mkfifo(lock)
    else:
        lock.symlink_to(outside / ("thesis.json" if kind == "link" else "new"))
    with pytest.raises(EvidenceError, match=r"link|not a regular file"):
        ct.collect("s3://example-logs", case)
    assert os.path.lexists(lock)


def test_who_comes_second_leaves_the_lock_to_who_came_first(case):
    with locked(case):
        with pytest.raises(EvidenceError, match="another collection is writing there"), locked(case):
            pass
        assert (case / LOCK).exists()
    assert not (case / LOCK).exists()
