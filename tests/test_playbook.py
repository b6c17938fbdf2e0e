"""Playbooks run on a case: what is written, what is left out of it, and what is said where it fails."""

import io
import re
import shutil
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import cttoolkit
from cttoolkit.cli import main
from cttoolkit.errors import PlaybookError
from cttoolkit.playbook import Playbook, find_playbook, list_playbooks, on_another_case, play
from tests.conftest import Case, small_bucket

CELLS = [
    new_markdown_cell(
        "# 98: Was anything <b>done</b>?\n\n> **Bottom line.** Alice did it [1].\n\n> **Rests on.** 3 intact log files."
    ),
    new_markdown_cell("## 0  The case\n\nIn the sample, Alice is to blame.\n\nWho asks is to look."),
    new_code_cell("import cttoolkit as ct, os"),
    new_code_cell('case = "sample"\nkeys = "k.json"\nstart, end = "x", "y"\nreport_to = ""', metadata={"tags": ["parameters"]}),
    new_code_cell("verification = ct.verify(ct.open_evidence(case), ct.load_keys(keys))\nverification"),
    new_markdown_cell("In the sample, all is well."),
    new_code_cell("events = ct.admit(verification, ct.IntactOnly())\nprint(ct.__file__, os.listdir(), (start, end) == ('', ''))"),
    new_code_cell('answers = [ct.conclude("Somebody called.", "Nobody called.", events, events.window)]\nct.report(answers, report_to)'),
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    # Quotes end a literal, and braces are a template, where somebody is careless.
    case = Case(small_bucket(), tmp_path_factory.mktemp('it\'s {odd} "case"'))
    case.write()
    return case


def written(folder, *more):
    cells = [nbformat.from_dict(cell) for cell in [*CELLS, *more]]
    cells[4].outputs = [new_output("stream", text="of the sample")]
    nbformat.write(new_notebook(cells=cells), folder / "98-was-anything-done.ipynb")
    return Playbook(folder / "98-was-anything-done.ipynb")


@pytest.fixture(scope="module")
def played(case, tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    given = {
        "case": str(case.folder / "evidence"),
        "keys": str(case.folder / "keys.json"),
        "report_to": str(folder / "out" / "report.html"),
    }
    return play(written(folder), given, folder / "out")


def test_the_kernel_runs_this_package_in_an_empty_folder(played):
    printed = nbformat.read(played.notebook, 4).cells[-2].outputs[0].text
    assert printed.split() == [cttoolkit.__file__, "[]", "True"]


def test_it_writes_the_notebook_a_page_and_the_report(played):
    assert played.report.read_text().startswith("<!doctype html>")
    assert "Log files: 11 intact" in played.told[0]
    assert "Somebody called." in played.told[1]
    assert "Somebody called." in played.page.read_text()


def test_what_a_sample_showed_does_not_stand_in_a_case(played):
    text, page = played.notebook.read_text(), played.page.read_text()
    for gone in ("of the sample", "In the sample", "Alice did it", "3 intact log files"):
        assert gone not in text
        assert gone not in page
    assert "Who asks is to look." in page


def test_the_conclusions_stand_under_the_title(played):
    first = nbformat.read(played.notebook, 4).cells[0].source
    assert re.search(
        r"Bottom line, computed from this case.*\n>\n> Log files: 11 intact.*\n>\n> 1\. proved present: Somebody called",
        first,
    )


def test_one_cell_says_which_case_it_is(played):
    cells = nbformat.read(played.notebook, 4).cells
    (given,) = [cell.source for cell in cells if re.search(r"^case = ", cell.source, re.MULTILINE)]
    assert str(played.notebook.parent.parent) in given


def test_the_page_asks_nothing_of_anybody(played):
    page = played.page.read_text()
    assert not re.search(r"<(script|link|iframe|object|embed)\b", page)
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", page)
    assert "default-src 'none'" in page
    assert "<title>Was anything &lt;b&gt;done&lt;/b&gt;?</title>" in page


def test_a_cell_that_fails_is_named_and_what_was_done_is_kept(case, tmp_path):
    late = new_code_cell('events.by("user/nobody")\nprint("never")')
    after = new_code_cell("events", outputs=[new_output("stream", text="of the sample")])
    given = {
        "case": str(case.folder / "evidence"),
        "keys": str(case.folder / "keys.json"),
        "report_to": str(tmp_path / "r.html"),
    }
    with pytest.raises(
        PlaybookError, match=r"^playbook 98: code cell 6 \(events\.by\(.*failed with ActorError: user/nobody"
    ):
        play(written(tmp_path, late, after), given, tmp_path / "out")
    kept = nbformat.read(tmp_path / "out" / "98-was-anything-done.ipynb", 4)
    assert "Log files: 11 intact" in str(kept.cells)
    assert "Not finished" in kept.cells[0].source
    assert "of the sample" not in str(kept.cells)
    assert "ActorError" in (tmp_path / "out" / "98-was-anything-done.html").read_text()


FAILING = [
    CELLS[0],
    new_code_cell('report_to = ""', metadata={"tags": ["parameters"]}),
    new_code_cell("1 / 0"),
]


def failing(folder):
    nbformat.write(new_notebook(cells=FAILING), folder / "98-fails.ipynb")
    (folder / "out").mkdir()
    (folder / "own.txt").write_text("somebody's own")
    return Playbook(folder / "98-fails.ipynb"), folder / "out"


def test_a_run_that_fails_leaves_no_report_of_an_earlier_case(tmp_path):
    playbook, out = failing(tmp_path)
    for name in ("report.html", "report.md"):
        (out / name).write_text("Another case: proved present.")
    # A second name of the same file: it is exchanged, and not written into.
    (out / "98-fails.html").hardlink_to(tmp_path / "own.txt")
    with pytest.raises(PlaybookError, match="ZeroDivisionError"):
        play(playbook, {"report_to": str(out / "report.html")}, out)
    assert sorted(path.name for path in out.iterdir()) == ["98-fails.html", "98-fails.ipynb"]
    assert "ZeroDivisionError" in (out / "98-fails.html").read_text()
    assert (tmp_path / "own.txt").read_text() == "somebody's own"


@pytest.mark.parametrize("name", ["98-fails.ipynb", "98-fails.html", "report.html", "report.md"])
def test_nothing_is_written_through_a_link(tmp_path, name):
    playbook, out = failing(tmp_path)
    (out / name).symlink_to(tmp_path / "own.txt")
    with pytest.raises(PlaybookError, match=f"{name}: a link, which is not written through"):
        play(playbook, {"report_to": str(out / "report.html")}, out)
    assert (tmp_path / "own.txt").read_text() == "somebody's own"


def test_a_parameter_that_it_does_not_have_is_refused(tmp_path):
    with pytest.raises(PlaybookError, match="no parameter suspect; it has case, keys, start, end, report_to"):
        play(written(tmp_path), {"suspect": "user/alice"}, tmp_path)


def test_paragraphs_of_the_sample_go_and_no_others():
    text = "One.\n\nIn the sample, two.\nStill two.\n\nNot in the sample.\n\n> **Rests on.** 3.\n\n> A quotation."
    assert on_another_case(text) == "One.\n\nNot in the sample.\n\n> A quotation."


def test_they_are_listed_by_their_questions(capsys):
    assert main(["playbook"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(list_playbooks())
    assert all(re.fullmatch(r"\d\d  .+\?", line) for line in lines)
    assert find_playbook("2") == find_playbook("02")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["99"], "playbook 99: there is none of that number; say one of 00, 01"),
        (["²"], "playbook ²: there is none of that number"),
        (["02"], "playbook 02: no case is named; give --case"),
        (["02", "--case", "nowhere"], "nowhere: "),
        (["02", "--case", "evidence", "--keys", "none.json"], "none.json: "),
        (["02", "--case", "evidence", "--keys", "keys.json", "--keys", "more.json"], "--keys: a playbook takes one file"),
        (["02", "--case", "evidence", "--start", "2026-03-01T00:00Z"], "playbook 02: a window has two ends"),
        (["02", "--case", "evidence", "--start", "yesterday", "--end", "2026-03-01T00:00Z"], "'yesterday' is not a time"),
        (["02", "--case", "evidence", "--accept-unverified", " "], "; "),
        (["02", "--case", "evidence", "-o", "evidence/out"], "lies inside the evidence, which is never written to"),
    ],
)  # fmt: skip
def test_misuse_is_told_in_one_line_before_anything_runs(case, given, said, monkeypatch, capsys):
    monkeypatch.chdir(case.folder)
    assert main(["playbook", *given]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not list(case.folder.glob("*.ipynb"))
    assert not (case.folder / "evidence" / "out").exists()


def test_a_terminal_is_shown_how_far_it_is(case, tmp_path, monkeypatch):
    told = io.StringIO()
    told.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", told)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    given = {
        "case": str(case.folder / "evidence"),
        "keys": str(case.folder / "keys.json"),
        "report_to": str(tmp_path / "r.html"),
    }
    play(written(tmp_path, new_code_cell("import time; time.sleep(1.2)"), new_code_cell("1")), given, tmp_path / "out")
    assert re.search(r"running the notebook.*\| [67]/7", told.getvalue())


def test_paths_are_as_the_callers_folder_has_them(case, monkeypatch, capsys):
    monkeypatch.chdir(case.folder)
    assert main(["playbook", "0", "--case", "evidence", "--keys", "keys.json", "-o", "out"]) == 0
    assert "Report: What can be claimed?" in capsys.readouterr().out
    kept = (case.folder / "out" / "00-start-here.ipynb").read_text()
    assert "Log files: 11 intact" in kept
    shutil.rmtree(case.folder / "out")
