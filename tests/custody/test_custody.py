"""A collected folder is tampered with: the manifest, its hash or its signature tells."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from contextlib import ExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

import cttoolkit as ct
from cttoolkit.cli import main
from cttoolkit.collection.spool import Spool
from cttoolkit.custody.check import Seal
from cttoolkit.custody.journal import Journal
from cttoolkit.custody.ledger import Ledger
from cttoolkit.custody.manifest import Collected, Described, Marker, open_manifest
from cttoolkit.custody.path import JOURNAL, LOCK
from cttoolkit.custody.seal import load_private, load_public, seal_file, seal_holds
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
    for one in held["objects"]:
        if one["path"] == log.relative_to(copy).as_posix():
            one.update(size=6, sha256=hashlib.sha256(b"forged").hexdigest())
    rewrite(copy / "manifest.json", laid_out(held))
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


def test_only_the_manifest_that_was_written_is_signed(pair, tmp_path):
    """Whoever can write into the folder may put another there before it is signed."""
    key = load_private(pair[0])
    place = tmp_path / "manifest.json"
    place.write_bytes(b"forged")
    with pytest.raises(EvidenceError, match=r"manifest\.json: not what was written there"):
        seal_file(key, place, hashlib.sha256(b"written").hexdigest())
    seal = seal_file(key, place, hashlib.sha256(b"forged").hexdigest())
    with place.open("rb") as file:
        assert seal_holds(load_public(pair[1]), file, seal)
    place.write_bytes(b"")
    with pytest.raises(EvidenceError, match="not what was written there"):
        seal_file(key, place, hashlib.sha256(b"written").hexdigest())


def test_of_a_signature_no_more_is_read_than_one_is_long(copy, pair, monkeypatch):
    place = copy / "manifest.json.sig"
    body = place.read_bytes()
    place.chmod(0o644)
    with place.open("ab") as file:
        file.write(b"\n" * 8)
    assert ct.check_custody(copy, pair[1]).seal is Seal.HOLDS
    with place.open("ab") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        assert ct.check_custody(copy, pair[1]).seal is Seal.FAILS
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()
    rewrite(place, body)
    monkeypatch.setattr("cttoolkit.custody.check.open_regular", refuse)
    with pytest.raises(EvidenceError, match=r"manifest\.json\.sig: permission denied"):
        ct.check_custody(copy, pair[1])


def refuse(path, *_):
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


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
        ('{"format": "cttoolkit manifest 1", "objects": [{}]}', "another version"),
        ('{"format": "cttoolkit manifest 2", "objects": [{}]}', "not laid out as it was written"),
    ],
)
def test_a_damaged_manifest_is_an_error(tmp_path, body, wrong):
    (tmp_path / "manifest.json").write_text(body)
    with pytest.raises(EvidenceError, match=wrong):
        ct.check_custody(tmp_path)


def test_a_journal_is_read_up_to_the_line_that_a_kill_cut_short(tmp_path):
    one = Collected("a", "a", 1, "0" * 64, "e", "t", "t", "etag", "s3://b", 1)
    found = []
    with Journal(tmp_path, found.append) as journal:
        journal.add(one)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"path": "b", "ke')
    with Journal(tmp_path, found.append) as journal:
        assert found == [one]
        journal.add(one)
    with Journal(tmp_path, found.append) as journal:
        assert found == [one, one, one]


def test_of_two_lines_of_a_journal_the_later_holds_and_the_manifest_before_both(tmp_path, opened):
    """Two runs after each other were broken off, and the second told another thing of an object than the first."""
    first = objects("a", "b")
    later = [replace(one, etag="later") for one in first]
    ledger = opened("before")
    ledger.note(replace(first[0], etag="manifest"))
    (tmp_path / "manifest.json").write_bytes(b"".join(ledger.manifest()))
    with Journal(tmp_path, print) as journal:
        for one in (*first, *later):
            journal.add(one)
    again = opened("again")
    again.read(tmp_path)
    with Journal(tmp_path, again.note_unfinished):
        assert [one.etag for one in again] == ["manifest", "later"]
    again.note(first[0])
    assert again.find("a") == first[0]


def test_a_journal_that_somebody_wrote_into_is_an_error(tmp_path):
    (tmp_path / JOURNAL).write_bytes(b"[]\n")
    with pytest.raises(EvidenceError, match="line 1"):
        Journal(tmp_path, print)


def test_a_journal_too_deep_to_be_read_is_an_error(tmp_path):
    (tmp_path / JOURNAL).write_bytes(b'{"more":' + b"[" * 200_000 + b"\n")
    with pytest.raises(EvidenceError, match="line 1: not a line of the journal"):
        Journal(tmp_path, print)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_full_is_told_by_the_journal_and_hides_no_other_error(tmp_path):
    journal = Journal(tmp_path, print)
    journal._file.close()
    journal._file = open("/dev/full", "wb")  # noqa: PTH123, SIM115 (a file that takes nothing)
    with pytest.raises(EvidenceError, match=rf"{JOURNAL}: no space left on device; make room"), journal:
        journal.add(*objects("a"))
    assert journal._file.closed
    journal._file = open("/dev/full", "wb")  # noqa: PTH123, SIM115
    journal._file.write(b"x")
    with pytest.raises(EvidenceError, match=rf"{JOURNAL}: .*; make room"), journal:
        pass


def test_a_disk_that_is_full_is_told_by_the_ledger(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        ledger._connection.execute("PRAGMA max_page_count = 4")
        with pytest.raises(EvidenceError, match=r"ledger: .*full; make room"):
            ledger.mark(Marker("k", f"{number:05}", "t", is_latest=True) for number in range(10_000))


@pytest.mark.parametrize("kind", [Ledger, Spool])
def test_a_scratch_file_that_cannot_be_made_or_read_is_told(tmp_path, kind):
    with pytest.raises(EvidenceError, match="; make room and see that the folder can be written"):
        kind(tmp_path / "no folder" / "x")
    made = kind(tmp_path / "x")
    with made:
        pass
    with pytest.raises(EvidenceError, match="; make room and see that the folder can be written"):
        list(made)


def test_rows_that_were_not_read_to_their_end_end_quietly_after_the_file_is_closed(tmp_path):
    with Ledger(tmp_path / "ledger") as ledger:
        rows = ledger._rows("SELECT 1 UNION SELECT 2")
        assert next(rows) == (1,)
    rows.close()


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


def test_a_line_longer_than_any_entry_is_not_read_to_its_end(tmp_path, monkeypatch):
    bare(tmp_path, files=[{"path": "a" * 200, "size": 1, "sha256": "0"}])
    monkeypatch.setattr("cttoolkit.custody.manifest._LONGEST_LINE", 100)
    with pytest.raises(EvidenceError, match="line 5: Input data was truncated"):
        ct.check_custody(tmp_path)


def test_a_large_manifest_of_another_tool_is_looked_through_and_not_taken_for_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("cttoolkit.custody.manifest._ANY_TOOL", 64)
    (tmp_path / "manifest.json").write_text('{"files": [' + "1, " * 100 + "1]}")
    assert ct.check_custody(tmp_path) is None
    for before in range(40, 80):
        (tmp_path / "manifest.json").write_text(" " * before + '{"format": "cttoolkit manifest 2"' + " " * 100 + "}")
        with pytest.raises(EvidenceError, match="of another version of the format, or not as it was written"):
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


@pytest.fixture
def opened(tmp_path):
    """Ledgers by their names, closed in the end."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Ledger(tmp_path / name))


