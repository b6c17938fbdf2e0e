"""Where an absence had to be looked for: every place that could hold the event."""

import pytest

from cttoolkit.events import admit
from cttoolkit.finding import absence
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.standing import Met, Word
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, Case, admitted, event, small_bucket

EARLY = Window.of("2026-03-01T00:10:00Z", "2026-03-01T02:00:00Z")
OTHER = "444455556666"


def condition(claim, name):
    return next(c for c in claim.standing.conditions if c.name == name)


def test_silence_of_global_services_needs_the_region_that_records_them(tmp_path):
    ireland = "eu-west-1"
    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    trail = sim.trail("t", account=ACCOUNT, home=ireland, regions=(ireland,), bucket="b", **span)
    for number in range(2):
        trail.record(ireland, event(number, "2026-03-01T01:00:00Z", awsRegion=ireland, readOnly=not number))
    events = admit(Case(sim.seal(), tmp_path).verify(), IntactOnly())
    assert absence("No instance.", events.named("RunInstances"), EARLY).standing.word is Word.PROVED_ABSENT
    for searched in (
        events.named("CreateUser"),
        events.named("RunInstances", "ConsoleLogin"),
        events.by("user/alice").failed(),
    ):
        claim = absence("None.", searched, EARLY, category="Management")
        assert claim.standing.word is Word.UNPROVEN
        assert "us-east-1" in str(claim.standing)


def wide(tmp_path, *, note=True, remove=True):
    """Three regions of which one, with its digests, was left out of the copy."""
    bucket = small_bucket(regions=("us-east-1", "eu-west-1", "eu-north-1"))
    if not note:
        del bucket.configuration["regions"]
    case = Case(bucket, tmp_path)
    for key in [key for key in case.objects if remove and "/eu-north-1/" in key]:
        del case.objects[key]
    return admit(case.verify(), IntactOnly())


def test_a_region_left_out_of_the_copy_leaves_silence_there_unproven(tmp_path):
    events = wide(tmp_path)
    assert events.verification.is_whole, "nothing inside the other chains tells"
    assert "not in the evidence: eu-north-1" in repr(events.verification.anchors())
    claim = absence("No instance was launched.", events.named("RunInstances"), EARLY)
    assert claim.standing.word is Word.UNPROVEN
    assert f"not in the evidence: {ACCOUNT} eu-north-1" in condition(claim, "regions").found


def test_with_every_enabled_region_the_silence_is_proved(tmp_path):
    events = wide(tmp_path, remove=False)
    assert absence("None.", events.named("RunInstances"), EARLY).standing.word is Word.PROVED_ABSENT


def test_without_a_note_of_the_regions_silence_everywhere_is_not_observed(tmp_path):
    events = wide(tmp_path, note=False)
    claim = absence("No instance was launched.", events.named("RunInstances"), EARLY)
    assert claim.standing.word is Word.NOT_OBSERVED
    assert condition(claim, "regions").met is Met.UNKNOWN


@pytest.mark.parametrize(
    ("narrow", "word"),
    [
        (lambda e: e.named("RunInstances").in_region("eu-west-1"), Word.PROVED_ABSENT),
        (lambda e: e.named("RunInstances").in_region("eu-north-1"), Word.UNPROVEN),
        (lambda e: e.named("CreateUser").to_service("iam"), Word.PROVED_ABSENT),
        (lambda e: e.named("StopLogging"), Word.PROVED_ABSENT),
        (lambda e: e.named("ConsoleLogin"), Word.NOT_OBSERVED),
    ],
)
def test_only_the_regions_that_could_hold_it_have_to_be_there(tmp_path, narrow, word):
    events = wide(tmp_path, note=False)
    assert absence("None.", narrow(events), EARLY).standing.word is word


def test_regions_enabled_since_leave_the_note_in_doubt(tmp_path):
    switched = event(3, "2026-03-01T00:30:00Z", "EnableRegion")
    world = admitted(tmp_path, switched)
    claim = absence("None.", world.named("RunInstances"), EARLY)
    assert condition(claim, "regions").met is Met.UNKNOWN


def shared(tmp_path, remove, note=(ACCOUNT, OTHER)):
    """Two accounts with two regions each, of which some places were left out of the copy."""
    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    for account in (ACCOUNT, OTHER):
        trail = sim.trail(
            f"of-{account}", account=account, home="us-east-1", regions=("us-east-1", "eu-west-1"), bucket="b", **span
        )
        for number in range(2):
            record = event(number + int(account[0]) * 10, "2026-03-01T01:00:00Z", readOnly=not number)
            trail.record("us-east-1", record | {"recipientAccountId": account})
    bucket = sim.seal()
    noted = bucket.configuration["regions"]
    bucket.configuration["regions"] = [entry for entry in noted if entry["account"] in note]
    case = Case(bucket, tmp_path)
    for key in [key for key in case.objects if remove and remove in key]:
        del case.objects[key]
    return admit(case.verify(), IntactOnly())


def word(searched):
    return absence("None.", searched, EARLY).standing.word


def test_a_region_left_out_of_one_account_is_not_made_up_for_by_another(tmp_path):
    events = shared(tmp_path, f"{OTHER}/CloudTrail-Digest/eu-west-1/")
    assert events.verification.is_whole
    claim = absence("No instance was launched.", events.named("RunInstances"), EARLY)
    assert claim.standing.word is Word.UNPROVEN
    assert f"not in the evidence: {OTHER} eu-west-1" in condition(claim, "regions").found
    lacking = [row for row in events.verification.anchors().rows if "not in the evidence" in row[3]]
    assert {row[0].split()[0] for row in lacking} == {OTHER}


