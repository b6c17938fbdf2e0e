"""Pictures show what the pivots say, and where nothing vouches for the time."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from cttoolkit import pivot, plot
from cttoolkit.errors import ColumnError, EvidenceError, WindowError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.coverage import State
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verify import verify
from cttoolkit.plot import lettering, scale
from cttoolkit.plot.ground import Ground
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window, instant
from tests.conftest import ACCOUNT, HOME, Case, admitted, event, small_bucket

PNG = b"\x89PNG\r\n\x1a\n"
OVER_EVENTS = [
    getattr(plot, name)
    for name in """timeline timelines by_actor by_role by_region by_account actors roles regions names services addresses agents
    access_keys errors hours weekdays heat matrix denied first_seen""".split()
]
SOME = [
    plot.timeline,
    plot.timelines,
    plot.names,
    plot.hours,
    plot.weekdays,
    plot.heat,
    plot.matrix,
    plot.denied,
    plot.first_seen,
]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admit(Case(small_bucket(), tmp_path_factory.mktemp("events")).verify(), IntactOnly())


def hatched(chart, line=0):
    """What stands for time that is not covered, in one of a chart's axes."""
    return [one for one in chart.figure.axes[line].collections if one.get_gid() in ("nowhere", "partly")]


def texts(chart):
    return [
        text.get_text() for text in [*chart.figure.texts, *(text for axis in chart.figure.axes for text in axis.texts)]
    ]


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_every_chart_is_a_picture_that_stays_the_same(draw, events):
    one, two = draw(events), draw(events)
    assert one._repr_png_().startswith(PNG)
    assert one._repr_png_() == two._repr_png_()


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_no_events_is_said_and_no_error(draw, events):
    chart = draw(events.named("Nothing"))
    assert chart._repr_png_().startswith(PNG)
    assert any(text.startswith(("no events", "no call was refused")) for text in texts(chart))


HOSTILE = r"$\frac{1}{0}$ \x1b[31m" + "\x1b[31m\u202e" + "漢字\U0001f4a9e\u0301\u0302\u0303" + "x" * 5000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    identity = {"type": "IAMUser", "arn": HOSTILE}
    parts = {"userIdentity": identity, "sourceIPAddress": HOSTILE, "userAgent": HOSTILE, "eventSource": HOSTILE}
    records = [
        event(
            n,
            f"2026-03-01T01:{n:02d}:00Z",
            HOSTILE,
            awsRegion=HOSTILE,
            errorCode="AccessDenied" if n < 3 else None,
            **parts,
        )
        for n in range(6)
    ]
    return admitted(
        tmp_path_factory.mktemp("hostile"), *records, event(9, "2026-03-01T01:30:00Z", sourceIPAddress=None)
    )


@pytest.mark.parametrize("draw", OVER_EVENTS)
def test_hostile_text_is_shown_and_not_interpreted(draw, hostile):
    chart = draw(hostile)
    assert chart._repr_png_().startswith(PNG)
    width, height = chart.figure.get_size_inches()
    assert width <= 14
    assert height <= 16
    shown = [
        *texts(chart),
        *(t.get_text() for axis in chart.figure.axes for t in [*axis.get_yticklabels(), *axis.get_xticklabels()]),
    ]
    assert not any(character in text for text in shown for character in "\x1b\u202e漢")
    assert max(map(len, shown)) < 200


def test_the_data_behind_a_chart_is_the_pivots(events):
    assert plot.actors(events).data.equals(pivot.actors(events).frame())
    assert plot.timeline(events).data.events.sum() == len(events)
    assert plot.hours(events).data.to_numpy().sum() == len(events)
    assert plot.heat(events, "event_name").data.to_numpy().sum() == len(events)
    for draw in (plot.weekdays, plot.matrix):
        assert draw(events).data.to_numpy().sum() == len(events)
    for draw in (plot.timelines, plot.by_region):
        assert draw(events).data.events.sum() == len(events)


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
    assert hatched(plot.timelines(events))
    assert hatched(plot.first_seen(events))
    assert "not covered by verified digests" in legend(plot.timeline(events))


def legend(chart):
    return [text.get_text() for one in chart.figure.legends for text in one.get_texts()]


def test_a_minute_without_logging_is_seen_in_its_hour(case):
    """A hole is a hole however short, and a digest that ends seconds after the hour makes none."""
    shown = Window.of("2026-03-01T00:00:00Z", "2026-03-01T06:00:00Z")
    hole = Window.of("2026-03-01T02:10:00Z", "2026-03-01T02:11:00Z")
    seconds = Window.of("2026-03-01T04:00:00Z", "2026-03-01T04:00:07Z")
    under = Ground(shown, (hole, seconds), ())
    hours = [Window(shown.start + n * timedelta(hours=1), shown.start + (n + 1) * timedelta(hours=1)) for n in range(6)]
    assert [under.of(hour) for hour in hours] == [None, None, "partly", None, "partly", None]
    straddling = Ground(shown, (Window.of("2026-03-01T02:59:55Z", "2026-03-01T03:00:05Z"),), ())
    assert [straddling.of(hour) for hour in hours] == [None] * 6


