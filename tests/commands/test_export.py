"""cttoolkit export: what other tools get from a shell, with its basis beside."""

import csv
import hashlib

import pyarrow.parquet as pq
import pytest

from cttoolkit.cli import main
from tests.conftest import Case, small_bucket


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    case = Case(small_bucket(), tmp_path_factory.mktemp("case"))
    case.evidence = str(case.write())
    case.keys = ["--keys", str(case.folder / "keys.json")]
    return case


@pytest.mark.parametrize("name", ["events.csv", "events.parquet", "events.jsonl", "layer.json"])
def test_each_format_is_written(case, name, tmp_path, capsys):
    made = {"csv": ["csv"], "parquet": ["parquet"], "jsonl": ["timesketch", "ocsf"], "json": ["navigator"]}[
        name.rpartition(".")[2]
    ]
    for format_ in made:
        assert main(["export", case.evidence, *case.keys, "--format", format_, "-o", str(tmp_path / name)]) == 0
        told = capsys.readouterr().out.splitlines()
        assert "Log files: 11 intact" in told[0]
        assert told[1] == f"{tmp_path / name}: {'0 techniques' if format_ == 'navigator' else '11 rows'}, {format_}"
        assert told[2] == f"sha256 {hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}"


def test_only_the_events_asked_for_are_written(case, tmp_path, capsys):
    steps = ["--by", "user/alice", "--from", "2026-03-01T00:00Z", "--to", "2026-03-01T02:00Z"]
    path = tmp_path / "events.parquet"
    assert main(["export", case.evidence, *case.keys, *steps, "--format", "parquet", "-o", str(path)]) == 0
    assert pq.read_metadata(path).num_rows == 4
    assert b"by arn:aws:iam::111122223333:user/alice" in pq.read_schema(path).metadata[b"cttoolkit"]
    capsys.readouterr()


def test_unverified_evidence_says_so_wherever_it_goes(case, tmp_path, capsys):
    path = tmp_path / "events.csv"
    code = main(["export", case.evidence, "--accept-unverified", "no keys yet", "--format", "csv", "-o", str(path)])
    assert code == 0
    assert "no keys yet" in capsys.readouterr().out
    with path.open() as file:
        assert {row["status"] for row in csv.DictReader(file)} == {"unverifiable"}


@pytest.mark.parametrize(
    "arguments", [["--format", "csv", "-o", "{evidence}/events.csv"], ["--format", "csv", "-o", "events.txt"], ["-o", "x.csv"],
                  ["--format", "navigator", "-o", "x.csv"], ["--format", "csv"]],
)  # fmt: skip
def test_misuse_is_2_and_one_line(case, arguments, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    given = [argument.replace("{evidence}", case.evidence) for argument in arguments]
    try:
        code = main(["export", case.evidence, *case.keys, *given])
    except SystemExit as stopped:
        code = stopped.code
    err = capsys.readouterr().err
    assert code == 2
    assert len(err.strip().splitlines()) == 1, err
    assert "; " in err
    assert not list(tmp_path.iterdir())
