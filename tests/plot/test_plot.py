"""Pictures show what the pivots say, and where nothing vouches for the time."""

import pytest

from cttoolkit import pivot, plot
from cttoolkit.events import admit
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.policy import IntactOnly
from tests.conftest import admitted, event

PNG = b"\x89PNG\r\n\x1a\n"
OVER_EVENTS = (
    plot.timeline,
    plot.actors,
    plot.roles,
    plot.regions,
    plot.names,
    plot.services,
    plot.addresses,
    plot.hours,
    plot.heat,
)


@pytest.fixture
def events(case):
    return admit(case.verify(), IntactOnly())


def hatched(chart):
    (axis, *_) = chart.figure.axes
    return [patch for patch in axis.patches if patch.get_hatch()]


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_every_chart_is_a_picture_that_stays_the_same(draw, events):
    one, two = draw(events), draw(events)
    assert one._repr_png_().startswith(PNG)
    assert one._repr_png_() == two._repr_png_()


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_no_events_is_said_and_no_error(draw, events):
    chart = draw(events.named("Nothing"))
    assert chart._repr_png_().startswith(PNG)
    assert any("no events" in text.get_text() for axis in chart.figure.axes for text in axis.texts)


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_hostile_text_is_shown_and_not_interpreted(draw, tmp_path):
    hostile = r"$\frac{1}{0}$ \x1b[31m" + "\x1b\u202e" + "x" * 5000
    identity = {"type": "IAMUser", "arn": hostile}
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", hostile, userIdentity=identity, sourceIPAddress=hostile, awsRegion=hostile),
    )
    assert draw(events)._repr_png_().startswith(PNG)


def test_the_data_behind_a_chart_is_the_pivots(events):
    assert plot.actors(events).data.equals(pivot.actors(events).frame())
    assert plot.timeline(events).data.events.sum() == len(events)
    assert plot.hours(events).data.to_numpy().sum() == len(events)
    assert plot.heat(events, "event_name").data.to_numpy().sum() == len(events)


def test_writes_and_failures_are_told_apart(tmp_path):
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z"),
        event(2, "2026-03-01T01:00:10Z", readOnly=False),
        event(3, "2026-03-01T01:00:20Z", readOnly=False, errorCode="AccessDenied"),
    )
    (row,) = plot.timeline(events).data.itertuples()
    assert (row.reads, row.writes, row.failed) == (1, 1, 1)


def test_a_covered_time_is_not_hatched_and_a_gap_is(case):
    events = admit(case.verify(), IntactOnly()).between("2026-03-01T01:10:00Z", "2026-03-01T04:30:00Z")
    assert not hatched(plot.timeline(events))
    del case.objects[case.digests[2]]
    events = admit(case.verify(), IntactOnly()).between("2026-03-01T01:10:00Z", "2026-03-01T04:30:00Z")
    assert hatched(plot.timeline(events))
    assert hatched(plot.hours(events))
    assert hatched(plot.heat(events))


def test_without_digests_everything_is_hatched(case):
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.policy import AcceptUnverified
    from cttoolkit.integrity.verify import verify

    for key in case.digests:
        del case.objects[key]
    verification = verify(open_evidence(case.write()))
    assert len(hatched(plot.timeline(admit(verification, AcceptUnverified("none were kept"))))) == 1
    assert any("nothing is covered" in text.get_text() for text in plot.coverage(verification).figure.axes[0].texts)


def test_coverage_draws_every_interval_and_marks_what_is_lost(case):
    del case.objects[case.logs[5]]
    del case.objects[case.digests[1]]
    verification = case.verify()
    chart = plot.coverage(verification)
    (axis,) = chart.figure.axes
    assert len(axis.patches) == len(chart.data) == 3
    assert set(chart.data.state) == {State.COVERED.value, State.DIGEST_MISSING.value}
    assert len(axis.collections) == 1
    assert chart._repr_png_().startswith(PNG)


def test_more_than_fifteen_are_summed_up(tmp_path):
    events = admitted(tmp_path, *(event(n, "2026-03-01T01:00:00Z", f"Call{n:02d}") for n in range(20)))
    (axis,) = plot.names(events).figure.axes
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert len(labels) == 16
    assert labels[-1] == "5 others"


def test_bins_fit_the_span(tmp_path):
    short = admitted(tmp_path / "short", event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T01:02:00Z"))
    assert "per minute" in plot.timeline(short).title
    long = admitted(tmp_path / "long", event(1, "2024-03-01T01:00:00Z"), event(2, "2026-03-01T01:02:00Z"))
    assert "per 7 days" in plot.timeline(long).title
    assert len(plot.timeline(long).data) == 2


TIMES = [
    ["9999-12-31T23:59:59Z"],
    ["0001-01-01T00:00:00Z", "2026-03-01T01:00:00Z"],
    ["1600-01-01T00:00:00Z", "2500-01-01T00:00:00Z"],
    ["nonsense", "2026-03-01T01:00:00Z"],
    ["nonsense"],
]


@pytest.mark.parametrize("times", TIMES, ids=lambda times: times[0][:4])
@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_a_record_may_claim_any_time(draw, times, tmp_path):
    records = [event(number, time) for number, time in enumerate(times)]
    events = admitted(tmp_path, *records, delivered_at="2026-03-01T01:05:00Z")
    assert len(events) == len(times)
    chart = draw(events)
    assert chart._repr_png_().startswith(PNG)
    assert len(chart.data.columns) <= 200
    assert len(chart.data) <= 200