def test_a_strip_of_a_region_stands_on_the_ground_of_that_region(tmp_path):
    sim = Simulator(seed=7)
    trail = sim.trail(
        "t", account=ACCOUNT, home=HOME, regions=(HOME, "eu-west-1"), bucket="b",
        start="2026-03-01T00:00:00Z", end="2026-03-01T06:00:00Z",
    )  # fmt: skip
    for hour in range(6):
        trail.record(HOME, event(hour, f"2026-03-01T0{hour}:20:00Z"))
        trail.record(HOME, event(20 + hour, f"2026-03-01T0{hour}:25:00Z"))
        trail.record("eu-west-1", event(10 + hour, f"2026-03-01T0{hour}:20:00Z", awsRegion="eu-west-1"))
    case = Case(sim.seal(), tmp_path)
    lost = [key for key in case.digests if "eu-west-1" in key][2]
    del case.objects[lost]
    events = admit(case.verify(), IntactOnly())
    strips = plot.by_region(events)
    assert [bool(hatched(strips, line)) for line in range(2)] == [False, True]
    both = plot.timelines(events, "event_name")
    assert [one.get_gid() for one in hatched(both)] == ["partly"]
    assert "covered in part" in legend(both)
    assert not hatched(plot.timeline(events.in_region(HOME)))
    assert [one.get_gid() for one in hatched(plot.timeline(events.in_region("eu-west-1")))] == ["nowhere"]


def test_a_strip_of_an_account_stands_on_the_ground_of_that_account(tmp_path):
    other, sim = "444455556666", Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    for number, account in enumerate((ACCOUNT, other)):
        trail = sim.trail("t", account=account, home=HOME, regions=(HOME,), bucket="b", **span)
        for hour in range(6):
            for more in range(2 - number):
                time = f"2026-03-01T0{hour}:2{more}:00Z"
                trail.record(HOME, event(20 * number + 6 * more + hour, time, recipientAccountId=account))
    case = Case(sim.seal(), tmp_path)
    del case.objects[[key for key in case.digests if other in key][2]]
    events = admit(case.verify(), IntactOnly())
    strips = plot.by_account(events)
    # The busier one comes first, and has lost nothing.
    assert [bool(hatched(strips, line)) for line in range(2)] == [False, True]
    assert [*dict.fromkeys(strips.data.recipient_account_id)] == [ACCOUNT, other]
    assert not hatched(plot.timeline(events.in_account(ACCOUNT)))


def test_silence_before_and_after_is_part_of_what_was_asked_for(case):
    events = admit(case.verify(), IntactOnly()).between("2026-03-01T00:00:00Z", "2026-03-01T06:00:00Z").named("Nothing")
    assert "no events" in texts(plot.timeline(events))
    assert not hatched(plot.timeline(events))
    events = admit(case.verify(), IntactOnly())
    few = events.where(event_id="00000000-0000-4000-8000-000000000004")
    assert scale.shown(few).length == timedelta(seconds=1)
    wide = few.between("2026-03-01T00:30:00Z", "2027-01-01T00:00:00Z")
    assert scale.shown(wide).length > timedelta(hours=5)
    assert scale.shown(wide).end < instant("2026-03-02T00:00:00Z")
    del case.objects[case.digests[2]]
    events = admit(case.verify(), IntactOnly())
    silent = plot.timeline(events.named("Nothing").between("2026-03-01T00:10:00Z", "2026-03-01T05:50:00Z"))
    assert [one.get_gid() for one in hatched(silent)] == ["nowhere"]


def test_without_digests_everything_is_hatched(case):
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.policy import AcceptUnverified
    from cttoolkit.integrity.verify import verify

    for key in case.digests:
        del case.objects[key]
    verification = verify(open_evidence(case.write()))
    events = admit(verification, AcceptUnverified("none were kept"))
    assert len(hatched(plot.timeline(events))) == 1
    assert set(plot.coverage_grid(verification).data.to_numpy().ravel()) == {"unverifiable"}
    assert any("nothing is covered" in text.get_text() for text in plot.coverage(verification).figure.axes[0].texts)


def test_coverage_draws_every_interval_and_marks_what_is_lost(case):
    del case.objects[case.logs[5]]
    del case.objects[case.digests[1]]
    verification = case.verify()
    chart = plot.coverage(verification)
    (axis,) = chart.figure.axes
    drawn = {one.get_gid(): len(one.get_paths()) for one in axis.collections}
    assert drawn.pop("log file missing or altered") == 1
    assert drawn == {State.COVERED.value: 2, State.DIGEST_MISSING.value: 1}
    assert sum(drawn.values()) == len(chart.data)
    assert chart._repr_png_().startswith(PNG)


def test_more_than_fifteen_are_summed_up(tmp_path):
    events = admitted(tmp_path, *(event(n, "2026-03-01T01:00:00Z", f"Call{n:02d}") for n in range(20)))
    (axis,) = plot.names(events).figure.axes
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert len(labels) == 16
    assert labels[-1] == "5 others"
    assert plot.heat(events, "event_name").data.index[-1] == "5 others"
    assert plot.matrix(events, "event_name", "actor").data.index[-1] == "(others)"
    assert len(plot.timelines(events, "event_name").figure.axes) == 9
    assert plot.timelines(events, "event_name").figure.axes[-1].get_title(loc="left").startswith("12 others")


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


