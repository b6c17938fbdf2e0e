"""Timelines: Timesketch's own importer takes every line as it is, and strangers' text stays where it belongs."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from cttoolkit.export import timesketch
from tests.export.conftest import NASTY, RECORDS, TIMELESS, objects

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(events, tmp_path_factory):
    return timesketch(events, tmp_path_factory.mktemp("timeline") / "events.jsonl")


def imported(path):
    """What the importer would send to a server."""
    from timesketch_import_client import importer

    sent = []

    def post(url, data, files):
        sent.extend(json.loads(one) for one in files["events"][1].split("\n"))
        return SimpleNamespace(status_code=200, json=dict)

    sketch = SimpleNamespace(id=1, api=SimpleNamespace(api_root="", session=SimpleNamespace(post=post)))
    with importer.ImportStreamer() as streamer:
        streamer.set_sketch(sketch)
        streamer.set_timeline_name("case")
        streamer.add_file(str(path))
    return sent


def test_timesketch_s_importer_takes_every_line_and_changes_nothing(made):
    sent = imported(made.path)
    assert sent == objects(made.path)
    assert len(sent) == len(RECORDS) - TIMELESS


def test_every_line_has_what_timesketch_asks_for(made):
    for entry in objects(made.path):
        assert entry["message"]
        assert entry["timestamp_desc"]
        moment = datetime.fromisoformat(entry["datetime"])
        assert moment.utcoffset() == timedelta(0)
        assert EPOCH + timedelta(microseconds=entry["timestamp"]) == moment
        assert not any(isinstance(value, dict) for value in entry.values()), "attributes are flat"
        assert not any(name.startswith("_") for name in entry), "the importer drops these"


def test_every_column_arrives_exactly(made, truth):
    for entry in objects(made.path):
        row = dict(truth[entry["record_sha256"]])
        assert datetime.fromisoformat(entry["datetime"]) == row.pop("event_time").to_pydatetime()
        assert {name: entry.get(name) for name in row} == row


def test_a_line_is_one_line_to_every_reader_and_moves_no_terminal(made):
    raw = made.path.read_bytes()
    assert set(raw) <= {0x0A, *range(0x20, 0x7F)}
    assert len(raw.decode().splitlines()) == made.rows
    assert NASTY in {entry.get("user_agent") for entry in objects(made.path)}


def test_a_message_is_one_visible_line(made):
    assert all(entry["message"].isprintable() for entry in objects(made.path))


def test_lines_are_in_order_of_time(made):
    times = [entry["timestamp"] for entry in objects(made.path)]
    assert times == sorted(times)
    assert times[0] < 0 < times[-1]


def test_a_cited_event_comes_with_all_its_claims(conclusions, tmp_path):
    *events, absent = objects(timesketch(conclusions, tmp_path / "findings.jsonl").path)
    claims = {entry["event_name"]: entry["claim"] for entry in events}
    assert claims == {
        "CreateAccessKey": [conclusions[0].claim, conclusions[1].claim],
        "DeleteTrail": [conclusions[1].claim],
        "StartInstances": [conclusions[1].claim],
    }
    for entry in events:
        assert entry["standing"] == ["proved present"] * len(entry["claim"])
        assert entry["tag"] == ["proved present"]
    assert absent["claim"] == [conclusions[2].claim]
    assert absent["standing"] == [str(conclusions[2].standing)]
    assert datetime.fromisoformat(absent["window_start"]) == conclusions[2].window.start
    assert datetime.fromisoformat(absent["window_end"]) == conclusions[2].window.end
    assert absent["tag"] == [conclusions[2].standing.word.value] != ["proved present"]


def test_timesketch_s_importer_takes_findings_too(conclusions, tmp_path):
    path = timesketch(conclusions, tmp_path / "findings.jsonl").path
    assert imported(path) == objects(path)