def test_an_account_left_out_of_the_copy_leaves_silence_there_unproven(tmp_path):
    events = shared(tmp_path, f"AWSLogs/{OTHER}/")
    assert word(events.named("RunInstances")) is Word.UNPROVEN
    assert word(events.named("CreateUser")) is Word.UNPROVEN
    assert word(events.named("RunInstances").in_region("eu-west-1")) is Word.UNPROVEN
    assert word(events.named("RunInstances").in_account(ACCOUNT)) is Word.PROVED_ABSENT
    assert word(events.named("RunInstances").in_account(OTHER)) is Word.UNPROVEN


def test_what_one_account_lacks_does_not_weaken_what_is_said_of_another(tmp_path):
    events = shared(tmp_path, f"{OTHER}/CloudTrail-Digest/")
    assert word(events.named("RunInstances")) is Word.UNPROVEN
    assert word(events.named("RunInstances").in_account(ACCOUNT)) is Word.PROVED_ABSENT
    assert word(events.named("RunInstances").in_account(ACCOUNT).in_account(OTHER)) is Word.UNPROVEN


def test_regions_noted_of_one_account_say_nothing_of_another(tmp_path):
    events = shared(tmp_path, None, note=(ACCOUNT,))
    claim = absence("None.", events.named("RunInstances"), EARLY)
    assert claim.standing.word is Word.NOT_OBSERVED
    assert OTHER in condition(claim, "regions").found
    assert word(events.named("RunInstances").in_account(ACCOUNT)) is Word.PROVED_ABSENT


def test_with_every_place_of_every_account_the_silence_is_proved(tmp_path):
    assert word(shared(tmp_path, None).named("RunInstances")) is Word.PROVED_ABSENT


def test_events_that_name_no_account_leave_silence_in_one_account_open(tmp_path):
    nameless = event(3, "2026-03-01T00:30:00Z")
    del nameless["recipientAccountId"]
    events = admitted(tmp_path, nameless)
    claim = absence("None.", events.named("RunInstances").in_account(ACCOUNT), EARLY)
    assert condition(claim, "regions").met is Met.UNKNOWN


@pytest.mark.parametrize(
    ("narrow", "met"),
    [
        (lambda e: e.named("CreatePolicy"), Met.UNKNOWN),
        (lambda e: e.named("CreatePolicy").to_service("iot"), Met.UNKNOWN),
        (lambda e: e.named("CreatePolicy").to_service("iam"), Met.YES),
        (lambda e: e.named("CreatePolicy").to_service("iam").united(e.named("CreatePolicy")), Met.UNKNOWN),
        (lambda e: e.named("CreateAccessKey"), Met.YES),
    ],
)
def test_a_name_that_other_services_have_too_is_not_a_global_services(tmp_path, narrow, met):
    claim = absence("None.", narrow(wide(tmp_path, note=False)), EARLY)
    assert condition(claim, "regions").met is met


def test_changes_to_a_trail_are_looked_for_in_the_home_of_every_trail_that_was_noted(tmp_path):
    bucket = small_bucket(regions=("us-east-1", "eu-west-1"))
    case = Case(bucket, tmp_path)
    claim = absence("None.", admit(case.verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert condition(claim, "regions").met is Met.YES
    (noted,) = bucket.configuration["trails"]
    far = {"Name": "far", "HomeRegion": "ap-south-1", "TrailARN": f"arn:aws:cloudtrail:ap-south-1:{ACCOUNT}:trail/far"}
    bucket.configuration["trails"] = [noted, {**noted, "trail": {**noted["trail"], **far}}]
    claim = absence("None.", admit(case.verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert condition(claim, "regions").met is Met.NO
    assert "ap-south-1" in condition(claim, "regions").found


def test_changes_to_the_trails_of_an_account_that_none_is_known_of_are_not_denied(tmp_path):
    bucket = small_bucket()
    bucket.configuration["regions"].append({"account": OTHER, "Regions": [{"RegionName": "us-east-1"}]})
    claim = absence("None.", admit(Case(bucket, tmp_path).verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert condition(claim, "regions").met is not Met.YES


@pytest.mark.parametrize(("since", "met"), [(None, Met.YES), ("DisableRegion", Met.UNKNOWN)])
def test_a_region_disabled_since_is_not_left_out_of_the_question(tmp_path, since, met):
    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    for account, regions in ((ACCOUNT, ("us-east-1", "eu-west-1")), (OTHER, ("us-east-1",))):
        trail = sim.trail("t", account=account, home="us-east-1", regions=regions, bucket=f"b-{account}", **span)
        for number in range(2):
            record = event(number + int(account[0]) * 10, "2026-03-01T01:00:00Z", readOnly=not number)
            trail.record("us-east-1", record | {"recipientAccountId": account})
        if since and account == OTHER:
            record = event(99, "2026-03-01T03:00:00Z", since, eventSource="account.amazonaws.com", readOnly=False)
            trail.record("us-east-1", record | {"recipientAccountId": account})
    events = admit(Case(sim.seal(), tmp_path).verify(), IntactOnly())
    claim = absence("None.", events.named("RunInstances").in_region("eu-west-1"), EARLY)
    assert condition(claim, "regions").met is met
