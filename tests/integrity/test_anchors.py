"""What holds the ends of a chain."""

import json

import pytest

from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.verify import verify
from tests.conftest import event, small_world


def judged(case, **note):
    evidence = case.write()
    path = evidence / "trail-configuration.json"
    noted = json.loads(path.read_text())
    for place, value in note.items():
        if value is None:
            path.unlink()
            break
        if place == "collected_at":
            noted["collected_at"] = value
        else:
            part = "trail" if place == "IsMultiRegionTrail" else "status"
            noted["trails"][0].setdefault(part, {})[place] = value
        path.write_text(json.dumps(noted))
    return verify(open_evidence(evidence), load_keys(case.folder / "keys.json"))


def anchor(verification, name):
    frame = verification.anchors().frame()
    (row,) = frame[frame.anchor == name].itertuples()
    return row.met, row.found


def started(folder, name=None, time="2026-03-01T00:00:30Z"):
    """A chain that starts, and perhaps an event that explains why."""
    return small_world(folder, *([event(1, time, name, eventSource="cloudtrail.amazonaws.com")] if name else []))


def test_a_start_that_the_events_explain(tmp_path):
    assert anchor(judged(started(tmp_path, "StartLogging"), note=None), "head")[0] == "met"


def test_a_start_that_nothing_explains(tmp_path):
    assert anchor(judged(started(tmp_path), note=None), "head")[0] == "not met"
    assert (
        anchor(judged(started(tmp_path / "late", "StartLogging", "2026-03-01T03:30:00Z"), note=None), "head")[0]
        == "not met"
    )


def test_a_start_that_the_collector_noted(tmp_path):
    case = started(tmp_path)
    assert anchor(judged(case, StartLoggingTime="2026-03-01T00:00:00Z"), "head")[0] == "met"
    met, found = anchor(judged(case, StartLoggingTime="2026-01-01T00:00:00Z"), "head")
    assert met == "not met"
    assert "digests were removed" in found


def test_a_chain_that_goes_on_before_is_held(case):
    for key in [case.digests[0], case.logs[0], case.logs[1]]:
        del case.objects[key]
    assert anchor(judged(case, note=None), "head")[0] == "met"


@pytest.mark.parametrize(
    ("note", "met"),
    [
        ({"collected_at": "2026-03-01T07:00:00Z", "LatestDigestDeliveryTime": "2026-03-01T06:20:00Z"}, "met"),
        ({"collected_at": "2026-03-01T06:30:00Z", "LatestDigestDeliveryTime": 1772346000.0}, "met"),
        ({"collected_at": "2026-03-02T06:30:00Z"}, "not met"),
        ({"collected_at": "2026-03-01T07:00:00Z", "LatestDigestDeliveryTime": "2026-03-01T12:20:00Z"}, "not met"),
        ({"note": None}, "unknown"),
    ],
)
def test_the_newest_digest_is_the_one_that_was_due(case, note, met):
    assert anchor(judged(case, **note), "tail")[0] == met


def test_removed_newest_digests_show_against_the_time_of_collection(case):
    for key in case.digests[-3:]:
        del case.objects[key]
    met, found = anchor(judged(case, LatestDigestDeliveryTime=0, collected_at="2026-03-01T06:30:00Z"), "tail")
    assert met == "not met"
    assert "3 hours before" in found


def test_regions(case, tmp_path):
    assert anchor(judged(case, note=None), "regions")[0] == "unknown"
    assert anchor(judged(case, IsMultiRegionTrail=True), "regions")[0] == "met"
    assert anchor(judged(case, IsMultiRegionTrail=False), "regions")[0] == "not met"
    enabled = started(tmp_path / "enabled", "EnableRegion")
    assert anchor(judged(enabled, IsMultiRegionTrail=True), "regions")[0] == "not met"


def test_without_loading_what_needs_events_is_unknown(case):
    evidence = case.write()
    (evidence / "trail-configuration.json").unlink()
    verification = verify(open_evidence(evidence), load_keys(case.folder / "keys.json"), load=False)
    assert anchor(verification, "head")[0] == "unknown"


def test_a_bucket_that_lies_in_its_own_copy_twice_does_not_start_again(case):
    for key in list(case.objects):
        case.objects[f"copy/{key}"] = case.objects[key]
    assert anchor(judged(case, note=None), "unbroken")[0] == "met"
