"""What the explorer counts, lists and writes as code is what the narrowed events say, whatever is chosen."""

import random
from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events, admit
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.training import tamper
from cttoolkit.widgets.axes import AXES, CONFLICTING
from cttoolkit.widgets.basket import Basket, Place
from cttoolkit.widgets.choices import Choices
from cttoolkit.widgets.exploration import PAGE, SORTED_BY, explored
from cttoolkit.window import Window
from tests.conftest import event, small_world
from tests.widgets.conftest import BIDI, NUL, QUOTES, SCRIPT


@pytest.fixture(scope="module")
def start(events):
    return explored(events)


@pytest.fixture(scope="module")
def table(events):
    """All events as plain rows, with the standing worked out by hand."""
    rows = events.frame().to_dict("records")
    for row in rows:
        clean = {name: value for name, value in row.items() if isinstance(value, str)}
        row |= {axis.column: clean.get(axis.column) for axis in AXES}
        row["standing"] = CONFLICTING if row["status"] == "intact" and row["is_conflicting"] is True else row["status"]
    return rows


def places(rows):
    return sorted((row["log_file"], row["record_index"]) for row in rows)


def held_by(events):
    return places(events.frame("log_file", "record_index").to_dict("records"))


def chosen(rows, choices):
    """The rows that meet choices, asked without any engine."""
    for axis in AXES:
        if axis.name in choices.values:
            rows = [row for row in rows if row[axis.column] in choices.values[axis.name]]
    return [row for row in rows if choices.window is None or (is_timed(row) and row["event_time"] in choices.window)]


def is_timed(row):
    return not pd.isna(row["event_time"])


def drawn_by_lot(exploration, seed):
    """Choices on up to three axes, and a brush, as chance has it."""
    draws = random.Random(seed)
    for axis in draws.sample(AXES, draws.randrange(4)):
        values = [value for value, _ in exploration.tally.values[axis.name]]
        exploration = exploration.choosing(axis.name, *draws.sample(values, min(len(values), draws.randrange(1, 4))))
    if draws.random() < 0.5:
        first, last = sorted(draws.sample(range(len(exploration.bins)), 2))
        exploration = exploration.during(Window(exploration.bins.cell(first).start, exploration.bins.cell(last).end))
    return exploration


LOTS = range(12)


def test_the_world_has_what_is_hard(start, table):
    values = {axis.name: {value for value, _ in start.tally.values[axis.name]} for axis in AXES}
    assert {SCRIPT, NUL, None} <= values["session"]
    assert {QUOTES, "nodots"} <= values["service"]
    assert BIDI in values["address"]
    assert values["standing"] == {"intact", "unlisted", CONFLICTING}
    assert None in start.tally.bins
    assert len(table) > 3 * PAGE


@pytest.mark.parametrize("seed", LOTS)
def test_the_code_evaluates_to_the_same_events(start, events, table, seed):
    at = drawn_by_lot(start, seed)
    names = {"events": events}
    exec(f"found = {at.code()}", names)
    assert isinstance(names["found"], Events)
    assert names["found"].steps == at.events.steps
    assert held_by(names["found"]) == places(chosen(table, at.choices))


@pytest.mark.parametrize("seed", LOTS)
def test_each_chooser_counts_what_the_other_choices_leave(start, table, seed):
    at = drawn_by_lot(start, seed)
    assert at.tally.events == len(chosen(table, at.choices))
    for axis in AXES:
        others = at.choices.choosing(axis.name, ())
        counted = Counter(row[axis.column] for row in chosen(table, others))
        picked = at.choices.values.get(axis.name, ())
        assert dict(at.tally.values[axis.name]) == counted | {value: counted[value] for value in picked}
        assert at.tally.distinct[axis.name] == len(counted)


