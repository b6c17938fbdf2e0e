"""A playbook as a page: its prose, its code, and the outputs that are stored in it."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

import nbformat

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def page(path: Path) -> tuple[str, list[str]]:
    """Markdown with a place for each output, as ``slot`` writes it, and the outputs as HTML.

    Outputs are put in when the Markdown is a page already, so that nothing in them is read as Markdown.
    """
    parts: list[str] = []
    outputs: list[str] = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
            for output in cell.outputs:
                parts.append(slot(len(outputs)))
                outputs.append(f'<div class="output" data-search-exclude>{_shown(output)}</div>')
    return "\n\n".join(parts) + "\n", outputs


def slot(number: int) -> str:
    return f'<div class="output-{number}"></div>'


def picture(path: Path, call: str) -> bytes:
    """The PNG below the first cell that makes a call. KeyError where there is none."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            if call in cell.source and "image/png" in output.get("data", {}):
                return base64.b64decode(output.data["image/png"])
    raise KeyError(call)


def _shown(output: nbformat.NotebookNode) -> str:
    if output.output_type == "error":
        return f"<pre>{html.escape(output.ename)}: {html.escape(_ESCAPE.sub('', output.evalue))}</pre>"
    if output.output_type == "stream":
        return f"<pre>{html.escape(output.text)}</pre>"
    data = output.data
    if "text/html" in data:
        return str(data["text/html"])
    if "image/png" in data:
        words = html.escape(str(data.get("text/plain", "picture")), quote=True)
        return f'<img alt="{words}" src="data:image/png;base64,{"".join(data["image/png"].split())}">'
    return f"<pre>{html.escape(str(data.get('text/plain', '')))}</pre>"