def objects(*paths):
    return [Collected(path, path, 1, "0" * 64, "e", "t", "t", "etag", "s3://b", 1) for path in paths]


def fill(ledger):
    for one in objects("b", "a/c", "a-b", "é", "\U0001f512"):
        ledger.note(one)
    ledger.mark([Marker("k", "v", "t", is_latest=True), Marker("j", "v", "t", is_latest=False)])
    ledger.files = [Described("x", 1, "0"), Described("a", 2, "1")]
    ledger.runs = [{"window": ["a", "b"], "by": {"arn": "x"}, "number": 1}]
    ledger.not_collected = {"z": "denied", 'a "quoted" one': "denied"}
    ledger.left_out = {"prefix/": "not CloudTrail's"}
    return ledger


def test_a_manifest_is_json_and_is_read_as_it_was_written(tmp_path, opened):
    body = b"".join(fill(opened("first")).manifest())
    (tmp_path / "manifest.json").write_bytes(body)
    told = json.loads(body)
    assert body == laid_out(told)
    assert [one["path"] for one in told["objects"]] == sorted(one["path"] for one in told["objects"])
    assert [one["key"] for one in told["delete_markers"]] == ["j", "k"]
    assert told["not_collected"] == {"z": "denied", 'a "quoted" one': "denied"}
    again = opened("again")
    assert again.read(tmp_path) == hashlib.sha256(body).hexdigest()
    assert b"".join(again.manifest()) == body


