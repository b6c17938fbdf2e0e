"""The code and the commands of a page, and how they are run as a reader would: one after the other, in one folder."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cttoolkit.cli import main
from cttoolkit.errors import CttoolkitError

HOME = Path(__file__).parent.parent
LANGUAGES = {"python", "sh", "console", "sql", "json", "text"}
"""A block of JSON is parsed, one of text is the output of the block above it; all others are run."""

_BLOCK = re.compile(
    r"(?:^<!-- not run: ([^\n]+) -->\n)?(?:^<!-- with: [^\n]+ -->\n)*^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_SAID = re.compile(r"^<!-- (with|in): ([^\n]+) -->$", re.MULTILINE)
_ANY = r"(?:[^\n]*\n)*?"
COMMANDS = {"openssl"}
"""What is run as it is, beside cttoolkit itself."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, its line, why it is not run, the output that the page shows right below it, its folder."""

    page: str
    line: int
    language: str
    text: str
    not_run: str
    shown: str | None
    folder: str
    is_output: bool

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(path: Path) -> list[Block]:
    text = path.read_text()
    page = str(path.relative_to(HOME)) if path.is_relative_to(HOME) else path.name
    made: list[Block] = []
    end = 0
    for found in _BLOCK.finditer(text):
        line = text[: found.start(2)].count("\n") + 1
        below = re.match(r"\s*^```text\n(.*?)^```$", text[found.end() :], re.MULTILINE | re.DOTALL)
        folders = [one[2] for one in _SAID.finditer(text, 0, found.start(2)) if one[1] == "in"]
        above = made[-1] if made and not text[end : found.start()].strip() else None
        is_output = found[2] == "text" and above is not None and is_run(above) and not found[1]
        shown = below[1] if below and found[2] != "text" else None
        made.append(Block(page, line, found[2], found[3], found[1] or "", shown, (folders or ["."])[-1], is_output))
        end = found.end()
    return made


def is_run(block: Block) -> bool:
    return block.language not in ("text", "") and not block.not_run


def steps(path: Path) -> list[Block]:
    """The blocks that are run, in order."""
    return [block for block in blocks(path) if is_run(block)]


def needs(path: Path) -> list[str]:
    """What a page says it is read with: names of other pages' making, or what stands in the place of AWS."""
    return [found[2] for found in _SAID.finditer(path.read_text()) if found[1] == "with"]


def command_lines(block: Block) -> list[list[str]]:
    """The words of each line of a block for a shell, lines that go on in the next made one, comments left out."""
    text = block.text
    if block.language == "console":
        text = "".join(line[2:] + "\n" for line in text.splitlines() if line.startswith("$ "))
    joined = re.sub(r"\\\n\s*", " ", text)
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


def expected(block: Block) -> str | None:
    """The output that a page shows: below the block, or among the commands of a block for a console."""
    if block.language != "console":
        return block.shown
    return "".join(line + "\n" for line in block.text.splitlines() if not line.startswith("$ "))


def ran(block: Block, names: dict[str, object]) -> str:
    """What a reader would see: printed text, the last expression, or the error that the page shows.

    Whatever else is raised tells the page and the line.
    """
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.chdir(block.folder):
            match block.language:
                case "sh" | "console":
                    _shell(block, out)
                case "python":
                    _python(block, names, out)
                case "sql":
                    out.write(f"{duckdb.sql(block.text)}\n")
                case "json":
                    json.loads(block.text)
    except (Exception, SystemExit) as error:
        error.add_note(f"in {block}")
        raise
    return out.getvalue()


def _shell(block: Block, out: io.StringIO) -> None:
    code = 0
    for words in command_lines(block):
        if words == ["echo", "$?"]:
            out.write(f"{code}\n")
            continue
        if words[0] in COMMANDS:
            subprocess.run(words, check=True, capture_output=True, env=os.environ | {"LC_ALL": "C"})
            continue
        assert words[0] == "cttoolkit", f"{block}: {words[0]} is not run by a test; mark the block"
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = main(words[1:])
        assert code in (0, 1, 3), f"{block}: {said.getvalue()}"


def _python(block: Block, names: dict[str, object], out: io.StringIO) -> None:
    tree = ast.increment_lineno(ast.parse(block.text), block.line)
    last = tree.body[-1]
    shown = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
    try:
        exec(compile(tree, block.page, "exec"), names)
        if shown is not None and (value := eval(compile(shown, block.page, "eval"), names)) is not None:
            out.write(f"{value!r}\n")
    except CttoolkitError as error:
        told = f"{type(error).__name__}: {error}"
        if block.shown is None or not told.startswith(block.shown.strip().splitlines()[-1].partition(":")[0]):
            raise
        out.write(f"{told}\n")


def agrees(shown: str, came: str) -> bool:
    """Whether an output is what the page shows: ``…`` stands for any text in a line, and alone in a line for any lines."""
    lines = (re.sub(r"\s+", " ", one).strip() for one in shown.strip().splitlines())
    parts = [_ANY if line == "…" else re.escape(line).replace("…", r"[^\n]*") + r" ?\n" for line in lines]
    told = "".join(re.sub(r"[ \t]+", " ", line).strip() + "\n" for line in came.strip().splitlines())
    return re.fullmatch("".join(parts), told) is not None
