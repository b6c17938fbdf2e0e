"""The documentation as a site: built without a warning, whole, asking nobody for anything, and saying what the code says."""

import importlib
import json
import os
import re
import subprocess
import sys
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

import cttoolkit as ct
from cttoolkit import cli
from cttoolkit.arguments import command_line
from cttoolkit.playbook import list_playbooks
from tests.widgets.lab import chromium

HOME = Path(__file__).parent.parent
BROWSER = chromium()
if "CI" not in os.environ:
    pytest.importorskip("mkdocs", reason="the site is built with the extra docs")

FETCHING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}
FETCHING |= {"object": "data", "link": "href", "use": "href", "image": "href", "input": "src", "track": "src"}
NAMED_ONLY = {"canonical", "next", "prev", "alternate", "license", "author"}
"""Links of a head that a browser does not follow."""


class Read(HTMLParser):
    """What a page asks for, where its links lead, which anchors it has, and its text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.fetched, self.links, self.nav, self.said, self.anchors, self.words = [], [], set(), set(), set(), []
        self.depth = 0
        self.feed(text)
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if "style" in given:
            self.fetched += urls(given["style"])
        named = (given.get("rel") or "").split()
        if (address := given.get(FETCHING.get(tag, ""))) and not (tag == "link" and set(named) <= NAMED_ONLY):
            self.fetched.append(address)
        self.fetched += [one.split()[0] for one in (given.get("srcset") or "").split(",") if one.strip()]
        if tag == "nav":
            self.depth += 1
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
            (self.nav if self.depth else self.said).add(given["href"])

    def handle_endtag(self, tag):
        if tag == "nav":
            self.depth -= 1

    def handle_data(self, data):
        self.words.append(data)


def urls(style):
    found = re.findall(r"url\(\s*[\"']?([^\"')]+)", style)
    return found + re.findall(r"@import\s+[\"']([^\"']+)", style)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Built as ``make docs`` builds it, by this checkout's code, with a proxy that leads nowhere."""
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=HOME,
        env=os.environ | nowhere | {"PYTHONPATH": str(HOME), "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return folder


@cache
def page(path):
    return Read(path.read_text())


def pages(site):
    return sorted(site.rglob("*.html"))


def address(site, path):
    return path.relative_to(site).as_posix()


def elsewhere(target):
    return re.match(r"(?i)\s*(?:[a-z][a-z0-9+.-]*:)?//|\s*(?:javascript|file|ftp):", target) is not None


def test_no_page_asks_another_host_for_anything(site):
    asked = {(address(site, one), target) for one in pages(site) for target in page(one).fetched if elsewhere(target)}
    assert asked == set()
    assert sum(len(page(one).fetched) for one in pages(site)) > 5 * len(pages(site))


def test_no_style_asks_another_host_for_anything(site):
    sheets = [*site.rglob("*.css"), *site.rglob("*.svg")]
    assert len(sheets) > 3
    inline = [
        found for one in pages(site) for found in re.findall(r"<style[^>]*>(.*?)</style>", one.read_text(), re.DOTALL)
    ]
    for style in [*(one.read_text() for one in sheets), *inline]:
        assert [target for target in urls(style) if elsewhere(target)] == []


def test_what_the_theme_could_fetch_is_not_called_for(site):
    """Its script knows addresses of diagrams, fonts, counters and repositories; each needs something in the page to be used."""
    for one in pages(site):
        text = one.read_text()
        assert not re.search(r"class=\"[^\"]*\b(?:mermaid|md-source)\b", text), one
        config = json.loads(re.search(r'<script id="__config" type="application/json">(.*?)</script>', text)[1])
        assert not any(name.startswith(("announce", "navigation.instant")) for name in config["features"])
        assert config.get("version") in (None, {}), one
    assert "gtag" not in (site / "index.html").read_text()
    assert not list(site.rglob("*.woff*"))


def test_every_page_is_reached_from_the_navigation(site):
    listed = set()
    for target in page(site / "index.html").nav:
        listed.add(unquote(urldefrag(target)[0]) or "index.html")
    every = {address(site, one) for one in pages(site)} - {"404.html"}
    assert every - listed == set()
    assert len(every) > 80


def test_every_link_and_anchor_holds(site):
    lost = []
    for one in pages(site):
        base = site if one.name == "404.html" else one.parent
        for target in [*page(one).links, *page(one).fetched]:
            if elsewhere(target) or target.startswith(("mailto:", "data:")):
                continue
            path, anchor = urldefrag(target)
            place = (
                one
                if not path
                else (site / path.lstrip("/") if path.startswith("/") else base / unquote(path)).resolve()
            )
            if place.is_dir():
                place = place / "index.html"
            if not place.exists() or (
                anchor and place.suffix == ".html" and unquote(anchor) not in page(place).anchors
            ):
                lost.append((address(site, one), target))
    assert lost == []


def plain(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html))).strip()


