"""Two windows of one evidence, and what changed between them."""

import math

import pytest

from cttoolkit import pivot
from cttoolkit.errors import ColumnError, WindowError
from tests.conftest import admitted, event
from tests.pivot.rows import same_as_its_events


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    before = [event(n, f"2026-03-01T00:{n:02d}:00Z", "DescribeInstances") for n in range(30)]
    before += [
        event(30 + n, f"2026-03-01T00:{30 + n}:00Z", "ListBuckets", sourceIPAddress="198.51.100.7") for n in range(2)
    ]
    after = [event(50 + n, f"2026-03-01T02:{n:02d}:00Z", "GetSecretValue") for n in range(20)]
    after += [event(80, "2026-03-01T02:30:00Z", "ListBuckets"), event(81, "2026-03-01T02:31:00Z", "DescribeInstances")]
    return admitted(tmp_path_factory.mktemp("compare"), *before, *after)


@pytest.fixture(scope="module")
def windows(events):
    return events.between("2026-03-01T02:00:00Z", "2026-03-01T03:00:00Z"), events.between(
        "2026-03-01T00:00:00Z", "2026-03-01T02:00:00Z"
    )


def test_new_gone_more_less_and_the_same_are_told_apart(windows):
    rows = pivot.compare(*windows)
    same_as_its_events(rows)
    frame = rows.frame().set_index("event_name")
    assert frame.change.to_dict() == {"GetSecretValue": "new", "DescribeInstances": "less", "ListBuckets": "same"}
    assert frame.loc["DescribeInstances", ["incident", "baseline"]].tolist() == [1, 30]
    assert frame.incident_rate["GetSecretValue"] == 20
    assert frame.baseline_rate["DescribeInstances"] == 15
    # The incident is a third of the time: 31 events, 31/3 were to be expected.
    assert frame.z["DescribeInstances"] == pytest.approx((1 - 31 / 3) / math.sqrt(31 * 2 / 9))
    assert list(frame.index) == ["GetSecretValue", "DescribeInstances", "ListBuckets"]


def test_what_is_gone_leads_to_the_baselines_events(windows):
    rows = pivot.compare(*windows, "source_ip_address")
    frame = rows.frame().set_index("source_ip_address")
    assert frame.change.to_dict()["198.51.100.7"] == "gone"
    assert len(rows.drill("198.51.100.7")) == 2
    same_as_its_events(rows)
    same_as_its_events(pivot.compare(*windows, "network"))


def test_more_is_more(windows):
    frame = pivot.compare(windows[1], windows[0]).frame().set_index("event_name")
    assert frame.change.to_dict() == {"GetSecretValue": "gone", "DescribeInstances": "more", "ListBuckets": "same"}


def test_what_is_no_address_has_no_network_and_leads_back_all_the_same(tmp_path):
    odd = ["ec2.amazonaws.com", None, "192.0.2.1"]
    records = [event(n, f"2026-03-01T0{n % 2}:10:00Z", sourceIPAddress=odd[n % 3]) for n in range(6)]
    events = admitted(tmp_path, *records)
    early = events.between("2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z")
    rows = pivot.compare(events.between("2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z"), early, "network")
    assert set(rows.values) == {None, "192.0.2.0/24"}
    same_as_its_events(rows)


def test_the_baselines_coverage_is_said(windows):
    assert "covered by verified digests" in pivot.compare(*windows).caption


def test_windows_that_overlap_are_refused(events, windows):
    with pytest.raises(WindowError, match="overlap"):
        pivot.compare(windows[0], events)


def test_two_verifications_are_refused(windows, tmp_path):
    with pytest.raises(WindowError, match="two verifications"):
        pivot.compare(windows[0], admitted(tmp_path, event(1, "2026-03-01T00:10:00Z")))


def test_a_window_without_events_is_a_window(events, windows):
    quiet = events.between("2026-03-01T04:00:00Z", "2026-03-01T05:00:00Z")
    assert set(pivot.compare(windows[0], quiet).frame().change) == {"new"}
    assert set(pivot.compare(quiet, windows[0]).frame().change) == {"gone"}
    with pytest.raises(WindowError, match="no events"):
        pivot.compare(windows[0], events.named("Nothing"))


def test_an_unknown_axis_is_an_error(windows):
    with pytest.raises(ColumnError, match="no such column"):
        pivot.compare(*windows, "nothing")
