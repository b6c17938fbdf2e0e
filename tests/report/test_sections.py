"""What a report hands over: the basis first, each claim with its standing, every cited event where it lies."""

import hashlib
import html
import json
import re
from dataclasses import replace

import pytest

from cttoolkit.errors import ClaimError, EvidenceError
from cttoolkit.events import admit
from cttoolkit.finding import absence, finding, recheck
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.report import appendix, cited, page, report
from cttoolkit.report.cited import cite
from cttoolkit.report.strips import LOOKS
from cttoolkit.standing import Word
from cttoolkit.window import Window
from tests.conftest import Case, admitted, event, small_bucket, small_world
from tests.integrity.test_attacks_on_logs import pack
from tests.test_finding import EARLY

SECTIONS = [
    "1 Basis of integrity",
    "2 Conclusions",
    "3 Timeline",
    "4 Evidence table",
    "5 Method",
    "6 Limits",
    "7 Appendix",
]
LATE = Window.of("2026-03-01T01:30:00Z", "2026-03-01T03:00:00Z")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """One log file altered, one missing, one planted, one digest gone."""
    case = Case(small_bucket(), tmp_path_factory.mktemp("world"))
    case.altered, case.missing, case.gone = case.logs[6], case.logs[7], case.digests[4]
    case.planted = case.logs[3].replace(case.logs[3][-24:-8], "Forged0000000000")
    case.objects[case.planted] = replace(case.objects[case.logs[3]], body=pack([event(999, "2026-03-01T01:40:00Z")]))
    case.objects[case.altered] = replace(case.objects[case.altered], body=pack([]))
    del case.objects[case.missing], case.objects[case.gone]
    return case


@pytest.fixture(scope="module")
def events(world):
    return admit(world.verify(), IntactOnly())


@pytest.fixture(scope="module")
def conclusions(events):
    return [
        finding(
            "Alice looked late.", events.during(LATE), by="R. Analyst", about={"severity": "high", "ATT&CK": "T1580"}
        ),
        finding("Alice looked early.", events.during(EARLY)).lowered(Word.REPORTED_PRESENT, "the owner was not asked"),
        absence("No stop.", events.named("StopLogging"), EARLY),
    ]


@pytest.fixture(scope="module")
def made(conclusions):
    return report(
        conclusions, title="Was it Alice?", by="Example Ltd", about={"case": "2026-17"}, command="make report"
    )


@pytest.fixture(scope="module")
def text(made):
    return made.html()


def section(text, number):
    start = re.search(rf"(<h2[^>]*>|\n## ){re.escape(SECTIONS[number - 1])}", text).start()
    end = len(text) if number == 7 else re.search(rf"(<h2[^>]*>|\n## ){re.escape(SECTIONS[number])}", text).start()
    return html.unescape(re.sub(r"<wbr>|</?span[^>]*>", "", text[start:end]))


def test_the_sections_stand_in_order_with_the_basis_first(made, text):
    for one in (text, made.markdown()):
        places = [re.search(rf"(<h2[^>]*>|\n## ){name}", one).start() for name in SECTIONS]
        assert places == sorted(places)
        assert one.index("What this rests on.") < places[0]


def test_the_head_says_who_prepared_it_and_of_what(made, text):
    for one in (text, made.markdown()):
        head = one[: one.index("What this rests on.")]
        assert "Was it Alice?" in head
        assert "Example Ltd" in head
        assert "2026" in head


def test_the_keys_are_told_by_file_hash_fingerprint_and_provenance(made, text, events):
    keyring = events.verification.keyring
    for one in (section(text, 1), section(made.markdown(), 1)):
        assert keyring.files[0].sha256 in one
        assert all(fingerprint in one for fingerprint in keyring.keys)
        assert "keys from outside the evidence" in one
        assert re.search(r"signatures? that hold", one)


def test_what_is_not_proven_is_named(made, text, world):
    for one in (section(text, 1), section(made.markdown(), 1).replace("\\", "")):
        for key in (world.altered, world.missing, world.planted, world.gone):
            assert key in one
        assert "digest missing" in one
        assert "altered" in one


