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


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, its line, and why it is not run, if it is not."""

    page: str
    line: int
    language: str
    text: str
    not_run: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(path: Path) -> list[Block]:
    text = path.read_text()
    assert text.count("\n```") % 2 == 0, f"{path.name}: a fence is not closed"
    return [
        Block(path.name, text[: found.start(3)].count("\n") + 1, found[3], found[4], found[2] if found[1] == "not run" else "")
        for found in _BLOCK.finditer(text)
    ]


def steps(path: Path) -> list[tuple[Block, str | None]]:
    """Each block that is run, with the output that the page shows below it; None where it shows none."""
    listed = blocks(path)
    below = [*listed[1:], None]
    return [
        (block, after.text if after is not None and after.language == "text" else None)
        for block, after in zip(listed, below, strict=True)
        if block.language in ("python", "sh") and not block.not_run
    ]


def command_lines(block: Block) -> list[list[str]]:
    """The words of each line of a block for a shell, lines that go on in the next made one, comments left out."""
    joined = re.sub(r"\\\n\s*", " ", block.text)
    return [words for line in joined.splitlines() if (words := shlex.split(line, comments=True))]


def ran(block: Block, names: dict[str, object]) -> str:
    """What a reader would see: printed text, the last expression, or the error that was raised on purpose."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        if block.language == "sh":
            _shell(block)
        else:
            _python(block, names)
    return out.getvalue()


def _shell(block: Block) -> None:
    code = 0
    for words in command_lines(block):
        if words == ["echo", "$?"]:
            print(code)
            continue
        assert words[0] == "cttoolkit", f"{block}: {words[0]} is not run by a test; mark the block"
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            code = main(words[1:])
        assert code in (0, 1, 3), f"{block}: {said.getvalue()}"


def _python(block: Block, names: dict[str, object]) -> None:
    tree = ast.parse(block.text)
    last = tree.body[-1]
    shown = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
    try:
        exec(compile(tree, str(block), "exec"), names)
        if shown is not None and (value := eval(compile(shown, str(block), "eval"), names)) is not None:
            print(repr(value))
    except CttoolkitError as error:
        print(f"{type(error).__name__}: {error}")


def agrees(shown: str, came: str) -> bool:
    """Whether an output is what the page shows: ``…`` stands for any text in a line, and alone in a line for any lines."""
    parts = []
    for line in (re.sub(r"\s+", " ", one).strip() for one in shown.strip().splitlines()):
        parts.append(r"(?:[^\n]*\n)*?" if line == "…" else re.escape(line).replace("…", r"[^\n]*") + r" ?\n")
    told = "".join(re.sub(r"[ \t]+", " ", line).strip() + "\n" for line in came.strip().splitlines())
    return re.fullmatch("".join(parts), told) is not None
