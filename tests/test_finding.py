"""What may be claimed, and what may not."""

import json
from dataclasses import replace

import pytest

from cttoolkit.calls import DATA_CALLS, MANAGEMENT_CALLS
from cttoolkit.errors import ClaimError, EvidenceError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import Absence, Finding, absence, conclude, finding
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.integrity.verify import verify
from cttoolkit.standing import Met, Word
from cttoolkit.training import tamper
from cttoolkit.window import Window
from tests.conftest import admitted, event
from tests.integrity.test_attacks_on_logs import pack

EARLY = Window.of("2026-03-01T00:10:00Z", "2026-03-01T02:00:00Z")


def condition(claim, name):
    return next(c for c in claim.standing.conditions if c.name == name)


@pytest.fixture
def events(case):
    return admit(case.verify(), IntactOnly())


def test_intact_files_and_keys_from_outside_prove_presence(events):
    claim = finding("Alice looked around.", events.by("user/alice").during(EARLY))
    assert claim.standing.word is Word.PROVED_PRESENT
    assert len(claim.event_ids) == len(claim.cites) == 4
    assert claim.window.start == EARLY.start


def test_covered_intact_and_selected_proves_absence(events):
    claim = absence("The trail was never stopped.", events.named("StopLogging"), EARLY)
    assert claim.standing.word is Word.PROVED_ABSENT
    assert "best-effort" in claim.sentence
    assert "backfill digest" in claim.sentence
    assert {c.met for c in claim.standing.conditions} == {Met.YES}


def test_keys_inside_the_evidence_prove_nothing(case):
    evidence = case.write()
    (evidence / "public-keys.json").write_text(json.dumps(case.bucket.public_keys()))
    events = admit(verify(open_evidence(evidence), load_keys(evidence / "public-keys.json")), IntactOnly())
    assert finding("Alice looked.", events).standing.word is Word.KEY_UNPROVEN
    assert absence("No stop.", events.named("StopLogging"), EARLY).standing.word is Word.KEY_UNPROVEN
    assert "key unproven" in repr(events.verification)


def test_a_link_into_the_evidence_is_inside(case, tmp_path):
    evidence = case.write()
    (evidence / "public-keys.json").write_text(json.dumps(case.bucket.public_keys()))
    link = tmp_path / "mine.json"
    link.symlink_to(evidence / "public-keys.json")
    events = admit(verify(open_evidence(evidence), load_keys(link)), IntactOnly())
    assert finding("Alice looked.", events).standing.word is Word.KEY_UNPROVEN


def test_without_digests_a_finding_is_reported_and_an_absence_unproven(case):
    events = admit(verify(open_evidence(case.write())), AcceptUnverified("no keys at hand"))
    claim = finding("Alice looked.", events)
    assert claim.standing.word is Word.REPORTED_PRESENT
    assert "could not be verified" in claim.sentence
    silent = absence("No stop.", events.named("StopLogging"), EARLY)
    assert silent.standing.word is Word.UNPROVEN
    assert condition(silent, "coverage").met is Met.NO


def test_one_unlisted_file_weakens_what_cites_it_and_nothing_else(case):
    forged = case.logs[3].replace(case.logs[3][-24:-8], "Forged0000000000")
    case.objects[forged] = replace(
        case.objects[case.logs[3]], body=pack([event(999, "2026-03-01T01:40:00Z", "ConsoleLogin")])
    )
    verification = case.verify()
    events = admit(verification, AcceptUnverified("to look at it"))
    assert finding("Somebody signed in.", events.named("ConsoleLogin")).standing.word is Word.REPORTED_PRESENT
    assert finding("Alice looked.", events.named("DescribeInstances")).standing.word is Word.PROVED_PRESENT
    assert not len(admit(verification, IntactOnly()).named("ConsoleLogin"))


def test_silence_beyond_coverage_proves_nothing(events):
    late = Window.of("2026-03-01T00:10:00Z", "2026-03-01T05:30:00Z")
    claim = absence("No stop.", events.named("StopLogging"), late)
    assert claim.standing.word is Word.UNPROVEN
    assert "after last" in condition(claim, "coverage").found


def test_a_file_that_may_come_late_keeps_the_last_hours_open(events):
    # The window itself is covered; the two hours in which a late file could still be listed are not.
    claim = absence("No stop.", events.named("StopLogging"), Window.of("2026-03-01T03:00:00Z", "2026-03-01T05:00:00Z"))
    assert claim.standing.word is Word.UNPROVEN


def test_silence_before_the_first_digest_proves_nothing(events):
    claim = absence("No stop.", events.named("StopLogging"), Window.of("2026-02-28T00:00:00Z", "2026-03-01T02:00:00Z"))
    assert claim.standing.word is Word.UNPROVEN


