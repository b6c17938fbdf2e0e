"""Tables for people: HTML for a notebook cell, columns for a terminal, CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

from cttoolkit.text import shortened, spreadsheet_safe, visible
from cttoolkit.window import written

if TYPE_CHECKING:
    import pandas

__all__ = ["Table", "cell", "csv_table", "html_table", "text_table"]

_WIDEST = 60
_UNBROKEN = 24
_CAPTION = 4000
_WHOLE = 1000
"""Numbers from here on are shown without what is behind the point; others to four digits."""


def cell(value: Any, widest: int | None = None) -> str:
    """One value as text: times in ISO 8601 with Z, nothing for null, everything visible."""
    if value is None or (isinstance(value, float) and isnan(value)) or type(value).__name__ == "NaTType":
        return ""
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.4g}"
    # Cut before it is looked at: a record may hold a megabyte of anything.
    text = visible(value if widest is None else str(value)[: widest + 1])
    return text if widest is None or len(text) <= widest else text[: widest - 1] + "…"


def html_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A plain table; every cell is escaped. Numbers stand to the right."""
    head = "".join(
        f"<th style='text-align:left'>{escape(cell(name, _CAPTION).replace('_', ' '))}</th>" for name in columns
    )
    body = "".join("<tr>" + "".join(_html_cell(value) for value in row) + "</tr>" for row in rows)
    top = f"<caption style='text-align:left'>{escape(shortened(caption, _CAPTION))}</caption>" if caption else ""
    return f"<table>{top}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(value: Any) -> str:
    side = "right" if isinstance(value, int | float) and not isinstance(value, bool) else "left"
    text = cell(value, 200)
    # Times and short words stay on one line; what is long may break anywhere, or a key would widen the page.
    wrap = "white-space:nowrap" if len(text) <= _UNBROKEN else "overflow-wrap:anywhere;min-width:12em"
    return f"<td style='text-align:{side};{wrap}'>{escape(text)}</td>"


@dataclass(frozen=True)
class Table:
    """Plain rows that show themselves whole, in a cell or a terminal. ``frame`` gives them to pandas."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    caption: str = ""

    def frame(self) -> pandas.DataFrame:
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(self.columns))

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return text_table(self.columns, self.rows)

    def _repr_html_(self) -> str:
        return html_table(self.columns, self.rows, self.caption)


def text_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Aligned columns, long cells cut."""
    told = [[cell(value, _WIDEST) for value in row] for row in rows]
    heads = [cell(name, _WIDEST) for name in columns]
    widths = [max([len(head), *(len(row[at]) for row in told)]) for at, head in enumerate(heads)]
    lines = ["  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)).rstrip()]
    lines.extend("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in told)
    return "\n".join(lines)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isnan(value)


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV whose cells no spreadsheet runs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([spreadsheet_safe(cell(name)) for name in columns])
    for row in rows:
        writer.writerow([value if _is_number(value) else spreadsheet_safe(cell(value)) for value in row])
    return out.getvalue()
