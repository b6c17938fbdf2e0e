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


STOPPED = ("--present", "The trail was stopped.", "--absent", "The trail was not stopped.")
NIGHT = ("--from", "2026-03-01T01:00Z", "--to", "2026-03-01T02:00Z")


def test_an_absence_over_all_of_the_copy_says_what_would_prove_it(case, tmp_path, capsys):
    asked = ["report", case.evidence, *case.keys, "--name", "StopLogging", *STOPPED, "-o", str(tmp_path / "r.html")]
    assert main(asked) == 0
    out, err = capsys.readouterr()
    assert "name the time in question with --from and --to" in err
    assert out.count("coverage: not met") == 1, "the reasons are given once"
    assert main([*asked, *NIGHT]) == 0
    out, err = capsys.readouterr()
    assert "Absence, proved absent in period: The trail was not stopped." in out
    assert not err


def test_an_absence_of_data_events_is_asked_for_with_its_resource(case, tmp_path, capsys):
    said = ("--present", "Objects were deleted.", "--absent", "None was deleted.", "-o", str(tmp_path / "r.html"))
    asked = ["report", case.evidence, *case.keys, "--name", "DeleteObject", *NIGHT, *said]
    assert main(asked) == 0
    assert "--resource" in capsys.readouterr().err
    assert main([*asked, "--resource", "arn:aws:s3:::acme-claims-archive", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert not err
    (selectors,) = [one for one in json.loads(out)["conditions"] if one["name"] == "event selectors"]
    assert "acme-claims-archive" in selectors["found"]
    assert main([*asked, "--resource", "no arn"]) == 2


def test_a_name_that_tells_no_category_is_given_one(case, tmp_path, capsys):
    said = ("--present", "x", "--absent", "Nobody looked.", "-o", str(tmp_path / "r.html"))
    asked = ["report", case.evidence, *case.keys, "--name", "DescribeNothing", *NIGHT, *said]
    assert main(asked) == 0
    assert "--category" in capsys.readouterr().err
    assert main([*asked, "--category", "Management"]) == 0
    out, err = capsys.readouterr()
    assert "proved absent in period" in out
    assert not err