def rows(html):
    """The cells of each row of the tables in a piece of a page, as text, without the heads."""
    found = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    ]
    return [[plain(cell) for cell in row] for row in found if row]


def test_the_command_line_is_what_the_parsers_say(site):
    sections = dict(
        re.findall(r'<h2 id="([a-z-]+)">(.*?)(?=<h2 |</article>)', (site / "commands.html").read_text(), re.DOTALL)
    )
    (group,) = [action for action in command_line()._actions if action.dest == "command"]
    parsers = dict(group.choices)
    for name, parser in group.choices.items():
        parsers |= {f"{name}-{first}": other for first, other in parser.instead.items()}
    assert set(sections) == {"exit-codes", *parsers}
    assert len(parsers) > len(group.choices)
    for choice in group._choices_actions:
        assert re.sub(r"docs/([a-z-]+)\.md", r"\1", choice.help).lower() in plain(sections[choice.dest]).lower()
    for name, parser in parsers.items():
        actions = [action for action in parser._actions if action.dest != "help"]
        for action, (said, value, meaning) in zip(actions, rows(sections[name]), strict=True):
            assert said == (", ".join(action.option_strings) or action.metavar or action.dest)
            assert action.help
            assert re.sub(r"docs/([a-z-]+)\.md", r"\1", action.help % {"default": action.default}) in meaning
            assert ("required" in meaning) == bool(action.option_strings and action.required)
            assert all(choice in value for choice in action.choices or ())


def test_every_exit_code_is_told(site):
    told = {row[0]: row[1:] for row in rows(page_between(site / "commands.html", "exit-codes", "collect"))}
    assert told["verify"] == [
        "all intact and covered",
        "something altered, missing or unlisted",
        "misuse or unreadable input",
        "nothing wrong but something could not be verified",
    ]
    assert told["collect"] == ["whole", "something conflicts", "misuse or refused", "something was not collected"]
    assert told["posture"] == ["all pass", "any fails", "misuse", "none fails and something is unknown"]
    assert told["the others"] == ["done", "", "misuse or unreadable input", ""]
    for codes in told.values():
        for words in filter(None, codes):
            assert words in re.sub(r"\s+", " ", cli.__doc__)


def page_between(path, start, end):
    return re.search(rf'<h2 id="{start}">(.*?)<h2 id="{end}">', path.read_text(), re.DOTALL)[1]


def test_the_api_has_every_public_name_and_its_docstring(site):
    folder = site / "api"
    every = " ".join(page(one).text for one in sorted(folder.glob("*.html")))
    words_of_all = re.sub(r"\W+", " ", every)
    for place in (
        "cttoolkit",
        *(f"cttoolkit.{one}" for one in ct.__all__ if type(getattr(ct, one)).__name__ == "module"),
    ):
        module = importlib.import_module(place)
        for name in module.__all__:
            thing = getattr(module, name)
            if type(thing).__name__ == "module":
                assert (folder / f"{name}.html").exists()
                continue
            assert f"{place.replace('cttoolkit', 'ct', 1)}.{name}" in every
            told = re.sub(r"\s+", " ", (getattr(thing, "__doc__", None) or "").partition("\n\n")[0])
            if (callable(thing) or isinstance(thing, type)) and told and not told.startswith(f"{name}("):
                words = re.sub(r"\W+", " ", told).split()
                assert " ".join(words[:8]) in words_of_all, f"{place}.{name}"


