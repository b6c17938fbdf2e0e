"""Times are UTC or they are errors."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cttoolkit.errors import WindowError
from cttoolkit.window import Window, compact_instant, instant, written


def test_an_offset_is_converted_and_not_replaced():
    assert instant("2026-03-01T02:00:00+02:00") == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("naive", ["2026-03-01T02:00:00", "2026-03-01", datetime(2026, 3, 1)])
def test_a_time_without_an_offset_is_refused(naive):
    with pytest.raises(WindowError, match="no UTC offset"):
        instant(naive)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01T00:00Z", True, None, [], "9" * 5000])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(WindowError):
        instant(text)


def test_a_time_outside_of_the_calendar_is_refused():
    with pytest.raises(WindowError):
        instant("0001-01-01T00:00:00+10:00")
    with pytest.raises(WindowError):
        instant(1e300)


def test_seconds_since_the_epoch_are_read():
    assert instant(1453076702.0) == datetime(2016, 1, 18, 0, 25, 2, tzinfo=UTC)


def test_compact_times_have_all_their_digits():
    assert compact_instant("20260301T0205Z") == datetime(2026, 3, 1, 2, 5, tzinfo=UTC)
    assert compact_instant("20260301T020507Z") == datetime(2026, 3, 1, 2, 5, 7, tzinfo=UTC)
    for text in ("2026031T0205Z", "20260301T2505Z", "20260301", "20260301T02050Z"):
        with pytest.raises(ValueError, match=r".+"):
            compact_instant(text)


def test_what_is_written_is_read_again():
    for moment in (
        datetime(2026, 3, 1, 2, tzinfo=UTC),
        datetime(2026, 3, 1, 2, 0, 0, 5, tzinfo=timezone(timedelta(hours=5))),
    ):
        assert instant(written(moment)) == moment
        assert written(moment).endswith("Z")


def test_a_window_holds_its_start_and_not_its_end():
    window = Window.of("2026-03-01T02:00Z", "2026-03-01T04:00Z")
    assert window.start in window
    assert window.end not in window


def test_windows_that_touch_do_not_overlap():
    first, second = (
        Window.of("2026-03-01T02:00Z", "2026-03-01T03:00Z"),
        Window.of("2026-03-01T03:00Z", "2026-03-01T04:00Z"),
    )
    assert not first.overlaps(second)
    assert first.intersection(second) is None
    assert Window(first.start, second.end).covers(second)
    assert not first.covers(second)


def test_a_window_cannot_end_before_it_starts():
    with pytest.raises(WindowError, match="before it starts"):
        Window.of("2026-03-01T04:00Z", "2026-03-01T02:00Z")
