"""The explorer as an analyst uses it: JupyterLab in a real browser, and what is clicked comes back to the next cell."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.widgets.conftest import SCRIPT
from tests.widgets.lab import ROOT, chromium, running, write_notebook

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
BROWSER = chromium()
PATIENCE = 60_000
PICTURES = os.environ.get("EXPLORER_PICTURES")
"""A folder to leave pictures in, for a person to look at."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path")

OPENED = """\
verification = ct.verify(ct.open_evidence("evidence"), ct.load_keys("keys.json"))
events = ct.admit(verification, ct.AcceptUnverified("to look at what was planted"))"""
TOLD = """\
import json
again = {"events": events, "ct": ct}
exec(explorer.code, again)
told = {
    "file": ct.__file__,
    "events": len(explorer.events),
    "again": len(again["chosen"]),
    "steps": explorer.events.steps[1:],
    "cited": [one.event_ids for one in explorer.findings],
    "cited again": [again[name].event_ids for name in again if name.startswith("finding_")],
}
print("told:" + json.dumps(told) + ":told")"""
CELLS = ("import cttoolkit as ct", OPENED, "explorer = ct.widgets.explorer(events)\nexplorer", TOLD)
TOO_WIDE = """one => [...one.querySelectorAll('.ct-row, .ct-choosers *, .ct-histogram, button, textarea, .ct-json')].filter(
    part => part.getBoundingClientRect().right > one.getBoundingClientRect().right + 2).map(part => part.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def lab(case, tmp_path_factory):
    write_notebook(case.folder / "explore.ipynb", *CELLS)
    with running(case.folder, tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 2300}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    playwright.expect.set_options(timeout=PATIENCE)
    made = context.new_page()
    yield made
    if PICTURES:
        made.screenshot(path=Path(PICTURES) / "last.png")
    context.close()


def pictured(page, name):
    if PICTURES:
        page.locator(".ct-histogram").scroll_into_view_if_needed()
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def run_all(page, lab):
    expect = playwright.expect
    page.goto(lab.page("explore.ipynb"))
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(told_by(page)).to_contain_text(":told")


def told_by(page):
    """What the last cell printed."""
    return page.locator(".jp-Notebook .jp-Cell").last.locator(".jp-OutputArea-output")


def shown(page, first, last, of):
    playwright.expect(page.locator(".ct-explorer").get_by_text(f"{first} – {last} of {of} events")).to_be_visible()


def brush_by_keyboard(page, explorer):
    explorer.locator(".ct-brush .noUi-handle-lower").focus()
    page.keyboard.press("ArrowRight")
    playwright.expect(explorer.locator(".ct-code")).to_contain_text(".between(")
    playwright.expect(explorer.locator(".ct-veil")).to_have_count(2)
    # The ends have names, and can be typed.
    until = explorer.get_by_role("textbox", name="to", exact=True)
    playwright.expect(explorer.get_by_role("textbox", name="from", exact=True)).to_have_value(
        re.compile("^2026-03-01T00:.*Z$")
    )
    until.fill("2026-03-01T04:02Z")
    until.press("Enter")
    playwright.expect(until).to_have_value("2026-03-01T04:05:00Z")
    playwright.expect(explorer.locator(".ct-code")).to_contain_text('"2026-03-01T04:05:00Z"')


def choose_region(explorer, page):
    """Choose us-east-1. Returns how many events its line promised."""
    region = explorer.get_by_role("listbox", name="region")
    label = region.locator("option", has_text="us-east-1").inner_text()
    region.select_option(label=label)
    playwright.expect(explorer.locator(".ct-code")).to_contain_text("in_region('us-east-1')")
    promised = int(label.split()[0])
    shown(page, 1, 50, promised)
    return promised


def sort_and_turn(page, explorer, events):
    explorer.locator(".ct-sort-call").click()
    playwright.expect(explorer.locator(".ct-sort-call")).to_contain_text("↑")
    explorer.locator(".ct-next").click()
    shown(page, 51, 100, events)


def look_at_one(explorer, row):
    """Look at an event, whose strings are hostile. Returns its id."""
    row.locator("button").click()
    playwright.expect(explorer.locator(".ct-facts")).to_contain_text("SHA-256")
    playwright.expect(explorer.locator(".ct-json").first).to_contain_text(SCRIPT)
    explorer.locator(".ct-trace").click()
    traced = explorer.get_by_text(re.compile("long-lived access key|no issuing event")).first
    playwright.expect(traced).to_be_visible()
    return explorer.locator(".ct-facts td").first.inner_text()


def claim_two(page, explorer, one, other):
    """Put two events into the basket, one of them by the keyboard, and claim something of them."""
    one.get_by_role("checkbox", name=re.compile("^put the event of .* into the basket$")).check()
    other.locator("input").focus()
    page.keyboard.press("Space")
    playwright.expect(explorer.get_by_text("Basket: 2 events")).to_be_visible()
    explorer.locator(".ct-claim textarea").fill("Somebody <b>called</b> twice.")
    explorer.locator(".ct-state").click()
    playwright.expect(explorer.get_by_text("Cites 2 events.")).to_be_visible()


def what_the_next_cell_has(page, event_id):
    page.locator(".jp-Notebook .jp-Cell").last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    playwright.expect(told_by(page)).to_contain_text(event_id)
    return json.loads(re.search(r"told:(.*):told", told_by(page).inner_text(), re.DOTALL)[1].replace("\n", ""))


def test_what_is_clicked_is_what_the_next_cell_has(page, lab):
    asked, struck = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: struck.append(dialog.message))
    run_all(page, lab)
    explorer = page.locator(".ct-explorer")
    rows = explorer.locator(".ct-row:visible")
    playwright.expect(rows).to_have_count(50)
    shown(page, 1, 50, 181)
    pictured(page, "opened")
    brush_by_keyboard(page, explorer)
    events = choose_region(explorer, page)
    sort_and_turn(page, explorer, events)
    event_id = look_at_one(explorer, rows.nth(1))
    claim_two(page, explorer, rows.nth(1), rows.nth(3))
    pictured(page, "chosen")

    found = what_the_next_cell_has(page, event_id)
    assert found["file"] == str(ROOT / "cttoolkit" / "__init__.py")
    assert found["events"] == found["again"] == events
    assert found["steps"][0].startswith("between 2026-03-01T00:")
    assert found["steps"][1:] == ["in us-east-1"]
    assert found["cited"] == found["cited again"]
    assert [len(ids) for ids in found["cited"]] == [2]
    assert event_id in found["cited"][0]

    # What strangers wrote did nothing, and nothing came from elsewhere.
    assert page.evaluate("window.struck") is None
    assert not struck
    assert explorer.locator("script, img").count() == 0
    assert "\u202e" not in explorer.inner_text()
    assert not [url for url in asked if not url.startswith((lab.url, "data:", "blob:"))]

    # At 200 % a screen of 1400 points has 700: nothing is to be scrolled to from side to side.
    page.set_viewport_size({"width": 700, "height": 1200})
    page.keyboard.press("Control+b")
    pictured(page, "large")
    assert not explorer.evaluate(TOO_WIDE)
