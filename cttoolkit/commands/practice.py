"""cttoolkit sample, cttoolkit lab: a signed world to practise on, and the notebooks to do it in."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import NoReturn

from cttoolkit.errors import PlaybookError
from cttoolkit.lab import FIRST, lay_out

__all__ = ["open_lab", "write"]

_QUIET = ("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None")
"""JupyterLab asks nobody whether there is a newer one."""


def write(options: argparse.Namespace) -> int:
    from cttoolkit.training.worlds import write_sample

    write_sample(options.name, options.output, seed=options.seed, days=options.days, events=options.events)
    print(options.output)
    return 0


def open_lab(options: argparse.Namespace) -> int:
    folder = Path(options.folder or ("." if Path(FIRST).is_file() else "cttoolkit-lab"))
    if options.copy_only or not (folder / FIRST).is_file():
        print(lay_out(folder))
    if not options.copy_only:
        _open(folder, options.port)
    return 0


def _open(folder: Path, port: int) -> NoReturn:
    if importlib.util.find_spec("jupyterlab") is None:
        raise PlaybookError("lab", "jupyterlab is not installed", 'run pip install "cttoolkit[lab]"')
    command = [sys.executable, "-m", "jupyterlab", f"--port={port}", f"--notebook-dir={folder}", *_QUIET]
    command.append(f"--LabApp.default_url=/lab/tree/{FIRST}")
    # Jupyter refuses to run as root unless it is told to, and in a container there is nobody else.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    sys.stdout.flush()
    os.execv(sys.executable, command)
