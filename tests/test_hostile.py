"""What strangers wrote is inert wherever it is shown: in a page, in Markdown, in a notebook, in a terminal, in a spreadsheet."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser

import markdown_it
import mistune
import pytest
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from cttoolkit import pivot, session
from cttoolkit.detected import detect
from cttoolkit.display import csv_table
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import absence, finding
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.integrity.verify import verify
from cttoolkit.report import report
from cttoolkit.report.markdown import inert
from cttoolkit.report.soften import soften
from cttoolkit.standing import Word
from cttoolkit.text import visible
from tests.conftest import ACCOUNT, event, small_world
from tests.test_finding import EARLY

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "comment": "--><svg onload=alert(1)>]]>",
    "entities": "&lt;script&gt; &#x3c;b&#x3e; &amp;copy;",
    "link": "[press](http://evil.example/x) ![i](http://evil.example/i.png) [r][1]\n[1]: http://evil.example",
    "autolink": "http://evil.example/a https://evil.example www.evil.example <http://evil.example> me@evil.example ftp://evil.example",
    "table": "| a | b |\n|---|---|\n| c | d |",
    "emphasis": "*bold* _dim_ **b** __d__ ~~s~~ `code` ```js\nx``` $x^2$ $$y$$ ==m== H~2~O ^[note] [^1]",
    "heading": "# heading\n## two\n---\n===\n> quote\n1. one\n- item\n    code",
    "template": "{{ 7 * 7 }} {% for x in y %} {{ config }} ${7*7} <%= 7 %> #{7}",
    "terminal": "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 \x9b31m \x07\x08\x08",
    "bidi": "abc\u202egnp.exe \u2066x\u2069 \u200f\u061c \u202d",
    "unseen": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u3164h\u115fi\u2800j\u034fk\ufe0f\U000e0041",
    "nul": "before\x00after \x01\x02\x7f\x85",
    "lines": "one\r\ntwo\nthree\u2028four\u2029five\x0bsix\x0cseven",
    "formula": '=HYPERLINK("http://evil.example";"x")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula at": "@SUM(1+1)",
    "formula minus": "-1+1",
    "formula tab": "\t=1+1",
    "formula wide": "\uff1d1+1",
    "surrogate": "a\ud800b",
    "long": "A" * 1_000_000 + "<b>",
}  # fmt: skip
SHORT = [text[:1000] for text in ATTACKS.values()]
NAMES = [text[:200] for name, text in ATTACKS.items() if name != "surrogate"]
CLAIMS = {
    "markup": ["script", "image", "attribute", "comment", "entities"],
    "markdown": ["table", "link", "autolink", "emphasis", "heading"],
    "terminal": ["terminal", "bidi", "unseen", "nul", "lines", "surrogate"],
    "formula": ["formula", "template"],
    "long": ["long"],
}
SAFE = {"html", "head", "meta", "title", "style", "body", "header", "nav", "section", "figure", "figcaption", "p", "h1", "h2", "h3", "h4",
        "div", "span", "strong", "b", "br", "wbr", "ul", "ol", "li", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td",
        "colgroup", "col", "details", "summary", "a", "svg", "desc", "g", "path", "rect", "text"}  # fmt: skip
PLUGINS = ["table", "url", "strikethrough", "footnotes", "math", "mark", "superscript", "subscript", "task_lists", "def_list", "abbr",
           "insert", "spoiler"]  # fmt: skip
RENDERED = {"h1", "h2", "h3", "p", "ul", "li", "strong", "code", "br", "table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.extend((tag, *pair) for pair in attrs)

    def handle_comment(self, data):
        self.tags.add("comment")


def unseen(text):
    """Characters of a text that a reader does not see, or that turn what he sees."""
    hidden = {
        c
        for c in text
        if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in "\u3164\u115f\u2800\u034f\ufe0f"
    }
    return hidden - {"\n"}


def check_page(text):
    found = Tags(text)
    assert found.tags <= SAFE, found.tags - SAFE
    for tag, name, value in found.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("src", "srcset", "action", "data", "formaction", "xlink:href")
        assert name != "href" or re.fullmatch(r"#[a-z]+\d*", value), value
    assert not unseen(text)
    assert len(text) < 3_000_000


def check_text(text):
    assert not unseen(text)
    assert len(text) < 200_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """One event for each attack, which stands in every field that a caller chooses."""
    folder = tmp_path_factory.mktemp("hostile")
    records = []
    for number, whole in enumerate(text for name, text in ATTACKS.items() if name != "surrogate"):
        text = whole[:500]
        identity = {
            "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{text}", "accountId": ACCOUNT, "accessKeyId": f"ASIA{text}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{text}/{text}", "userName": text,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{text}", "userName": text},
                               "attributes": {"creationDate": text, "mfaAuthenticated": text}, "sourceIdentity": text},
        }  # fmt: skip
        fields = dict.fromkeys(
            ("eventName", "eventSource", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestID",
             "sharedEventID", "vpcEndpointId", "eventType"), text)  # fmt: skip
        made = event(number, f"2026-03-01T01:{number:02d}:00Z", **fields, userIdentity=identity)
        made["requestParameters"] = {"key": text, text[:50]: text[:1000]}
        made["userAgent"] = whole
        made["eventID"] = text[:200] + str(number)
        records.append(made)
    # One that a detection takes for what it looks for, by somebody with such a name.
    nobody = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{ATTACKS['script']}{ATTACKS['bidi']}{ATTACKS['terminal']}",
    }
    stop = event(
        800, "2026-03-01T04:00:00Z", "StopLogging", eventSource="cloudtrail.amazonaws.com", userIdentity=nobody
    )
    records.append(stop)
    case = small_world(folder, *records, name="<img src=x onerror=alert(1)>\u202e|[x](http:evil.example)`")
    evidence = case.write()
    for name in ("<script>alert(1)</script>\x1b[31m.json", "=1+1\u202e.json.gz", "{{7*7}} [x](http:evil) | `y`.json"):
        (evidence / name.replace("/", "_")).write_text(json.dumps({"Records": [event(900, "2026-03-01T01:30:00Z")]}))
    (evidence / "broken<svg onload=x>\u202e.json.gz").write_bytes(b"\x1f\x8b broken")
    keys = folder / "keys <b>\u202e[k](http:evil.example).json"
    (folder / "keys.json").rename(keys)
    return verify(open_evidence(evidence), load_keys(keys))


@pytest.fixture(scope="module")
def events(hostile):
    return admit(hostile, AcceptUnverified(ATTACKS["script"] + ATTACKS["bidi"] + ATTACKS["link"]))


@pytest.fixture(scope="module")
def conclusions(events):
    made = []
    for claim, names in CLAIMS.items():
        text = " ".join(ATTACKS[name] for name in names)
        cited = events.named(ATTACKS[names[0]][:500])
        made.append(finding(text, cited, by=text, about={text: text}).lowered(Word.UNPROVEN, text))
        assert made[-1].event_ids, claim
    made.append(absence(ATTACKS["image"], events.named(*NAMES), EARLY, by=ATTACKS["link"]))
    made.append(absence(ATTACKS["heading"], events.named("StopLogging").where(user_agent=ATTACKS["script"]), EARLY))
    return made


@pytest.fixture(scope="module")
def made(conclusions):
    text = "".join(NAMES)
    return report(conclusions, title=text, by=text, about={text: text}, command=text)


@pytest.fixture(scope="module")
def nouns(hostile, events, conclusions, made):
    narrowed = events.named(*NAMES).where(user_agent=ATTACKS["terminal"])
    shown = {
        "Verification": hostile,
        "Evidence": hostile.evidence,
        "Keyring": hostile.keyring,
        "Coverage": hostile.coverage,
        "doubts": hostile.doubts(),
        "anchors": hostile.anchors(),
        "Impact": hostile.impact(conclusions[:3]),
        "Events": events,
        "Events narrowed": narrowed,
        "Events of an actor": events.by(events.frame("actor", limit=1).actor[0]),
        "Report": made,
        "Behind": session.behind(events),
        "Detected": (detected := detect(events, only="trail-stopped")),
        "Sighting": detected[0],
        "finding of a detection": detected[0].finding(),
    }
    shown |= {f"conclusion {number}": one for number, one in enumerate(conclusions)}
    shown |= {f"pivot by {axis}": getattr(pivot, axis)(events) for axis in ("actors", "agents", "names", "sessions")}
    return shown


NOUNS = ["Verification", "Evidence", "Keyring", "Coverage", "doubts", "anchors", "Impact", "Events", "Events narrowed",
         "Events of an actor", "Report", "Behind", "Detected", "Sighting", "finding of a detection", *(f"conclusion {n}" for n in range(7)),
         *(f"pivot by {axis}" for axis in ("actors", "agents", "names", "sessions"))]  # fmt: skip


@pytest.mark.parametrize("name", NOUNS)
def test_a_noun_is_inert_in_a_notebook_and_in_a_terminal(nouns, name):
    check_text(repr(nouns[name]))
    check_text(str(nouns[name]))
    if hasattr(nouns[name], "_repr_html_"):
        check_page(nouns[name]._repr_html_())


def test_the_page_of_a_report_is_inert(made):
    page = made.html()
    check_page(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page.replace("<wbr>", "")
    assert "url(" not in page


def test_the_markdown_of_a_report_is_inert_whoever_renders_it(made):
    text = made.markdown()
    check_text(text.replace("A" * 500, ""))
    renderers = {
        "markdown-it": markdown_it.MarkdownIt("gfm-like").render,
        "markdown-it without links": markdown_it.MarkdownIt("commonmark").enable("table").render,
        "mistune": mistune.create_markdown(
            escape=False, plugins=PLUGINS
        ),
    }  # fmt: skip
    for name, render in renderers.items():
        page = render(text)
        found = Tags(page)
        assert found.tags <= RENDERED, (name, found.tags - RENDERED)
        assert not [one for one in found.attributes if one[1] != "style"], name
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_markdown_is_inert_in_a_notebook_too(made):
    page = markdown2html_mistune(made.markdown())
    # It gives each heading an anchor.
    found = Tags(re.sub(r'<a class="anchor-link" href="#[^"]*">&#182;</a>', "", page))
    assert found.tags <= RENDERED
    assert {name for _, name, _ in found.attributes} <= {"id", "style"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_line_of_markdown_shows_what_it_was_given(attack):
    text = visible(ATTACKS[attack][:1500]).strip()
    for opening in ("", "- ", "claim: "):
        rendered = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough"])(
            opening + inert(text)
        )
        shown = re.sub(r"</?(p|ul|li)>|\n", "", rendered)
        assert "<" not in shown
        for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
            shown = shown.replace(entity, character)
        assert " ".join(shown.removeprefix("claim: ").split()) == " ".join(text.split())


@pytest.mark.parametrize("attack", ATTACKS)
def test_softened_text_is_escaped_and_loses_nothing(attack):
    text = visible(ATTACKS[attack][:5000])
    found = Tags(str(soften(text)))
    assert found.tags <= {"wbr", "span"}
    assert re.sub(r"<wbr>|</?span[^>]*>", "", str(soften(text))) == str(__import__("markupsafe").escape(text))


def test_a_spreadsheet_runs_nothing(made, tmp_path, events):
    written = made.save_cited(tmp_path / "cited.csv").read_text()
    for text in (written, csv_table(SHORT, [SHORT])):
        rows = list(csv.reader(io.StringIO(text)))
        for cell in (cell for row in rows for cell in row):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")), cell[:40]
            assert not unseen(cell) - {"\n"}
            assert "\n" not in cell


def test_a_report_says_where_a_claim_was_cut(made):
    page = made.html()
    assert "more characters" in page
    assert len(made._repr_html_()) < 200_000
