"""The code and the commands of a page, and how they are run as a reader would: one after the other, in one folder."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from cttoolkit.cli import main
from cttoolkit.errors import CttoolkitError

_BLOCK = re.compile(r"(?:^<!-- (not run|with): ([^\n]+) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY = r"(?:[^\n]*\n)*?"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, its line, why it is not run, and the output that the page shows right below it."""

    page: str
    line: int
    language: str
    text: str
    not_run: str
    shown: str | None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(path: Path) -> list[Block]:
    text = path.read_text()
    made = []
    for found in _BLOCK.finditer(text):
        line = text[: found.start(3)].count("\n") + 1
        below = re.match(r"\s*^```text\n(.*?)^```$", text[found.end() :], re.MULTILINE | re.DOTALL)
        not_run = found[2] if found[1] == "not run" else ""
        made.append(Block(path.name, line, found[3], found[4], not_run, below[1] if below else None))
    return made


def steps(path: Path) -> list[Block]:
    """The blocks that are run, in order."""
    return [block for block in blocks(path) if block.language in ("python", "sh") and not block.not_run]


def command_lines(block: Block) -> list[list[str]]:
    """The words of each line of a block for a shell, lines that go on in the next made one, comments left out."""
    joined = re.sub(r"\\\n\s*", " ", block.text)
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


def ran(block: Block, names: dict[str, object]) -> str:
    """What a reader would see: printed text, the last expression, or the error that was raised on purpose."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        if block.language == "sh":
            _shell(block, out)
        else:
            _python(block, names, out)
    return out.getvalue()


def _shell(block: Block, out: io.StringIO) -> None:
    code = 0
    for words in command_lines(block):
        if words == ["echo", "$?"]:
            out.write(f"{code}\n")
            continue
        assert words[0] == "cttoolkit", f"{block}: {words[0]} is not run by a test; mark the block"
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = main(words[1:])
        assert code in (0, 1, 3), f"{block}: {said.getvalue()}"


def _python(block: Block, names: dict[str, object], out: io.StringIO) -> None:
    tree = ast.parse(block.text)
    last = tree.body[-1]
    shown = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
    try:
        exec(compile(tree, str(block), "exec"), names)
        if shown is not None and (value := eval(compile(shown, str(block), "eval"), names)) is not None:
            out.write(f"{value!r}\n")
    except CttoolkitError as error:
        out.write(f"{type(error).__name__}: {error}\n")


def agrees(shown: str, came: str) -> bool:
    """Whether an output is what the page shows: ``…`` stands for any text in a line, and alone in a line for any lines."""
    lines = (re.sub(r"\s+", " ", one).strip() for one in shown.strip().splitlines())
    parts = [_ANY if line == "…" else re.escape(line).replace("…", r"[^\n]*") + r" ?\n" for line in lines]
    told = "".join(re.sub(r"[ \t]+", " ", line).strip() + "\n" for line in came.strip().splitlines())
    return re.fullmatch("".join(parts), told) is not None
