"""The explorer as an analyst uses it: JupyterLab in a real browser, and what is clicked comes back to the next cell."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.widgets.lab import chromium, running, write_notebook

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
BROWSER = chromium()
PICTURES = os.environ.get("EXPLORER_PICTURES")
"""A folder to leave pictures in, for a person to look at."""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path")

CELLS = (
    "import cttoolkit as ct\nct.__file__",
    "verification = ct.verify(ct.open_evidence('evidence'), ct.load_keys('keys.json'))\n"
    "events = ct.admit(verification, ct.AcceptUnverified('to look at what was planted'))",
    "explorer = ct.widgets.explorer(events)\nexplorer",
    "import json\nagain = {'events': events, 'ct': ct}\nexec(explorer.code, again)\n"
    "print('told:' + json.dumps({'events': len(explorer.events), 'again': len(again['chosen']),\n"
    "  'steps': explorer.events.steps[1:], 'cited': [one.event_ids for one in explorer.findings],\n"
    "  'cited again': [again[name].event_ids for name in again if name.startswith('finding_')]}) + ':told')",
)


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
    context = browser.new_context(viewport={"width": 1400, "height": 1600}, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    made = context.new_page()
    yield made
    if PICTURES:
        made.screenshot(path=Path(PICTURES) / "last.png")
    context.close()


def pictured(page, name):
    if PICTURES:
        page.locator(".ct-explorer").first.screenshot(path=Path(PICTURES) / f"{name}.png")


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


def count_of(page):
    return int(re.search(r"([\d,]+) events?,", page.locator(".ct-explorer").inner_text())[1].replace(",", ""))


def test_what_is_clicked_is_what_the_next_cell_has(page, lab):
    foreign, struck = [], []
    page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith((lab.url, "data:", "blob:", lab.url.replace("http", "ws"))) else None)  # fmt: skip
    page.on("dialog", lambda dialog: struck.append(dialog.message))
    expect = playwright.expect
    expect.set_options(timeout=20_000)

    run_all(page, lab)
    explorer = page.locator(".ct-explorer")
    rows = explorer.locator(".ct-row:visible")
    expect(rows).to_have_count(50)
    expect(explorer.get_by_text("1 – 50 of 181 events")).to_be_visible()
    pictured(page, "opened")

    # Brush: by the keyboard alone.
    handle = explorer.locator(".ct-brush .noUi-handle-lower")
    handle.focus()
    before = explorer.locator(".ct-code").inner_text()
    page.keyboard.press("ArrowRight")
    expect(explorer.locator(".ct-code")).not_to_have_text(before)
    expect(explorer.locator(".ct-veil")).to_have_count(2)

    # Choose.
    region = explorer.locator(".ct-choose-region select")
    label = region.locator("option", has_text="us-east-1").inner_text()
    region.select_option(label=label)
    expect(explorer.locator(".ct-code")).to_contain_text("in_region('us-east-1')")
    wanted = int(re.search(r"\(([\d,]+)\)$", label)[1])
    expect(explorer.get_by_text(f"1 – 50 of {wanted} events")).to_be_visible()

    # Sort, and turn the page.
    explorer.locator(".ct-sort-call").click()
    expect(explorer.locator(".ct-sort-call")).to_contain_text("↑")
    explorer.locator(".ct-next").click()
    expect(explorer.get_by_text(f"51 – 100 of {wanted} events")).to_be_visible()

    # Look at one, whose strings are hostile.
    rows.nth(1).locator("button").click()
    expect(explorer.locator(".ct-facts")).to_contain_text("SHA-256")
    expect(explorer.locator(".ct-json").first).to_contain_text("<script>window.struck=1</script>")
    told = explorer.locator(".ct-facts td").first.inner_text()
    explorer.locator(".ct-trace").click()
    expect(explorer.get_by_text(re.compile("long-lived access key|no issuing event")).first).to_be_visible()

    # Two into the basket, one of them by the keyboard, and a claim.
    rows.nth(1).locator("input").check()
    rows.nth(3).locator("input").focus()
    page.keyboard.press("Space")
    expect(explorer.get_by_text("Basket: 2 events")).to_be_visible()
    explorer.locator(".ct-claim textarea").fill("Somebody <b>called</b> twice.")
    explorer.locator(".ct-state").click()
    expect(explorer.get_by_text("Cites 2 events.")).to_be_visible()
    pictured(page, "chosen")

    # The next cell agrees with the picture.
    page.locator(".jp-Notebook .jp-Cell").last.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(told_by(page)).to_contain_text(re.compile(r"cited again.*:told", re.DOTALL))
    expect(told_by(page)).to_contain_text(told)
    found = json.loads(re.search(r"told:(.*):told", told_by(page).inner_text(), re.DOTALL)[1].replace("\n", ""))
    assert found["events"] == found["again"] == wanted == count_of(page)
    assert found["steps"][1] == "in us-east-1"
    assert found["steps"][0].startswith("between 2026-03-01T00:")
    assert found["cited"] == found["cited again"]
    assert len(found["cited"][0]) == 2
    assert told in found["cited"][0]

    # What strangers wrote did nothing, and nothing came from elsewhere.
    assert page.evaluate("window.struck") is None
    assert not struck
    assert explorer.locator("script, img").count() == 0
    assert "\u202e" not in explorer.inner_text()
    assert not foreign


def test_nothing_is_lost_at_twice_the_size(page, lab):
    """At 200 % a screen of 1400 points has 700: nothing has to be scrolled to from side to side."""
    expect = playwright.expect
    page.set_viewport_size({"width": 900, "height": 1200})
    run_all(page, lab)
    explorer = page.locator(".ct-explorer")
    expect(explorer.locator(".ct-row:visible")).to_have_count(50)
    pictured(page, "large")
    too_wide = explorer.evaluate("one => [...one.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > one.getBoundingClientRect().right + 2).map(e => e.className)")  # fmt: skip
    assert not too_wide
