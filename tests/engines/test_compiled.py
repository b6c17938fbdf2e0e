"""A question is put into SQL once, and what differs in anything that SQL says is another question."""

import ibis
import pyarrow as pa
import pytest
from duckdb import CatalogException
from ibis.backends.duckdb import Backend

from cttoolkit.engines import compiled
from cttoolkit.engines.compiled import connect, form
from cttoolkit.engines.local import Local
from cttoolkit.kept import kept
from tests.conftest import admitted, event

COLUMNS = {"name": "string", "number": "int64", "other": "int64"}


def table(name="events", columns=None):
    connection = connect()
    told = ", ".join(f'"{column}" {kind}' for column, kind in (columns or COLUMNS).items())
    connection.raw_sql(f'CREATE TABLE "{name}" ({told.replace("string", "VARCHAR").replace("int64", "BIGINT")})')
    return connection.table(name)


QUESTIONS = [
    lambda t: t,
    lambda t: t.select("name", "number"),
    lambda t: t.select("number", "name"),
    lambda t: t.filter(t.number == 1),
    lambda t: t.filter(t.number == 2),
    lambda t: t.filter(t.other == 1),
    lambda t: t.filter(t.number == 1).limit(1),
    lambda t: t.filter(t.number == 1).limit(2),
    lambda t: t.filter(t.number > t.other),
    lambda t: t.filter(t.other > t.number),
    lambda t: t.select(told=ibis.literal(1)),
    lambda t: t.select(told=ibis.literal(1.0)),
    lambda t: t.select(told=ibis.literal(True)),
    lambda t: t.select(told=ibis.literal("1")),
    lambda t: t.select(told=ibis.literal(1, "int32")),
    lambda t: t.select(said=ibis.literal(1)),
    lambda t: t.order_by(t.number),
    lambda t: t.order_by(t.number.desc()),
    lambda t: t.group_by("name").aggregate(n=t.number.sum()),
    lambda t: t.group_by("name").aggregate(n=t.number.max()),
    lambda t: t.filter(t.name.isin(["a", "b"])),
    lambda t: t.filter(t.name.isin(["a"])),
    lambda t: t.semi_join(t.filter(t.number == 1), "name"),
    lambda t: t.anti_join(t.filter(t.number == 1), "name"),
    lambda t: t.join(t.group_by("name").aggregate(n=t.count()), "name"),
    lambda t: t.left_join(t.group_by("name").aggregate(n=t.count()), "name"),
]


def test_each_question_has_a_form_of_its_own_which_is_the_same_for_other_evidence():
    one, other = table(), table()
    forms = [form(ask(one).op()) for ask in QUESTIONS]
    assert None not in forms
    assert len(set(forms)) == len(QUESTIONS)
    assert [form(ask(other).op()) for ask in QUESTIONS] == forms


def test_tables_of_other_names_or_columns_are_asked_in_other_words():
    forms = {form(one.op()) for one in (table(), table("more"), table(columns={"name": "string"}))}
    assert len(forms) == 3
    turned = table(columns=dict(reversed(COLUMNS.items())))
    assert form(turned.op()) not in forms


@pytest.fixture
def written(monkeypatch):
    """How often Ibis was asked for SQL."""
    asked, real = [], Backend.compile
    monkeypatch.setattr(
        Backend, "compile", lambda self, *given, **named: asked.append(1) or real(self, *given, **named)
    )
    return asked


def test_it_is_written_once_and_each_evidence_gives_its_own_answer(written, tmp_path):
    first = admitted(tmp_path / "a", event(1, "2026-03-01T01:00:00Z", "OfTheFirst"))
    second = admitted(tmp_path / "b", event(1, "2026-03-01T02:00:00Z", "OfTheSecond"), event(2, "2026-03-01T02:00:00Z"))
    assert first.frame("event_name").event_name.tolist() == ["OfTheFirst"]
    before = len(written)
    assert sorted(second.frame("event_name").event_name) == ["DescribeInstances", "OfTheSecond"]
    assert len(written) == before
    assert second.named("OfTheSecond").frame("event_name").event_name.tolist() == ["OfTheSecond"]
    assert len(written) == before + 1


def test_a_limit_is_another_question():
    asked = table()
    sql = [asked.get_backend().compile(asked, limit=most) for most in (None, 1, 2)]
    assert len(set(sql)) == 3


def test_rows_that_come_with_the_question_are_its_own():
    connection = Local()._connect()
    for number in (1, 2):
        rows = ibis.memtable(pa.table({"n": [number]}))
        assert form(rows.op()) is None
        assert connection.to_pyarrow(rows)["n"].to_pylist() == [number]


def test_rows_that_are_kept_may_be_chosen_by_such_rows(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z", "Wanted"), event(2, "2026-03-01T01:00:00Z"))
    names = ibis.memtable(pa.table({"event_name": ["Wanted"]}))
    with kept(events.table.semi_join(names, "event_name")) as held:
        assert held.to_pyarrow()["event_name"].to_pylist() == ["Wanted"]
    with pytest.raises(CatalogException):
        held.to_pyarrow()


def test_the_oldest_is_forgotten(monkeypatch, written):
    monkeypatch.setattr(compiled, "_MOST", 2)
    compiled._backend.cache_clear()
    try:
        asked = table("forgotten")
        for number in (1, 2, 3, 3, 1):
            asked.get_backend().compile(asked.limit(number))
        assert len(written) == 4
    finally:
        compiled._backend.cache_clear()


def test_it_goes_as_deep_as_conditions_do_and_what_is_very_large_is_not_remembered(monkeypatch):
    asked = table()
    condition = asked.number == 0
    for number in range(1, 3000):
        condition = condition | (asked.number == number)
    assert form(condition.op()) is None
    monkeypatch.setattr(compiled, "_LARGEST", 20_000)
    assert form(condition.op()) is not None
