"""However many events there are, few of them are held at a time, and none is lost, doubled or out of order."""

import pytest

from cttoolkit.export import slices as module
from cttoolkit.export.slices import ORDER, slices
from tests.export.conftest import RECORDS


def read(events, most, monkeypatch):
    monkeypatch.setattr(module, "_MOST", most)
    return [part.select(ORDER).to_pylist() for part in slices(events.table, len(events))]


@pytest.mark.parametrize("most", [2, 7, len(RECORDS) - 1, len(RECORDS)])
def test_slices_are_the_whole_in_order(events, most, monkeypatch):
    parts = read(events, most, monkeypatch)
    whole = events.frame(*ORDER)
    found = [tuple(row.values()) for part in parts for row in part]
    assert [row[1:] for row in found] == list(zip(whole.log_file, whole.record_index, strict=True))
    assert [row[0] for row in found[-2:]] == [None, None]
    assert all(0 < len(part) <= most for part in parts)


def test_no_more_slices_than_needed(events, monkeypatch):
    assert len(read(events, len(RECORDS), monkeypatch)) == 1
    # Sixteen events of one second stand in one log file: only their positions tell them apart.
    assert len(read(events, 10, monkeypatch)) <= 8
