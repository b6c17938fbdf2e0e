"""Reports: conclusions only, the basis first, nothing from elsewhere, nothing hostile alive."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cttoolkit.errors import ClaimError, EvidenceError
from cttoolkit.events import admit
from cttoolkit.finding import absence, finding
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly
from cttoolkit.report import report
from cttoolkit.window import Window
from tests.conftest import admitted, event, small_world
from tests.integrity.test_attacks_on_logs import pack
from tests.test_finding import EARLY

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e[link](http://evil.example)`|`<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.extend((tag, *pair) for pair in attrs)


@pytest.fixture
def events(case):
    return admit(case.verify(), IntactOnly())


@pytest.fixture
def conclusions(events):
    return [finding("Alice looked.", events.during(EARLY)), absence("No stop.", events.named("StopLogging"), EARLY)]


def test_the_first_paragraph_holds_the_basis(conclusions):
    for text in (report(conclusions).html(), report(conclusions).markdown()):
        body = text.partition("</head>")[2] or text
        first = body[: body.index("Conclusions")]
        assert "11 intact" in first
        assert "Only intact log files were admitted" in first
        assert re.search(r"keys.json \\?\(SHA-256 [0-9a-f]{64}", first)


def test_keys_inside_and_reasons_are_in_the_first_paragraph(case):
    from cttoolkit.evidence import open_evidence
    from cttoolkit.integrity.verify import verify

    events = admit(verify(open_evidence(case.write())), AcceptUnverified(reason="the customer has no digests"))
    page = report([finding("Alice looked.", events)]).html()
    assert "the customer has no digests" in page[: page.index("Conclusions")]


@pytest.mark.parametrize("things", [[], [None], ["claim"], [{"claim": "x"}]])
def test_only_conclusions_are_reported(things):
    with pytest.raises(ClaimError):
        report(things)


def test_events_are_no_conclusion(events):
    with pytest.raises(ClaimError, match="Events is no conclusion"):
        report([events])


def test_the_page_asks_nothing_of_anybody(conclusions):
    text = report(conclusions).html()
    page = Page(text)
    assert not {"script", "link", "iframe", "img", "object", "embed", "base"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href"):
            assert value.startswith("#"), (tag, name, value)
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_what_strangers_wrote_is_inert(tmp_path):
    events = admitted(tmp_path, event(1, "2026-03-01T01:00:00Z", HOSTILE, userAgent=HOSTILE + "A" * 100_000))
    made = report([finding(HOSTILE, events)], title=HOSTILE)
    page = made.html()
    assert "script" not in Page(page).tags
    assert "img" not in Page(page).tags
    assert len(page) < 100_000
    for text in (page, made.markdown(), made._repr_html_(), repr(made)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    marked = made.markdown()
    assert "<script" not in marked
    assert "[link](" not in marked


def test_the_same_conclusions_give_the_same_bytes(case, conclusions):
    events = admit(case.verify(), IntactOnly())
    again = [finding("Alice looked.", events.during(EARLY)), absence("No stop.", events.named("StopLogging"), EARLY)]
    assert report(conclusions).html() == report(again).html()
    assert report(conclusions).markdown() == report(again).markdown()


def test_it_is_never_written_into_the_evidence(conclusions, events, tmp_path):
    with pytest.raises(EvidenceError, match="inside the evidence"):
        report(conclusions, to=f"{events.verification.evidence.name}/AWSLogs/report.html")
    link = tmp_path / "elsewhere"
    link.symlink_to(events.verification.evidence.name)
    with pytest.raises(EvidenceError, match="inside the evidence"):
        report(conclusions, to=link / "report.html")


def test_it_is_written_with_markdown_beside_it(conclusions, tmp_path):
    made = report(conclusions, to=tmp_path / "new" / "report.html")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["report.html", "report.md"]
    assert (tmp_path / "new" / "report.html").read_text() == made.html()
    with pytest.raises(EvidenceError, match=r"end it in \.html"):
        made.save(tmp_path / "report.pdf")
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceError):
        made.save(tmp_path / "file" / "report.html")


def test_harms_and_gaps_are_told(case):
    key = case.logs[3]
    case.objects[key] = replace(case.objects[key], body=pack([]))
    del case.objects[case.digests[3]]
    events = admit(case.verify(), IntactOnly())
    page = report([finding("Alice looked.", events)]).html()
    assert key in page
    assert "digest missing" in page
    assert "1 altered" in page[: page.index("Conclusions")]


def test_many_cited_events_are_counted_and_not_all_shown(tmp_path):
    events = admitted(tmp_path, *(event(n, f"2026-03-01T01:{n // 60:02d}:{n % 60:02d}Z") for n in range(120)))
    page = report([finding("Alice looked.", events)]).html()
    assert "and 70 more events" in page
    assert page.count("<rect") > 1


def test_an_absence_with_matches_shows_them(events):
    page = report([absence("Nobody looked.", events, EARLY)]).html()
    assert "contradicted" in page
    assert "DescribeInstances" in page
    assert Window.of("2026-03-01T00:10:00Z", "2026-03-01T02:00:00Z") == EARLY


def test_a_trail_may_have_any_name(tmp_path):
    case = small_world(tmp_path, event(1, "2026-03-01T01:00:00Z"), name='<img src=x onerror="alert(1)">')
    events = admit(case.verify(), IntactOnly())
    page = report([finding("Alice looked.", events)]).html()
    assert "img" not in Page(page).tags
    assert "&lt;img" in page
    assert "<img" not in events.verification._repr_html_()
