"""Files for other tools: Timesketch, spreadsheets, Parquet readers, the ATT&CK Navigator, and whatever reads OCSF.

Each function takes Events or conclusions and a path, writes one file, and returns an Export: what was written, what was left out
and why, and what the file rests on. docs/exports.md says what each field holds.
"""

from __future__ import annotations

from cttoolkit.export.marks import Mark
from cttoolkit.export.navigator import navigator
from cttoolkit.export.ocsf import ocsf
from cttoolkit.export.parquet import parquet
from cttoolkit.export.spreadsheet import csv
from cttoolkit.export.timesketch import timesketch
from cttoolkit.export.writing import Export

__all__ = ["Export", "Mark", "csv", "navigator", "ocsf", "parquet", "timesketch"]
