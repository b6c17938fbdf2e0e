"""cttoolkit events: what a stranger reads of it, on the terminal alone."""

import json
from dataclasses import replace

import pytest

from cttoolkit.cli import main
from tests.conftest import Case, event, small_bucket, small_world
from tests.integrity.test_attacks_on_logs import pack


def made(number, key):
    return event(
        number,
        f"2026-03-01T0{1 + number}:00:00Z",
        "CreateAccessKey",
        responseElements={"accessKey": {"accessKeyId": key, "userName": "alice"}},
        readOnly=False,
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Sixty reads, each with a key of its own, and two keys that alice makes."""
    reads = []
    for number in range(60):
        read = event(10 + number, f"2026-03-01T01:{number:02d}:00Z")
        read["userIdentity"] = read["userIdentity"] | {"accessKeyId": f"ASIA{number:016d}"}
        reads.append(read)
    return world(
        small_world(tmp_path_factory.mktemp("sound"), *reads, made(1, "AKIA1EXAMPLE"), made(2, "AKIA2EXAMPLE"))
    )


@pytest.fixture(scope="module")
def tampered(tmp_path_factory):
    """One log file of eleven is rewritten, one is gone."""
    case = Case(small_bucket(), tmp_path_factory.mktemp("tampered"))
    first, second = case.logs[3:5]
    case.objects[first] = replace(case.objects[first], body=pack([]))
    del case.objects[second]
    return world(case)


def world(case):
    return [str(case.write()), "--keys", str(case.folder / "keys.json"), "--workspace", str(case.folder / "work")]


@pytest.fixture
def ask(capsys):
    def call(case, *arguments, command="events"):
        code = main([command, *case, *arguments])
        return code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("shape", ["text", "csv", "jsonl"])
def test_an_answer_from_tampered_evidence_says_that_files_were_left_out(ask, tampered, sound, shape):
    code, out, err = ask(tampered, "--name", "CreateAccessKey", "--format", shape)
    assert code == 0
    assert "left out: 1 missing · 1 altered" in err
    assert "left out" not in out, "it is no row"
    assert ask(sound, "--format", shape)[2] == "", "nothing was"


def test_a_list_that_stops_says_so(ask, sound):
    told, _, *rows = ask(sound)[1].splitlines()
    assert (len(rows), told.endswith(": 62; the first 50 shown")) == (50, True)
    told, _, *rows = ask(sound, "--limit", "3")[1].splitlines()
    assert (len(rows), told.endswith("; the first 3 shown")) == (3, True)
    told, _, *rows = ask(sound, "--limit", "62")[1].splitlines()
    assert (len(rows), "shown" in told) == (62, False)


def test_a_pivot_shows_as_many_rows_as_its_caption_says(ask, sound):
    told, _, *rows = ask(sound, "--pivot", "access_keys")[1].splitlines()
    assert (len(rows), "61 by access key id; the first 50 shown" in told) == (50, True)
    told, _, *rows = ask(sound, "--pivot", "access_keys", "--limit", "7")[1].splitlines()
    assert (len(rows), "; the first 7 shown" in told) == (7, True)
    told, _, *rows = ask(sound, "--pivot", "access_keys", "--limit", "99")[1].splitlines()
    assert (len(rows), "shown" in told) == (61, False)
    assert len(ask(sound, "--pivot", "access_keys", "--format", "csv")[1].splitlines()) == 62, "a file is whole"


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_number_of_rows(sound, capsys, limit):
    with pytest.raises(SystemExit) as stopped:
        main(["events", *sound, f"--limit={limit}"])
    assert stopped.value.code == 2
    assert "not a number of rows" in capsys.readouterr().err


def test_who_made_which_key_is_one_command(ask, sound):
    place = "responseElements.accessKey.accessKeyId"
    out = ask(sound, "--name", "CreateAccessKey", "--on", place, "--on", "actor", "--format", "csv")[1]
    rows = [line.split(",")[:3] for line in out.splitlines()[1:]]
    alice = "arn:aws:iam::111122223333:user/alice"
    assert rows == [["AKIA1EXAMPLE", alice, "1"], ["AKIA2EXAMPLE", alice, "1"]]
    code, _, err = ask(sound, "--on", "no_such_column")
    assert (code, "no such column" in err) == (2, True)


def test_events_are_regrouped_in_one_way(sound, capsys):
    with pytest.raises(SystemExit):
        main(["events", *sound, "--on", "actor", "--pivot", "names"])
    assert "not allowed with" in capsys.readouterr().err


def test_lines_of_json_are_found_by_what_they_say(ask, sound):
    line = ask(sound, "--name", "CreateAccessKey", "--format", "jsonl", "--limit", "1")[1]
    assert "arn:aws:iam::111122223333:user/alice" in line
    assert json.loads(line)["actor"] == "arn:aws:iam::111122223333:user/alice"


def test_a_backslash_before_a_slash_stays(ask, tmp_path):
    odd = event(1, "2026-03-01T01:00:00Z", userAgent='a\\/b "\\" /')
    line = ask(world(small_world(tmp_path, odd)), "--format", "jsonl")[1]
    assert json.loads(line)["user_agent"] == 'a\\/b "\\" /'


def test_a_slip_in_a_name_is_not_taken_for_silence(ask, sound):
    assert "nearest: CreateAccessKey" in ask(sound, "--name", "createaccesskey")[2]
    assert "nearest: StopLogging" in ask(sound, "--name", "StopLoging")[2], "nobody stopped it, and it is a call"
    for name in ("CreateAccessKey", "StopLogging", "Zzz"):
        assert ask(sound, "--name", name)[2] == "", name


def test_what_to_do_is_said_in_words_of_the_command_line(ask, sound):
    evidence, *_ = sound
    _, _, err = ask([evidence])
    assert "--keys FILE" in err
    assert "--accept-unverified" in err
    assert "ct." not in err
    _, _, err = ask(sound, "--by", "alic")
    assert "--pivot actors; nearest: arn:aws:iam::111122223333:user/alice" in err
    assert "ct." not in err


def test_keys_that_were_given_are_not_asked_for_again(ask, tmp_path):
    case = Case(small_bucket(), tmp_path)
    evidence, *_ = world(case)
    (tmp_path / "keys.json").write_text(json.dumps(small_bucket(seed=8).public_keys()))
    _, _, err = ask([evidence, "--keys", str(tmp_path / "keys.json")])
    assert "collect the digests and their keys" in err


def test_a_table_of_sightings_says_so_too(ask, tampered):
    code, out, err = ask(tampered, "--only", "key-for-oneself", "--format", "csv", command="detect")
    assert (code, out.count("\n")) == (0, 1)
    assert "left out: 1 missing · 1 altered" in err