def test_a_missing_digest_in_the_window_leaves_it_unproven(case):
    del case.objects[case.digests[1]]
    claim = absence("No stop.", admit(case.verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert claim.standing.word is Word.UNPROVEN
    assert "digest missing" in str(claim.standing)


@pytest.mark.parametrize("harm", ["delete", "edit"])
def test_a_lost_log_contradicts_an_absence(case, harm):
    key = case.logs[2]
    if harm == "delete":
        del case.objects[key]
    else:
        case.objects[key] = replace(case.objects[key], body=b"edited")
    claim = absence("No stop.", admit(case.verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert claim.standing.word is Word.CONTRADICTED
    assert key in str(claim.standing)
    assert "Withdrawn" in claim.sentence


def test_a_log_that_could_not_be_read_says_nothing_against_an_absence_and_nothing_for_it(case, monkeypatch):
    """What stopped the reading is no sign of tampering, and the file may hold what was asked for."""
    from cttoolkit.sources.directory import Directory

    key, real = case.logs[2], Directory.read

    def read(self, stored):
        if stored.key == key:
            raise EvidenceError(key, "permission denied", "run as the owner")
        return real(self, stored)

    monkeypatch.setattr(Directory, "read", read)
    claim = absence("No stop.", admit(case.verify(), IntactOnly()).named("StopLogging"), EARLY)
    assert condition(claim, "listed log files").met is Met.UNKNOWN
    assert claim.standing.word is Word.UNPROVEN
    assert f"could not be read: {key}" in str(claim.standing)


def test_a_log_lost_before_the_window_does_not_touch_it(case):
    del case.objects[case.logs[0]]
    window = Window.of("2026-03-01T01:05:00Z", "2026-03-01T02:00:00Z")
    claim = absence("No stop.", admit(case.verify(), IntactOnly()).named("StopLogging"), window)
    assert claim.standing.word is Word.PROVED_ABSENT


def test_matching_events_contradict_an_absence(events):
    claim = absence("Nobody looked.", events.named("DescribeInstances"), EARLY)
    assert claim.standing.word is Word.CONTRADICTED
    assert len(claim.event_ids) == 4


def test_without_the_selectors_silence_is_only_not_observed(case):
    evidence = case.write()
    (evidence / "trail-configuration.json").unlink()
    events = admit(verify(open_evidence(evidence), load_keys(case.folder / "keys.json")), IntactOnly())
    claim = absence("No stop.", events.named("StopLogging"), EARLY)
    assert claim.standing.word is Word.NOT_OBSERVED
    assert condition(claim, "event selectors").met is Met.UNKNOWN


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]},
        {"EventSelectors": [{"IncludeManagementEvents": False, "ReadWriteType": "All"}]},
        {
            "EventSelectors": [
                {
                    "IncludeManagementEvents": True,
                    "ReadWriteType": "All",
                    "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                }
            ]
        },
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]},
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "readOnly", "Equals": ["true"]},
                    ]
                }
            ]
        },
    ],
)
def test_narrow_selectors_prove_no_silence(case, selectors):
    evidence = case.write()
    path = evidence / "trail-configuration.json"
    noted = json.loads(path.read_text())
    noted["trails"][0]["event_selectors"] = selectors
    path.write_text(json.dumps(noted))
    events = admit(verify(open_evidence(evidence), load_keys(case.folder / "keys.json")), IntactOnly())
    assert absence("No stop.", events.named("StopLogging"), EARLY).standing.word is Word.NOT_OBSERVED


@pytest.mark.parametrize("name", ["GetObject", "NeverHeardOf"])
def test_calls_of_an_unknown_category_are_only_not_observed(events, name):
    assert absence("None.", events.named(name), EARLY).standing.word is Word.NOT_OBSERVED
    assert absence("None.", events.named(name), EARLY, category="Data").standing.word is Word.NOT_OBSERVED


@pytest.mark.parametrize(
    "names", [["GetObject"], ["StopLogging", "PutItem"], ["Invoke", "NeverHeardOf"], ["GetSnapshotBlock"]]
)
def test_data_calls_are_not_believed_to_be_management_events(events, names):
    with pytest.raises(ClaimError, match="as data events"):
        absence("None.", events.named(*names), EARLY, category="Management")
    assert not DATA_CALLS & MANAGEMENT_CALLS


def test_a_call_that_intact_files_record_as_data_is_no_management_event(tmp_path):
    parts = {"eventCategory": "Data", "managementEvent": False}
    events = admitted(
        tmp_path, event(1, "2026-03-01T04:00:00Z", "SendThing", **parts), event(2, "2026-03-01T01:00:00Z")
    )
    with pytest.raises(ClaimError, match="SendThing is recorded as Data"):
        absence("None sent.", events.named("SendThing"), EARLY, category="Management")
    late = Window.of("2026-03-01T03:50:00Z", "2026-03-01T04:10:00Z")
    assert isinstance(conclude("Sent.", "Not sent.", events.named("SendThing"), late, category="Management"), Finding)