def test_an_empty_manifest_is_json_too(tmp_path, opened):
    body = b"".join(opened("ledger").manifest())
    assert body == laid_out(json.loads(body))
    (tmp_path / "manifest.json").write_bytes(body)
    assert opened("again").read(tmp_path) == hashlib.sha256(body).hexdigest()


def test_a_manifest_with_any_line_gone_twice_or_out_of_place_is_an_error(tmp_path, opened):
    body = b"".join(fill(opened("ledger")).manifest())
    lines = body.splitlines(keepends=True)
    (tmp_path / "case").mkdir()
    refused = 0
    for at in range(len(lines)):
        for harmed in (
            lines[:at] + lines[at + 1 :],
            [*lines[:at], lines[at], *lines[at:]],
            [*lines[: at + 1], b"{}\n"],
            lines[:at],
            [*lines[:at], lines[at][:-2]],
        ):
            whole = b"".join(harmed)
            (tmp_path / "case" / "manifest.json").write_bytes(whole)
            try:
                with open_manifest(tmp_path / "case") as manifest:
                    told = [*manifest.entries()]
            except EvidenceError:
                refused += 1
            else:
                # What is read must be JSON, and tell the same.
                assert len(told) == sum(len(part) for name, part in json.loads(whole).items() if name != "format")
    assert refused > len(lines) * 4


def test_objects_out_of_order_are_an_error(tmp_path, opened):
    ledger = fill(opened("ledger"))
    told = json.loads(b"".join(ledger.manifest()))
    told["objects"].reverse()
    (tmp_path / "manifest.json").write_bytes(laid_out(told))
    with pytest.raises(EvidenceError, match="not in order, or there twice"):
        ct.check_custody(tmp_path)


def test_a_folder_and_its_manifest_are_walked_in_one_order_whatever_the_names_are(tmp_path, opened):
    """Where a folder's name and a file's differ by a character below or above the stroke, a walk has another order than the paths."""
    names = [
        "a",
        "a-b",
        "a.b",
        "a0",
        "a b/c",
        "a/b",
        "b/c-d/e",
        "b/c/e",
        "b/c.d",
        "b/c0",
        "\x01/x",
        "é/x",
        "\U0001f512",
    ]
    case = tmp_path / "case"
    ledger = opened("ledger")
    for name in names:
        if name == "a":
            continue
        (case / name).parent.mkdir(parents=True, exist_ok=True)
        (case / name).write_bytes(b"x")
        ledger.note(Collected(name, name, 1, hashlib.sha256(b"x").hexdigest(), "e", "t", "t", "etag", "s3://b", 1))
    (case / "manifest.json").write_bytes(b"".join(ledger.manifest()))
    assert ct.check_custody(case).is_whole
    added = ["a-", "a/a", "a/c", "b/c/d", "b/c/f", "zz", "\x01/y"]
    for name in added:
        (case / name).write_bytes(b"y")
    gone = ["a.b", "b/c/e", "\x01/x", "\U0001f512"]
    for name in gone:
        (case / name).unlink()
    (case / "b/c0").write_bytes(b"z")
    custody = ct.check_custody(case)
    assert (custody.added, custody.missing, custody.altered) == (tuple(sorted(added)), tuple(sorted(gone)), ("b/c0",))
    assert custody.files == len(names) - 1


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
    (folder / "manifest.json").write_bytes(laid_out(more))


def laid_out(told):
    """A manifest as the collector writes it, line by line, of whatever is told."""
    lines = ['{"format":"cttoolkit manifest 2",']
    parts = ("runs", "files", "not_collected", "left_out", "delete_markers", "objects")
    for name in parts:
        is_pairs = name in ("not_collected", "left_out")
        held = told.get(name, {} if is_pairs else [])
        lines.append(f'"{name}":{"{" if is_pairs else "["}')
        entries = (
            [f"{compact(what)}:{compact(held[what])}" for what in sorted(held)] if is_pairs else map(compact, held)
        )
        lines.extend(",\n".join(entries).splitlines())
        lines.append(("}" if is_pairs else "]") + ("" if name == parts[-1] else ","))
    return "\n".join([*lines, "}\n"]).encode()


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
