"""Windows are asked about day by day, and only for what is not there yet."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cttoolkit.collection.spans import Place, days, remaining, settled, whole_seconds
from cttoolkit.custody.manifest import Collected
from cttoolkit.errors import EvidenceError
from cttoolkit.key import AnswerKey, parse_key
from cttoolkit.window import Window, joined

START = datetime(2026, 3, 1, tzinfo=UTC)
PLACE = Place("EventHistory", "111122223333", "us-east-1", "EventHistory/111122223333/us-east-1")


@st.composite
def windows(draw):
    at, length = draw(st.integers(0, 500_000)), draw(st.integers(1, 300_000))
    return Window(START + timedelta(seconds=at), START + timedelta(seconds=at + length))


@given(windows(), st.lists(windows(), max_size=6))
def test_what_is_held_and_what_remains_make_the_whole_and_never_meet(window, held):
    rest = remaining(window, held)
    assert not any(one.overlaps(other) for one in rest for other in held)
    inside = [found for one in held if (found := one.intersection(window))]
    assert joined([*rest, *inside]) == (window,)


@given(windows())
def test_days_end_at_midnight_and_leave_nothing_out(window):
    found = list(days(window))
    assert joined(found) == (window,)
    assert all(one.end.time() == START.time() for one in found[:-1])
    assert all(one.length <= timedelta(days=1) for one in found)


@given(windows(), st.integers(1, 9999))
def test_a_name_tells_what_was_asked(window, number):
    key = parse_key(PLACE.path(window, number))
    assert isinstance(key, AnswerKey)
    assert (key.kind, key.account, key.region, key.window) == ("EventHistory", "111122223333", "us-east-1", window)


@pytest.mark.parametrize("region", ["", "US-EAST-1", "../../x", "us-east-1/x", "us_east_1"])
def test_a_region_that_no_name_could_hold_is_refused(region):
    with pytest.raises(EvidenceError, match="no name of a region"):
        Place("EventHistory", "111122223333", region, "x")


def test_seconds_are_widened_and_never_narrowed():
    odd = Window(START + timedelta(microseconds=1), START + timedelta(seconds=5, microseconds=1))
    assert whole_seconds(odd) == Window(START, START + timedelta(seconds=6))
    assert whole_seconds(Window(START, START + timedelta(seconds=5))).length == timedelta(seconds=5)


def test_only_what_was_asked_an_hour_after_its_end_is_settled():
    window = Window(START, START + timedelta(days=1))

    def asked(at, path=None, source="event-history"):
        path = path or PLACE.path(window)
        return Collected(path, path, 1, "", "", "", at, "", source, 1)

    (found,) = settled(PLACE, [asked("2026-03-02T01:00:00Z")])
    assert (found[0].path, found[1]) == (PLACE.path(window), window)
    assert not [*settled(PLACE, [asked("2026-03-02T00:59:59Z")])]
    assert not [*settled(PLACE, [asked("")])]
    # Who can write to a bucket can name an object so, and must not keep anybody from asking.
    assert not [*settled(PLACE, [asked("2026-03-03T00:00:00Z", source="s3://example-logs")])]
    elsewhere = PLACE.path(window).replace("us-east-1", "eu-west-1")
    assert not [*settled(PLACE, [asked("2026-03-03T00:00:00Z", elsewhere)])]