def test_the_coverage_picture_says_the_same_in_words_and_numbers(text, events):
    basis = text[text.index('<h2 id="basis"') : text.index('id="conclusions"')]
    picture = re.search(r"<figure>.*?</figure>", basis, re.DOTALL)[0]
    assert 'role="img"' in picture
    assert "<title>Coverage" in picture
    assert re.search(r"<desc>.*% of .* is covered", picture)
    numbers = re.findall(r'font-weight="700">(\d+)<', picture)
    assert numbers == re.findall(r'<tr><td class="n">(\d+)</td><td>111122223333', basis)
    assert "log file unlisted" in picture


def test_no_two_states_differ_by_colour_alone():
    assert len({look.hatch for look in LOOKS.values()}) == len(LOOKS)


def test_each_conclusion_has_its_standing_reasons_and_maker(made, text):
    for one in (section(text, 2), section(made.markdown(), 2)):
        assert "the owner was not asked" in one
        assert "R. Analyst" in one
        assert "T1580" in one
        assert "no higher than reported present" in one
        assert "could not be verified" not in one, (
            "an intact file is not called unverified because its claim was lowered"
        )


def test_the_timeline_has_each_cited_event_once_in_order_of_time(text, conclusions):
    rows = re.findall(r'<td class="n">(E\d+)</td><td class="t">(\S+?)</td>.*?<td>([\d, ]+)</td></tr>', section(text, 3))
    ids = {one for conclusion in conclusions for one in conclusion.event_ids}
    assert len(rows) == len(ids)
    assert [time for _, time, _ in rows] == sorted(time for _, time, _ in rows)
    assert {cited for _, _, cited in rows} == {"1", "2", "1, 2"}
    figure = section(text, 3)
    assert figure.count("<title>") == 1 + len(re.findall(r"<rect[^>]*><title>", figure))


def test_the_evidence_table_says_where_every_cited_event_lies(made, text, conclusions):
    for conclusion in conclusions[:2]:
        frame = conclusion.frame()
        for one in (section(text, 4), section(made.markdown(), 4).replace("\\", "")):
            for row in frame.itertuples():
                for value in (row.event_id, row.log_file, row.record_sha256, row.log_sha256):
                    assert value in one


def test_more_than_the_table_holds_is_counted_and_its_place_named(conclusions, monkeypatch):
    monkeypatch.setattr(page, "_MOST_CITED", 2)
    short = report(conclusions)
    total = cite(conclusions, 1000).total
    for one in (short.html(), short.markdown()):
        told = section(one, 4)
        assert f"holds 2 of {total} cited events; {total - 2} more" in told
        assert "save_cited" in told
        assert "the first 1 of each conclusion" in section(one, 3)
    assert len(short.cited()) == total
    assert set(short.cited().event_id) == {one for conclusion in conclusions for one in conclusion.event_ids}


def test_cited_events_are_saved_whole_and_never_into_the_evidence(made, tmp_path, events):
    rows = made.save_cited(tmp_path / "cited.csv").read_text().splitlines()
    assert len(rows) == 1 + len(made.cited())
    assert "1, 2" in rows[0] + "".join(rows)
    with pytest.raises(EvidenceError, match="inside the evidence"):
        made.save_cited(f"{events.verification.evidence.name}/cited.csv")
    with pytest.raises(EvidenceError, match=r"end it in \.csv"):
        made.save_cited(tmp_path / "cited.xlsx")


def test_an_original_record_has_the_hash_that_the_table_states(text, conclusions):
    hashes = {value for one in conclusions[:2] for value in one.frame().record_sha256}
    records = [html.unescape(one) for one in re.findall(r"<pre>(\{.*?)</pre>", text, re.DOTALL)]
    assert {hashlib.sha256(one.encode()).hexdigest() for one in records} == hashes


def test_a_long_record_is_cut_and_says_so(conclusions, monkeypatch):
    monkeypatch.setattr(appendix, "_LONGEST", 100)
    told = section(report(conclusions).html(), 7)
    assert re.search(r"the first 100 of [\d,]+ characters", told)


def test_the_method_can_be_followed(made, text, events):
    for one in (section(text, 5), section(made.markdown(), 5).replace("\\", "")):
        assert "make report" in one
        assert "ct.admit(verification, ct.IntactOnly())" in one
        assert "Local" in one
        assert re.search(r"between .*: 4", one)
    assert "fingerprint of the evidence" in section(text, 1)