@pytest.mark.parametrize("seed", LOTS)
def test_the_histogram_counts_what_all_but_the_brush_leave(start, table, seed):
    at = drawn_by_lot(start, seed)
    bins = Counter()
    for row in chosen(table, at.choices.during(None)):
        number = int(row["event_time"].timestamp() // at.bins.seconds) if is_timed(row) else None
        failed = row["error_code"] is not None
        bins[number, "events"] += 1
        bins[number, "failed"] += failed
        bins[number, "writes"] += not failed and row["read_only"] is False
    numbers = {number for number, _ in bins}
    assert at.tally.bins == {
        number: (bins[number, "events"], bins[number, "failed"], bins[number, "writes"]) for number in numbers
    }


@pytest.mark.parametrize(
    ("name", "is_descending"),
    [*((name, False) for name in SORTED_BY), ("time", True), ("session", True), ("service", True), ("standing", True)],
)
def test_the_pages_show_every_event_once_and_in_order(start, table, name, is_descending):
    at = start.choosing("region", "us-east-1").sorted_by(name, is_descending=is_descending)
    rows = [row for page in range(at.pages) for row in at.turned_to(page).rows]
    assert places(rows) == places(chosen(table, at.choices))
    column = next((axis.column for axis in AXES if axis.name == name), "event_time")
    known = {place(row): row for row in table}
    values = [known[place(row)][column] for row in rows]
    held = [value for value in values if not pd.isna(value)]
    assert held == sorted(held, reverse=is_descending)
    assert values[: len(held)] == held
    if name != "time":
        for one, following in pairwise(rows):
            if known[place(one)][column] == known[place(following)][column] and following["event_time"] is not None:
                assert one["event_time"] <= following["event_time"]


def place(row):
    return row["log_file"], row["record_index"]


def test_a_page_holds_fifty_rows_and_the_last_one_the_rest(start, table):
    assert [len(start.turned_to(page).rows) for page in range(start.pages)] == [50, 50, 50, len(table) - 150]
    assert start.turned_to(99).page == start.pages - 1
    assert start.turned_to(-1).page == 0


def test_a_choice_that_nothing_meets_is_a_page_without_rows(start):
    at = start.choosing("call", "PlantedCall").choosing("standing", "intact")
    assert (at.tally.events, at.rows, at.pages) == (0, [], 1)
    assert ("PlantedCall", 0) in at.tally.values["call"]


def test_a_choice_turns_back_to_the_first_page(start):
    assert start.turned_to(2).choosing("region", "eu-west-1").page == 0
    assert start.turned_to(2).during(None).page == 0


def test_a_brush_is_widened_to_whole_bins_and_refused_outside(start):
    cell = start.bins.cell(5)
    with pytest.raises(ColumnError):
        start.during(Window.of("2030-01-01T00:00Z", "2030-01-02T00:00Z"))
    within = Window(cell.start.replace(second=1), cell.end)
    assert start.during(within).choices.window == cell


def test_the_picture_can_be_enlarged_and_made_whole_again(start, table):
    wide = start.during(Window(start.bins.cell(10).start, start.bins.cell(40).end)).choosing("region", "us-east-1")
    near = wide.enlarged()
    assert near.bins.seconds < wide.bins.seconds
    assert near.choices == wide.choices
    assert held_by(near.events) == places(chosen(table, wide.choices))
    assert near.during(None).choices.window == wide.choices.window
    assert near.whole().choices == Choices(None, wide.choices.values)
    assert near.whole().bins == start.bins


def test_a_list_can_be_searched_without_narrowing_events(start):
    at = start.looking_for("address", "192.0")
    assert {value for value, _ in at.tally.values["address"]} == {"192.0.2.1", "192.0.2.10"}
    assert at.tally.events == start.tally.events
    assert at.choosing("address", BIDI).tally.values["address"][-1][0] in {BIDI, "192.0.2.10"}
    assert at.looking_for("address", "").holding == ()


def test_a_chooser_that_there_is_not_is_refused(start):
    with pytest.raises(ColumnError):
        start.choosing("wishes", "x")
    with pytest.raises(ColumnError):
        start.sorted_by("wishes")


def test_the_ground_is_that_of_the_regions_that_were_chosen(start):
    assert start.ground.shown == start.bins.window
    assert start.ground.nowhere == ()
    # Nothing was collected of that region, so no digest covers any of its time.
    assert start.choosing("region", "eu-west-1").ground.nowhere == (start.bins.window,)


def test_the_basket_gives_back_just_the_events_put_into_it(start, events):
    rows = [*start.rows[3:6], start.turned_to(3).rows[-1]]
    twins = [row for row in start.choosing("standing", CONFLICTING).rows if row["event_name"] == "StopLogging"]
    basket = Basket().with_places(map(Place.of, [*rows, *twins, *rows]))
    assert len(basket) == 5
    assert held_by(basket.narrow(events)) == places([*rows, *twins])
    names = {"events": events}
    exec(f"found = {basket.code()}", names)
    assert held_by(names["found"]) == places([*rows, *twins])
    assert len(basket.without(map(Place.of, rows))) == 1
    assert len(Basket().narrow(events)) == 0


def test_times_beyond_any_calendar_are_counted_and_listed(tmp_path):
    case = small_world(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T02:00:00Z"))
    odd = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9500-01-01T00:00:00Z", "never"]
    planted = [event(10 + number, time) for number, time in enumerate(odd)]
    tamper.plant_log(case.bucket, case.logs[0], planted)
    at = explored(admit(case.verify(), AcceptUnverified("to look")))
    assert at.tally.events == 6
    assert [row["event_id"][-2:] for row in at.rows] == ["11", "01", "02", "12", "10", "13"]
    assert [row["event_id"][-2:] for row in at.sorted_by("time", is_descending=True).rows] == [
        "10",
        "12",
        "02",
        "01",
        "11",
        "13",
    ]
    assert [row["event_id"][-2:] for row in at.sorted_by("call").rows][-1] == "13"
    assert len(at.during(at.bins.window).events) <= 5


def test_no_events_at_all_are_a_page_without_rows(events):
    at = explored(events.named("NobodyCallsThis"))
    assert (at.tally.events, at.rows, at.pages) == (0, [], 1)
    assert set(at.tally.distinct.values()) == {0}
    assert at.choosing("call", "NobodyCallsThis").tally.values["call"] == [("NobodyCallsThis", 0)]


def test_events_without_a_time_have_a_page_too(events):
    at = explored(events.where(event_time=None))
    assert [row["event_name"] for row in at.rows] == ["PlantedCall"] * 4
    assert at.tally.bins == {None: (4, 0, 0)}
