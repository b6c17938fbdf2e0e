"""A folder that somebody changed between two runs: nothing outside of it is read, moved or written."""

import errno
import os

import pytest
from filelock import FileLock

import cttoolkit as ct
from cttoolkit.collection.event_collection import keep_events
from cttoolkit.collection.finishing import _set_answers_aside, finish
from cttoolkit.collection.lock import locked
from cttoolkit.custody.folder import EvidenceFolder
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.path import FOLDERS, JOURNAL, LOCK, PARTIAL
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


def set_answers_aside(files):
    with Ledger(files.root / ".ledger") as ledger:
        _set_answers_aside(files, ledger, {"configuration/x.json": b"x"}, 2)


@pytest.mark.parametrize(
    "work",
    [
        set_answers_aside,
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


def test_who_comes_second_takes_nothing_from_who_came_first(case):
    """A collection that is under way has files below .partial/ that are not yet in their places."""
    with locked(case):
        EvidenceFolder(case)
        under_way = case / PARTIAL / "7"
        under_way.write_bytes(b"half")
        for begin in (lambda: ct.collect("s3://example-logs", case), lambda: keep_events(case, None, None)):
            with pytest.raises(EvidenceError, match="another collection is writing there"):
                begin()
        assert under_way.read_bytes() == b"half"


def test_a_lock_is_gone_before_another_can_have_it(case, monkeypatch):
    """Removed after it was let go, it would be that of who came next, and a third would make another."""
    seen = []
    release = FileLock.release

    def watched(self, **more):
        seen.append((case / LOCK).exists())
        release(self, **more)

    monkeypatch.setattr(FileLock, "release", watched)
    with locked(case):
        assert (case / LOCK).exists()
    assert seen[0] is False


@pytest.mark.parametrize("wrong", ["a file", "below a file"])
def test_a_folder_that_cannot_be_is_told_as_the_folder(tmp_path, wrong):
    place = tmp_path / "file"
    place.write_bytes(b"x")
    with pytest.raises(EvidenceError, match=r"file.*; choose a folder that can be written"):
        ct.collect("s3://example-logs", place if wrong == "a file" else place / "case")


def finished(case, documents=(), number=1):
    """The end of a run that collected nothing but these answers."""
    files = EvidenceFolder(case)
    with Ledger(case / PARTIAL / "ledger") as ledger:
        before = ledger.read(case)
        finish(files, ledger, dict(documents), {"number": number}, before, None)
    files.close()


def test_a_name_that_no_manifest_can_hold_is_a_strangers_and_stops_no_collection(case):
    """A name is bytes to the disk, and not all are text."""
    finished(case, {"configuration/x.json": b"{}"})
    (case / "custody").mkdir()
    for name in (b"configuration/\xff.json", b"custody/\xff"):
        (case / os.fsdecode(name)).write_bytes(b"x")
    finished(case, {"configuration/y.json": b"{}"}, 2)
    custody = ct.check_custody(case)
    assert custody.added == ("configuration/\udcff.json", "custody/\udcff")
    assert (custody.missing, custody.altered) == ((), ())
    assert (case / "custody/before-run-2/configuration/x.json").exists()


def test_a_file_beside_the_evidence_that_cannot_be_read_is_told(case, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("cttoolkit.custody.folder.sha256_of", refuse)
    with pytest.raises(EvidenceError, match=r"public-keys\.json: permission denied; "):
        finished(case, {"public-keys.json": b"{}"})


@pytest.mark.parametrize("wrong", ["custody", "custody/before-run-2"])
def test_a_file_where_what_was_before_is_to_be_kept_is_told(case, wrong):
    finished(case)
    (case / wrong).parent.mkdir(exist_ok=True)
    (case / wrong).write_bytes(b"x")
    with pytest.raises(
        EvidenceError, match=r"custody.*: (file exists|not a directory); see that the folder can be written"
    ):
        finished(case, number=2)
    assert (case / "manifest.json").exists()


def test_a_journal_that_somebody_removed_meanwhile_stops_no_collection(case):
    with Journal(case, print) as journal:
        (case / JOURNAL).unlink()
        journal.remove()
    assert not (case / JOURNAL).exists()


def test_a_signature_that_cannot_be_removed_is_told(case):
    files = EvidenceFolder(case)
    (case / "manifest.json.sig").mkdir()
    with pytest.raises(EvidenceError, match=r"manifest\.json\.sig: .*; see that the folder can be written"):
        files.remove("manifest.json.sig")
