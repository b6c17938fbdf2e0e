"""Verify a case, run playbook 02 on it, print the verdict and the conclusions, write one report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError

from notebooks import execute

HOME = Path(__file__).resolve().parent.parent
PLAYBOOK = HOME / "notebooks" / "02-leaked-access-key.ipynb"
SAMPLE = HOME / "data" / "samples" / "leaked-key"

FIRST_LOOK = "a first look at evidence that was collected without digests"


def parameters(case: Path | None, keys: Path | None, reason: str, report: Path) -> dict[str, str]:
    """What the playbook's one cell is to hold. On the reader's own case it looks for a suspect itself."""
    if case is None:
        own = {"case": str(SAMPLE), "keys": str(SAMPLE / "public-keys.json")}
    else:
        own = {
            "case": str(case.resolve()),
            "keys": str(keys.resolve()) if keys else "",
            "suspect": "",
            "start": "",
            "end": "",
        }
    return own | {"accept_unverified": reason, "report_to": str(report)}


def run(chosen: dict[str, str]) -> nbformat.NotebookNode:
    """The playbook, executed with these parameters, in a process of its own and from the folder it is written for."""
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = parameterize_notebook(load_notebook_node(str(PLAYBOOK)), chosen)
    # A case of one's own may be large.
    execute(notebook, PLAYBOOK.parent, seconds=24 * 60 * 60)
    return notebook


def told(executed: nbformat.NotebookNode) -> list[str]:
    """The plain text that the verification and the report showed."""
    wanted = ("ct.verify(", "ct.report(")
    texts = []
    for cell in executed.cells:
        if cell.cell_type == "code" and any(word in cell.source for word in wanted):
            texts.extend(output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result")
    return texts


def main() -> int:
    """Run the demo and return its exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--case", type=Path, help="a folder that holds a copied AWSLogs/ (default: a sample)")
    options.add_argument("--keys", type=Path, help="an answer of list-public-keys")
    options.add_argument("--accept-unverified", default="", metavar="REASON", help="admit what no digest vouches for")
    given = options.parse_args()

    from cttoolkit.errors import CttoolkitError
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.keyring import load_keys

    report = HOME / "reports" / f"{given.case.resolve().name if given.case else SAMPLE.name}.html"
    try:
        # Misuse is told here in one line, before a notebook is started.
        evidence = open_evidence(given.case or SAMPLE)
        load_keys(*filter(None, [given.keys]))
        reason = given.accept_unverified or ("" if evidence.digests else FIRST_LOOK)
        executed = run(parameters(given.case, given.keys, reason, report))
    except CttoolkitError as error:
        print(error, file=sys.stderr)
        return 2
    except CellExecutionError as error:
        print(error.evalue, file=sys.stderr)
        return 2
    print("\n\n".join(told(executed)))
    print(f"\n{report}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
