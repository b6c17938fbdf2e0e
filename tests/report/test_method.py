"""The method of a report, done again by hand."""

import cttoolkit as ct
from cttoolkit.report.method import tell_calls
from tests.conftest import ACCOUNT, HOME, event, small_world


def test_the_calls_of_a_narrowed_verification_lead_to_the_same_evidence_and_events(tmp_path):
    case = small_world(tmp_path, event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T04:00:00Z"))
    asked = {
        "window": ct.Window.of("2026-03-01T00:00Z", "2026-03-01T02:00Z"),
        "accounts": [ACCOUNT],
        "regions": [HOME, "eu-west-1"],
    }
    narrowed, whole = case.verify(**asked), case.verify()
    policy = ct.AcceptUnverified(reason="a 'quoted' one")
    told = tell_calls(narrowed, [policy])
    names = {"ct": ct}
    for call in told["calls"]:
        exec(call, names)
    again = names["verification"]
    assert again.scope == narrowed.scope
    assert names["events"].policy == policy
    assert len(names["events"]) == 1
    assert tell_calls(again, [policy]) == told
    assert tell_calls(whole, [policy])["fingerprint"] != told["fingerprint"]