def test_every_playbook_is_there_with_its_outputs(site):
    listed = page(site / "playbooks" / "index.html").text
    for playbook in list_playbooks():
        text = (site / "playbooks" / f"{playbook.path.stem}.html").read_text()
        assert playbook.question in listed
        outputs = sum(len(cell.get("outputs", [])) for cell in playbook.notebook.cells)
        assert text.count('<div class="output"') == outputs > 5
        assert 'class="output-' not in text


def test_the_picture_and_the_readme_are_on_the_first_page(site):
    text = page(site / "index.html").text
    (picture,) = [one for one in page(site / "index.html").fetched if one.startswith("pictures/")]
    assert (site / picture).read_bytes().startswith(b"\x89PNG")
    assert "evidence-that-holds" in page(site / "your-bucket.html").anchors
    assert "make demo" in text
    assert "ct.absence(" in text
    assert "from README" not in (site / "index.html").read_text()


def test_links_that_lead_out_of_the_docs_lead_to_pages(site):
    """The map of playbooks, playbooks, samples and the README lie elsewhere in the repository, and here they are pages."""
    assert {"playbooks/14-is-the-trail-fit.html", "playbooks/index.html"} <= set(page(site / "index.html").said)
    assert "playbooks/01-is-this-evidence-sound.html" in page(site / "your-bucket.html").said
    assert "without-digests.html" in page(site / "your-bucket.html").said
    assert "../exercises.html" in page(site / "playbooks" / "index.html").said
    assert "posture.html" in page(site / "commands.html").said


def test_make_builds_it_as_the_tests_do():
    (recipe,) = re.findall(r"^docs:.*\n((?:\t.*\n)+)", (HOME / "Makefile").read_text(), re.MULTILINE)
    assert recipe.split("$(VENV) ")[1].startswith("-m mkdocs build --strict")
    assert "site_dir: build/site" in (HOME / "mkdocs.yml").read_text()
    assert recipe.rstrip().endswith('build/site/index.html"'), "it says where the site is"


def test_a_link_to_nothing_fails_the_build(tmp_path):
    """The validation that the build relies on is on: a page with two lost links is refused."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# One\n\n[nothing](nothing.md) [nowhere](#nowhere)\n")
    settings = (HOME / "mkdocs.yml").read_text()
    kept = settings[settings.index("validation:") : settings.index("# Playbooks, samples")]
    (tmp_path / "mkdocs.yml").write_text(f"site_name: t\nstrict: true\n{kept}")
    asked = [sys.executable, "-m", "mkdocs", "build"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "nothing.md" in done.stderr
    assert "#nowhere" in done.stderr


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium, chromium on the path")
def test_from_a_folder_the_search_finds_stop_logging_and_nothing_is_asked_for(site):
    from playwright.sync_api import sync_playwright

    asked, said = [], []
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        try:
            view = opened.new_page(viewport={"width": 1400, "height": 900})
            view.on("request", lambda request: asked.append(request.url))
            view.on("console", lambda message: said.append(message.text))
            view.on("pageerror", lambda error: said.append(str(error)))
            view.goto((site / "index.html").as_uri())
            view.locator("input.md-search__input").click()
            view.locator("input.md-search__input").press_sequentially("StopLogging")
            found = view.locator(".md-search-result__link")
            found.first.wait_for(timeout=60_000)
            titles = " ".join(found.all_inner_texts())
            leads = [one.get_attribute("href") for one in found.all()]
            for one in ("tour.html", "api/functions.html", "playbooks/02-leaked-access-key.html"):
                view.goto((site / one).as_uri())
                view.wait_for_load_state()
        finally:
            opened.close()
    assert "StopLogging" in titles or "absence" in titles.lower()
    assert any("absences.html" in one or "detections.html" in one or "playbooks/06" in one for one in leads)
    assert [one for one in asked if not one.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert said == []
