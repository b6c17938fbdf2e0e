"""The command line: its exit codes, its one-line errors, its JSON."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from cttoolkit.cli import main
from tests.conftest import admitted, event
from tests.integrity.test_attacks_on_logs import pack

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "verify.schema.json").read_text())


@pytest.fixture
def run(case, capsys):
    def call(command, *arguments, keys=True):
        evidence = case.write()
        given = ["--keys", str(case.folder / "keys.json")] if keys else []
        code = main([command, str(evidence), *given, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_all_intact_is_0(run):
    code, out, err = run("verify")
    assert code == 0
    assert "11 intact" in out
    assert not err


@pytest.mark.parametrize("harm", ["edit", "delete", "plant"])
def test_altered_missing_or_unlisted_is_1(run, case, harm):
    key = case.logs[3]
    if harm == "edit":
        case.objects[key] = replace(case.objects[key], body=pack([]))
    elif harm == "delete":
        del case.objects[key]
    else:
        case.objects[key.replace(key[-24:-8], "Forged0000000000")] = replace(case.objects[key], body=pack([]))
    code, out, _ = run("verify")
    assert code == 1
    assert key[:60] in out


def test_nothing_wrong_and_not_all_verified_is_3(run, case):
    case.sidecar = False
    assert run("verify")[0] == 3
    assert run("verify", keys=False)[0] == 3


def test_what_cannot_be_read_is_2_and_named(run, case, monkeypatch):
    import os

    real = os.open
    victim = case.logs[3].rpartition("/")[2]

    def refuse(path, *rest, **more):
        if str(path).endswith(victim):
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    code, out, err = run("verify")
    assert code == 2
    assert victim in err
    assert "permission denied" in err
    assert "10 intact" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verify", "/no/such/folder"],
        ["verify", "{evidence}", "--keys", "/no/such/keys"],
        ["verify", "{evidence}", "--from", "2026-03-01T00:00:00"],
        ["verify", "{evidence}", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z"],
        ["verify", "{evidence}", "--account-id", "999999999999"],
        ["verify", "{evidence}", "--format", "xml"],
        ["verify", "{evidence}", "--workspace", "{evidence}/AWSLogs"],
        ["events", "{evidence}"],
        ["events", "{evidence}", "--accept-unverified", ""],
        ["events", "{evidence}", "--accept-unverified", "x", "--by", "user/mallory"],
        ["events", "{evidence}", "--accept-unverified", "x", "--plot", "{evidence}/plot.png"],
        ["events", "{evidence}", "--accept-unverified", "x", "--plot", "plot.nonsense"],
        [
            "report",
            "{evidence}",
            "--accept-unverified",
            "x",
            "--present",
            "a",
            "--absent",
            "b",
            "-o",
            "{evidence}/r.html",
        ],
        ["report", "{evidence}", "--accept-unverified", "x", "--present", "", "--absent", "b", "-o", "r.html"],
        ["sample", "no-such-world", "out"],
        ["nonsense"],
        [],
    ],
)
def test_misuse_is_2_and_one_line(arguments, case, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    evidence = str(case.write())
    try:
        code = main([argument.replace("{evidence}", evidence) for argument in arguments])
    except SystemExit as stopped:
        code = stopped.code
    err = capsys.readouterr().err
    assert code == 2
    assert len(err.strip().splitlines()) == 1, err
    assert ": " in err
    assert "; " in err
    assert "Traceback" not in err


def test_json_keeps_to_its_schema(run, case):
    for harm in (lambda: None, lambda: case.objects.pop(case.logs[2]), lambda: case.objects.pop(case.digests[2])):
        harm()
        _, out, _ = run("verify", "--format", "json")
        document = json.loads(out)
        jsonschema.validate(document, SCHEMA)
        assert sum(document["summary"].values()) == len(document["objects"])
    assert document["summary"]["missing"] == 2
    assert {interval["state"] for interval in document["coverage"]} == {"covered", "digest missing"}


def test_a_workspace_resumes_and_gives_the_same(case, capsys, tmp_path):
    arguments = [
        "verify",
        str(case.write()),
        "--keys",
        str(case.folder / "keys.json"),
        "--workspace",
        str(tmp_path / "work"),
    ]
    assert main(arguments) == 0
    first = capsys.readouterr()
    shards = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*.parquet")}
    assert shards
    assert main(arguments) == 0
    assert capsys.readouterr() == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*.parquet")} == shards


def test_events_are_shown_regrouped_and_drawn(run, tmp_path):
    code, out, _ = run("events", "--by", "user/alice", "--from", "2026-03-01T00:00Z", "--to", "2026-03-01T02:00Z")
    assert code == 0
    assert "4" in out.splitlines()[0]
    _, out, _ = run("events", "--pivot", "names", "--plot", str(tmp_path / "names.png"))
    assert "DescribeInstances" in out
    assert (tmp_path / "names.png").read_bytes().startswith(b"\x89PNG")
    _, out, _ = run("events", "--format", "jsonl", "--limit", "3")
    assert [json.loads(line)["event_name"] for line in out.splitlines()] == ["DescribeInstances"] * 3


def test_what_stands_out_is_asked_for_with_a_time(run):
    code, out, _ = run("events", "--pivot", "first_seen", "--since", "2026-03-01T03:00Z")
    assert code == 0
    assert "baseline 2026-03-01T00:10:00Z" in out
    assert run("events", "--pivot", "rare")[0] == 0
    code, _, err = run("events", "--pivot", "off_hours")
    assert code == 2
    assert "add --since" in err
    code, _, err = run("events", "--pivot", "rare", "--since", "2026-03-01T03:00Z")
    assert code == 2
    assert "no baseline" in err


def test_who_touched_a_resource(run):
    code, out, _ = run("events", "--touched", "nothing")
    assert code == 0
    assert "naming nothing" in out


def test_every_pivot_of_one_argument_can_be_asked_for():
    import inspect

    from cttoolkit import pivot
    from cttoolkit.arguments import AXES, LEADS

    named = {"access_keys" if name == "keys" else name for name in (*AXES, *LEADS)}
    needed = {
        name
        for name in set(pivot.__all__) - {"Pivot", "widest_key_owner", "on"}
        if not {
            parameter.name
            for parameter in inspect.signature(getattr(pivot, name)).parameters.values()
            if parameter.default is inspect.Parameter.empty
        }
        - {"events", "since"}
    }
    assert named == needed


def test_csv_cells_are_no_formulas(tmp_path, capsys):

    events = admitted(
        tmp_path, event(1, "2026-03-01T01:00:00Z", userAgent="=cmd|' /C calc'!A0", sourceIPAddress="@SUM(1)")
    )
    main(["events", events.verification.evidence.name, "--accept-unverified", "x", "--format", "csv"])
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["user_agent"] == "'=cmd|' /C calc'!A0"
    assert row["source_ip_address"] == "'@SUM(1)"


def test_terminals_get_no_escapes(tmp_path, capsys):

    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z", "\x1b]0;pwned\x07", userAgent="\x1b[2J"))
    for arguments in ([], ["--pivot", "agents"]):
        main(["events", events.verification.evidence.name, "--accept-unverified", "x", *arguments])
        assert "\x1b" not in capsys.readouterr().out


def test_one_question_gets_its_report(run, tmp_path):
    page = tmp_path / "answer.html"
    question = ["--name", "StopLogging", "--to", "2026-03-01T02:00Z", "--present", "It was.", "--absent", "It was not."]
    code, out, _ = run("report", *question, "-o", str(page))
    assert code == 0
    assert "It was not." in out
    assert "proved absent in period" in page.read_text()


def test_a_sample_is_written(tmp_path, capsys):
    assert main(["sample", "leaked-key", str(tmp_path / "out"), "--seed", "9"]) == 0
    assert (tmp_path / "out" / "truth.json").is_file()
    capsys.readouterr()
