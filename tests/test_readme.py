"""What the README says is done as it says."""

import ast
import contextlib
import io
import os
import re
from pathlib import Path

import pytest

import cttoolkit as ct

HOME = Path(__file__).parent.parent
README = (HOME / "README.md").read_text()


def example():
    return re.search(r"## Ten lines\n\n```python\n(.*?)```", README, re.DOTALL)[1]


def test_the_ten_lines_run_as_they_stand(monkeypatch):
    monkeypatch.chdir(HOME / "notebooks")
    code = example()
    assert len([node for node in ast.parse(code).body if not isinstance(node, ast.Import)]) <= 10
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert isinstance(names["minted"], ct.Finding)
    assert len(names["minted"].event_ids) == 2
    assert isinstance(names["silent"], ct.Absence)
    assert names["silent"].standing.word is ct.Word.KEY_UNPROVEN
    assert len(ct.pivot.addresses(names["alice"]).drill("203.0.113.7")) == 21


def test_links_lead_somewhere():
    for page in [HOME / "README.md", HOME / "CONTRIBUTING.md", *sorted((HOME / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_commands_exist():
    from cttoolkit.cli import main

    for command in sorted(set(re.findall(r"^cttoolkit (\w+)", README, re.MULTILINE))):
        with pytest.raises(SystemExit) as stopped, contextlib.redirect_stdout(io.StringIO()) as out:
            main([command, "--help"])
        assert stopped.value.code == 0
        assert command in out.getvalue()


def test_the_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE)) <= targets
    assert {"help", "setup", "demo", "lab", "test", "lint", "fix", "samples", "bench"} <= targets


@pytest.mark.parametrize("page", ["columns", "detections"])
def test_a_page_that_is_written_by_a_tool_is_what_the_code_says(page):
    import subprocess
    import sys

    told = {**os.environ, "PYTHONPATH": str(HOME)}
    subprocess.run([sys.executable, HOME / "tools" / f"{page}.py", "--check"], check=True, env=told)


def test_docs_without_digests_says_what_is_shown():
    page = (HOME / "docs" / "without-digests.md").read_text()
    assert "55 log files, 2,900 events" in page
    assert "exit" in README
