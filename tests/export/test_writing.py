"""An export is whole or not there, lies outside of the evidence, says what it left out, and comes out the same each time."""

from functools import partial
from pathlib import Path

import pytest

from cttoolkit import export
from cttoolkit.errors import ClaimError, EvidenceError
from tests.export.conftest import RECORDS, TIMELESS

WRITERS = {"timesketch": ".jsonl", "ocsf": ".jsonl", "csv": ".csv", "parquet": ".parquet"}


@pytest.fixture(params=WRITERS)
def write(request):
    return partial(getattr(export, request.param))


@pytest.fixture
def name(write):
    return "events" + WRITERS[write.func.__name__]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_written_into_the_evidence(write, name, events, conclusions, tmp_path):
    evidence = Path(events.verification.evidence.name)
    link = tmp_path / "elsewhere"
    link.symlink_to(evidence)
    before = sorted(evidence.rglob("*"))
    for what in (events, conclusions, [conclusions[2]]):
        for place in (evidence / name, link / "AWSLogs" / name):
            with pytest.raises(EvidenceError, match="inside the evidence"):
                write(what, place)
    assert sorted(evidence.rglob("*")) == before


def test_a_layer_is_not_written_into_the_evidence_nor_over_the_keys(events, conclusions):
    mark = export.Mark.of(conclusions[0], "T1098", "high")
    keys = Path(events.verification.keyring.files[0].path)
    before = keys.read_bytes()
    with pytest.raises(EvidenceError, match="inside the evidence"):
        export.navigator([mark], Path(events.verification.evidence.name) / "layer.json", attack="18")
    with pytest.raises(EvidenceError, match="rests on this very file"):
        export.navigator([mark], keys, attack="18")
    assert keys.read_bytes() == before


def test_the_table_behind_the_events_is_not_written_over(events):
    shard = events.verification.shards.events[0]
    with pytest.raises(EvidenceError, match="rests on this very file"):
        export.parquet(events, shard)
    assert len(events.root.frame()) == len(RECORDS)


def test_a_name_says_what_the_file_holds(write, name, events, tmp_path):
    for wrong in ("events", "events.txt", name + ".gz"):
        with pytest.raises(EvidenceError, match="end it in"):
            write(events, tmp_path / wrong)
    (tmp_path / name).mkdir()
    with pytest.raises(EvidenceError, match="it is a folder"):
        write(events, tmp_path / name)
    assert names(tmp_path) == [name]


def test_an_interrupted_export_leaves_what_was_there(write, name, events, tmp_path, monkeypatch):
    place = tmp_path / name
    place.write_text("as it was")

    def full(table, count):
        yield table.limit(3).to_pyarrow()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cttoolkit.export.rows.slices", full)
    with pytest.raises(EvidenceError, match="no space left on device; choose"):
        write(events, place)
    assert place.read_text() == "as it was"
    assert names(tmp_path) == [name]


def test_a_place_that_cannot_be_written_is_named(write, name, events, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EvidenceError, match="choose a place that can be written"):
        write(events, tmp_path / "file" / name)


def test_the_same_events_give_the_same_bytes(write, name, events, conclusions, tmp_path):
    for what in (events, conclusions):
        first, again = write(what, tmp_path / "a" / name), write(what, tmp_path / "b" / name)
        assert first.path.read_bytes() == again.path.read_bytes()
        assert first.sha256 == again.sha256
    assert names(tmp_path / "a") == [name]


def test_every_event_is_written_or_counted_with_a_reason(write, name, events, tmp_path):
    made = write(events, tmp_path / name)
    timeless = sum(count for reason, count in made.left_out.items() if "readable time" in reason)
    assert timeless == (TIMELESS if name.endswith(".jsonl") else 0)
    assert made.rows + timeless == len(events) == len(RECORDS)
    assert f"{made.rows} rows" in repr(made)
    assert all(reason in repr(made) for reason in made.left_out)


def test_an_export_says_what_it_rests_on(write, name, events, tmp_path):
    (basis,) = write(events, tmp_path / name).basis
    assert events.verification.sentence in basis
    assert events.policy.sentence[1:] in basis
    assert events.verification.keyring.files[0].sha256 in basis


def test_an_event_that_two_findings_cite_is_one_row(write, name, conclusions, tmp_path):
    made = write(conclusions[:2], tmp_path / name)
    assert made.rows == 3
    assert not made.left_out


def test_an_absence_is_told_or_counted(write, name, conclusions, tmp_path):
    made = write(conclusions, tmp_path / name)
    told = write.func is export.timesketch
    assert made.rows == (4 if told else 3)
    assert sum(made.left_out.values()) == (0 if told else 1)


def test_no_events_make_a_file_without_rows(write, name, events, tmp_path):
    made = write(events.named("NoSuchCall"), tmp_path / name)
    assert made.rows == 0
    assert made.path.is_file()


@pytest.mark.parametrize("things", [[], None, 7, ["a claim"], [{"claim": "x"}]])
def test_only_events_and_conclusions_are_exported(write, name, things, tmp_path):
    with pytest.raises(ClaimError, match="give it Events, findings or absences"):
        write(things, tmp_path / name)
    assert not names(tmp_path)
