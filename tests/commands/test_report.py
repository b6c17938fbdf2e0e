"""cttoolkit report: what a machine reads of a conclusion."""

import json

import pytest

from cttoolkit.cli import main
from tests.conftest import Case, small_bucket


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    case = Case(small_bucket(), tmp_path_factory.mktemp("case"))
    case.evidence = str(case.write())
    case.keys = ["--keys", str(case.folder / "keys.json")]
    return case


@pytest.mark.parametrize(
    ("name", "kind", "claim"), [("StopLogging", "absence", "It never was."), (None, "finding", "Something was done.")]
)
def test_a_conclusion_is_told_to_a_machine_as_it_stands(case, tmp_path, capsys, name, kind, claim):
    page = tmp_path / "report.html"
    narrowed = ["--name", name] if name else []
    said = ["--present", "Something was done.", "--absent", "It never was.", "-o", str(page), "--format", "json"]
    assert main(["report", case.evidence, *case.keys, *narrowed, *said]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["claim"], told["report"]) == (kind, claim, str(page))
    assert told["standing"] in page.read_text()
    assert len(told["event_ids"]) == (0 if name else 11)
    assert {"name", "met", "found"} == set(told["conditions"][0])
    assert told["basis"].startswith("Log files: 11 intact")
