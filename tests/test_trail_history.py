"""What a trail was set to record, piece by piece, and what silence is worth in each piece."""

from itertools import pairwise

import pytest

from cttoolkit.events import admit
from cttoolkit.finding import absence
from cttoolkit.integrity.configuration import Records
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.standing import Met, Word
from cttoolkit.trail_history import TRAIL_CHANGES, Aspect, trail_histories
from cttoolkit.training.bucket import StoredObject, pack
from cttoolkit.training.simulator import Simulator
from cttoolkit.training.tamper import content
from cttoolkit.window import Window, instant
from tests.conftest import ACCOUNT, HOME, Case, event, small_world

YES, NO, UNKNOWN = Records.YES, Records.NO, Records.UNKNOWN
DAY = "2026-03-01T"
READS = [event(90, f"{DAY}00:20:00Z"), event(91, f"{DAY}01:20:00Z", readOnly=False), event(92, f"{DAY}02:20:00Z")]
ALL = {"eventSelectors": [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": []}]}
WRITES = {"eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": True}]}
ADVANCED = {"advancedEventSelectors": [{"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}]}
NARROW = {"advancedEventSelectors": [{"fieldSelectors": [
    {"field": "eventCategory", "equals": ["Management"]}, {"field": "eventSource", "notEquals": ["kms.amazonaws.com"]}]}]}  # fmt: skip


def call(number, clock, name, parameters=None, response=None, **more):
    """A change to a trail at a time of the day."""
    parameters = {"name": "t"} if parameters is None else parameters
    return event(
        number, f"{DAY}{clock}Z", name, eventSource="cloudtrail.amazonaws.com", requestParameters=parameters,
        responseElements=response, readOnly=False, **more,
    )  # fmt: skip


def selectors(number, clock, chosen, trail="t"):
    return call(
        number,
        clock,
        "PutEventSelectors",
        {"trailName": f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/{trail}", **chosen},
    )


CHOSEN = {
    "all": (ALL, YES), "advanced": (ADVANCED, YES), "writes": (WRITES, NO), "narrow": (NARROW, NO),
    "no-management": ({"eventSelectors": [{"includeManagementEvents": False}]}, NO), "nothing-said": ({}, UNKNOWN),
}  # fmt: skip
UPDATED = {"name": "updated", "isMultiRegionTrail": False, "s3BucketName": "elsewhere"}
ODD = [{"name": 7}, {"name": {"a": 1}}, {"trailName": "a:b"}, {"name": "odd", "eventSelectors": 7}]


def world(folder, *records, noted=True, spoil=None):
    case = small_world(folder, *READS, *records)
    if not noted:
        case.bucket.configuration["trails"] = []
    if spoil:
        spoil(case)
    return admit(case.verify(), IntactOnly())


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """One trail that keeps the record, nothing noted of it, and others of which only changes are seen."""
    records = [selectors(1, "00:05:00", ALL), call(2, "04:30:00", "StopLogging")]
    records += [selectors(10 + n, "01:00:00", chosen, name) for n, (name, (chosen, _)) in enumerate(CHOSEN.items())]
    records += [
        call(20, "01:30:00", "StopLogging", {"name": "failed"}, errorCode="AccessDenied"),
        call(21, "01:30:00", "UpdateTrail", UPDATED, {"logFileValidationEnabled": True}),
        call(22, "01:30:00", "CreateTrail", {"name": "new"}),
        call(23, "02:30:00", "StartLogging", {"name": "new"}),
        call(24, "01:30:00", "StopLogging", {"name": "halted"}),
        call(25, "02:30:00", "StartLogging", {"name": f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/halted"}),
    ]
    for n, parameters in enumerate(ODD):
        records += [call(30 + 10 * n + m, "01:00:00", name, parameters) for m, name in enumerate(TRAIL_CHANGES)]
    return world(tmp_path_factory.mktemp("many"), *records, noted=False)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A trail that was noted to record all, and was stopped for a while."""
    records = [call(1, "00:30:00", "StopLogging"), call(2, "03:00:00", "StartLogging")]
    return world(tmp_path_factory.mktemp("stopped"), *records)


def history(events, trail="t"):
    (found,) = [one for one in trail_histories(events) if one.trail == trail]
    return found


def at(events, aspect, clock, trail="t"):
    return history(events, trail).at(aspect, instant(f"{DAY}{clock}Z")).answer


def silence(events, start, end, name="RunInstances"):
    return absence("None.", events.named(name).in_region(HOME), Window.of(f"{DAY}{start}Z", f"{DAY}{end}Z"))


def condition(claim, name):
    return next(one for one in claim.standing.conditions if one.name == name)


def test_a_trail_is_off_between_its_stop_and_its_start(stopped, many):
    assert at(stopped, Aspect.LOGGING, "00:20:00") is YES
    assert at(stopped, Aspect.LOGGING, "00:29:59") is YES
    assert at(stopped, Aspect.LOGGING, "00:30:00") is NO
    # The digest of the hour that holds the stop does not undo it.
    assert at(stopped, Aspect.LOGGING, "00:45:00") is NO
    assert at(stopped, Aspect.LOGGING, "03:30:00") is YES
    assert [at(many, Aspect.LOGGING, clock, "halted") for clock in ("01:29:00", "01:30:00", "02:30:00")] == [
        UNKNOWN,
        NO,
        YES,
    ]


def test_digests_that_begin_after_a_stop_show_that_the_trail_was_started_again(stopped):
    assert at(stopped, Aspect.LOGGING, "02:30:00") is YES
    assert history(stopped).at(Aspect.LOGGING, instant(f"{DAY}02:30:00Z")).why == "digests after StopLogging"


def test_pieces_fill_the_window_without_a_gap_or_an_overlap(many):
    for found in trail_histories(many):
        for aspect in Aspect:
            pieces = found.pieces(aspect)
            assert pieces[0].window.start == found.span.start
            assert pieces[-1].window.end == found.span.end
            for one, after in pairwise(pieces):
                assert one.window.end == after.window.start
                assert (one.answer, one.why) != (after.answer, after.why)


@pytest.mark.parametrize("trail", CHOSEN)
def test_selectors_say_what_is_recorded_from_then_on(many, trail):
    assert at(many, Aspect.MANAGEMENT, "00:59:00", trail) is UNKNOWN
    assert at(many, Aspect.MANAGEMENT, "02:00:00", trail) is CHOSEN[trail][1]


def test_a_call_that_failed_changed_nothing(many):
    assert "failed" not in {one.trail for one in trail_histories(many)}


def test_another_trails_stop_is_its_own(many):
    assert at(many, Aspect.LOGGING, "02:00:00", "halted") is NO
    assert at(many, Aspect.LOGGING, "02:00:00") is YES


def test_an_update_sets_what_it_names_and_nothing_else(many):
    assert at(many, Aspect.ALL_REGIONS, "02:00:00", "updated") is NO
    assert at(many, Aspect.VALIDATION, "02:00:00", "updated") is YES
    assert at(many, Aspect.MANAGEMENT, "02:00:00", "updated") is UNKNOWN
    assert history(many, "updated").changes[0].moved == {"s3BucketName": "elsewhere"}


def test_a_new_trail_records_nothing_until_it_is_started(many):
    assert at(many, Aspect.LOGGING, "02:00:00", "new") is NO
    assert at(many, Aspect.LOGGING, "02:30:00", "new") is YES


def test_where_digests_are_missing_a_change_may_be_unseen(tmp_path, many):
    def lose(case):
        del case.objects[case.digests[2]]

    events = world(tmp_path, selectors(1, "00:30:00", ALL), noted=False, spoil=lose)
    assert at(events, Aspect.MANAGEMENT, "00:40:00") is UNKNOWN, "what was changed may be delivered in the missing hour"
    assert at(events, Aspect.MANAGEMENT, "04:00:00") is UNKNOWN
    assert at(many, Aspect.MANAGEMENT, "03:00:00") is YES


def test_the_note_counts_as_far_back_as_nothing_can_have_changed(tmp_path, stopped):
    assert at(stopped, Aspect.MANAGEMENT, "01:00:00") is YES
    changed = world(tmp_path, selectors(1, "02:00:00", ALL))
    assert at(changed, Aspect.MANAGEMENT, "01:00:00") is UNKNOWN


def test_silence_while_the_trail_was_stopped_is_not_even_noted(stopped):
    claim = silence(stopped, "00:20:00", "02:00:00")
    assert claim.standing.word is Word.NOT_OBSERVED
    told = condition(claim, "event selectors")
    assert told.met is Met.NO
    assert "StopLogging at 2026-03-01T00:30:00Z" in told.found


def test_silence_while_the_selectors_were_narrow_is_told_with_the_call(tmp_path):
    events = world(tmp_path, selectors(1, "00:30:00", NARROW), selectors(2, "02:30:00", ALL))
    told = condition(silence(events, "00:40:00", "02:00:00"), "event selectors")
    assert (told.met, "PutEventSelectors at 2026-03-01T00:30:00Z" in told.found) == (Met.NO, True)


def test_events_that_show_the_selectors_prove_silence_whatever_came_later(many, tmp_path):
    claim = silence(many, "00:10:00", "02:00:00")
    assert claim.standing.word is Word.PROVED_ABSENT
    assert "as the events themselves show" in condition(claim, "event selectors").found
    # Without the event that shows them, a later change leaves the note in doubt.
    claim = silence(world(tmp_path, call(2, "04:30:00", "StopLogging")), "00:10:00", "02:00:00")
    assert claim.standing.word is Word.NOT_OBSERVED


def test_a_stop_that_does_not_say_of_which_trail_may_be_of_any(tmp_path):
    events = world(tmp_path, selectors(1, "00:05:00", ALL), call(2, "00:30:00", "StopLogging", []), noted=False)
    assert at(events, Aspect.LOGGING, "00:45:00") is NO
    assert silence(events, "00:10:00", "02:00:00").standing.word is Word.NOT_OBSERVED


def test_a_window_that_begins_before_the_selectors_are_shown_is_not_proved_by_them(many):
    assert silence(many, "00:04:00", "02:00:00").standing.word is Word.NOT_OBSERVED


def test_a_planted_change_proves_no_silence(tmp_path):
    def plant(case):
        forged = case.logs[0].replace(case.logs[0][-24:-8], "Forged0000000000")
        case.objects[forged] = StoredObject(pack([selectors(1, "00:05:00", ALL)]))

    case = small_world(tmp_path, *READS)
    case.bucket.configuration["trails"] = []
    plant(case)
    events = admit(case.verify(), AcceptUnverified("to look at it"))
    assert history(events).changes
    assert silence(events, "00:10:00", "02:00:00").standing.word is Word.NOT_OBSERVED


def test_one_accounts_trail_says_nothing_of_anothers(tmp_path):
    sim = Simulator(seed=7)
    other = "444455556666"
    for account in (ACCOUNT, other):
        span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
        trail = sim.trail("t", account=account, home=HOME, regions=(HOME,), bucket="b", **span)
        for record in READS:
            trail.record(HOME, {**record, "recipientAccountId": account, "eventID": f"{account}-{record['eventID']}"})
        if account == ACCOUNT:
            trail.record(HOME, selectors(1, "00:05:00", ALL))
    case = Case(sim.seal(), tmp_path)
    case.bucket.configuration["trails"] = []
    events = admit(case.verify(), IntactOnly())
    asked = events.named("RunInstances").in_region(HOME)
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    assert absence("None.", asked.in_account(ACCOUNT), window).standing.word is Word.PROVED_ABSENT
    assert absence("None.", asked.in_account(other), window).standing.word is Word.NOT_OBSERVED
    assert absence("None.", asked, window).standing.word is Word.NOT_OBSERVED


def lose(event_id):
    """Takes the log file with an event out of the copy; the digest lists it all the same."""

    def spoil(case):
        (key,) = [
            key for key in case.logs if any(one["eventID"] == event_id for one in content(case.bucket, key)["Records"])
        ]
        del case.objects[key]

    return spoil


def test_a_change_may_have_been_in_a_file_that_is_lost(tmp_path):
    narrowed = selectors(2, "01:00:00", WRITES)
    events = world(tmp_path, selectors(1, "00:05:00", ALL), narrowed, noted=False, spoil=lose(narrowed["eventID"]))
    assert at(events, Aspect.MANAGEMENT, "00:30:00") is YES
    assert at(events, Aspect.MANAGEMENT, "02:10:00") is UNKNOWN
    claim = silence(events, "02:10:00", "02:50:00")
    assert condition(claim, "listed log files").met is Met.YES
    assert claim.standing.word is Word.NOT_OBSERVED


def test_what_was_noted_may_be_newer_than_a_file_that_is_lost(tmp_path):
    widened = selectors(2, "03:00:00", ALL)
    claim = silence(world(tmp_path, widened, spoil=lose(widened["eventID"])), "00:10:00", "01:30:00")
    assert condition(claim, "listed log files").met is Met.YES
    assert claim.standing.word is Word.NOT_OBSERVED


@pytest.mark.parametrize("noted", [True, False])
def test_a_trail_that_records_elsewhere_says_nothing_of_a_region_that_another_covers(tmp_path, noted):
    sim = Simulator(seed=7)
    span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
    whole = sim.trail("t", account=ACCOUNT, home=HOME, regions=(HOME,), bucket="b", **span)
    for record in (*READS, selectors(1, "00:05:00", ALL)):
        whole.record(HOME, record)
    sim.trail("data", account=ACCOUNT, home=HOME, regions=(HOME, "eu-west-1"), bucket="b", **span)
    case = Case(sim.seal(), tmp_path)
    if not noted:
        case.bucket.configuration["trails"] = []
    else:
        case.bucket.configuration["trails"] = [
            one for one in case.bucket.configuration["trails"] if one["trail"]["Name"] == "t"
        ]
    events = admit(case.verify(), IntactOnly())
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    asked = events.named("RunInstances")
    assert absence("None.", asked.in_region(HOME), window).standing.word is Word.PROVED_ABSENT
    for claim in (absence("None.", asked.in_region("eu-west-1"), window), absence("None.", asked, window)):
        assert condition(claim, "coverage").met is Met.YES
        assert claim.standing.word is Word.NOT_OBSERVED


@pytest.mark.parametrize(("arn", "word"), [
    (f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/t", Word.PROVED_ABSENT),
    (f"arn:aws:cloudtrail:{HOME}:999988887777:trail/t", Word.NOT_OBSERVED),
    (None, Word.NOT_OBSERVED), (7, Word.NOT_OBSERVED), ("t", Word.NOT_OBSERVED),
])  # fmt: skip
def test_an_organizations_trail_is_changed_from_another_account_which_has_to_be_there(tmp_path, arn, word):
    def note(case):
        case.bucket.configuration["trails"][0]["trail"] |= {"IsOrganizationTrail": True, "TrailARN": arn}

    claim = silence(world(tmp_path, spoil=note), "00:10:00", "02:00:00")
    assert claim.standing.word is word


def test_a_trail_without_global_services_proves_no_silence_of_them(tmp_path):
    without = call(1, "00:04:00", "UpdateTrail", {"name": "t", "includeGlobalServiceEvents": False})
    events = world(tmp_path, without, selectors(2, "00:05:00", ALL), noted=False)
    assert silence(events, "00:10:00", "02:00:00").standing.word is Word.PROVED_ABSENT
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    claim = absence("None.", events.named("CreateUser", "RunInstances").in_region(HOME), window)
    assert claim.standing.word is Word.NOT_OBSERVED
