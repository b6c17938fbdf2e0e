"""The extents of values in text that an attacker wrote. The texts are so long that reading one again and again would not end."""

import pytest

from cttoolkit.extents import elements, values

LONG = 500_000
HOSTILE = {
    "an open string of escaped quotes": b'[{"' + b'\\"' * LONG,
    "an open string that ends in a backslash": b'[{"' + b"\\\\" * LONG + b"\\",
    "nothing but openings": b"[" * LONG,
    "open objects with open strings": b'[{"a":"' * LONG,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_never_closed_is_one_value_to_the_end(text):
    assert list(values(text)) == [(0, len(text), False)]
    assert list(elements(text, 1)) == [(1, len(text), False)]


def test_closings_without_openings_are_other_text():
    text = b"]" * 1000 + b"{}"
    assert list(values(text))[-1] == (1000, 1002, True)


def test_a_bracket_in_a_string_closes_nothing():
    text = rb'{"a": "]}\"}"}, [1]'
    assert list(values(text)) == [(0, 14, True), (16, 19, True)]
