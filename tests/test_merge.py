"""Findings that say the same become one, on one verification and no weaker a reading of it."""

import pytest

from cttoolkit.errors import AdmissionError, ClaimError
from cttoolkit.events import admit
from cttoolkit.finding import absence, finding, merge
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.standing import Word
from cttoolkit.window import Window
from tests.conftest import Case, small_bucket
from tests.test_finding import EARLY

LATE = Window.of("2026-03-01T01:30:00Z", "2026-03-01T03:00:00Z")


@pytest.fixture(scope="module")
def verification(tmp_path_factory):
    return Case(small_bucket(), tmp_path_factory.mktemp("world")).verify()


@pytest.fixture(scope="module")
def events(verification):
    return admit(verification, IntactOnly())


def test_two_findings_that_say_the_same_cite_the_events_of_both_once(events):
    early, late = finding("Alice looked.", events.during(EARLY)), finding("Alice  looked.", events.during(LATE))
    one = early.merged(late)
    assert set(one.event_ids) == set(early.event_ids) | set(late.event_ids)
    assert len(one.event_ids) == len(set(one.event_ids)) < len(early.event_ids) + len(late.event_ids)
    assert one.standing.word is Word.PROVED_PRESENT
    assert one.window.covers(early.window)
    assert one.window.covers(late.window)


def test_events_that_were_admitted_twice_from_one_verification_are_merged_too(verification, events):
    again = admit(verification, IntactOnly())
    assert len(finding("x", events.during(EARLY)).merged(finding("x", again.during(EARLY))).event_ids) == 4


def test_what_says_something_else_or_rests_on_something_else_stays_apart(verification, events):
    one = finding("Alice looked.", events.during(EARLY))
    with pytest.raises(ClaimError, match="another claim"):
        one.merged(finding("Bob looked.", events.during(EARLY)))
    with pytest.raises(ClaimError, match="another claim"):
        one.merged(absence("Alice looked.", events.named("StopLogging"), EARLY))
    loose = admit(verification, AcceptUnverified("to look at it"))
    with pytest.raises(ClaimError, match="verification or policy"):
        one.merged(finding("Alice looked.", loose.during(EARLY)))
    with pytest.raises(AdmissionError, match="another policy"):
        events.united(loose)


def test_a_lowering_outlives_a_merge(events):
    early, late = finding("x", events.during(EARLY)), finding("x", events.during(LATE))
    one = early.merged(late.lowered(Word.REPORTED_PRESENT, "the owner disputes the clock"))
    assert one.standing.word is Word.REPORTED_PRESENT
    assert "disputes" in str(one.standing)


def test_who_made_it_and_what_belongs_to_it_is_kept(events):
    one = finding("x", events.during(EARLY), by="J. Doe", about={"severity": "low"}, attributed_to="user/alice")
    other = finding("x", events.during(LATE), by="Key minted by night", about={"ATT&CK": "T1098"})
    merged = one.merged(other)
    assert merged.made_by == "J. Doe, Key minted by night"
    assert dict(merged.about) == {"severity": "low", "ATT&CK": "T1098"}
    assert merged.attributed_to is None
    assert merged.actors == ("arn:aws:iam::111122223333:user/alice",)
    assert "By J. Doe" in repr(one)
    assert "By J. Doe" in one._repr_html_()
    assert "severity: low" in one._repr_html_()
    assert "By" not in repr(finding("x", events.during(EARLY)))


def test_a_claim_is_made_by_somebody_or_by_nobody_said(events):
    with pytest.raises(ClaimError, match="made by nobody"):
        finding("x", events, by=" ")
    with pytest.raises(ClaimError, match="no text"):
        absence("x", events.named("StopLogging"), EARLY, about={"severity": 3})


def test_a_list_of_conclusions_is_merged_where_they_stood_first(events):
    silent = absence("No stop.", events.named("StopLogging"), EARLY)
    early, other = finding("x", events.during(EARLY)), finding("y", events.during(EARLY))
    merged = merge([early, silent, other, finding("x", events.during(LATE))])
    assert [one.claim for one in merged] == ["x", "No stop.", "y"]
    assert len(merged[0].event_ids) > len(early.event_ids)
    assert merged[1] is silent
    assert merged[2] is other


def test_united_events_were_searched_only_where_all_of_them_were(events):
    both = events.during(EARLY).named("StopLogging").united(events.named("DeleteTrail"))
    assert both.bounds == EARLY
    assert both.names == ("DeleteTrail", "StopLogging")
    with pytest.raises(ClaimError, match="does not cover"):
        absence("x", both, Window.of("2026-03-01T00:00Z", "2026-03-01T05:00Z"))
    apart = events.during(EARLY).united(events.during(Window.of("2026-03-01T04:00Z", "2026-03-01T05:00Z")))
    assert not apart.bounds.length
    assert not events.united(events.named("DeleteTrail")).names


def test_originals_come_in_order_of_time_and_each_file_is_read_once(events, monkeypatch):
    from cttoolkit.sources.directory import Directory

    read, real = [], Directory.read
    monkeypatch.setattr(Directory, "read", lambda self, stored: read.append(stored.key) or real(self, stored))
    found = events.originals(5)
    assert len(found) == 5
    assert list(found) == [tuple(row) for row in events.frame("log_file", "record_index", limit=5).to_numpy()]
    assert len(read) == len(set(read)) == 5
    ids = events.frame("event_id", limit=5).event_id
    assert list(found.values()) == [events.original(one) for one in ids]
