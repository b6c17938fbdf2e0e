"""CSV: other readers find every cell where it belongs, and none of them starts a formula."""

import csv
import re

import duckdb
import pandas as pd
import pytest

from cttoolkit import export
from cttoolkit.schema import column_names
from cttoolkit.text import spreadsheet_safe, visible
from tests.export.conftest import FORMULAS, LONG, NASTY, RECORDS

STARTS = tuple("=+-@＝＋－＠\t\r\n")


@pytest.fixture(scope="module")
def path(events, tmp_path_factory):
    return export.csv(events, tmp_path_factory.mktemp("sheet") / "events.csv").path


def cells(path, delimiter=","):
    csv.field_size_limit(1 << 20)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def back(cell):
    """The text that a cell stands for."""
    return re.sub(r"""(^|;)([\t\n\r "]*)'('*[=+\-@＝＋－＠\t\n\r])""", r"\1\2\3", cell)


def test_no_cell_starts_a_formula(path):
    _, *rows = cells(path)
    assert len(rows) == len(RECORDS)
    assert not [cell for row in rows for cell in row if cell.lstrip(' "').startswith(STARTS)]


def test_no_cell_starts_a_formula_where_semicolons_divide(path):
    assert not [cell for row in cells(path, ";") for cell in row if cell.lstrip(' "').startswith(STARTS)]


def test_no_cell_holds_what_a_reader_acts_on(path):
    raw = path.read_text(encoding="utf-8")
    assert all(line.isprintable() for line in raw.split("\n"))
    assert raw.count("\n") == len(RECORDS) + 1


@pytest.mark.parametrize("text", FORMULAS)
def test_the_apostrophe_can_be_taken_away_again(text):
    assert back(spreadsheet_safe(text)) == text


def test_every_other_cell_is_its_value(path, truth):
    header, *rows = cells(path)
    assert header == list(column_names())
    for row in rows:
        found = dict(zip(header, row, strict=True))
        wanted = dict(truth[found["record_sha256"]])
        moment = wanted.pop("event_time")
        assert found["event_time"] == ("" if moment is None else moment.isoformat().replace("+00:00", "Z"))
        if LONG in (wanted["request_parameters"] or ""):
            del wanted["request_parameters"]
        for name, value in wanted.items():
            told = "" if value is None else str(value).lower() if isinstance(value, bool) else visible(value)
            assert back(found[name]) == told, name


def test_nothing_and_an_empty_text_differ(path):
    reader = f"read_csv('{path}', all_varchar=true, allow_quoted_nulls=false)"
    found = duckdb.sql(f"select user_agent, error_code from {reader} where user_agent = ''")
    assert found.fetchall() == [("", None)]


def test_every_value_is_in_quotes(path):
    rest = re.sub('"([^"]|"")*"', "", path.read_text())
    assert set(rest) == {",", "\n"}


def test_pandas_and_duckdb_read_the_same_rows(path, truth):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(frame.columns) == list(column_names())
    assert set(frame.record_sha256) == set(truth)
    assert visible(NASTY) in set(frame.user_agent)
    assert duckdb.sql(f"select count(*) from read_csv('{path}', all_varchar=true)").fetchall() == [(len(RECORDS),)]


def test_a_cell_that_is_too_long_does_not_run_on_into_the_next_row(events, path, tmp_path):
    assert max(len(cell) for row in cells(path) for cell in row) == 32_000
    (reason,) = export.csv(events, tmp_path / "again.csv").left_out
    assert "characters beyond" in reason


def test_excel_is_told_of_utf_8_only_where_asked(events, path, tmp_path):
    marked = export.csv(events, tmp_path / "excel.csv", for_excel=True).path
    assert marked.read_bytes() == b"\xef\xbb\xbf" + path.read_bytes()


def test_a_claim_is_a_cell_like_any_other(conclusions, tmp_path):
    header, *rows = cells(export.csv(conclusions[1:2], tmp_path / "findings.csv").path)
    assert header[-2:] == ["claims", "standings"]
    assert {tuple(row[-2:]) for row in rows} == {("'=1+1 \\u202e changes", "proved present")}
