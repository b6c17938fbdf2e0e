"""Chatter takes one line, nothing that changes something is folded, and every line can be opened again."""

import pytest

from cttoolkit import pivot
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verify import verify
from tests.conftest import SAMPLES, admitted, event
from tests.pivot.people import service, session
from tests.pivot.rows import same_as_its_events

CONSOLE = {"userIdentity": session("admin", "anna"), "sessionCredentialFromConsole": "true"}
CONFIG = {"userIdentity": service("config.amazonaws.com")}


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [event(n, f"2026-03-01T01:00:{n:02d}Z", f"Describe{n % 5}", **CONSOLE) for n in range(20)]
    records += [event(20, "2026-03-01T01:00:10Z", "DeleteBucket", readOnly=False, **CONSOLE)]
    records += [event(21, "2026-03-01T01:00:40Z", "ListBuckets", **CONSOLE, errorCode="AccessDenied")]
    records += [event(30 + n, f"2026-03-01T0{n}:30:00Z", "ListBuckets", **CONFIG) for n in range(5)]
    records += [event(40, "2026-03-01T03:00:00Z", "RunInstances", readOnly=False, **CONFIG)]
    records += [event(41, "2026-03-01T03:10:00Z"), event(42, "2026-03-01T03:10:00Z", readOnly=None)]
    return admitted(tmp_path_factory.mktemp("noise"), *records)


def test_chatter_takes_one_line(events):
    rows = pivot.folded(events)
    same_as_its_events(rows)
    lines = [(row.line, row.events) for row in rows.frame().itertuples()]
    assert lines == [
        ("service chatter", 5),
        ("console burst", 20),
        ("event", 1),
        ("console burst", 1),
        ("event", 1),
        ("event", 1),
        ("event", 1),
    ]
    assert rows.frame().denied.tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_what_changes_something_is_never_folded(events):
    frame = pivot.folded(events).frame()
    assert set(frame[frame.line != "event"].call) == {"Describe0", "ListBuckets"}
    assert {"DeleteBucket", "RunInstances"} <= set(frame[frame.line == "event"].call)


def test_nothing_is_lost_and_all_can_be_opened():
    folder = SAMPLES / "leaked-key"
    events = admit(verify(open_evidence(folder), load_keys(folder / "public-keys.json")), IntactOnly())
    rows = pivot.folded(events)
    frame = rows.frame()
    assert frame.events.sum() == len(events)
    assert len(frame) < len(events) / 2
    opened = set()
    for row in frame[frame.line != "event"].to_dict("records"):
        opened |= set(rows.drill(row).frame("event_id").event_id)
    assert len(opened) == frame[frame.line != "event"].events.sum()


def test_a_long_list_is_counted_and_not_held(events):
    rows = pivot.folded(events)
    assert len(rows) == 7
    assert "7 by line" in rows._repr_html_()
    assert "_held" not in vars(rows)