def test_a_planted_record_does_not_stop_a_claim_about_management_events(case):
    parts = {"eventCategory": "Data", "managementEvent": False}
    tamper.plant_log(case.bucket, case.logs[8], [event(99, "2026-03-01T04:10:00Z", "NeverHeardOf", **parts)])
    events = admit(case.verify(), AcceptUnverified("to look at it"))
    assert absence("None.", events.named("NeverHeardOf"), EARLY, category="Management").standing.is_proved


def test_a_call_through_an_endpoint_is_still_a_management_event(tmp_path):
    told = [event(n, "2026-03-01T01:00:00Z", "DescribeKey", readOnly=n > 1) for n in (1, 2)]
    through = event(3, "2026-03-01T04:00:00Z", "Decrypt", eventCategory="NetworkActivity", managementEvent=False)
    events = admitted(tmp_path, *told, through)
    assert absence("None.", events.named("Decrypt"), EARLY, category="Management").standing.is_proved


def test_a_category_that_nothing_but_the_author_tells_is_told_as_such(events):
    own = absence("None.", events.named("NeverHeardOf"), EARLY, category="Management")
    assert own.standing.word is Word.PROVED_ABSENT
    assert "Management is their category is the author's word" in condition(own, "event selectors").found
    for category in (None, "Management"):
        known = absence("None.", events.named("StopLogging"), EARLY, category=category)
        assert known.standing.word is Word.PROVED_ABSENT
        assert "the author's word" not in condition(known, "event selectors").found
    assert (
        "the author's word"
        in condition(
            absence("None.", events.by("user/alice").where(read_only=None), EARLY, category="Management"),
            "event selectors",
        ).found
    )


def test_a_change_to_the_trail_unproves_its_selectors(tmp_path):
    change = event(1, "2026-03-01T03:00:00Z", "PutEventSelectors", eventSource="cloudtrail.amazonaws.com")
    claim = absence("No stop.", admitted(tmp_path, change).named("StopLogging"), EARLY)
    assert claim.standing.word is Word.NOT_OBSERVED
    assert "PutEventSelectors" in str(claim.standing)


def test_nobody_looked_there(events):
    narrowed = events.during(EARLY).named("StopLogging")
    with pytest.raises(ClaimError, match="does not cover"):
        absence("No stop.", narrowed, Window.of("2026-03-01T00:00Z", "2026-03-01T05:00Z"))
    assert absence("No stop.", narrowed, EARLY).standing.word is Word.PROVED_ABSENT


@pytest.mark.parametrize("cites", [None, [], "events"])
def test_a_claim_cites_events_or_is_none(events, cites):
    for thing in (cites, events.frame()):
        with pytest.raises(ClaimError, match="no Events"):
            finding("Claim.", thing)
        with pytest.raises(ClaimError, match="no Events"):
            absence("Claim.", thing, EARLY)
        with pytest.raises(ClaimError, match="no Events"):
            conclude("Yes.", "No.", thing, EARLY)


def test_a_claim_says_something_and_cites_something(events):
    with pytest.raises(ClaimError, match="says nothing"):
        finding("  ", events)
    with pytest.raises(ClaimError, match="cites no event"):
        finding("Claim.", events.named("Nothing"))


def test_claims_are_not_made_by_hand(events):
    claim = finding("Claim.", events)
    with pytest.raises(ClaimError, match="by hand"):
        Finding(object(), "Claim.", events, claim.standing, (), None)
    with pytest.raises(ClaimError, match="by hand"):
        Absence(object(), "Claim.", events, claim.standing, EARLY)
    with pytest.raises((ClaimError, TypeError, ValueError)):
        replace(claim, claim="Another.")


def test_a_finding_is_attributed_only_to_the_actor_of_all_of_it(tmp_path):
    bob = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob"}
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T01:10:00Z", userIdentity=bob))
    claim = finding("Alice looked.", events.by("user/alice"), attributed_to="user/alice")
    assert claim.attributed_to == "arn:aws:iam::111122223333:user/alice"
    assert "Attributed to" in claim.sentence
    with pytest.raises(ClaimError, match="not all of it is by"):
        finding("Alice looked.", events, attributed_to="user/alice")


def test_a_standing_is_lowered_and_never_raised(events):
    claim = finding("Alice looked.", events)
    lower = claim.lowered(Word.REPORTED_PRESENT, "the owner disputes the clock")
    assert lower.standing.word is Word.REPORTED_PRESENT
    assert "disputes" in str(lower.standing)
    with pytest.raises(ClaimError, match="stronger"):
        lower.lowered(Word.PROVED_PRESENT, "I am sure")
    with pytest.raises(ClaimError, match="without a reason"):
        claim.lowered(Word.UNPROVEN, " ")
    with pytest.raises(ClaimError, match="no word of such a claim"):
        claim.lowered(Word.PROVED_ABSENT, "another claim altogether")
    with pytest.raises(ClaimError, match="no word of such a claim; say one of proved present, "):
        claim.lowered("surely", "no word at all")
    assert claim.lowered("unproven", "as text").standing.word is Word.UNPROVEN


