"""cttoolkit export: write admitted events for another tool."""

from __future__ import annotations

import argparse

from cttoolkit import export
from cttoolkit.commands.admission import narrowed
from cttoolkit.detected import detect
from cttoolkit.text import visible

__all__ = ["run"]

_FORMATS = {"csv": export.csv, "ocsf": export.ocsf, "parquet": export.parquet, "timesketch": export.timesketch}


def run(options: argparse.Namespace) -> int:
    events = narrowed(options)
    if options.format == "navigator":
        made = export.navigator(detect(events), options.output)
    else:
        made = _FORMATS[options.format](events, options.output)
    for paragraph in made.basis:
        print(visible(paragraph))
    print(repr(made))
    print(f"sha256 {made.sha256}")
    return 0
