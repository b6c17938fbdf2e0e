"""Run the notebooks from top to bottom and keep their outputs, without paths of the machine that ran them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HOME = Path(__file__).resolve().parent.parent
NOTEBOOKS = HOME / "notebooks"


def execute(notebook: nbformat.NotebookNode, folder: Path, seconds: int = 600) -> None:
    """Execute in place, in a process of its own that starts in the folder. No cell may take longer than these seconds."""
    from cttoolkit.progress import progress

    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with progress(total=cells, desc="running the notebook", unit="cell", delay=1) as bar:
        client = NotebookClient(
            notebook,
            timeout=seconds,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            on_cell_executed=lambda **_: bar.update(),
        )
        # The kernel's own remarks (about its transport) are no business of the reader's.
        # A bar of progress, which shows where a machine is slow, is no output to keep.
        client.execute(stderr=subprocess.DEVNULL, env={**os.environ, "TQDM_DISABLE": "1"})


def clean(notebook: nbformat.NotebookNode) -> None:
    """Keep of an error what it says, and of a cell what it showed; when and where it ran is nobody's business."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def main(names: list[str]) -> None:
    """Run the named notebooks, or all."""
    # A bar shows where the machine is slow, and would be kept.
    os.environ["TQDM_DISABLE"] = "1"
    for path in [Path(name) for name in names] or sorted(NOTEBOOKS.rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        execute(notebook, path.resolve().parent)
        clean(notebook)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])
