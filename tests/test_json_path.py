"""Paths walked in Python give what the engine of one machine gives."""

import json

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cttoolkit as ct
from cttoolkit.json_path import text_at, texts_at

KEYS = st.sampled_from(["a", "b", "a.b", "$", "[0]", " "])
SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "null", '"', "\u2603", "{", "1.50"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
PATHS = st.lists(KEYS | st.integers(0, 2) | st.none(), max_size=4)


def spelt(path):
    return "requestParameters" + "".join(
        "[]" if part is None else f"[{part}]" if isinstance(part, int) else f'."{part}"' for part in path
    )


@settings(max_examples=150, deadline=None)
@given(VALUES, PATHS)
def test_any_path_into_any_value_is_what_the_engine_finds(value, path):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    table = ibis.memtable({"request_parameters": [text]}, schema={"request_parameters": "string"})
    there = table.select(there=ct.param(spelt(path)).exists()).to_pyarrow()["there"].to_pylist()[0]
    if None not in path:
        found = text_at(text, json.dumps(path))
        assert (found is not None) == there
        wanted = [found] if found is not None else []
    else:
        several = texts_at(text, json.dumps(path))
        assert (None if several is None else any(one is not None for one in several)) == there
        wanted = [one for one in several or () if one is not None]
    for one in wanted:
        assert table.select(is_it=ct.param(spelt(path)) == one).to_pyarrow()["is_it"].to_pylist() == [True]


@pytest.mark.parametrize("text", [None, "", "{", '{"a":', "odd", '{"a":"\\ud800"}'])
def test_what_is_no_json_has_no_values(text):
    assert text_at(text, '["a"]') is None
    assert texts_at(text, '["a",null]') is None


def test_values_stand_as_they_were_written():
    text = '{"n":1.50, "big":12345678901234567890123, "o": {"z": 1,  "a": [ ]}}'
    assert text_at(text, '["n"]') == "1.50"
    assert text_at(text, '["big"]') == "12345678901234567890123"
    assert text_at(text, '["o"]') == '{"z": 1,  "a": [ ]}'


def test_what_is_nested_too_deeply_has_no_values():
    deep = '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert text_at(deep, '["a","b"]') is None
    assert texts_at(deep, '["a",null]') is None
