"""When somebody calls: much more than usual, at hours never kept, in stretches, or like a clock; and when nobody does."""

import math

import pytest

from cttoolkit import pivot
from cttoolkit.events import admit
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.training.simulator import Simulator
from tests.conftest import ACCOUNT, HOME, Case, admitted, event
from tests.pivot.people import service, session, user
from tests.pivot.rows import same_as_its_events


def weeks(folder, records, days):
    """A world of some days from Monday, the second of March."""
    sim = Simulator(seed=7)
    span = {"start": "2026-03-02T00:00:00Z", "end": f"2026-03-{2 + days:02d}T00:00:00Z"}
    trail = sim.trail("t", account=ACCOUNT, home=HOME, regions=(HOME,), bucket="b", **span)
    for record in records:
        trail.record(HOME, record)
    return admit(Case(sim.seal(), folder).verify(), IntactOnly())


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory):
    """Two weeks of an even job and of an office worker, then a night."""
    records, number = [], 0
    for day in range(2, 17):
        for hour in range(24):
            number += 1
            who = session("job", "hourly")
            records.append(
                event(number, f"2026-03-{day:02d}T{hour:02d}:05:00Z", "PutLogs", userIdentity=who, readOnly=False)
            )
            if 9 <= hour < 17 and day not in {7, 8, 14, 15}:
                for minute in (1, 11, 21, 31):
                    number += 1
                    records.append(
                        event(number, f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00Z", userIdentity=user("anna"))
                    )
    for second in range(40):
        number += 1
        at = f"2026-03-17T03:10:{second:02d}Z"
        records.append(event(number, at, f"Get{second}", userIdentity=user("anna")))
    return weeks(tmp_path_factory.mktemp("tempo"), records, 16)


NIGHT = "2026-03-17T00:00:00Z"


def test_a_burst_is_one_against_the_hour_of_the_week(fortnight):
    rows = pivot.bursts(fortnight, since=NIGHT)
    same_as_its_events(rows)
    (row,) = rows.frame().itertuples()
    assert (row.actor, row.events, row.names) == (f"arn:aws:iam::{ACCOUNT}:user/anna", 40, 40)
    assert row.start.isoformat() == "2026-03-17T03:10:00+00:00"
    # She never worked at that hour: less than one event in all of the fortnight's bins.
    expected = 1 / (15 * 24 * 6)
    assert row.expected == pytest.approx(expected, rel=1e-3)
    expected = row.expected
    assert row.bits == pytest.approx((40 * math.log(40 / expected) - 40 + expected) / math.log(2))
    assert row.is_lead
    assert "too short" not in rows.caption


def test_the_usual_is_no_burst(fortnight):
    rows = pivot.bursts(fortnight, since="2026-03-16T00:00:00Z", least=1)
    usual = rows.frame()
    usual = usual[usual["last"] < NIGHT]
    assert len(usual) == 24 + 8 * 4
    assert not usual.is_lead.any()
    at_nine = usual[(usual.hour_of_week == 9) & usual.actor.str.endswith("anna")].iloc[0]
    # Two Mondays at nine, six bins each, four of them with one event.
    assert at_nine.expected == pytest.approx(8 / 12)


def test_the_median_is_that_of_empty_bins_too(tmp_path):
    """Five of six bins hold 1, 2, 2, 3, 9 events, one is empty: the lower median is 2, and so far off are 2, 1, 0, 0, 1, 7."""
    sizes = [1, 2, 2, 3, 9]
    records = [
        event(10 * place + n, f"2026-03-01T00:{10 * place:02d}:{n:02d}Z")
        for place, size in enumerate(sizes)
        for n in range(size)
    ]
    rows = pivot.bursts(admitted(tmp_path, *records), least=1)
    frame = rows.frame().set_index("events")
    assert frame.z[9] == pytest.approx(0.6745 * (9 - 2) / 1)
    assert frame.z[3] == pytest.approx(0.6745)
    same_as_its_events(rows)


def test_an_even_job_has_no_deviation(fortnight):
    frame = pivot.bursts(fortnight, since="2026-03-16T00:00:00Z", least=1).frame()
    assert frame[frame.actor.str.contains("job")].z.isna().all()


def test_who_is_new_has_no_usual(tmp_path):
    bobs = [event(2 + n, "2026-03-01T02:00:00Z", userIdentity=user("bob")) for n in range(20)]
    events = admitted(tmp_path, event(1, "2026-03-01T00:00:00Z"), *bobs)
    (row,) = pivot.bursts(events, since="2026-03-01T01:00:00Z").frame().itertuples()
    assert row.baseline_events == 0
    assert math.isnan(row.bits)
    assert not row.is_lead


def test_an_hour_never_kept_is_a_lead_by_her_own_habit(fortnight):
    rows = pivot.off_hours(fortnight, since=NIGHT)
    same_as_its_events(rows)
    (row,) = rows.frame().itertuples()
    assert (row.when, row.is_lead, row.baseline_events) == ("Tue 03:00", True, 11 * 32)
    # Six hours before nine the kernel still reaches, on two Tuesdays; the busiest hour is one of three Mondays.
    around = sum(math.exp(-((n / 1.5) ** 2) / 2) for n in range(-4, 4))
    assert row.density == pytest.approx(2 * math.exp(-8) / (3 * around), abs=1e-9)


def test_a_job_that_never_sleeps_has_no_off_hours(fortnight):
    rows = pivot.off_hours(fortnight, since="2026-03-16T00:00:00Z")
    frame = rows.frame()
    assert not frame[frame.actor.str.contains("job")].is_lead.any()
    assert len(frame[frame.actor.str.contains("job")]) == 24


def test_a_habit_takes_a_week_to_know(tmp_path):
    records = [event(n, f"2026-03-01T00:{n // 60:02d}:{n % 60:02d}Z") for n in range(250)]
    rows = pivot.off_hours(
        admitted(tmp_path, *records, event(300, "2026-03-01T05:00:00Z")), since="2026-03-01T04:00:00Z"
    )
    assert rows.frame().is_lead.tolist() == [False]
    assert "too short" in rows.caption


def test_a_stretch_ends_where_nothing_came_for_half_an_hour(tmp_path):
    times = ["00:00:00", "00:10:00", "00:39:59", "01:09:59", "01:10:00"]
    events = admitted(tmp_path, *(event(n, f"2026-03-01T{time}Z") for n, time in enumerate(times)))
    rows = pivot.stretches(events)
    same_as_its_events(rows)
    assert rows.frame().events.tolist() == [3, 2]
    assert rows.frame().idle_before.fillna(-1).tolist() == [-1, 30]
    same_as_its_events(pivot.stretches(events, "actor", idle=5))
    same_as_its_events(pivot.stretches(events, "network", idle=5))


def test_a_schedule_is_steady_and_people_are_not(fortnight):
    rows = pivot.beacons(fortnight)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.principal.tolist() == ["role:AROAJOB"]
    assert frame.every.tolist() == [3600]
    assert frame.variation.tolist() == [0]


def test_a_silence_of_what_always_speaks_is_told_with_its_coverage(tmp_path):
    def records(quiet):
        for day in range(2, 6):
            for hour in range(24):
                if (day, hour) != quiet:
                    for n in range(20):
                        number = (day * 24 + hour) * 20 + n
                        yield event(
                            number,
                            f"2026-03-{day:02d}T{hour:02d}:{n * 3:02d}:00Z",
                            userIdentity=service("config.amazonaws.com"),
                        )

    assert len(pivot.silences(weeks(tmp_path / "none", list(records(None)), 4))) == 0
    rows = pivot.silences(weeks(tmp_path / "one", list(records((4, 5))), 4))
    (row,) = rows.frame().itertuples()
    assert row.hour.isoformat() == "2026-03-04T05:00:00+00:00"
    assert (row.expected, row.is_covered, row.events) == (20, True, 0)
    assert row.bits == pytest.approx(20 / math.log(2))
    assert len(rows.drill(rows.values[0])) == 0


ODD = [
    ["9999-12-31T23:59:59Z"],
    ["0001-01-01T00:00:00Z", "2026-03-01T01:00:00Z"],
    ["nonsense", "2026-03-01T01:00:00Z"],
    ["nonsense"],
]


@pytest.mark.parametrize("times", ODD, ids=lambda times: times[0][:4])
def test_a_record_may_claim_any_time(times, tmp_path):
    records = [event(number, time) for number, time in enumerate(times)]
    events = admitted(tmp_path, *records, delivered_at="2026-03-01T01:05:00Z")
    since = "2026-03-01T00:30:00Z"
    for rows in (
        pivot.bursts(events, least=1),
        pivot.bursts(events, since=since, least=1),
        pivot.off_hours(events, since=since),
        pivot.stretches(events),
        pivot.beacons(events, least=1),
        pivot.silences(events),
        pivot.first_seen(events),
        pivot.first_seen(events, since=since),
        pivot.refusals(events, since=since),
        pivot.folded(events),
        pivot.enumerations(events, least=1),
        pivot.history(events, "nothing"),
        pivot.namesakes(events),
    ):
        same_as_its_events(rows)
