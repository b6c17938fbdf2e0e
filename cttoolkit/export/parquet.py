"""Parquet for whatever reads it, with the basis of the events in the file's own metadata."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.export.lines import NO_ABSENCES
from cttoolkit.export.rows import Batch, Exportable, Rows, event_schema, gathered
from cttoolkit.export.writing import Export, bodies, finished, place, writing

if TYPE_CHECKING:
    import pyarrow

__all__ = ["parquet"]

_GROUP = 6
"""Batches in one row group."""


def parquet(what: Exportable, path: str | os.PathLike[str]) -> Export:
    """Write all columns of docs/columns.md, ``.parquet``; from findings also ``claims`` and ``standings``, a list each.

    Under the key ``cttoolkit`` the file's metadata holds JSON: the version, and for each body of evidence its name, the sentence of
    its verification, the policy, where the keys came from, the key files with their SHA-256, and the steps taken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = gathered(what)
    target = place(path, ".parquet", rows.cited)
    schema = _schema(rows)
    written = 0
    with writing(target) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        group: list[pyarrow.RecordBatch] = []
        for batch in rows.batches():
            group.append(_with_claims(batch, schema))
            written += batch.table.num_rows
            if len(group) == _GROUP:
                writer.write_table(pa.Table.from_batches(group))
                group = []
        writer.write_table(pa.Table.from_batches(group, schema))
    return finished(target, "parquet", written, {NO_ABSENCES: len(rows.absences)}, rows.cited)


def _schema(rows: Rows) -> pyarrow.Schema:
    import pyarrow as pa

    schema = event_schema()
    if rows.findings is not None:
        texts = pa.list_(pa.string())
        schema = schema.append(pa.field("claims", texts, metadata={"meaning": "claims of the findings that cite it"}))
        schema = schema.append(pa.field("standings", texts, metadata={"meaning": "what each claim may say of itself"}))
    return schema.with_metadata({"cttoolkit": json.dumps(_basis(rows))})


def _with_claims(batch: Batch, schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    import pyarrow as pa

    columns: list[Any] = list(batch.table.columns)
    if batch.claims is not None:
        texts = pa.list_(pa.string())
        columns.append(pa.array([[one.claim for one in cites] for cites in batch.claims], texts))
        columns.append(pa.array([[str(one.standing) for one in cites] for cites in batch.claims], texts))
    return pa.record_batch(columns, schema=schema)


def _basis(rows: Rows) -> dict[str, Any]:
    from cttoolkit import __version__

    return {"version": __version__, "evidence": [_body(one, rows) for one in bodies(rows.cited)]}


def _body(of: Events, rows: Rows) -> dict[str, Any]:
    verification, policy = of.verification, of.policy.sentence
    same = [one for one in rows.cited if one.verification is verification and one.policy.sentence == policy]
    return {
        "evidence": verification.evidence.name,
        "verification": verification.sentence,
        "policy": policy,
        "keys": verification.key_provenance.value,
        "key_files": [{"path": file.path, "sha256": file.sha256} for file in verification.keyring.files],
        "steps": [list(steps) for steps in dict.fromkeys(one.steps for one in same)],
    }