def test_another_object_is_another_fingerprint(world, events, tmp_path):
    other = Case(small_bucket(), tmp_path)
    made = [report([finding("x", one.during(EARLY))]).html() for one in (events, admit(other.verify(), IntactOnly()))]
    found = {re.search(r"<code>([0-9a-f]{64})</code>", one)[1] for one in made}
    assert len(found) == 2


def test_conclusions_stand_as_given_or_by_time(conclusions):
    assert [one.claim for one in report(conclusions).conclusions] == [one.claim for one in conclusions]
    ordered = report(conclusions, order="time").conclusions
    assert [one.claim for one in ordered] == ["Alice looked early.", "No stop.", "Alice looked late."]
    with pytest.raises(ClaimError, match="no such order"):
        report(conclusions, order="size")


def test_a_condition_is_told_the_same_in_every_run(events):
    again = admit(events.verification, IntactOnly())
    made = [
        report([finding("x", one.during(EARLY).where(lambda e: e.user_agent.startswith("aws-cli")))]).html()
        for one in (events, again)
    ]
    assert made[0] == made[1]
    assert "StartsWith(user_agent" in section(made[0], 5)
    assert "shards_" not in made[0]


def test_newer_evidence_has_its_own_basis_and_what_changed_is_said(tmp_path):
    """Two findings stood; then a log file was edited, and one of them falls."""
    case = small_world(tmp_path / "first", event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T03:00:00Z"))
    events = admit(case.verify(), IntactOnly())
    claim = finding("Alice looked.", events)
    before = report([claim]).html()
    assert "record 0</p>" in section(before, 7)
    copy = Case(case.bucket, tmp_path / "second")
    edited = copy.logs[0]
    copy.objects[edited] = replace(copy.objects[edited], body=pack([event(1, "2026-03-01T01:00:00Z", "Other")]))
    fallen = report([recheck(claim, copy.verify())])
    text = fallen.html()
    assert "1.2" in section(text, 1)
    assert "contradicted" in section(text, 2)
    assert "Withdrawn" in section(text, 2)
    assert f"altered: {edited}" in section(text, 2)
    assert "contradicted" in repr(fallen)
    # The same edit where the report reads its originals: it says so, and is made all the same.
    case.objects[edited] = copy.objects[edited]
    case.write()
    told = section(report([claim]).html(), 7)
    assert re.search("not shown: (not the content that was judged|changed since)", told)
    assert json.dumps("Other") not in told


def test_a_file_that_was_touched_and_is_the_same_is_shown(tmp_path):
    case = small_world(tmp_path, event(1, "2026-03-01T01:00:00Z"))
    events = admit(case.verify(), IntactOnly())
    case.write()
    assert "not shown" not in report([finding("Alice looked.", events)]).html()


def test_an_absence_alone_makes_a_report(events):
    text = report([absence("No stop.", events.named("StopLogging"), EARLY)]).html()
    assert "No conclusion cites an event." in section(text, 4)
    assert "window of an absence" in section(text, 3)


def test_every_policy_that_a_conclusion_rests_on_is_in_the_first_paragraph(events):
    """A strict finding must not lend its policy to one that took what nobody vouches for."""
    loose = admit(events.verification, AcceptUnverified("to look at what was planted"))
    made = report([finding("Strict.", events.during(EARLY)), finding("Loose.", loose.during(EARLY))])
    for one in (made.html(), made.markdown()):
        first = one[one.index("What this rests on.") :].splitlines()[0]
        assert "Only intact log files were admitted" in first
        assert "to look at what was planted" in first
        assert one.count("ct.admit(verification" if one.startswith("<") else "ct.admit\\(verification") == 2


def test_matches_beyond_what_is_read_are_counted(events, monkeypatch):
    monkeypatch.setattr(cited, "_MOST_READ", 3)
    text = report([absence("Nobody looked.", events.named("DescribeInstances"), EARLY)]).html()
    assert "1 more events match an absence" in section(text, 3)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_record_may_claim_any_time(tmp_path, time):
    events = admitted(tmp_path, event(1, time), event(2, "2026-03-01T02:02:00Z"), delivered_at="2026-03-01T03:00:00Z")
    page = report([finding("It is so.", events)]).html()
    assert time[:10] in page
