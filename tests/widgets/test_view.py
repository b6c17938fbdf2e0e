"""The widgets without a browser: what is clicked in the kernel's half, what stands in the page, and what stays when no widget runs."""

import html
import json
import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert import HTMLExporter

import cttoolkit as ct
from cttoolkit.text import visible
from cttoolkit.widgets.detail import laid_out
from cttoolkit.widgets.histogram import histogram
from cttoolkit.widgets.workbench import Explorer
from tests.conftest import SAMPLES
from tests.widgets.conftest import BIDI, IMAGE, NUL, SCRIPT


class Tags(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self, page):
        super().__init__()
        self.met, self.attributes = set(), set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.met.add(tag)
        self.attributes.update(name for name, _ in attrs)


def is_inert(page):
    found = Tags(page)
    assert not found.met & {"script", "img", "iframe", "object", "link"}
    assert not [name for name in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "\u202e" not in page
    assert "\x00" not in page
    return True


@pytest.fixture(scope="module")
def opened(events):
    return ct.widgets.explorer(events)


@pytest.fixture
def explorer(opened):
    """The same one, as it was when it was opened: to make it anew takes seconds."""
    start = opened.at.choosing_nothing().sorted_by("time")
    opened._findings.clear()
    opened._empty(None)
    opened._claim.value = ""
    opened.go(start)
    opened._say("")
    return opened


def widgets(part):
    """Every widget in the view."""
    yield part
    for child in getattr(part, "children", ()):
        yield from widgets(child)


def chooser(explorer, name):
    return explorer._choosers._lists[name]


def test_it_is_what_the_public_name_gives(opened):
    assert isinstance(opened, Explorer)


def test_a_click_in_a_chooser_narrows_and_every_count_follows(explorer):
    lists = chooser(explorer, "region")
    place = lists._values.index("eu-west-1")
    lists._list.index = (place,)
    assert explorer.events.steps[-1] == "in eu-west-1"
    assert len(explorer.events) == explorer.at.tally.events
    assert lists._list.index == (lists._values.index("eu-west-1"),)
    promised = [int(text.split()[0].replace(",", "")) for text in chooser(explorer, "call")._list._options_labels]
    assert sum(promised) == len(explorer.events)
    lists._list.index = ()
    assert explorer.code == "chosen = events"


def test_the_brush_is_a_window_and_both_ends_together_are_one_bin(explorer):
    bins = explorer.at.bins
    explorer._brush.index = (3, 7)
    assert explorer.events.bounds == ct.Window(bins.cell(3).start, bins.cell(6).end)
    explorer._brush.index = (5, 5)
    assert explorer.at.choices.window == bins.cell(5)
    explorer._brush.index = (0, len(bins))
    assert explorer.at.choices.window is None


def test_the_window_can_be_typed_and_becomes_that_of_its_bins(explorer):
    bins, (start, end) = explorer.at.bins, (explorer._when._from, explorer._when._to)
    assert (start.value, end.value) == tuple(str(bins.window).split(" – "))
    inside = bins.cell(3)
    start.value = inside.start.isoformat()
    assert explorer.at.choices.window == ct.Window(inside.start, bins.window.end)
    end.value = (bins.cell(6).end - (bins.cell(6).length / 2)).isoformat()
    assert explorer.events.bounds == ct.Window(inside.start, bins.cell(6).end)
    assert explorer._brush.index == (3, 7)
    assert (start.value, end.value) == tuple(str(explorer.at.choices.window).split(" – "))


@pytest.mark.parametrize("text", ["yesterday", "", "2026-03-01T02:00", "2030-01-01T00:00Z"])
def test_a_time_that_cannot_be_taken_is_said_and_changes_nothing(explorer, text):
    before = explorer.code
    explorer._when._from.value = text
    assert 'role="alert"' in explorer._message.value
    assert explorer.code == before


def test_enlarging_gives_finer_bins_and_the_same_events(explorer):
    wide = explorer.at.bins
    explorer._brush.index = (10, 20)
    before = len(explorer.events)
    explorer.go(explorer.at.enlarged())
    assert explorer.at.bins.seconds < wide.seconds
    assert len(explorer._brush.options) == len(explorer.at.bins) + 1
    assert len(explorer.events) == before
    explorer.go(explorer.at.whole())
    assert explorer.at.bins == wide


def test_a_head_sorts_and_sorts_the_other_way(explorer):
    explorer._sort("call")
    assert explorer.at.rows[0]["event_name"] == "AssumeRole"
    explorer._sort("call")
    assert explorer.at.rows[0]["event_name"] == "StopLogging"
    assert explorer._listing._heads["call"].description == "call ↓"


def test_the_last_page_has_its_lines_and_no_others(explorer):
    explorer._turn(lambda at: at.pages - 1)(None)
    lines = [line for line in explorer._listing._lines if line.view.layout.display != "none"]
    assert len(lines) == len(explorer.at.rows) == len(explorer.at.base) - 150
    assert explorer._last.disabled
    assert not explorer._first.disabled


def test_ticked_events_are_what_the_finding_cites(explorer):
    rows = explorer.at.rows[:3]
    for line in explorer._listing._lines[:3]:
        line._box.value = True
    explorer._listing._lines[1]._box.value = False
    wanted = {rows[0]["event_id"], rows[2]["event_id"]}
    assert set(explorer.basket.frame("event_id").event_id) == wanted
    explorer._claim.value = "Two calls <b>were</b> made."
    explorer._claimed(None)
    (made,) = explorer.findings
    assert set(made.event_ids) == wanted
    assert made.claim == "Two calls <b>were</b> made."
    assert "<b>were" not in explorer._made.value
    assert not explorer._listing._lines[0]._box.value
    names = {"events": explorer.at.base, "ct": ct}
    exec(explorer.code, names)
    assert names["finding_1"].event_ids == made.event_ids
    assert names["finding_1"].standing == made.standing


def test_nothing_hides_in_the_code(explorer):
    hidden = "Stop\u3164Logging\ufe0f \\\u3164"
    explorer._listing._lines[0]._box.value = True
    explorer._claim.value = f"Zoë's {hidden}"
    explorer._claimed(None)
    explorer.go(explorer.at.choosing("session", hidden).choosing("region", "us-east-1", "eu-west-1"))
    for text in (explorer.code, explorer._code.value):
        assert not set("\u3164\ufe0f") & set(text)
        assert text.count("\\u3164") == 4
    assert "Zoë" in explorer.code
    assert explorer.code.count("\n") > 3, "steps stand on lines of their own"
    names = {"events": explorer.at.base, "ct": ct}
    exec(explorer.code, names)
    assert names["finding_1"].claim == f"Zoë's {hidden}"
    assert len(names["chosen"]) == 0


def test_a_basket_keeps_what_lies_on_other_pages(explorer):
    explorer._listing._lines[0]._box.value = True
    explorer._turn(lambda at: at.page + 1)(None)
    assert not explorer._listing._lines[0]._box.value
    assert len(explorer.basket) == 1
    explorer._turn(lambda at: at.page - 1)(None)
    assert explorer._listing._lines[0]._box.value


def test_all_chosen_events_go_into_the_basket(explorer):
    explorer.go(explorer.at.choosing("call", "PlantedCall"))
    explorer._put_all(None)
    assert set(explorer.basket.frame("event_name").event_name) == {"PlantedCall"}
    assert len(explorer.basket) == 9


def test_a_claim_without_events_or_words_is_an_error_to_be_read(explorer):
    explorer._claim.value = "It happened."
    explorer._claimed(None)
    assert "it cites no event" in explorer._message.value
    explorer._listing._lines[0]._box.value = True
    explorer._claim.value = "  "
    explorer._claimed(None)
    assert "it says nothing" in explorer._message.value
    assert explorer.findings == ()


def test_the_record_is_shown_as_it_stands_in_its_file(explorer):
    row = explorer.at.rows[4]
    explorer._look(row)
    raw = html.unescape(re.search(r'ct-raw">(.*?)</pre>', explorer._detail.value, re.DOTALL)[1])
    assert raw == visible(explorer.at.base.original(row["event_id"]))
    assert json.loads(raw)["eventID"] == row["event_id"]
    for text in (row["log_file"], row["log_sha256"], row["record_sha256"]):
        assert text in explorer._detail.value


def test_of_two_contents_with_one_id_the_one_that_was_clicked_is_shown(explorer):
    explorer.go(explorer.at.choosing("call", "DeleteTrail", "StopLogging"))
    shown = []
    for row in explorer.at.rows:
        explorer._look(row)
        shown.append((row["event_name"], row["event_name"] in explorer._detail.value))
    assert shown == [("DeleteTrail", True), ("StopLogging", True)]


def test_what_stood_behind_a_session_is_traced_when_asked_for(explorer):
    explorer.go(explorer.at.choosing("session", SCRIPT))
    explorer._look(explorer.at.rows[0])
    assert explorer._behind.value == ""
    explorer._traced(None)
    assert "tmp:ASIADEPLOYEXAMPLE" in explorer._behind.value
    assert "no issuing event" in explorer._behind.value


@pytest.mark.parametrize(
    "text", ['{"a": [1, {"b": "x, {y}: \\" z"}], "c": null}', "[]", "{", '"open', "", "}}}}", "\x00\u202e"]
)
def test_laying_out_changes_nothing_but_space(text):
    laid = laid_out(text)
    assert re.sub(r"\s", "", laid) == re.sub(r"\s", "", visible(text))
    assert "\u202e" not in laid


def test_what_strangers_wrote_is_inert_in_every_part(explorer, verification):
    explorer.go(explorer.at.choosing("session", SCRIPT, NUL).choosing("address", BIDI, "192.0.2.1"))
    explorer._look(explorer.at.rows[0])
    explorer._traced(None)
    pages = [part.value for part in widgets(explorer.view) if type(part).__name__ == "HTML"]
    pages += [explorer._repr_mimebundle_()["text/html"], histogram(explorer.at)]
    pages += [
        part.value for part in widgets(ct.widgets.verification(verification).view) if type(part).__name__ == "HTML"
    ]
    assert all(is_inert(page) for page in pages)
    assert html.escape(SCRIPT) in "".join(pages)
    labels = [label for one in explorer._choosers._lists.values() for label in one._list._options_labels]
    assert not [label for label in labels if not label.isprintable()]
    assert [label for label in labels if label.endswith("abc\\u202egnp.exe")]
    assert [label for label in labels if label.endswith(IMAGE)] or IMAGE not in str(explorer.at.tally.values["error"])


def test_the_ground_of_a_region_without_digests_is_hatched(explorer):
    assert "url(#ct-nowhere)" not in histogram(explorer.at).split("</svg>")[0].split("</defs>")[1]
    explorer.go(explorer.at.choosing("region", "eu-west-1"))
    assert histogram(explorer.at).count('class="ct-nowhere"') == len(explorer.at.bins)


def test_bars_are_as_high_as_their_counts(explorer):
    page = histogram(explorer.at)
    peak = max(events for number, (events, _, _) in explorer.at.tally.bins.items() if number is not None)
    assert f"{peak:,} per {explorer.at.bins.told}" in page
    failed = re.search(r'class="ct-failed" fill="[^"]+" d="([^"]*)"', page)[1]
    bins = [stack for number, stack in explorer.at.tally.bins.items() if number is not None]
    assert failed.count("M") == sum(1 for _, count, _ in bins if count)


def test_where_no_widget_runs_a_table_stands_in_its_place(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "Explorer of 181 events; chosen: nothing" in bundle["text/html"]
    assert "CreateAccessKey (" in bundle["text/plain"]
    again = explorer._repr_mimebundle_()
    assert (again["text/html"], again["text/plain"]) == (bundle["text/html"], bundle["text/plain"])
    output = nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)
    cell = nbformat.v4.new_code_cell("explorer", outputs=[output], execution_count=1)
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "Explorer of 181 events" in page
    assert "<td style='text-align:left;white-space:nowrap'>standing</td>" in page.replace('"', "'")


def test_verdicts_are_walked_from_the_worst_chain_to_its_objects(verification):
    walked = ct.widgets.verification(verification)
    assert [verdict.status for verdict in walked.verdicts] == [ct.Status.UNLISTED]
    assert "unlisted" in walked._chain.options[0][0]
    walked._chain.index = 1
    assert {verdict.status for verdict in walked.verdicts} == {ct.Status.INTACT}
    assert sum(len(held) for branch in walked._branches for held in branch.reasons.values()) == len(
        verification.verdicts
    )
    walked._reason.index = len(walked._reasons) - 1
    assert walked.verdicts == walked._branches[1].reasons[walked._reasons[-1]]
    assert walked.verdicts[0].key in html.unescape(walked._objects.value)
    assert "the worst first" in walked._repr_mimebundle_()["text/html"]


def test_a_case_is_opened_verified_and_admitted_by_hand(case):
    opening = ct.widgets.case()
    assert repr(opening) == "Case: nothing is verified yet"
    opening._place.value = str(case.folder / "nowhere")
    opening._verified(None)
    assert "nowhere" in opening._message.value
    assert opening._admit.disabled
    opening._place.value = str(SAMPLES / "tampered")
    opening._keys.value = str(SAMPLES / "tampered" / "public-keys.json")
    opening._verified(None)
    assert not opening._admit.disabled
    opening._choice.value = "RequireIntact"
    opening._admitting(None)
    assert opening.events is None
    assert "not whole" in opening._message.value
    opening._choice.value = "AcceptUnverified"
    opening._admitting(None)
    assert "no reason" in opening._message.value
    opening._reason.value = "it's all there is"
    opening._admitting(None)
    names = {"ct": ct}
    exec(opening.code, names)
    assert names["events"].policy == opening.events.policy == ct.AcceptUnverified("it's all there is")
    assert len(names["events"]) == len(opening.events)
