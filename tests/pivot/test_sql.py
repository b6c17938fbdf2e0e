"""Pivots as SQL for logs that stay where they are: each compiles for Athena and Trino, and says the same in DuckDB."""

import ibis
import pytest
import sqlglot

import cttoolkit as ct
from cttoolkit.arguments import AXES
from tests.conftest import admitted, event

PIVOTS = [axis for axis in AXES if axis != "keys"]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = (event(n, f"2026-03-01T00:{30 + n}:00Z") for n in range(5))
    return admitted(tmp_path_factory.mktemp("sql"), *records)


def test_every_pivot_is_among_them():
    from cttoolkit.pivot import axes

    assert set(PIVOTS) == set(axes.__all__) - {"on", "widest_key_owner"}


@pytest.mark.parametrize("dialect", ["athena", "trino"])
@pytest.mark.parametrize("name", PIVOTS)
def test_a_pivot_compiles(events, name, dialect):
    expression = getattr(ct.pivot, name)(events).expression
    text = str(ibis.to_sql(expression.unbind(), dialect=dialect))
    statement = sqlglot.parse_one(text, read=dialect)
    assert isinstance(statement, sqlglot.exp.Select)
    assert {column.alias_or_name for column in statement.selects} in ({"*"}, set(expression.columns))


@pytest.mark.parametrize("name", PIVOTS)
def test_its_sql_gives_the_same_rows(events, name):
    pivot = getattr(ct.pivot, name)(events)
    text = str(ibis.to_sql(pivot.expression, dialect="duckdb"))
    counted = f"SELECT count(*), coalesce(sum(events), 0)::INT, coalesce(sum(failed), 0)::INT FROM ({text})"
    again = pivot.events.verification.engine._connect().raw_sql(counted).fetchall()
    frame = pivot.frame()
    assert again == [(len(pivot), frame.events.sum(), frame.failed.sum())]
