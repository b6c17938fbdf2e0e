"""What the pages of the documentation say is done as they say: their code, their commands, and what these print."""

import contextlib
import gzip
import inspect
import io
import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

import cttoolkit as ct
from cttoolkit.arguments import command_line
from tests.conftest import SAMPLES
from tests.pages import agrees, blocks, command_lines, ran, steps

HOME = Path(__file__).parent.parent
DOCS = HOME / "docs"
PAGES = [
    DOCS / f"{name}.md"
    for name in (
        "index", "install", "tour", "your-bucket", "faq",
        "one-rule", "verdicts", "coverage", "standings", "absences", "threats",
    )
]  # fmt: skip
RUN = [page for page in PAGES if steps(page)]
GIVEN = "<!-- with: events of your-bucket.md -->"


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The folder that the pages speak of: the sample as in a checkout, a copy of it with its keys apart, an answer of LookupEvents."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data").symlink_to(SAMPLES.parent)
    told = shutil.ignore_patterns("public-keys.json", "truth.json", "README.md")
    shutil.copytree(SAMPLES / "leaked-key", folder / "case" / "evidence", ignore=told)
    shutil.copy(SAMPLES / "leaked-key" / "public-keys.json", folder / "case" / "keys.json")
    made = [
        record
        for log in sorted((folder / "case").rglob("*_CloudTrail_us-east-1_*.json.gz"))
        for record in json.loads(gzip.decompress(log.read_bytes()))["Records"]
        if record["eventName"] == "CreateAccessKey"
    ]
    answer = [{"EventId": one["eventID"], "CloudTrailEvent": json.dumps(one)} for one in made]
    (folder / "lookup").mkdir()
    (folder / "lookup" / "answer.json").write_text(json.dumps({"Events": answer}))
    return folder


@pytest.fixture(scope="module")
def given(case):
    """What a page that says so takes over from ``your-bucket.md``."""
    keys = ct.load_keys(case / "case" / "keys.json")
    verification = ct.verify(ct.open_evidence(case / "case" / "evidence"), keys, workspace=case / "case" / "work")
    return {"verification": verification, "events": ct.admit(verification, ct.IntactOnly())}


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page, case, given, monkeypatch):
    monkeypatch.chdir(case)
    names: dict[str, object] = {"ct": ct}
    names |= given if GIVEN in page.read_text() else {}
    for block in steps(page):
        came = ran(block, names)
        assert block.shown is None or agrees(block.shown, came), f"{block}\n--- the page\n{block.shown}--- came\n{came}"


def test_most_pages_have_something_to_run():
    assert {page.stem for page in PAGES} - {page.stem for page in RUN} == {"index", "install", "threats"}
    assert sum(len(steps(page)) for page in RUN) >= 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_not_run_can_be_typed(page):
    """Commands that ask AWS, or take long, at least parse; make has its targets, and pip its extras and files."""
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
    extras = set(tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    for block in blocks(page):
        for words in command_lines(block) if block.language == "sh" else []:
            match words:
                case ["cttoolkit", "--version"] | ["echo", "$?"]:
                    continue
                case ["cttoolkit", *given]:
                    with contextlib.redirect_stderr(io.StringIO()) as said:
                        try:
                            command_line().parse_args(given)
                        except SystemExit:
                            pytest.fail(f"{block}: {said.getvalue()}")
                case ["make", target]:
                    assert target in targets, block
                case ["pip", *rest]:
                    asked = re.findall(r"\[([a-z,]+)\]", " ".join(rest))
                    assert {extra for one in asked for extra in one.split(",")} <= extras, block
                    named = [one for one in rest if one.endswith((".lock", ".txt"))]
                    assert all((HOME / Path(one).name).exists() for one in named), block
                case [other, *_]:
                    assert block.not_run, f"{block}: {other}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_say_what_they_are(page):
    for block in blocks(page):
        assert block.language in ("python", "sh", "text"), block
    outside = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert "```" not in outside


def test_the_table_of_extras_has_all_that_a_user_may_ask_for():
    told = set(re.findall(r"^\| `([a-z]+)` \|", (DOCS / "install.md").read_text(), re.MULTILINE))
    extras = set(tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    assert told == extras - {"dev", "docs"}


def test_an_output_that_differs_is_noticed():
    assert agrees("559 intact · …\n…\nlast\n", "559 intact · 0\n\none\ntwo\nlast\n")
    assert agrees("a  b\n", "a      b  \n")
    assert not agrees("559 intact · …\n", "558 intact · 0\n")
    assert not agrees("one\n", "one\ntwo\n")
    assert not agrees("…\nlast\n", "last\nmore\n")
    assert not agrees("5082\n", "5083\n")


EVERYWHERE = [
    HOME / "README.md",
    HOME / "CONTRIBUTING.md",
    *sorted(DOCS.rglob("*.md")),
    *sorted((HOME / "notebooks").rglob("*.md")),
]


@pytest.mark.parametrize("page", EVERYWHERE, ids=lambda page: str(page.relative_to(HOME)))
def test_every_name_that_a_page_calls_is_there(page):
    for name in sorted(
        set(re.findall(r"(?<![\w./-])ct((?:\.[A-Za-z_]\w*)+)(?!\w*\.(?:md|ipynb|py)\b)", page.read_text()))
    ):
        found = ct
        for part in name.removeprefix(".").split("."):
            # What stands behind a class or a function is not looked into.
            if not inspect.ismodule(found):
                break
            assert hasattr(found, part), f"{page.name}: ct{name}"
            found = getattr(found, part)


@pytest.mark.parametrize("page", EVERYWHERE, ids=lambda page: str(page.relative_to(HOME)))
def test_every_command_in_a_block_can_be_typed(page):
    """Those in brackets, which may be left out, with the rest."""
    for block in blocks(page):
        joined = re.sub(r"\\\n\s*", " ", block.text)
        for line in re.findall(r"^\$? ?cttoolkit +(.+)$", joined, re.MULTILINE):
            words = shlex.split(line.replace("[", " ").replace("]", " "), comments=True)
            if words == ["--version"] or {"…", "|", "<", ">"} & set(words):
                continue
            with contextlib.redirect_stderr(io.StringIO()) as said:
                try:
                    command_line().parse_args(words)
                except SystemExit:
                    pytest.fail(f"{block}: cttoolkit {line}: {said.getvalue()}")
