"""Notebooks of the exercises: blank ones run and say so, solved ones earn full marks, and both follow from the definitions."""

import re
from itertools import pairwise
from statistics import median

import nbformat
import pytest

from tests.training.definitions import NAMES, exercises

FOLDER = exercises.NOTEBOOKS


def cells(path, kind=None):
    return [cell for cell in nbformat.read(path, as_version=4).cells if kind in (None, cell.cell_type)]


def told(cell):
    return "".join(out.get("data", {}).get("text/plain", out.get("text", "")) for out in cell.get("outputs", []))


PATHS = [FOLDER / f"{name}.ipynb" for name in NAMES] + [FOLDER / "solutions" / f"{name}.ipynb" for name in NAMES]


def test_there_is_one_of_each_and_no_other():
    assert sorted(FOLDER.rglob("[!.]*.ipynb")) == sorted(PATHS)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_what_the_definition_says(name):
    for path, notebook in exercises.notebooks(exercises.load(name)).items():
        assert exercises.is_kept(path, notebook), f"{path.name}: run tools/exercises.py {name}"


@pytest.mark.parametrize("name", NAMES)
def test_a_trainees_notebook_is_blank_and_says_so(name):
    checks = [cell for cell in cells(FOLDER / f"{name}.ipynb", "code") if "exercise.check(" in cell.source]
    assert len(checks) == len(exercises.load(name).questions)
    for number, cell in enumerate(checks, 1):
        assert cell.source == f'answer = None\nexercise.check("q{number}", answer)'
        assert told(cell).startswith(f"q{number}: not answered yet")


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_is_right_throughout_and_earns_full_marks(name):
    code = cells(FOLDER / "solutions" / f"{name}.ipynb", "code")
    checks = [cell for cell in code if "exercise.check(" in cell.source]
    assert len(checks) == len(exercises.load(name).questions)
    for number, cell in enumerate(checks, 1):
        assert told(cell) == f"q{number}: right. 10 of 10 points"
    full = 10 * len(checks)
    assert f"{full} of {full} points" in told(code[-1])
    assert "no over-claim" in told(code[-1])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
class TestForm:
    def test_evidence_is_verified_and_admitted_before_anything_is_asked(self, path):
        verbs = re.findall(r"\bct\.([a-zA-Z_.]+)\(", "\n".join(cell.source for cell in cells(path, "code")))
        assert verbs[:4] == ["training.open", "verify", "open_evidence", "load_keys"]
        assert verbs[4] == "admit"

    def test_cells_are_short_and_plain(self, path):
        sources = [cell.source for cell in cells(path, "code")]
        assert median(len(source.splitlines()) for source in sources) <= 3
        assert max(len(source.splitlines()) for source in sources) <= 5
        assert not [source for source in sources if re.search(r"^\s*(def|class|%|!)|https?://", source, re.MULTILINE)]

    def test_a_sentence_follows_every_output(self, path):
        everything = cells(path)
        for cell, after in pairwise(everything):
            if cell.get("outputs") and cell.source not in exercises_opening():
                assert after.cell_type == "markdown", cell.source

    def test_outputs_are_kept_come_from_one_run_and_tell_nothing_of_the_machine(self, path):
        counts = [cell.execution_count for cell in cells(path, "code")]
        assert counts == list(range(1, len(counts) + 1))
        assert not re.search(r"/(home|root|Users|tmp|work)/", path.read_text())
        outputs = [output for cell in cells(path, "code") for output in cell.outputs]
        assert not [one for one in outputs if one.output_type == "error" or one.get("name") == "stderr"]


def exercises_opening():
    """The cell that verifies, whose output is looked at together with the next."""
    return {"verification = ct.verify(ct.open_evidence(exercise.case), ct.load_keys(exercise.keys))\nverification"}
