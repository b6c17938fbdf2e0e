"""What the silence of data events is worth: a trail has none of a resource that its selectors do not name."""

import pytest

from cttoolkit.errors import ClaimError
from cttoolkit.events import admit
from cttoolkit.finding import absence, conclude, recheck
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.standing import Met, Word
from cttoolkit.window import Window
from tests.conftest import HOME, event, small_world
from tests.test_trail_history import ALL, DAY, READS, call, condition, selectors

BUCKET = "arn:aws:s3:::claims"
WINDOW = Window.of(f"{DAY}00:10:00Z", f"{DAY}02:00:00Z")


def data(number, clock, name="ListObjects", bucket="claims", **more):
    return event(
        number, f"{DAY}{clock}Z", name, eventSource="s3.amazonaws.com", eventCategory="Data", managementEvent=False, readOnly=True,
        requestParameters={"bucketName": bucket}, **more,
    )  # fmt: skip


def taking(*values):
    resources = [{"type": "AWS::S3::Object", "values": list(values)}]
    return {"eventSelectors": [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": resources}]}


def noted(*values):
    resources = [{"Type": "AWS::S3::Object", "Values": list(values)}]
    return {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": resources}]}


def world(folder, *records, note=None):
    case = small_world(folder, *READS, *records)
    if note is None:
        case.bucket.configuration["trails"] = []
    else:
        case.bucket.configuration["trails"][0]["event_selectors"] = note
    return admit(case.verify(), IntactOnly())


def silence(events, resource=BUCKET, **more):
    return absence("Nobody read it.", events.named("GetObject").in_region(HOME), WINDOW, resource=resource, **more)


SEEN = [data(70, "00:40:00"), data(71, "01:30:00")]


@pytest.mark.parametrize(
    ("put", "word", "met"),
    [
        (taking("arn:aws:s3:::claims/"), Word.PROVED_ABSENT, Met.YES),
        (taking("arn:aws:s3"), Word.PROVED_ABSENT, Met.YES),
        (taking("arn:aws:s3:::claims/2026/"), Word.NOT_OBSERVED, Met.NO),
        (taking("arn:aws:s3:::others/"), Word.NOT_OBSERVED, Met.NO),
        (ALL, Word.NOT_OBSERVED, Met.NO),
    ],
)
def test_events_that_show_the_selectors_prove_the_silence_of_what_they_take(tmp_path, put, word, met):
    claim = silence(world(tmp_path, selectors(1, "00:05:00", put)))
    assert condition(claim, "event selectors").met is met
    assert claim.standing.word is word


def test_selectors_that_were_narrowed_within_the_window_prove_nothing(tmp_path):
    changes = [selectors(1, "00:05:00", taking("arn:aws:s3")), selectors(2, "01:00:00", ALL)]
    claim = silence(world(tmp_path, *changes))
    assert condition(claim, "event selectors").met is Met.NO
    assert "PutEventSelectors" in condition(claim, "event selectors").found


def test_a_new_trail_has_no_data_events(tmp_path):
    made = [call(1, "00:04:00", "CreateTrail"), call(2, "00:05:00", "StartLogging")]
    assert condition(silence(world(tmp_path, *made)), "event selectors").met is Met.NO


@pytest.mark.parametrize(
    ("note", "seen", "met"),
    [
        (noted("arn:aws:s3:::claims/"), SEEN, Met.YES),
        (noted("arn:aws:s3:::claims/"), [], Met.UNKNOWN),
        (noted("arn:aws:s3:::claims/"), [data(70, "00:40:00", bucket="others")], Met.UNKNOWN),
        (noted("arn:aws:s3:::claims/"), [data(70, "02:40:00")], Met.UNKNOWN),
        (noted("arn:aws:s3:::others/"), SEEN, Met.NO),
        ({}, SEEN, Met.UNKNOWN),
    ],
)
def test_what_was_noted_counts_where_events_of_the_resource_bear_it_out(tmp_path, note, seen, met):
    claim = silence(world(tmp_path, *seen, note=note))
    assert condition(claim, "event selectors").met is met
    assert claim.standing.word is (Word.PROVED_ABSENT if met is Met.YES else Word.NOT_OBSERVED)


def test_it_is_told_that_the_author_says_what_was_searched_for(tmp_path):
    claim = silence(world(tmp_path, *SEEN, note=noted("arn:aws:s3:::claims/")))
    told = condition(claim, "event selectors").found
    assert "data events of all objects under arn:aws:s3:::claims/" in told
    assert "that arn:aws:s3:::claims is what was searched for" in told


def test_without_a_resource_the_selectors_are_not_known(tmp_path):
    events = world(tmp_path, *SEEN, note=noted("arn:aws:s3:::claims/"))
    claim = silence(events, resource=None, category="Data")
    assert condition(claim, "event selectors").met is Met.UNKNOWN
    assert "give resource=" in condition(claim, "event selectors").found
    with pytest.raises(ClaimError, match="no ARN"):
        silence(events, resource="claims")
    with pytest.raises(ClaimError, match="data events"):
        silence(events, category="Management")


def test_a_read_that_is_there_is_a_finding_and_its_absence_contradicted(tmp_path):
    events = world(tmp_path, *SEEN, data(72, "01:10:00", "GetObject"), note=noted("arn:aws:s3:::claims/"))
    assert silence(events).standing.word is Word.CONTRADICTED
    asked = events.named("GetObject").in_region(HOME)
    made = conclude("It was read.", "It was not.", asked, WINDOW, resource=BUCKET)
    assert made.standing.word is Word.PROVED_PRESENT


def test_a_conclusion_on_data_events_is_searched_again_for_the_same_resource(tmp_path):
    events = world(tmp_path, *SEEN, note=noted("arn:aws:s3:::claims/"))
    claim = silence(events)
    assert recheck(claim, events.verification).standing.word is Word.PROVED_ABSENT
    other = world(tmp_path / "other", *SEEN, note=noted("arn:aws:s3:::others/"))
    assert recheck(claim, other.verification).standing.word is Word.NOT_OBSERVED


@pytest.mark.parametrize("names", [("RunInstances",), ("RunInstances", "GetObject"), ("SomethingNew", "RunInstances")])
@pytest.mark.parametrize("category", ["Data", None])
def test_management_calls_are_not_proved_absent_by_selectors_of_data(tmp_path, names, category):
    events = world(tmp_path, selectors(1, "00:05:00", taking("arn:aws:s3"))).named(*names).in_region(HOME)
    if names == ("RunInstances",) and category is None:
        claim = absence("None.", events, WINDOW, resource=BUCKET)
        assert "all management events" in condition(claim, "event selectors").found
        return
    with pytest.raises(ClaimError, match="as management events"):
        absence("None.", events, WINDOW, category=category, resource=BUCKET)


def test_what_intact_files_record_as_management_events_is_no_data_event(tmp_path):
    seen = event(80, f"{DAY}00:30:00Z", "SomethingNew")
    events = world(tmp_path, selectors(1, "00:05:00", taking("arn:aws:s3")), seen)
    late = Window.of(f"{DAY}01:00:00Z", f"{DAY}02:00:00Z")
    with pytest.raises(ClaimError, match="recorded as Management"):
        absence("None.", events.named("SomethingNew").in_region(HOME), late, category="Data", resource=BUCKET)