def test_a_finding_is_not_lowered_to_what_is_said_of_a_silence(events):
    claim = finding("Alice looked.", events)
    for word in (Word.NOT_OBSERVED, Word.PROVED_ABSENT):
        with pytest.raises(ClaimError, match="no word of such a claim"):
            claim.lowered(word, "another kind of claim")
    for word in (Word.PROVED_PRESENT, Word.KEY_UNPROVEN, Word.REPORTED_PRESENT, Word.UNPROVEN, Word.CONTRADICTED):
        assert claim.lowered(word, "as it may be").standing.word is word


def test_a_silence_is_not_lowered_to_what_is_said_of_events(events):
    claim = absence("No stop.", events.named("StopLogging"), EARLY)
    for word in (Word.REPORTED_PRESENT, Word.PROVED_PRESENT):
        with pytest.raises(ClaimError, match="no word of such a claim"):
            claim.lowered(word, "another kind of claim")
    for word in (Word.PROVED_ABSENT, Word.KEY_UNPROVEN, Word.NOT_OBSERVED, Word.UNPROVEN, Word.CONTRADICTED):
        assert claim.lowered(word, "as it may be").standing.word is word


@pytest.mark.parametrize("word", [Word.KEY_UNPROVEN, Word.UNPROVEN, Word.CONTRADICTED])
def test_a_lowered_conclusion_says_nothing_of_the_evidence_that_is_not_so(events, word):
    made = finding("Alice looked.", events).lowered(word, "the witness took it back")
    assert f"puts it no higher than {word.value}" in made.sentence
    silent = absence("No stop.", events.named("StopLogging"), EARLY).lowered(word, "the witness took it back")
    assert "That is no proof: the witness took it back" in silent.sentence
    for text in (made.sentence, silent.sentence):
        assert not [lie for lie in ("another content", "came inside", "Withdrawn") if lie in text]


def test_one_question_is_answered_either_way(events):
    assert isinstance(conclude("Yes.", "No.", events.named("DescribeInstances"), EARLY), Finding)
    no = conclude("Yes.", "No.", events.named("StopLogging"), EARLY)
    assert isinstance(no, Absence)
    assert no.claim == "No."


def test_a_claim_is_inert_when_shown(events):
    shown = finding("<script>alert(1)</script>", events)._repr_html_()
    assert "<script>" not in shown
    assert "proved present" in shown


def test_selectors_noted_later_say_nothing_where_a_change_could_have_gone_unseen(case):
    del case.objects[case.digests[4]]
    early = Window.of("2026-03-01T00:10:00Z", "2026-03-01T01:00:00Z")
    claim = absence("No stop.", admit(case.verify(), IntactOnly()).named("StopLogging"), early)
    assert condition(claim, "coverage").met is Met.YES
    assert condition(claim, "the trail was left as it was").met is Met.UNKNOWN
    assert claim.standing.word is Word.NOT_OBSERVED


def test_a_planted_file_does_not_contradict_an_intact_one(case):
    record = event(3, "2026-03-01T01:40:00Z", sourceIPAddress="198.51.100.66")
    forged = case.logs[3].replace(case.logs[3][-24:-8], "Forged0000000000")
    case.objects[forged] = replace(case.objects[case.logs[3]], body=pack([record]))
    events = admit(case.verify(), AcceptUnverified("to look at it")).where(event_id=record["eventID"])
    assert len(events) == 2
    assert finding("Alice looked.", events.where(status="intact")).standing.word is Word.PROVED_PRESENT
    assert finding("Somebody looked.", events).standing.word is Word.REPORTED_PRESENT


def test_two_intact_contents_under_one_id_contradict(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(1, "2026-03-01T01:00:00Z", userAgent="another"))
    assert len(events) == 2
    assert finding("Alice looked.", events).standing.word is Word.CONTRADICTED


def test_a_note_of_the_selectors_needs_intact_events_that_bear_it_out(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T01:10:00Z"))
    claim = absence("No stop.", events.named("StopLogging"), EARLY)
    assert claim.standing.word is Word.NOT_OBSERVED
    assert "bear it out" in str(claim.standing)


def test_a_window_has_to_be_one(events):
    with pytest.raises(ClaimError, match="a tuple is no window"):
        absence("It was quiet.", cites=events.named("StopLogging"), window=("2026-03-01T02:00Z", "2026-03-01T04:00Z"))
