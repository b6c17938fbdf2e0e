"""What the harms take down."""

from dataclasses import replace

from cttoolkit.events import admit
from cttoolkit.finding import finding
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.window import Window


def test_nothing_harmed_is_nothing_taken_down(case):
    found = case.verify().impact()
    assert not found.harms
    assert not found.windows


def test_a_lost_log_leaves_the_window_that_its_digest_states(case):
    del case.objects[case.logs[3]]
    (harm,) = case.verify().impact().harms
    assert harm.window == Window.of("2026-03-01T01:40:00Z", "2026-03-01T01:40:01Z")
    assert "nothing can be claimed" in harm.takes_down


def test_missing_digests_leave_their_stretch(case):
    for key in case.digests[2:4]:
        del case.objects[key]
    found = case.verify().impact()
    (windows,) = found.windows.values()
    assert any(window.length.total_seconds() == 7200 for window in windows)
    assert "digest missing" in set(found.frame().status)


def test_a_finding_falls_with_the_file_that_it_rests_on(case):
    events = admit(case.verify(), IntactOnly())
    early, late = (finding(f"At {e}.", events.where(event_id=e)) for e in list(events.frame().event_id[[2, 8]]))
    key = next(iter(early.log_files))
    case.objects[key] = replace(case.objects[key], body=b"edited afterwards")
    found = case.verify().impact([early, late])
    assert found.fallen == (early.claim,)
    assert early.claim in repr(found)
    assert list(found.frame().status) == ["altered"]
