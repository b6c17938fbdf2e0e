"""A notebook with an explorer in it runs without a browser, and nbval finds its outputs the same each time."""

import os
import subprocess
import sys

import nbformat

import cttoolkit as ct
from tests.conftest import SAMPLES
from tests.widgets.lab import ROOT, write_notebook

OPENED = f"""\
evidence = ct.open_evidence({str(SAMPLES / "leaked-key")!r})
verification = ct.verify(evidence, ct.load_keys({str(SAMPLES / "leaked-key" / "public-keys.json")!r}))
events = ct.admit(verification, ct.IntactOnly())"""


def test_nbval_finds_the_same_outputs_again_and_one_that_was_altered(tmp_path, monkeypatch):
    path = tmp_path / "explored.ipynb"
    shown = ("explorer", "explorer.events", "explorer")
    write_notebook(path, "import cttoolkit as ct", OPENED, "explorer = ct.widgets.explorer(events)", *shown)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TQDM_DISABLE", "1")
    # What the cells should show is made here, in another process than the notebook's.
    names = {"ct": ct}
    exec(OPENED + "\nexplorer = ct.widgets.explorer(events)", names)
    explorer = names["explorer"]
    bundle = explorer._repr_mimebundle_()
    events = {"text/plain": repr(explorer.events), "text/html": explorer.events._repr_html_()}
    altered = bundle | {"text/html": bundle["text/html"].replace("Explorer of", "Explorer off")}
    made = nbformat.read(path, as_version=4)
    for cell in made.cells:
        cell.execution_count = 1
    for cell, data in zip(made.cells[3:], (bundle, events, altered), strict=True):
        cell.outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
    nbformat.write(made, path)
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *plain, "--nbval", "--nbval-current-env", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ))
    assert "1 failed, 5 passed" in done.stdout, done.stdout
    assert "::Cell 5 _" in done.stdout
