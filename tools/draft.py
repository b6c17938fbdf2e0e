"""A notebook as a draft in Markdown and back: prose between fences is a cell, and so is each fence of Python.

    python tools/draft.py notebooks/02-leaked-access-key.ipynb draft.md
    python tools/draft.py draft.md notebooks/02-leaked-access-key.ipynb
    python tools/notebooks.py notebooks/02-leaked-access-key.ipynb

A draft has no outputs. Two cells of prose that follow each other are divided by a line of three dashes. Tags are those that the tests
ask for: the cell that sets ``case`` holds the parameters, and pictures are not compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

_FENCE = re.compile(r"^```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_RULE = re.compile(r"^---$", re.MULTILINE)


def fold(text: str, number: str) -> nbformat.NotebookNode:
    """The notebook of a draft; ids of cells begin with the number of the notebook."""
    cells = []
    for at, (kind, source) in enumerate(_parts(text)):
        cell = new_code_cell(source) if kind == "code" else new_markdown_cell(source)
        if tags := _tags(source) if kind == "code" else []:
            cell.metadata["tags"] = tags
        cell.id = f"{number}-{at:02d}"
        cells.append(cell)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def _parts(text: str) -> Iterator[tuple[str, str]]:
    # Pieces alternate between prose and what stood in a fence.
    for number, piece in enumerate(_FENCE.split(text)):
        if number % 2:
            yield "code", piece.strip()
        else:
            yield from (("markdown", part.strip()) for part in _RULE.split(piece) if part.strip())


def _tags(source: str) -> list[str]:
    if re.search(r"^case = ", source, re.MULTILINE):
        return ["parameters"]
    return ["nbval-ignore-output"] if "ct.plot." in source else []


def unfold(notebook: nbformat.NotebookNode) -> str:
    """The draft of a notebook."""
    pieces, before = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            pieces.append(f"```python\n{cell.source}\n```")
        else:
            pieces += ["---"] * (before == "markdown") + [cell.source]
        before = cell.cell_type
    return "\n\n".join(pieces) + "\n"


def main(source: str, target: str) -> None:
    if source.endswith(".ipynb"):
        Path(target).write_text(unfold(nbformat.read(source, as_version=4)))
    else:
        nbformat.write(fold(Path(source).read_text(), Path(target).stem[:2]), target)


if __name__ == "__main__":
    main(*sys.argv[1:])
