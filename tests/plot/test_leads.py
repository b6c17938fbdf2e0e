"""What is new, gone, more or less is said in words and by hatch; what was first seen stands where it was."""

from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cttoolkit import plot
from cttoolkit.errors import ColumnError
from tests.conftest import admitted, event
from tests.plot.test_plot import HOSTILE, PNG, texts


@pytest.fixture
def events(tmp_path):
    return admitted(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T03:00:00Z", "CreateUser"))


def compared(events, *rows, axis="event_name"):
    columns = [axis, "change", "incident", "baseline", "incident_rate", "baseline_rate"]
    return SimpleNamespace(
        axis=axis, events=events, frame=lambda: pd.DataFrame(rows, columns=columns), notes=("a note",)
    )


def test_changes_are_said_in_words_and_by_hatch(events):
    rows = [
        ("A", "new", 4, 0, 2.0, 0.0),
        ("B", "gone", 0, 10, 0.0, 1.0),
        ("C", "more", 40, 40, 20.0, 4.0),
        ("D", "less", 2, 40, 1.0, 4.0),
        ("E", "same", 8, 40, 4.0, 4.0),
    ]
    chart = plot.compare(compared(events, *reversed(rows)))
    assert [row.change for row in chart.data.itertuples()] == ["same", "less", "more", "gone", "new"]
    (axis,) = chart.figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["A", "B", "C", "D", "E"]
    told = [text.get_text().partition("  ")[0] for text in axis.texts]
    assert told == ["NEW", "GONE", "× 5", "÷ 4", "same"]
    assert {bar.get_hatch() for bar in axis.patches} == {None, "xxxxx", "////", r"\\\\"}
    assert "a note" in texts(chart)
    assert "1 new, 1 more, 1 less, 1 same, 1 gone" in chart.title


def test_rates_far_apart_are_on_a_logarithmic_scale_that_says_so(events):
    chart = plot.compare(compared(events, ("A", "more", 10**6, 1, 5e5, 0.01), ("B", "new", 1, 0, 0.5, 0.0)))
    assert chart.figure.axes[0].get_xlabel() == "events per hour, logarithmic scale"


def test_what_is_gone_is_not_crowded_out_by_what_is_new(events):
    rows = [(f"new{n}", "new", 9, 0, 9.0, 0.0) for n in range(90)] + [("lost", "gone", 0, 5, 0.0, 0.1)]
    chart = plot.compare(compared(events, *rows))
    labels = [text.get_text() for text in chart.figure.axes[0].get_yticklabels()]
    assert len(labels) == 20
    assert "lost" in labels
    assert any(text.startswith("71 calls") for text in texts(chart))


def firsts(events, *rows, axis="event_name"):
    columns = ["principal", axis, "first", "events"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["first"] = pd.to_datetime(frame["first"], utc=True)
    return SimpleNamespace(axis=axis, events=events, frame=lambda: frame)


def test_firsts_stand_in_the_lane_of_their_principal(events):
    rows = [
        ("p", "A", "2026-03-01T01:00:00Z", 1),
        ("q", "B", "2026-03-01T02:00:00Z", 5),
        ("p", "B", "2026-03-01T03:00:00Z", 5),
    ]
    chart = plot.first_seen(firsts(events, *rows))
    (axis,) = chart.figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["p", "q"]
    assert [text.get_text() for text in axis.texts] == ["B", "A", "B"]
    assert "3 calls first seen with 2 principals" in chart.title


def test_firsts_in_one_moment_are_counted_where_there_is_no_room(events):
    rows = [(f"p{n // 40}", f"Call{n % 40}", "2026-03-01T01:00:00Z", 1) for n in range(80)]
    told = [text.get_text() for text in plot.first_seen(firsts(events, *rows)).figure.axes[0].texts]
    assert told.count("+ 35 more") == 2


def test_no_label_lies_over_another(events):
    rows = [(f"p{n % 3}", f"CallNumber{n}", f"2026-03-01T0{n % 6}:{n * 7 % 60:02d}:00Z", 1) for n in range(90)]
    chart = plot.first_seen(firsts(events, *rows))
    chart._repr_png_()
    renderer = FigureCanvasAgg(chart.figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in chart.figure.axes[0].texts]
    for at, one in enumerate(boxes):
        assert not any(one.shrunk(0.98, 0.9).overlaps(other.shrunk(0.98, 0.9)) for other in boxes[at + 1 :])
        assert one.x1 <= chart.figure.bbox.x1


def test_hostile_values_are_shown_and_not_interpreted(events):
    rows = [(HOSTILE, HOSTILE, "2026-03-01T01:00:00Z", 1), (None, None, "2026-03-01T02:00:00Z", 1), ("p", "x", None, 1)]
    for chart in (
        plot.first_seen(firsts(events, *rows)),
        plot.compare(compared(events, (HOSTILE, "new", 1, 0, 1.0, 0.0), (None, "odd", 1, 1, 1.0, 1.0))),
    ):
        assert chart._repr_png_().startswith(PNG)
        assert not any(character in text for text in texts(chart) for character in "\x1b\u202e漢")


def test_a_pivot_of_another_kind_is_an_error(events):
    other = SimpleNamespace(axis="event_name", events=events, frame=lambda: pd.DataFrame({"event_name": ["a"]}))
    for draw in (plot.compare, plot.first_seen):
        with pytest.raises(ColumnError, match="this pivot has no such column"):
            draw(other)


def test_nothing_to_compare_is_said(events):
    assert "no events" in texts(plot.compare(compared(events)))
    assert "no events" in texts(plot.first_seen(firsts(events)))
