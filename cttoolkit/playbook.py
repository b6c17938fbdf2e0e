"""Playbooks: the notebooks that come with the package, and how one is run on a case.

Parameters are put in by papermill, which writes them as literals, and cells are run by nbclient, papermill's own engine: papermill's
execute takes braces in a path for a template, and keeps nothing of a notebook that fails unless it is given a file to write to.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import PlaybookError
from cttoolkit.progress import progress
from cttoolkit.report.markdown import inert
from cttoolkit.text import shortened, visible

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["Playbook", "Played", "find_playbook", "list_playbooks", "on_another_case", "play"]

_OF_SAMPLE = ("In the sample", "> **Bottom line.**", "> **Rests on.**")
_TITLE = re.compile(r"# (\d\d): (.+)")
_WIDGET = "application/vnd.jupyter.widget-view+json"
_FAILED = re.compile(r"\x1b\[[0-9;]*m")
_SECONDS = 24 * 60 * 60
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""
_STYLE = """
body { font: 15px/1.5 sans-serif; color: #1a1a1a; background: #fff; max-width: 84em; margin: 2em auto; padding: 0 1.5em; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2em; border-bottom: 1px solid #ddd; }
blockquote { margin: 1em 0; padding: .1em 1em; border-left: 4px solid #3b6ea5; background: #f3f6fa; }
.prompt, .anchor-link { display: none; }
.highlight pre { background: #f6f6f6; border: 1px solid #e3e3e3; padding: .6em .8em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
.output_subarea { overflow-x: auto; margin: .6em 0; }
table { border-collapse: collapse; font-size: 12.5px; margin: .6em 0; }
th, td { padding: .2em .55em; border-bottom: 1px solid #e6e6e6; vertical-align: top; }
caption { padding: .3em 0; color: #444; }
img { max-width: 100%; height: auto; }
@media print { .output_subarea { overflow: visible; } }
"""


@dataclass(frozen=True)
class Playbook:
    """One notebook: its number, its question, and the names that its parameters cell sets."""

    path: Path

    @property
    def number(self) -> str:
        return self.path.stem[:2]

    @cached_property
    def notebook(self) -> NotebookNode:
        from papermill.iorw import load_notebook_node

        notebook: NotebookNode = load_notebook_node(str(self.path))
        return notebook

    @cached_property
    def question(self) -> str:
        """The title of the notebook, without its number."""
        found = _TITLE.match(self.notebook.cells[0].source)
        return found[2] if found else self.path.stem

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names that the cell tagged ``parameters`` sets, in order."""
        tagged = [cell for cell in self.notebook.cells if "parameters" in cell.metadata.get("tags", [])]
        found = [node for cell in tagged for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
        found.sort(key=lambda node: (node.lineno, node.col_offset))
        return tuple(dict.fromkeys(node.id for node in found))


@dataclass(frozen=True)
class Played:
    """What a run wrote: the executed notebook, the same as a page, and the report that the notebook wrote, if it did.

    ``told`` is the plain text of the verification and of the report.
    """

    notebook: Path
    page: Path
    report: Path | None
    told: tuple[str, ...]


def list_playbooks() -> tuple[Playbook, ...]:
    """All playbooks in order of their numbers: those of the installed package, or of the checkout it is run from."""
    here = Path(__file__).resolve().parent
    # A wheel carries them inside of the package.
    for folder in (here / "notebooks", here.parent / "notebooks"):
        found = sorted(folder.glob("[0-9][0-9]-*.ipynb"))
        if found:
            return tuple(Playbook(path) for path in found)
    raise PlaybookError(
        "playbooks", "none came with this installation", "install cttoolkit from its wheel, or run from a checkout"
    )


def find_playbook(number: str) -> Playbook:
    """The playbook of a number (``7`` or ``07``). PlaybookError where there is none."""
    every = list_playbooks()
    for playbook in every:
        if number.isascii() and number.isdigit() and int(number) == int(playbook.number):
            return playbook
    raise PlaybookError(
        f"playbook {number}", "there is none of that number", f"say one of {', '.join(one.number for one in every)}"
    )


def play(playbook: Playbook, given: Mapping[str, str], folder: Path) -> Played:
    """Run a playbook with these parameters and write what came of it into a folder.

    Every parameter of the notebook that is not given is set to an empty text, since those written in it are its sample's. Paths
    have to be absolute: the kernel runs in an empty folder, so that nothing beside the evidence is imported by mistake. PlaybookError
    where the notebook has no such parameter, where a link lies in the place of a file, and where a cell fails; then the notebook up to
    that cell is written all the same. A report that lies in the place of this run's is removed before it, so that none of another case is
    taken for its own.
    """
    unknown = sorted(name for name, value in given.items() if value and name not in playbook.parameters)
    if unknown:
        raise PlaybookError(
            f"playbook {playbook.number}",
            f"it has no parameter {unknown[0]}",
            f"it has {', '.join(playbook.parameters) or 'none'}",
        )
    from papermill.parameterize import parameterize_notebook

    chosen = {name: given.get(name, "") for name in playbook.parameters}
    notebook = parameterize_notebook(playbook.notebook, chosen, kernel_name="python3", language="python")
    for cell in notebook.cells:
        # What a sample showed must not stand in a case's notebook.
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = on_another_case(cell.source)
    # Nor must the sample's parameters, each of which is set anew.
    notebook.cells = [
        cell for cell in notebook.cells if cell.source and "parameters" not in cell.metadata.get("tags", [])
    ]
    place = folder / playbook.path.name
    page = place.with_suffix(".html")
    report = Path(chosen["report_to"]) if chosen.get("report_to") else None
    _clear(report, place, page)
    failure = _execute(notebook)
    _drop_widgets(notebook)
    notebook.cells[0].source += _bottom_line(notebook, failure)
    _write(place, notebook, playbook.question)
    if failure is not None:
        raise PlaybookError(f"playbook {playbook.number}", failure, f"what was done until then is in {place}")
    return Played(place, page, report if report is not None and report.exists() else None, _told(notebook))


def on_another_case(text: str) -> str:
    """A notebook's prose without the paragraphs that hold of its sample alone: those that begin with ``In the sample``, its story."""
    return "\n\n".join(part for part in re.split(r"\n\n+", text) if not part.startswith(_OF_SAMPLE))


def _clear(report: Path | None, *written: Path) -> None:
    """Make room for what a run writes: no report of an earlier one, and nothing that would be written through."""
    reports = () if report is None else (report, report.with_suffix(".md"))
    for path in (*written, *reports):
        if path.is_symlink():
            raise PlaybookError(path, "a link, which is not written through", "move it away, or choose another folder")
    for path in reports:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error


def _bottom_line(notebook: NotebookNode, failure: str | None) -> str:
    """What the run came to, to stand under the title in place of the sample's."""
    if failure is not None:
        return f"\n\n> **Not finished.** {inert(failure)}"
    told = [lines for text in _told(notebook) if (lines := text.splitlines())]
    reports = [lines for lines in told if lines[0].startswith("Report:")]
    lines = [f"> {number}. {inert(line.strip())}" for text in reports for number, line in enumerate(text[1:], 1)]
    # No conclusion is read without what it rests on.
    rests = [f"> {inert(lines[0])}\n>" for lines in told if not lines[0].startswith("Report:")]
    return "\n\n> **Bottom line, computed from this case.**\n>\n" + "\n".join([*rests, *lines]) if lines else ""


def _execute(notebook: NotebookNode) -> str | None:
    """Run all cells in place; what went wrong, with the cell, or None."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    bar = progress(total=cells, desc="running the notebook", unit="cell", delay=1)
    with bar, tempfile.TemporaryDirectory() as empty:
        client = NotebookClient(
            notebook,
            timeout=_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": empty}},
            record_timing=False,
            on_cell_executed=lambda **_: bar.update(),
        )
        try:
            # The kernel's own remarks, about its transport, are no business of the reader's.
            client.execute(stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            return f"{_cell_of(notebook)} failed with {error.ename}: {_FAILED.sub('', error.evalue)}"
        except CellTimeoutError:
            return f"{_cell_of(notebook)} ran for longer than a day"
        except DeadKernelError:
            return f"{_cell_of(notebook)} ended the kernel, perhaps for want of memory"
    return None


def _drop_widgets(notebook: NotebookNode) -> None:
    """Without bars of progress: on paper they move no more, and their state makes a script of the page."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if _WIDGET not in one.get("data", {})]


def _cell_of(notebook: NotebookNode) -> str:
    """The last cell that was begun, by its number among the code cells and by its first line."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    begun = [number for number, cell in enumerate(code, 1) if cell.execution_count is not None or cell.outputs]
    number = begun[-1] if begun else 1
    first = code[number - 1].source.partition("\n")[0]
    return f"code cell {number} ({shortened(first, 80)})"


def _write(place: Path, notebook: NotebookNode, title: str) -> None:
    import nbformat

    texts = {place: nbformat.writes(notebook) + "\n", place.with_suffix(".html"): _page(notebook, title)}
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
            unfinished.unlink(missing_ok=True)
            with unfinished.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            unfinished.replace(path)
    except OSError as error:
        raise _unwritable(place, error) from error


def _unwritable(place: Path, error: OSError) -> PlaybookError:
    return PlaybookError(place, (error.strerror or str(error)).lower(), "choose a folder that can be written")


def _page(notebook: NotebookNode, title: str) -> str:
    """One page that asks nothing of anybody: no script, no font, no picture from elsewhere."""
    from nbconvert import HTMLExporter

    # The exporter's full templates load RequireJS and MathJax from others; its basic one is the cells alone.
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    return _PAGE.format(title=escape(visible(title)), style=_STYLE.strip(), body=body)


def _told(notebook: NotebookNode) -> tuple[str, ...]:
    texts: list[Any] = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and ("ct.verify(" in cell.source or "ct.report(" in cell.source):
            shown = (one for one in cell.outputs if one.output_type == "execute_result")
            texts += [one.data["text/plain"] for one in shown if "text/plain" in one.data]
    return tuple(texts)
