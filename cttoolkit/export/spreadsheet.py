"""CSV that a spreadsheet opens as text, whatever a stranger wrote into it."""

from __future__ import annotations

import codecs
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from cttoolkit.export.lines import NO_ABSENCES
from cttoolkit.export.rows import Batch, Exportable, event_schema, gathered
from cttoolkit.export.writing import Export, finished, place, writing
from cttoolkit.text import FORMULA, spreadsheet_safe, visible
from cttoolkit.window import written

__all__ = ["csv"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = "^[ -~]*$"
_BETWEEN = " | "
_LONGEST = 32_000
"""A cell holds 32,767 characters (Excel specifications and limits); what is longer would run on into the next row, as a cell anew."""
_CUT = f"characters beyond the first {_LONGEST:,} of a cell, which is what a spreadsheet holds"


def csv(what: Exportable, path: str | os.PathLike[str], *, for_excel: bool = False) -> Export:
    """Write all columns of docs/columns.md, ``.csv``; from findings also ``claims`` and ``standings``.

    UTF-8, every cell in quotes but nulls, so that an empty text and none differ; times in ISO 8601 with Z, flags true and false.
    Characters that control or hide are spelt out, an apostrophe stands before what would start a formula, and a cell ends where a
    spreadsheet's does: for the exact values take Parquet. ``for_excel`` puts a byte order mark before it all, without which Excel
    does not know UTF-8.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    rows = gathered(what)
    target = place(path, ".csv", rows.cited)
    names = [*event_schema().names, *(("claims", "standings") if rows.findings is not None else ())]
    schema = pa.schema([(name, pa.int32() if name == "record_index" else pa.string()) for name in names])
    options = pc.WriteOptions(quoting_style="all_valid")
    count = 0
    cut: Counter[str] = Counter()
    with writing(target) as file:
        if for_excel:
            file.write(codecs.BOM_UTF8)
        with pc.CSVWriter(file, schema, write_options=options) as writer:
            for batch in rows.batches():
                writer.write_batch(pa.record_batch([_cells(one, cut) for one in _columns(batch)], schema=schema))
                count += batch.table.num_rows
    return finished(target, "csv", count, {NO_ABSENCES: len(rows.absences), **cut}, rows.cited)


def _columns(batch: Batch) -> list[Any]:
    import pyarrow as pa

    columns: list[Any] = list(batch.table.columns)
    if batch.claims is not None:
        columns.append(pa.array([_BETWEEN.join(one.claim for one in cites) for cites in batch.claims], pa.string()))
        standings = [_BETWEEN.join(str(one.standing) for one in cites) for cites in batch.claims]
        columns.append(pa.array(standings, pa.string()))
    return columns


def _cells(column: Any, cut: Counter[str]) -> Any:
    """A column as it is written. Most texts are plain, and are let through without being looked at one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        moments = column.cast(pa.int64()).to_pylist()
        return pa.array([None if one is None else written(_EPOCH + timedelta(microseconds=one)) for one in moments])
    if pa.types.is_boolean(column.type):
        return column.cast(pa.string())
    if not pa.types.is_string(column.type):
        return column
    is_short = pc.less_equal(pc.binary_length(column), pa.scalar(_LONGEST))
    is_safe = pc.invert(pc.match_substring_regex(column, FORMULA.pattern))
    is_plain: Any = pc.and_(pc.and_(pc.match_substring_regex(column, _PLAIN), is_safe), is_short)
    if pc.all(is_plain, min_count=0).as_py():
        return column
    texts, plain = column.to_pylist(), is_plain.to_pylist()
    made = [text if good is not False else _cell(text, cut) for text, good in zip(texts, plain, strict=True)]
    return pa.array(made, pa.string())


def _cell(text: str, cut: Counter[str]) -> str:
    safe = spreadsheet_safe(visible(text))
    if len(safe) > _LONGEST:
        cut[_CUT] += len(safe) - _LONGEST
    return safe[:_LONGEST]
