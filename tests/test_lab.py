"""The folder to work in: what comes with the package, and never written over."""

import sys

import pytest

from cttoolkit import cli
from cttoolkit.commands import practice
from cttoolkit.errors import PlaybookError
from cttoolkit.lab import FIRST, lay_out
from tests.conftest import SAMPLES

HOME = SAMPLES.parent.parent


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_notebooks_and_samples_lie_as_the_notebooks_look_for_them(tmp_path):
    made = lay_out(tmp_path / "lab")
    assert made.first.is_file()
    assert not made.kept
    assert made.copied == len(files(tmp_path / "lab"))
    assert (made.first.parent / "../data/samples/leaked-key/public-keys.json").is_file()
    assert files(tmp_path / "lab" / "data" / "samples") == files(SAMPLES)
    for path in sorted((HOME / "notebooks").rglob("*.ipynb")):
        assert (tmp_path / "lab" / path.relative_to(HOME)).is_file() == (".ipynb_checkpoints" not in path.parts)


def test_what_somebody_wrote_there_is_kept(tmp_path):
    first = lay_out(tmp_path)
    first.first.write_text("mine")
    (tmp_path / "notebooks" / "notes.ipynb").write_text("mine too")
    (tmp_path / "data" / "samples" / "quiet" / "public-keys.json").unlink()
    again = lay_out(tmp_path)
    assert (again.copied, [str(path) for path in again.kept]) == (1, [FIRST])
    assert first.first.read_text() == "mine"
    assert "1 of yours kept" in str(again)


def test_no_link_leads_out_of_the_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlaybookError, match="a link"):
        lay_out(tmp_path / "lab")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_command_copies_and_then_opens_the_first_notebook(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    opened = []

    class ReplacedError(Exception):
        """Stands for the process that gives way."""

    def execute(program, command):
        opened.append(command)
        raise ReplacedError

    monkeypatch.setattr(practice.os, "execv", execute)
    assert cli.main(["lab", "--copy-only"]) == 0
    assert "files copied" in capsys.readouterr().out
    assert not opened
    with pytest.raises(ReplacedError):
        cli.main(["lab", "--port", "9999"])
    assert capsys.readouterr().out == "", "it is there"
    (command,) = opened
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--port=9999" in command
    assert "--notebook-dir=cttoolkit-lab" in command
    # In a folder that has the notebooks, they are opened as they stand.
    monkeypatch.chdir(tmp_path / "cttoolkit-lab")
    with pytest.raises(ReplacedError):
        cli.main(["lab"])
    assert "--notebook-dir=." in opened[-1]
