"""What a trail was set to record, piece by piece, and what silence is worth in each piece."""

from itertools import pairwise

import pytest

from cttoolkit.events import admit
from cttoolkit.finding import absence
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.selectors import Records
from cttoolkit.standing import Met, Word
from cttoolkit.trail_change import TRAIL_CHANGES, Aspect
from cttoolkit.trail_history import trail_histories
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


def test_a_planted_change_does_not_undo_an_intact_one(tmp_path):
    def plant(case):
        forged = case.logs[0].replace(case.logs[0][-24:-8], "Forged0000000000")
        case.objects[forged] = StoredObject(pack([selectors(9, "00:40:00", ALL), call(8, "01:10:00", "StopLogging")]))

    case = small_world(tmp_path, *READS, selectors(1, "00:05:00", WRITES))
    plant(case)
    events = admit(case.verify(), AcceptUnverified("to look at it"))
    piece = history(events).at(Aspect.MANAGEMENT, instant(f"{DAY}01:00:00Z"))
    assert (piece.answer, piece.is_shown) == (NO, True)
    claim = silence(events, "00:45:00", "01:05:00")
    assert condition(claim, "event selectors").met is Met.NO, "the note does not answer for it either"
    # What is planted may take away.
    piece = history(events).at(Aspect.LOGGING, instant(f"{DAY}01:15:00Z"))
    assert (piece.answer, piece.is_shown) == (NO, False)


def test_a_change_that_names_no_account_is_that_of_its_log_file(tmp_path):
    narrowed = call(1, "00:30:00", "PutEventSelectors", {"trailName": "t", **WRITES})
    del narrowed["recipientAccountId"]
    events = world(tmp_path, selectors(2, "00:05:00", ALL), narrowed)
    assert at(events, Aspect.MANAGEMENT, "01:00:00") is NO
    assert silence(events, "00:40:00", "02:00:00").standing.word is not Word.PROVED_ABSENT


@pytest.mark.parametrize("owner", ["", "evil", "1234", f"{ACCOUNT}:{ACCOUNT}"])
def test_a_trail_named_by_what_is_no_arn_is_of_the_account_that_recorded_it(tmp_path, owner):
    stopped = call(1, "00:30:00", "StopLogging", {"name": f"arn:aws:cloudtrail:{HOME}:{owner}:trail/t"})
    assert at(world(tmp_path, stopped), Aspect.LOGGING, "00:35:00") is NO


def test_of_two_changes_in_one_second_the_one_that_takes_away_counts(tmp_path):
    orders = [(WRITES, ALL), (ALL, WRITES), (ALL, {})]
    changes = [
        selectors(10 * n + m, f"0{n}:30:00", chosen) for n, order in enumerate(orders) for m, chosen in enumerate(order)
    ]
    events = world(tmp_path, *changes, noted=False)
    assert at(events, Aspect.MANAGEMENT, "01:00:00") is NO
    assert at(events, Aspect.MANAGEMENT, "02:00:00") is NO
    assert at(events, Aspect.MANAGEMENT, "02:45:00") is UNKNOWN


def two_trails(folder, first, second, *records, notes=None, unnamed=False):
    """Two trails, each given as (account, home, regions, name), with reads and writes in every place."""
    sim = Simulator(seed=7)
    span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
    number = 0
    for account, home, regions, name in (first, second):
        trail = sim.trail(name, account=account, home=home, regions=regions, bucket=f"b-{account}", **span)
        for region in regions:
            for record in READS:
                number += 1
                own = {"recipientAccountId": account, "eventID": f"{number:08}-0000-4000-8000-0000000000aa"}
                trail.record(region, {**record, "awsRegion": region, **own})
        for record in records:
            if (record["recipientAccountId"], record["awsRegion"]) == (account, home):
                trail.record(home, {k: v for k, v in record.items() if not unnamed or k != "recipientAccountId"})
    case = Case(sim.seal(), folder)
    if notes is not None:
        case.bucket.configuration["trails"] = notes(case.bucket.configuration["trails"])
    return admit(case.verify(), IntactOnly())


OTHER = "444455556666"
EUROPE = "eu-west-1"


