"""cttoolkit verify: a verdict that fits on a screen."""

import re

import pytest

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
