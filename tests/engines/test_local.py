"""One machine: nothing is spilt where the process stands, and what is saved goes through bounded memory."""

import gc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cttoolkit.engines.local import Local


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "shard.parquet"
    pq.write_table(pa.table({"n": list(range(1000))}), path)
    return path


def setting(engine, name):
    return engine._connect().raw_sql(f"SELECT current_setting('{name}')").fetchall()[0][0]


def test_it_spills_into_a_folder_of_its_own_that_goes_with_it():
    engine = Local()
    place = Path(setting(engine, "temp_directory"))
    assert place.is_absolute()
    assert place.is_dir()
    assert not place.is_relative_to(Path.cwd())
    del engine
    gc.collect()
    assert not place.exists()


def test_what_is_shown_has_the_memory_it_needs_and_what_is_saved_is_bounded(shard, tmp_path, monkeypatch):
    engine = Local()
    before = setting(engine, "memory_limit")
    seen = []
    connection = engine._connect()
    real = connection.to_parquet
    monkeypatch.setattr(
        connection, "to_parquet", lambda *given: (seen.append(setting(engine, "memory_limit")), real(*given))
    )
    engine.save(engine.table([shard]), tmp_path / "all.parquet")
    assert seen == ["572.2 MiB"]
    assert setting(engine, "memory_limit") == before


def test_a_bound_that_was_asked_for_holds_throughout(shard, tmp_path):
    engine = Local(memory_limit="100MB")
    engine.save(engine.table([shard]), tmp_path / "all.parquet")
    assert setting(engine, "memory_limit") == "95.3 MiB"


def test_saved_rows_are_whole(shard, tmp_path):
    engine = Local()
    table = engine.table([shard])
    engine.save(table.filter(table.n < 10), tmp_path / "few.parquet")
    assert pq.read_table(tmp_path / "few.parquet")["n"].to_pylist() == list(range(10))


def test_a_place_that_cannot_be_written_is_an_oserror(shard, tmp_path):
    engine = Local()
    with pytest.raises(OSError, match="few"):
        engine.save(engine.table([shard]), tmp_path / "none" / "few.parquet")
