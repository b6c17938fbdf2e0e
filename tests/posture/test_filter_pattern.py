"""Filter patterns of CloudWatch Logs, held against events."""

import pytest

from cttoolkit.posture.alarms import CONDITIONS
from cttoolkit.posture.filter_pattern import PatternError, matches

EVENT = {
    "eventName": "ConsoleLogin", "errorCode": None, "number": 7, "flag": True, "userIdentity": {"type": "Root"},
    "list": [{"a": "x"}], "odd-name": "y",
}  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("{ $.eventName = ConsoleLogin }", True),
        ('{$.eventName="ConsoleLogin"}', True),
        ("{ $.eventName = consolelogin }", False),
        ("{ $.eventName = Console* }", True),
        ("{ $.eventName = *ole*in }", True),
        ("{ $.eventName = *Log }", False),
        ("{ $.eventName = Con*Con*Login }", False),
        ("{ $.eventName != StopLogging }", True),
        ("{ $.noSuch != anything }", True),
        ("{ $.noSuch = * }", False),
        ("{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }", True),
        ("{ $.eventName = x || $.eventName = y && $.number = 7 }", False),
        ("{ ($.eventName = x || $.eventName = ConsoleLogin) && $.number = 7 }", True),
        ("{ $.eventName = ConsoleLogin || $.eventName = y && $.number = 8 }", True),
        ("{ $.number > 6 && $.number <= 7 }", True),
        ("{ $.eventName > 6 }", False),
        ("{ $.errorCode IS NULL }", True),
        ("{ $.noSuch IS NULL }", False),
        ("{ $.flag IS TRUE }", True),
        ("{ $.flag = true }", True),
        ('{ $.list[0].a = "x" && $["odd-name"] = y }', True),
        ("{ $.list[5].a = x }", False),
    ],
)
def test_a_pattern_fits_or_does_not(pattern, fits):
    assert matches(pattern, EVENT) is fits


@pytest.mark.parametrize(
    "pattern",
    ["", "ERROR", "{ }", "{ $.a = }", "{ $.a = b", "{ $.a = b } c", "{ a = b }", "{ $.a = %re% }", "{ $.a LIKE b }",
     "{ $.a IS SOON }", "{ $.a < b }", "{ $.a = 'b' & $.c = d }", "[a, b]", "{ " + "(" * 5000 + " }", "x" * 100_000],
)  # fmt: skip
def test_what_is_no_pattern_of_this_kind_is_said_not_to_be(pattern):
    with pytest.raises(PatternError):
        matches(pattern, EVENT)


def test_a_word_in_a_pattern_is_no_watch_over_it():
    pattern = '{ $.eventName = "StopLogging" && $.userIdentity.type = "Root" }'
    assert not all(matches(pattern, sample) for sample in CONDITIONS["changes of trails"])


def test_conditions_are_those_of_the_benchmark():
    assert len(CONDITIONS) == 15