def test_a_change_that_names_no_account_is_no_other_accounts(tmp_path):
    narrowed = call(1, "00:30:00", "PutEventSelectors", {"trailName": "t", **WRITES})
    events = two_trails(tmp_path, (ACCOUNT, HOME, (HOME,), "t"), (OTHER, HOME, (HOME,), "t"), narrowed, unnamed=True)
    found = {
        one.account: one.at(Aspect.MANAGEMENT, instant(f"{DAY}01:00:00Z")).answer for one in trail_histories(events)
    }
    assert found == {ACCOUNT: NO, OTHER: YES}


def test_two_trails_of_one_name_are_told_apart_by_their_homes(tmp_path):
    narrowed = call(1, "00:30:00", "PutEventSelectors", {"trailName": "t", **WRITES}, awsRegion=EUROPE)
    events = two_trails(tmp_path, (ACCOUNT, HOME, (HOME,), "t"), (ACCOUNT, EUROPE, (EUROPE,), "t"), narrowed)
    found = {one.home: one.at(Aspect.MANAGEMENT, instant(f"{DAY}01:00:00Z")).answer for one in trail_histories(events)}
    assert found[EUROPE] is NO
    assert found[HOME] is not NO


def test_a_note_of_one_accounts_trail_is_not_anothers(tmp_path):
    sides = ((ACCOUNT, HOME, (HOME,), "t"), (OTHER, HOME, (HOME,), "t"))
    events = two_trails(
        tmp_path, *sides, notes=lambda noted: [one for one in noted if ACCOUNT in one["trail"]["TrailARN"]]
    )
    asked = events.named("RunInstances").in_region(HOME)
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    assert absence("None.", asked.in_account(ACCOUNT), window).standing.word is Word.PROVED_ABSENT
    assert absence("None.", asked.in_account(OTHER), window).standing.word is Word.NOT_OBSERVED


def test_a_members_record_is_narrowed_by_what_the_organizations_owner_does(tmp_path):
    arn = f"arn:aws:cloudtrail:{HOME}:{ACCOUNT}:trail/t"

    def notes(noted):
        (own,) = [one for one in noted if ACCOUNT in one["trail"]["TrailARN"]]
        return [{**own, "trail": {**own["trail"], "IsOrganizationTrail": True, "TrailARN": arn}}]

    narrowed = selectors(1, "00:30:00", WRITES)
    sides = ((ACCOUNT, HOME, (HOME,), "t"), (OTHER, HOME, (HOME,), "t"))
    events = two_trails(tmp_path, *sides, narrowed, notes=notes)
    (member,) = [one for one in trail_histories(events) if one.account == OTHER]
    assert member.at(Aspect.MANAGEMENT, instant(f"{DAY}01:00:00Z")).answer is NO
    claim = absence("None.", events.named("RunInstances").in_region(HOME).in_account(OTHER),
                    Window.of(f"{DAY}00:45:00Z", f"{DAY}02:00:00Z"))  # fmt: skip
    assert condition(claim, "event selectors").met is Met.NO


def test_a_trail_that_records_something_else_is_no_witness(tmp_path):
    """The trail that keeps the record of two regions loses its digests of the home region; one of data events alone covers that."""
    sides = ((ACCOUNT, HOME, (HOME, EUROPE), "t"), (ACCOUNT, HOME, (HOME,), "data"))
    sim = Simulator(seed=7)
    span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
    for account, home, regions, name in sides:
        trail = sim.trail(name, account=account, home=home, regions=regions, bucket="b", **span)
        for region in regions:
            for record in READS:
                trail.record(
                    region,
                    {
                        **record,
                        "awsRegion": region,
                        "eventID": record["eventID"][:-12] + f"{len(region):06}{len(name):06}",
                    },
                )
    case = Case(sim.seal(), tmp_path)
    case.bucket.configuration["trails"] = [
        one for one in case.bucket.configuration["trails"] if one["trail"]["Name"] == "t"
    ]
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    events = admit(case.verify(), IntactOnly())
    asked = events.named("RunInstances").in_region(EUROPE)
    assert absence("None.", asked, window).standing.word is Word.PROVED_ABSENT
    for key in [key for key in case.objects if f"_{HOME}_t_" in key and f"CloudTrail-Digest/{HOME}/" in key]:
        del case.objects[key]
    events = admit(case.verify(), IntactOnly())
    claim = absence("None.", events.named("RunInstances").in_region(EUROPE), window)
    assert condition(claim, "coverage").met is Met.YES
    assert claim.standing.word is Word.NOT_OBSERVED
    assert "do not cover" in condition(claim, "the trail was left as it was").found


