"""A conclusion held against a newer verification: it stands, or falls and says why; it never rises."""

import json
from dataclasses import replace

import pytest

from cttoolkit.errors import ClaimError, ColumnError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import absence, finding, recheck
from cttoolkit.integrity.condition import Met
from cttoolkit.integrity.keyring import Keyring, load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly, RequireIntact
from cttoolkit.integrity.verify import verify
from cttoolkit.standing import Word
from cttoolkit.training.simulator import Simulator
from cttoolkit.window import Window
from tests.conftest import ACCOUNT, Case, event, small_bucket
from tests.integrity.test_attacks_on_logs import pack
from tests.test_finding import EARLY

CHECKED = "cited records, checked again"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return Case(small_bucket(), tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def events(world):
    return admit(world.verify(), IntactOnly())


@pytest.fixture(scope="module")
def claim(events):
    return finding("Alice looked.", events.during(EARLY))


@pytest.fixture
def copy(tmp_path):
    """Another copy of the same evidence, to be tampered with."""
    return Case(small_bucket(), tmp_path)


def condition(one, name=CHECKED):
    return next(c for c in one.standing.conditions if c.name == name)


def test_a_finding_stands_where_another_copy_holds_the_same_records(claim, copy):
    again = recheck(claim, copy.verify())
    assert again.standing.word is Word.PROVED_PRESENT
    assert condition(again).met is Met.YES
    assert "4 of 4" in condition(again).found
    assert again.event_ids == claim.event_ids
    assert not claim.rechecked, "the finding that was held against it is left as it was"


@pytest.mark.parametrize(("harm", "told"), [("edit", "altered"), ("delete", "missing")])
def test_a_finding_on_a_file_that_was_changed_later_falls_and_names_it(claim, copy, harm, told):
    key = copy.logs[2]
    if harm == "edit":
        copy.objects[key] = replace(copy.objects[key], body=pack([event(2, "2026-03-01T01:10:00Z")]))
    else:
        del copy.objects[key]
    fallen = recheck(claim, copy.verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert f"evidence contradicted: {told}: {key}" in fallen.standing.reasons
    assert condition(fallen).met is Met.NO
    assert "3 of 4" in condition(fallen).found
    assert fallen.sentence.startswith("Withdrawn")
    assert key in fallen.sentence


def test_a_file_that_nobody_names_any_more_is_absent(claim, copy):
    lost = copy.logs[2]
    for key in (lost, *copy.digests):
        del copy.objects[key]
    fallen = recheck(claim, copy.verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert f"evidence contradicted: absent, and named by no digest: {lost}" in fallen.standing.reasons


def test_a_change_elsewhere_leaves_a_finding_alone(claim, copy):
    copy.objects[copy.logs[8]] = replace(copy.objects[copy.logs[8]], body=b"edited")
    assert recheck(claim, copy.verify()).standing.word is Word.PROVED_PRESENT


def test_without_digests_a_finding_is_lowered_and_not_withdrawn(claim, copy):
    for key in copy.digests:
        del copy.objects[key]
    lower = recheck(claim, copy.verify())
    assert lower.standing.word is Word.REPORTED_PRESENT
    assert condition(lower).met is Met.UNKNOWN
    assert "now unverifiable" in str(lower.standing)
    assert not lower.sentence.startswith("Withdrawn")


def test_another_record_in_an_unverifiable_copy_contradicts(claim, copy):
    key = copy.logs[2]
    copy.objects[key] = replace(copy.objects[key], body=pack([event(2, "2026-03-01T01:10:00Z", userAgent="another")]))
    for digest in copy.digests:
        del copy.objects[digest]
    fallen = recheck(claim, copy.verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert "the cited record differs" in str(fallen.standing)


def test_what_was_not_examined_again_was_not_contradicted(claim, copy):
    late = Window.of("2026-03-01T03:00:00Z", "2026-03-01T05:00:00Z")
    lower = recheck(claim, copy.verify(window=late))
    assert lower.standing.word is Word.REPORTED_PRESENT
    assert "not examined again" in str(lower.standing)


def test_a_weaker_claim_is_not_raised_by_better_evidence(copy):
    evidence = open_evidence(copy.write())
    weak = finding("Alice looked.", admit(verify(evidence, Keyring()), AcceptUnverified("no keys yet")).during(EARLY))
    again = recheck(weak, copy.verify())
    assert again.standing.word is weak.standing.word is Word.REPORTED_PRESENT
    assert "that would be proved present" in condition(again).found


def test_keys_from_inside_lower_what_keys_from_outside_proved(claim, copy):
    evidence = copy.write()
    (evidence / "public-keys.json").write_text(json.dumps(copy.bucket.public_keys()))
    again = recheck(claim, verify(open_evidence(evidence), load_keys(evidence / "public-keys.json")))
    assert again.standing.word is Word.KEY_UNPROVEN
    assert "inside the evidence" in str(again.standing)


def test_the_same_record_in_another_trail_is_named_when_the_cited_file_falls(claim, copy):
    key = copy.logs[2]
    twin = key.replace(key[-24:-8], "Another000000000")
    copy.objects[twin] = copy.objects[key]
    copy.objects[key] = replace(copy.objects[key], body=b"edited")
    fallen = recheck(claim, copy.verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert "stands intact" not in str(fallen.standing), "an unlisted twin vouches for nothing"


def test_evidence_of_another_account_contradicts_nothing(claim, tmp_path):
    sim = Simulator(seed=1)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T03:00:00Z"}
    trail = sim.trail("t", account="444455556666", home="us-east-1", regions=("us-east-1",), bucket="b", **span)
    trail.record("us-east-1", event(1, "2026-03-01T01:00:00Z", recipientAccountId="444455556666"))
    with pytest.raises(ClaimError, match="nothing of account 111122223333"):
        recheck(claim, Case(sim.seal(), tmp_path).verify())


def test_a_recheck_needs_the_records(claim, copy):
    with pytest.raises(ClaimError, match="not loaded"):
        recheck(claim, copy.verify(load=False))
    for wrong in (None, "verification"):
        with pytest.raises(ClaimError, match="no verification"):
            recheck(claim, wrong)
    with pytest.raises(ClaimError, match="no conclusion"):
        recheck("claim", copy.verify())


def test_an_absence_is_searched_again(events, copy):
    silent = absence("No stop.", events.named("StopLogging"), EARLY)
    assert silent.standing.word is Word.PROVED_ABSENT
    same = recheck(silent, copy.verify())
    assert same.standing.word is Word.PROVED_ABSENT
    assert condition(same, "searched again").met is Met.YES
    lost = copy.logs[2]
    del copy.objects[lost]
    fallen = recheck(silent, copy.verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert lost in str(fallen.standing)


def test_an_absence_falls_where_the_newer_evidence_has_a_match(tmp_path):
    late = event(99, "2026-03-01T01:20:00Z", "StopLogging", eventSource="cloudtrail.amazonaws.com")
    worlds = []
    for name, records in (("before", []), ("after", [late])):
        worlds.append(two_world(tmp_path / name, *records))
    silent = absence("No stop.", admit(worlds[0].verify(), RequireIntact()).named("StopLogging"), EARLY)
    assert silent.standing.word is not Word.CONTRADICTED
    fallen = recheck(silent, worlds[1].verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert "1 event matches" in str(fallen.standing)


def two_world(folder, *records):
    from tests.conftest import small_world

    return small_world(
        folder, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T01:10:00Z", readOnly=False), *records
    )


def test_an_absence_that_nothing_can_be_searched_for_is_unproven(events, copy):
    for key in copy.digests:
        del copy.objects[key]
    fallen = recheck(absence("No stop.", events.named("StopLogging"), EARLY), copy.verify())
    assert fallen.standing.word is Word.UNPROVEN
    assert "searched again" in str(fallen.standing)


def test_a_step_that_looks_into_the_older_evidence_is_not_taken_in_the_newer(events, copy):
    other = admit(events.verification, IntactOnly())
    looked = events.where(lambda e: e.event_name.isin(other.table.event_name))
    with pytest.raises(ColumnError, match="earlier verification"):
        looked.repeated(copy.verify())


def test_an_author_s_lowering_outlives_a_recheck(claim, copy):
    lower = claim.lowered(Word.UNPROVEN, "the owner disputes it")
    assert recheck(lower, copy.verify()).standing.word is Word.UNPROVEN


OTHER = "444455556666"


def two_accounts(folder, *, accounts=(ACCOUNT, OTHER), regions=("us-east-1",), **parts):
    """A verification of one trail for each account and region, in the same hours."""
    sim = Simulator(seed=7)
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T06:00:00Z"}
    for account in accounts:
        trail = sim.trail(f"of-{account}", account=account, home="us-east-1", regions=regions, bucket="b", **span)
        for minute in (10, 20):
            told = {"readOnly": minute == 10, "recipientAccountId": account}
            trail.record("us-east-1", event(int(account[-1]) * 100 + minute, f"2026-03-01T01:{minute}:00Z", **told))
    return Case(sim.seal(), folder).verify(**parts)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return admit(two_accounts(tmp_path_factory.mktemp("both")), IntactOnly())


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return two_accounts(tmp_path_factory.mktemp("one"), accounts=(ACCOUNT,))


def test_an_absence_falls_where_an_account_was_not_examined_again(both, one):
    silent = absence("No user made.", both.named("CreateUser"), EARLY)
    assert silent.standing.word is Word.PROVED_ABSENT
    fallen = recheck(silent, one)
    assert fallen.standing.word is Word.UNPROVEN
    assert f"not examined again: {OTHER} us-east-1" in fallen.standing.reasons
    assert condition(fallen, "searched again").met is Met.UNKNOWN
    assert OTHER in fallen.sentence


def test_an_absence_in_one_account_needs_no_other(both, one):
    ours, theirs = (
        absence("No user made.", both.in_account(account).named("CreateUser"), EARLY) for account in (ACCOUNT, OTHER)
    )
    assert {ours.standing.word, theirs.standing.word} == {Word.PROVED_ABSENT}
    assert recheck(ours, one).standing.word is Word.PROVED_ABSENT
    assert recheck(theirs, one).standing.word is Word.UNPROVEN


def test_an_absence_falls_where_a_region_that_concerns_it_was_not_examined_again(tmp_path):
    wide = ("us-east-1", "eu-west-1")
    events = admit(two_accounts(tmp_path / "wide", accounts=(ACCOUNT,), regions=wide), IntactOnly())
    narrow = two_accounts(tmp_path / "narrow", accounts=(ACCOUNT,))
    anywhere, there, of_iam = (
        absence("None.", searched, EARLY)
        for searched in (
            events.named("RunInstances"),
            events.in_region("eu-west-1").named("RunInstances"),
            events.to_service("iam").named("CreateUser"),
        )
    )
    assert {one.standing.word for one in (anywhere, there, of_iam)} == {Word.PROVED_ABSENT}
    for lost in (anywhere, there):
        assert f"not examined again: {ACCOUNT} eu-west-1" in recheck(lost, narrow).standing.reasons
    assert recheck(of_iam, narrow).standing.word is Word.PROVED_ABSENT, "IAM is recorded in one region"


def test_an_absence_that_a_match_contradicts_is_no_better_for_what_was_not_examined(both, tmp_path):
    made = event(9, "2026-03-01T01:20:00Z", "CreateUser", eventSource="iam.amazonaws.com", readOnly=False)
    fallen = recheck(absence("No user made.", both.named("CreateUser"), EARLY), two_world(tmp_path, made).verify())
    assert fallen.standing.word is Word.CONTRADICTED
    assert condition(fallen, "searched again").met is Met.NO


def test_a_finding_in_an_account_that_is_not_there_any_more_falls(both, one):
    claim = finding("Alice looked in both.", both.during(EARLY))
    assert "absent, and named by no digest" in str(recheck(claim, one).standing)


def test_a_category_that_the_newer_evidence_speaks_against_is_believed_no_longer(events, tmp_path):
    silent = absence("None sent.", events.named("SendThing"), EARLY, category="Management")
    assert silent.standing.word is Word.PROVED_ABSENT
    sent = event(9, "2026-03-01T04:20:00Z", "SendThing", eventCategory="Data", managementEvent=False)
    lower = recheck(silent, two_world(tmp_path, sent).verify())
    assert lower.standing.word is Word.NOT_OBSERVED
    assert "SendThing is recorded as Data" in str(lower.standing)
