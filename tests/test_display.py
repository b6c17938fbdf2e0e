"""Values as people see them, and as spreadsheets take them."""

import math

import pytest

from cttoolkit.display import cell, csv_table, html_table, text_table


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (math.nan, ""),
        (True, "yes"),
        (1234567, "1,234,567"),
        (3.1953743152769323, "3.195"),
        (-0.5, "-0.5"),
        (6.0071e-05, "6.007e-05"),
        (123456.789, "123,457"),
        (math.inf, "inf"),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_a_value_is_shown_as_it_is_read(value, shown):
    assert cell(value) == shown
    assert shown in text_table(["x"], [[value]])


def test_a_spreadsheet_gets_the_whole_number():
    assert csv_table(["x"], [[3.1953743152769323], [-2.5], [None], ["-2.5"], [math.nan]]).split() == [
        "x", "3.1953743152769323", "-2.5", '""', "'-2.5", '""',
    ]  # fmt: skip


def test_numbers_stand_to_the_right():
    assert html_table(["x"], [[2.5]]).count("text-align:right") == 1
    assert "<script>" not in html_table(["x"], [["<script>"]])
