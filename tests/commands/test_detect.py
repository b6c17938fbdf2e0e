"""cttoolkit detect: what the catalogue and Sigma rules saw, for people and for machines."""

import contextlib
import csv
import io
import json

import pytest

from cttoolkit.cli import main
from tests.conftest import event, small_world
from tests.detections.samples.records import call

RULE = """
title: A trail was looked at
id: 6f1c3f6e-6f0f-4d37-9a53-0a4f3a1f7f11
level: low
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName: DescribeTrails}
  condition: selection
"""
BROKEN = RULE.replace("eventName:", "eventName|sideways:").replace("6f1c", "7f1c")


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    parts = [
        call("cloudtrail", "StopLogging", {"name": "=cmd()"}),
        call("cloudtrail", "UpdateTrail", {"name": "main", "isMultiRegionTrail": False}),
        call("cloudtrail", "DescribeTrails"),
    ]
    case = small_world(folder, *(event(n, f"2026-03-01T00:3{n}:00Z") | part for n, part in enumerate(parts)))
    case.evidence = str(case.write())
    case.keys = ["--keys", str(folder / "keys.json")]
    return case


def run(case, *options):
    return main(["detect", case.evidence, *case.keys, *options])


def test_the_catalogue_is_asked_and_told_as_a_table(case, capsys):
    assert run(case) == 0
    told = capsys.readouterr().out.splitlines()
    assert "intact" in told[0]
    assert "detections" in told[1]
    assert any(line.startswith("critical") and "trail-stopped" in line for line in told)


def test_a_machine_gets_what_was_seen_and_what_was_not(case, capsys):
    assert run(case, "--only", "trail-stopped", "--only", "trail-narrowed", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["detection"] for one in told["sightings"]] == ["trail-stopped", "trail-narrowed"]
    first = told["sightings"][0]
    assert (first["first"], first["events"], first["techniques"]) == ("2026-03-01T00:30:00Z", 1, ["T1562.008"])
    assert first["claim"].startswith("arn:aws:iam::111122223333:user/alice was seen to")
    assert [one["sightings"] for one in told["questions"]] == [1, 1]


def test_csv_has_the_same_rows(case, capsys):
    assert run(case, "--only", "trail-stopped", "--format", "csv") == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["detection"] == "trail-stopped"


def test_sigma_rules_alone_or_beside_the_catalogue(case, tmp_path, capsys):
    (tmp_path / "good.yml").write_text(RULE)
    (tmp_path / "broken.yml").write_text(BROKEN)
    assert run(case, "--sigma", str(tmp_path), "--format", "json") == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert len(told["sightings"]) == 1
    assert len(told["questions"]) == 1
    assert len(told["problems"]) == 1
    assert "broken.yml" in err
    assert run(case, "--sigma", str(tmp_path), "--only", "catalogue", "--format", "json") == 0
    assert len(json.loads(capsys.readouterr().out)["questions"]) > 2


def test_what_is_slight_can_be_left_out(case, tmp_path, capsys):
    (tmp_path / "good.yml").write_text(RULE)
    assert run(case, "--sigma", str(tmp_path), "--only", "trail-stopped", "--least", "high", "--format", "json") == 0
    assert [one["severity"] for one in json.loads(capsys.readouterr().out)["sightings"]] == ["critical"]


def test_what_was_seen_goes_into_a_report(case, tmp_path, capsys):
    page, table = tmp_path / "report.html", tmp_path / "cited.csv"
    heading = ["--title", "Trail <off>", "--author", "R. Esponder", "--about", "case=IR-7", "--cited", str(table)]
    assert run(case, "--only", "trail-stopped", "--report", str(page), *heading) == 0
    told = page.read_text()
    for wanted in (
        "was seen to stop or delete a trail",
        "Trail &lt;off&gt;",
        "R. Esponder",
        "IR-7",
        "--only trail-stopped",
    ):
        assert wanted in told
    assert len(list(csv.DictReader(io.StringIO(table.read_text())))) == 1
    capsys.readouterr()


def test_a_report_of_nothing_is_not_written(case, tmp_path, capsys):
    page = tmp_path / "report.html"
    assert run(case, "--only", "insights-emptied", "--report", str(page)) == 0
    assert "not written; nothing was seen" in capsys.readouterr().err
    assert not page.exists()


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (["--only", "trail-stopped", "--report", "x.html", "--about", "case"], "'case' is not NAME=VALUE"),
        (["--only", "trail-stopped", "--cited", "c.csv"], "--cited: it belongs to a report"),
        (["--only", "nothing-such"], "nothing-such: no detection"),
        (["--sigma", "absent"], "absent"),
        (["--sigma", ".", "--placeholder", "x"], "'x' is not NAME=VALUE"),
        (["--sigma", "."], "no rule is in it"),
    ],
)
def test_misuse_is_2_and_one_line(case, options, wrong, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with contextlib.suppress(SystemExit):
        assert run(case, *options) == 2
    out, err = capsys.readouterr()
    assert not out
    assert wrong in err
    assert err.count("\n") == 1
