"""Write docs/columns.md from the schema: the columns of Events, where each stands in a record, what it means."""

from __future__ import annotations

import sys
from pathlib import Path

from cttoolkit.schema import COLUMNS

PLACE = Path(__file__).parent.parent / "docs" / "columns.md"
HEAD = """# The columns of Events

Written by `tools/columns.py` from `cttoolkit/schema.py`. JSON columns hold JSON text as it stands in the record; times are UTC.
Columns without a path are derived.

| column | type | in the record | meaning |
|---|---|---|---|
"""


def page() -> str:
    rows = (f"| `{c.name}` | {c.type} | {f'`{c.path}`' if c.path else ''} | {c.meaning} |\n" for c in COLUMNS)
    return HEAD + "".join(rows)


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(None if PLACE.read_text() == page() else f"{PLACE}: not what the schema says; run tools/columns.py")
    PLACE.write_text(page())
