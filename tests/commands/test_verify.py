"""cttoolkit verify: a verdict that fits on a screen."""

import json
import re
import shlex

import pytest

from cttoolkit.arguments import command_line
from cttoolkit.cli import main
from tests.conftest import Case, small_bucket


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    case = Case(small_bucket(), tmp_path_factory.mktemp("case"))
    case.evidence = str(case.write())
    return case


def test_without_keys_it_says_what_is_wanting_and_repeats_nothing(case, capsys):
    assert main(["verify", case.evidence]) == 3
    out = capsys.readouterr().out
    assert "keys: none given" in out
    assert "--keys FILE" in out
    assert out.count("only a digest that is not proved lists it") == 1
    assert re.search(r"lists it \(\d such digests\)", out)
    # Six hours whose digests nothing proves are one stretch.
    (stretch,) = re.findall(r"^  .*digest unverifiable.*$", out, re.MULTILINE)
    assert "2026-03-01T00:00:" in stretch
    assert re.search(r"– 2026-03-01T0[67]:", stretch)


def test_with_keys_nothing_is_wanting(case, capsys):
    assert main(["verify", case.evidence, "--keys", str(case.folder / "keys.json")]) == 0
    assert "none given" not in capsys.readouterr().out


def test_the_one_digest_that_is_not_proved_is_named(tmp_path, capsys):
    case = Case(small_bucket(), tmp_path)
    case.sidecar = False
    assert main(["verify", str(case.write()), "--keys", str(tmp_path / "keys.json")]) == 3
    out = capsys.readouterr().out
    assert re.search(r"lists it \(unverifiable: AWSLogs/.*json\.gz\)", out)


def test_a_hole_between_two_stretches_is_not_joined_over(tmp_path, capsys):
    case = Case(small_bucket(), tmp_path)
    del case.objects[case.digests[3]]
    main(["verify", str(case.write()), "--keys", str(tmp_path / "keys.json")])
    told = re.findall(r"^  \S.*(covered|digest missing)", capsys.readouterr().out, re.MULTILINE)
    assert told == ["covered", "digest missing", "covered"]


def test_where_something_is_wrong_the_next_command_is_said_and_works(tmp_path, capsys):
    case = Case(small_bucket(), tmp_path / "it's a case")
    case.folder.mkdir()
    del case.objects[case.logs[3]]
    evidence, keys = str(case.write()), str(case.folder / "keys.json")
    assert main(["verify", evidence, "--keys", keys]) == 1
    command = capsys.readouterr().out.splitlines()[-1].partition("what may still be claimed: ")[2]
    _, name, number, *given = shlex.split(command)
    options = command_line().parse_args([name, number, *given])
    assert (options.number, options.case, options.keys) == ("01", evidence, [keys])
    assert main(["verify", evidence, "--keys", keys, "--format", "json"]) == 1
    json.loads(capsys.readouterr().out)
