"""The workspace: what is kept is whole, is used while the evidence is the same, and belongs to one process at a time."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cttoolkit.errors import WorkspaceError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity import store, work
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.verify import verify
from cttoolkit.sources.directory import Directory
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, HOME, Case, event

HOLD = """
import sys
from pathlib import Path
from cttoolkit.integrity.store import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def kept(case, tmp_path):
    """A verified case with its workspace, and a way to verify it again."""
    evidence, keys = case.write(), load_keys_of(case)
    workspace = tmp_path / "workspace"

    def again(**options):
        return verify(open_evidence(evidence), keys, workspace=workspace, **options)

    again()
    return evidence, workspace / "shards", again


def load_keys_of(case):
    case.write()
    return load_keys(case.folder / "keys.json")


def test_another_process_is_kept_out_and_let_in_when_the_first_is_killed(kept):
    _, folder, again = kept
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(WorkspaceError, match="another process is verifying into it"):
        again()
    holder.kill()
    holder.communicate()
    assert again().is_whole


def test_what_a_killed_process_left_unfinished_is_cleared_away(kept):
    _, folder, again = kept
    (folder / "abc.parquet.4711.part").write_bytes(b"half")
    again()
    assert not list(folder.glob("*.part"))


def test_a_second_call_reads_no_log_file_again(kept, monkeypatch):
    _, _, again = kept
    monkeypatch.setattr(work, "inflate", lambda *_: pytest.fail("a log file was read again"))
    assert again().is_whole


def test_hashes_are_asked_again_on_request(kept, monkeypatch):
    """A change that leaves name, size and times as they were: the stamp is made blind here, since no test can set ctime."""
    evidence, _, _ = kept
    monkeypatch.setattr("cttoolkit.sources.directory._stamp", lambda info: str(info.st_size))
    again = kept[2]
    assert again().is_whole
    log = next(path for path in sorted(evidence.rglob("*.gz")) if "/CloudTrail/" in str(path))
    body = bytearray(log.read_bytes())
    body[len(body) // 2] ^= 1
    log.write_bytes(body)
    assert again().is_whole, "the stamp is blind, so nothing is noticed"
    judged = again(rehash=True)
    assert judged.of(str(log.relative_to(evidence))).status is Status.ALTERED


def test_what_was_rewritten_for_a_changed_file_is_compared_for_repeats_anew(tmp_path, monkeypatch):
    """Two files with one event; then the second is changed unnoticed, and is found out by its hash."""
    monkeypatch.setattr("cttoolkit.sources.directory._stamp", lambda info: str(info.st_size))
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    first, second = json.dumps(event(1, "2026-03-01T01:00:00Z")), json.dumps(event(2, "2026-03-01T01:00:00Z"))
    (evidence / "a.json").write_text(first)
    (evidence / "b.json").write_text(first)

    def judged(**options):
        return verify(open_evidence(evidence), workspace=tmp_path / "workspace", **options)

    assert judged().completeness.duplicates == 1
    (evidence / "b.json").write_text(second)
    again = judged(rehash=True)
    assert again.completeness.duplicates == 0
    assert len(admit(again, AcceptUnverified("made up"))) == 2


def test_what_was_no_log_file_is_looked_at_again_on_request(tmp_path, monkeypatch):
    monkeypatch.setattr("cttoolkit.sources.directory._stamp", lambda info: str(info.st_size))
    record = json.dumps(event(1, "2026-03-01T01:00:00Z"))
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "a.json").write_text("n" * len(record))

    def judged(**options):
        return verify(open_evidence(evidence), workspace=tmp_path / "workspace", **options)

    assert not judged().completeness.rows
    (evidence / "a.json").write_text(record)
    assert judged(rehash=True).completeness.rows == 1


def test_a_touched_file_is_read_again(kept):
    evidence, folder, again = kept
    before = set(folder.glob("*.json"))
    log = next(path for path in sorted(evidence.rglob("*.gz")) if "/CloudTrail/" in str(path))
    os.utime(log, (1, 1))
    assert again().is_whole
    assert set(folder.glob("*.json")) - before


def test_a_full_disk_is_an_error_that_names_it_and_keeps_what_is_done(kept, monkeypatch):
    evidence, folder, again = kept
    for path in folder.glob("*.json"):
        path.unlink()
    real = Path.write_bytes

    def full(self, body):
        if self.name.endswith(".part"):
            real(self, body[: len(body) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        return real(self, body)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match=r"no space left on device \([\d,]+ MB free on /"):
        again()
    monkeypatch.undo()
    assert not list(folder.glob("*.part"))
    assert again().is_whole
    assert evidence.is_dir()


def test_a_really_full_disk(tmp_path):
    """A file size that the system refuses stands in for a disk, where no small one can be mounted."""
    script = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from cttoolkit.errors import WorkspaceError
        from cttoolkit.integrity.store import write_whole
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_whole(Path(sys.argv[1]) / "x", b"0" * 5000)
        except WorkspaceError as error:
            sys.exit(0 if "file too large" in str(error) and not list(Path(sys.argv[1]).iterdir()) else str(error))
        sys.exit("no error")
    """)
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_scopes_in_one_workspace_leave_each_other_alone(tmp_path):
    from cttoolkit.training.simulator import Simulator

    sim = Simulator(seed=7)
    trail = sim.trail(
        "t", account=ACCOUNT, home=HOME, regions=(HOME,), bucket="b", start="2026-03-01T00:00:00Z", end="2026-03-01T06:00:00Z"
    )  # fmt: skip
    for hour in range(1, 5):
        trail.record(HOME, event(1, "2026-03-01T01:00:00Z"), delivered_at=f"2026-03-01T0{hour}:05:00Z")
    case = Case(sim.seal(), tmp_path)
    evidence = open_evidence(case.write())
    keys = load_keys(case.folder / "keys.json")
    whole = admit(verify(evidence, keys, workspace=tmp_path / "w"), IntactOnly())
    part = verify(
        evidence, keys, workspace=tmp_path / "w", window=Window.of("2026-03-01T01:00:00Z", "2026-03-01T03:00:00Z")
    )
    assert len(whole) == 1
    assert whole.verification.completeness.duplicates == 3
    assert len(admit(part, IntactOnly())) == 1
    assert part.completeness.duplicates == 1
    assert len(whole.frame()) == 1


def test_every_name_is_fit_for_windows(kept):
    _, folder, _ = kept
    for path in folder.iterdir():
        assert not set(path.name) & set('<>:"/\\|?*')
        assert path.name.casefold().split(".")[0] not in {"con", "nul", "aux", "prn"}
        assert not path.name.endswith((".", " "))


def test_a_folder_that_cannot_be_locked_is_a_workspace_error(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(WorkspaceError), store.hold(tmp_path):
        pass


def test_the_evidence_is_not_written_to(kept):
    evidence, _, again = kept
    before = {path: path.stat().st_mtime_ns for path in evidence.rglob("*")}
    again(rehash=True)
    assert {path: path.stat().st_mtime_ns for path in evidence.rglob("*")} == before
    assert Directory(evidence).name == str(evidence)