def test_before_a_start_that_is_seen_digests_do_not_show_that_the_trail_was_logging(tmp_path):
    events = world(tmp_path, call(1, "01:30:00", "StartLogging"))
    assert at(events, Aspect.LOGGING, "01:20:00") is UNKNOWN, "it may have been stopped in that hour"
    assert at(events, Aspect.LOGGING, "00:20:00") is YES, "no stop can have gone unseen, and there is a digest"
    assert at(events, Aspect.LOGGING, "01:45:00") is YES


@pytest.mark.parametrize(
    ("part", "noted"), [("trail", {"IncludeGlobalServiceEvents": False}), ("status", {"IsLogging": False})]
)
def test_a_trail_noted_without_global_services_or_as_stopped_is_not_counted_on(tmp_path, part, noted):
    def note(case):
        case.bucket.configuration["trails"][0].setdefault(part, {}).update(noted)

    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    events = world(tmp_path, spoil=note)
    claim = absence("None.", events.named("CreateAccessKey"), window)
    assert condition(claim, "event selectors").met is Met.UNKNOWN
    word = silence(events, "00:10:00", "02:00:00").standing.word
    assert word is (Word.PROVED_ABSENT if part == "trail" else Word.NOT_OBSERVED), "what a region records stays"


def test_an_update_that_leaves_global_services_out_counts_against_the_note(tmp_path):
    without = call(1, "00:04:00", "UpdateTrail", {"name": "t", "includeGlobalServiceEvents": False})
    claim = absence(
        "None.", world(tmp_path, without).named("CreateAccessKey"), Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    )
    assert condition(claim, "event selectors").met is Met.UNKNOWN


@pytest.mark.parametrize("is_organization", [False, True])
def test_what_another_account_recorded_bears_a_note_out_of_an_organizations_trail_alone(tmp_path, is_organization):
    sim = Simulator(seed=7)
    span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
    for account in (ACCOUNT, OTHER):
        trail = sim.trail("t", account=account, home=HOME, regions=(HOME,), bucket=f"b-{account}", **span)
        for record in READS[:: 3 if account == ACCOUNT else 1]:
            trail.record(HOME, {**record, "recipientAccountId": account, "eventID": f"{account}-{record['eventID']}"})
    case = Case(sim.seal(), tmp_path)
    if is_organization:
        (owned,) = [one for one in case.bucket.configuration["trails"] if OTHER in one["trail"]["TrailARN"]]
        owned["trail"]["IsOrganizationTrail"] = True
        case.bucket.configuration["trails"] = [owned]
    events = admit(case.verify(), IntactOnly())
    asked = events.named("RunInstances").in_region(HOME)
    window = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    assert absence("None.", asked.in_account(OTHER), window).standing.word is Word.PROVED_ABSENT
    claim = absence("None.", asked.in_account(ACCOUNT), window)
    if is_organization:
        assert claim.standing.word is Word.PROVED_ABSENT
    else:
        assert "in 111122223333 to bear it out" in condition(claim, "event selectors").found


def test_what_another_trail_recorded_in_another_region_does_not_bear_a_note_out(tmp_path):
    sim = Simulator(seed=7)
    span = {"start": f"{DAY}00:00:00Z", "end": f"{DAY}06:00:00Z"}
    sim.trail("t", account=ACCOUNT, home=HOME, regions=(HOME,), bucket="b", **span)
    other = sim.trail("u", account=ACCOUNT, home=EUROPE, regions=(EUROPE,), bucket="b", **span)
    for record in READS:
        other.record(EUROPE, {**record, "awsRegion": EUROPE})
    case = Case(sim.seal(), tmp_path)
    trails = case.bucket.configuration["trails"]
    case.bucket.configuration["trails"] = [one for one in trails if one["trail"]["Name"] == "t"]
    events = admit(case.verify(), IntactOnly())
    claim = absence(
        "None.", events.named("RunInstances").in_region(HOME), Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")
    )
    assert "to bear it out" in condition(claim, "event selectors").found