@pytest.fixture(scope="module", params=TIMES, ids=lambda times: times[0][:4])
def claiming(request, tmp_path_factory):
    """The times that records claim, and the events."""
    records = [event(number, time, errorCode="AccessDenied") for number, time in enumerate(request.param)]
    folder = tmp_path_factory.mktemp("claiming")
    return request.param, admitted(folder, *records, delivered_at="2026-03-01T01:05:00Z")


@pytest.mark.parametrize("draw", SOME)
def test_a_record_may_claim_any_time(draw, claiming):
    times, events = claiming
    assert len(events) == len(times)
    chart = draw(events)
    assert chart._repr_png_().startswith(PNG)
    assert len(chart.data.columns) <= 200
    assert len(chart.data) <= 200
    assert chart.figure.get_figheight() <= 16


def test_refused_and_then_allowed_is_told_from_refused_and_from_allowed_to_another(tmp_path):
    bob = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "userName": "bob"}
    events = admitted(
        tmp_path,
        event(1, "2026-03-01T01:00:00Z", "CreateUser", errorCode="AccessDenied"),
        event(2, "2026-03-01T01:10:00Z", "ListUsers", errorCode="AccessDenied"),
        event(3, "2026-03-01T01:20:00Z", "CreateUser", userIdentity=bob),
        event(4, "2026-03-01T01:30:00Z", "ListUsers"),
        event(5, "2026-03-01T01:40:00Z", "ListUsers", errorCode="ThrottlingException"),
        event(6, "2026-03-01T00:10:00Z", "ListUsers"),
    )
    frame = plot.denied(events).data
    assert list(frame.call) == ["ec2:CreateUser", "ec2:ListUsers"]
    assert list(zip(frame.refused, frame.allowed, strict=True)) == [(1, 0), (1, 1)]


def test_the_weeks_observed_are_said_and_cells_never_covered_hatched(case):
    del case.objects[case.digests[2]]
    chart = plot.weekdays(admit(case.verify(), IntactOnly()))
    assert "5 hours observed, less than a week" in chart.title or "6 hours observed, less than a week" in chart.title
    (holes,) = hatched(chart)
    assert holes.get_gid() == "nowhere"
    assert len(holes.get_paths()) == 1
    assert sum(text.get_text() == "–" for text in chart.figure.axes[0].texts) >= 168 - 7


def test_labels_that_would_read_alike_are_numbered():
    assert lettering.labels(["a" * 99 + "b" * 99, "a" * 98 + "cc" + "b" * 98], 20) == [
        "aaaaaa…bbbbbbbbbbbbb",
        "aaaaa…bbbbbbbbbb #2",
    ]


def test_an_unknown_column_is_an_error(events):
    for draw in (plot.timelines, plot.heat, plot.matrix, plot.first_seen):
        with pytest.raises(ColumnError, match="no such column"):
            draw(events, "nonsense")
    with pytest.raises(ColumnError, match="does not count it"):
        plot.bars(SimpleNamespace(axis="actor", events=events, frame=lambda: pivot.actors(events).frame()[["actor"]]))
    with pytest.raises(WindowError, match="no width of a cell"):
        plot.coverage_grid(events.verification, hours=0)


def test_the_hourly_grid_tells_silence_from_what_is_missing(case):
    del case.objects[case.digests[2]]
    del case.objects[case.logs[0]]
    grid = plot.coverage_grid(case.verify(), hours=1).data
    assert list(grid.iloc[0]) == ["contradicted", "covered", "digest missing", "covered", "covered", "covered"]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_saved_picture_says_nothing_of_the_day_it_was_drawn(ending, events, tmp_path):
    for name in "ab":
        plot.timeline(events).save(str(tmp_path / f"{name}.{ending}"))
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_a_figure_does_not_change_with_the_machines_settings(events):
    import matplotlib

    plain = plot.timeline(events)._repr_png_()
    with matplotlib.rc_context(
        {"font.size": 20, "axes.facecolor": "black", "text.color": "red", "xtick.labelsize": 30}
    ):
        assert plot.timeline(events)._repr_png_() == plain


def test_a_picture_never_lands_in_the_evidence(case, tmp_path):
    place = case.write()
    events = admit(verify(open_evidence(place), load_keys(case.folder / "keys.json")), IntactOnly())
    log = place / case.logs[0]
    before = log.read_bytes()
    link = tmp_path / "t.png"
    link.symlink_to(log)
    for path in (place / "x.png", link, f"{place}/../{place.name}/y.png"):
        with pytest.raises(EvidenceError, match="never written to"):
            plot.timeline(events).save(path)
    assert log.read_bytes() == before
    assert not list(place.rglob("*.png"))
    plot.timeline(events).save(tmp_path / "outside.png")
    assert (tmp_path / "outside.png").read_bytes().startswith(PNG)
