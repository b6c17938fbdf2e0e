"""Events that have something in common with others."""

import pytest

import cttoolkit as ct
from cttoolkit.errors import ColumnError
from tests.conftest import admitted, event


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    places = ["192.0.2.10", "192.0.2.10", "198.51.100.7", None]
    return admitted(
        tmp_path_factory.mktemp("sharing"),
        *(event(number, f"2026-03-01T01:0{number}:00Z", f"Call{number}", sourceIPAddress=place) for number, place in enumerate(places)),
    )  # fmt: skip


def test_who_came_from_there_as_well_is_found_with_those_asked_about(events):
    found = ct.pivot.sharing(events, events.named("Call0"), "source_ip_address")
    assert sorted(found.frame("event_name").event_name) == ["Call0", "Call1"]
    assert "source_ip_address of 1 event" in found.steps[-1]


def test_of_nothing_nothing_is_shared(events):
    assert len(ct.pivot.sharing(events, events.named("Nothing"), "source_ip_address")) == 0


def test_a_null_is_shared_with_nobody(events):
    assert len(ct.pivot.sharing(events, events.named("Call3"), "source_ip_address")) == 0


def test_a_column_has_to_be_there(events):
    with pytest.raises(ColumnError, match="no such column"):
        ct.pivot.sharing(events, events, "line")
