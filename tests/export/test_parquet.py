"""Parquet: every reader gets every value, and the file itself says what it rests on."""

import json

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cttoolkit import __version__, export
from cttoolkit.schema import COLUMNS, column_names


@pytest.fixture(scope="module")
def path(events, tmp_path_factory):
    return export.parquet(events, tmp_path_factory.mktemp("parquet") / "events.parquet").path


def test_pandas_reads_every_value(path, events):
    pd.testing.assert_frame_equal(pd.read_parquet(path), events.frame(), check_dtype=False)


def test_duckdb_reads_every_value(path, truth):
    found = duckdb.sql(f"select * exclude event_time from '{path}'").fetchall()
    names = [name for name in column_names() if name != "event_time"]
    rows = [dict(zip(names, row, strict=True)) for row in found]
    assert {row["record_sha256"]: row for row in rows} == {
        key: {name: row[name] for name in names} for key, row in truth.items()
    }
    ((earliest, latest),) = duckdb.sql(
        f"select min(event_time)::varchar, max(event_time)::varchar from '{path}'"
    ).fetchall()
    assert earliest.startswith("0001-01-01")
    assert latest.startswith("9999-12-31")


def test_the_file_says_what_it_rests_on(path, events):
    told = json.loads(pq.read_schema(path).metadata[b"cttoolkit"])
    (body,) = told["evidence"]
    assert told["version"] == __version__
    assert body["evidence"] == events.verification.evidence.name
    assert body["verification"] == events.verification.sentence
    assert body["policy"] == events.policy.sentence
    assert body["keys"] == "keys from outside the evidence"
    assert body["key_files"][0]["sha256"] == events.verification.keyring.files[0].sha256
    assert body["steps"] == [list(events.steps)]


def test_duckdb_finds_that_too(path, events):
    found = duckdb.sql(f"select value from parquet_kv_metadata('{path}') where key = 'cttoolkit'").fetchall()
    assert events.policy.sentence in found[0][0].decode()


def test_each_column_says_what_it_means(path):
    schema = pq.read_schema(path)
    assert {field.name: field.metadata[b"meaning"].decode() for field in schema} == {
        column.name: column.meaning for column in COLUMNS
    }
    assert str(schema.field("event_time").type) == "timestamp[us, tz=UTC]"


def test_findings_bring_their_claims_and_steps(conclusions, tmp_path):
    path = export.parquet(conclusions, tmp_path / "findings.parquet").path
    rows = pq.read_table(path).to_pylist()
    assert [(row["event_name"], len(row["claims"]), row["standings"][0]) for row in rows] == [
        ("CreateAccessKey", 2, "proved present"),
        ("DeleteTrail", 1, "proved present"),
        ("StartInstances", 1, "proved present"),
    ]
    (body,) = json.loads(pq.read_schema(path).metadata[b"cttoolkit"])["evidence"]
    assert body["steps"] == [list(one.cites.steps) for one in conclusions]
