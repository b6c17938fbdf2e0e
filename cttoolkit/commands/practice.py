"""cttoolkit sample, cttoolkit lab: a signed world to practise on, and the notebooks to do it in."""

from __future__ import annotations

import argparse
import os
import sys

__all__ = ["open_lab", "write"]


def write(options: argparse.Namespace) -> int:
    from cttoolkit.training.worlds import write_sample

    write_sample(options.name, options.output, seed=options.seed, days=options.days, events=options.events)
    print(options.output)
    return 0


def open_lab(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", "jupyterlab", f"--port={options.port}", f"--notebook-dir={options.folder}"]
    os.execv(sys.executable, command)
