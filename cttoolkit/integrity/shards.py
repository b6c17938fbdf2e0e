"""Where parsed log files lie, with the repeats among them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.integrity.store import whole
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.work import Outcome
from cttoolkit.schema import arrow_schema

if TYPE_CHECKING:
    import ibis
    import pyarrow

    from cttoolkit.engine import Engine

__all__ = ["Shards", "collect_shards", "distinct"]

_FEW = 100_000
"""Up to so many events their ids are held at once: asking the engine about them takes longer, and most often finds nothing."""


@dataclass(frozen=True, slots=True)
class Shards:
    """Parquet files of one verification. ``keeper`` owns the folder: a temporary one goes when nobody holds it any more.

    ``repeated`` counts the rows that ``duplicates`` names, ``conflicting`` the event ids with more than one content, which
    ``conflicts`` names. ``actors`` are those of the events, each with its rung, where the events are few, else None.
    """

    events: tuple[Path, ...] = ()
    quarantine: tuple[Path, ...] = ()
    duplicates: Path | None = None
    conflicts: Path | None = None
    repeated: int = 0
    conflicting: int = 0
    actors: frozenset[tuple[str, str]] | None = None
    keeper: Any = field(default=None, repr=False)


def collect_shards(folder: Path, outcomes: Iterable[Outcome], engine: Engine, keeper: object) -> Shards:
    """The shards of all batches, with their repeats found."""
    outcomes = list(outcomes)
    events = tuple(folder / outcome.shard for outcome in outcomes if outcome.shard)
    quarantine = tuple(folder / outcome.quarantine for outcome in outcomes if outcome.quarantine)
    if not events:
        return Shards((), quarantine, keeper=keeper)
    # Named by the shards that it is about: another scope's in the same workspace is another file, and so is that of a shard
    # which was written anew.
    about = sorted(f"{path.name} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in events)
    of = hashlib.sha256("\n".join(about).encode()).hexdigest()[:32]
    duplicates, conflicts = folder / f"{of}.duplicates.parquet", folder / f"{of}.conflicts.parquet"
    few = _few(events)
    if not (duplicates.is_file() and conflicts.is_file()):
        if few is not None and _each_once(few["event_id"]):
            _keep_none(duplicates, "log_file", "record_index", "event_id", "record_sha256")
            _keep_none(conflicts, "event_id")
        else:
            suspects = _suspects(engine.table(events))
            _keep(engine, _duplicates(suspects), duplicates)
            _keep(engine, _conflicts(suspects), conflicts)
    repeated, conflicting = _rows(duplicates), _rows(conflicts)
    return Shards(
        events,
        quarantine,
        duplicates if repeated else None,
        conflicts if conflicting else None,
        repeated,
        conflicting,
        None if few is None else _actors(few),
        keeper,
    )


def _few(events: Iterable[Path]) -> pyarrow.Table | None:
    """The ids and actors of the events, or None where there are many."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if sum(map(_rows, events)) > _FEW:
        return None
    return pa.concat_tables([pq.ParquetFile(path).read(["event_id", "actor", "actor_rung"]) for path in events])


def _each_once(ids: pyarrow.ChunkedArray[Any]) -> bool:
    known = ids.drop_null()
    return len(known.unique()) == len(known)


def _suspects(table: ibis.Table) -> ibis.Table:
    """Events whose id may stand elsewhere too. Hashes of ids are compared first: the ids of all events take too much memory.

    Without an id, equal content is no proof of one and the same event, and nothing is dropped on a guess.
    """
    import ibis

    table = table.filter(table.event_id.notnull())
    rank = ibis.cases(*((table.status == status.value, status.rank) for status in Status), else_=len(Status))
    table = table.select(
        "event_id", "record_sha256", "log_file", "record_index", rank=rank, hashed=table.event_id.hash()
    )
    many = table.group_by("hashed").having(ibis._.count() > 1).agg()
    return table.semi_join(many, "hashed")


def _duplicates(rows: ibis.Table) -> ibis.Table:
    """Repeats of an event: same id, same content. The one in the file of best standing is kept, the others are named here."""
    import ibis

    order = [rows.rank, rows.log_file, rows.record_index]
    numbered = rows.mutate(place=ibis.row_number().over(group_by=["event_id", "record_sha256"], order_by=order))
    return numbered.filter(numbered.place > 0).select("log_file", "record_index", "event_id", "record_sha256")


def _conflicts(rows: ibis.Table) -> ibis.Table:
    """Event ids that stand for more than one content."""
    ids = rows.group_by("event_id").agg(contents=rows.record_sha256.nunique())
    return ids.filter(ids.contents > 1).select("event_id")


def _keep(engine: Engine, rows: ibis.Table, path: Path) -> None:
    with whole(path) as unfinished:
        engine.save(rows, unfinished)


def _actors(events: pyarrow.Table) -> frozenset[tuple[str, str]]:
    rows = events.group_by(["actor", "actor_rung"]).aggregate([]).to_pylist()
    return frozenset((row["actor"], row["actor_rung"]) for row in rows)


def _keep_none(path: Path, *names: str) -> None:
    """A table of these columns, without rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema()
    with whole(path) as unfinished:
        pq.write_table(pa.schema([schema.field(name) for name in names]).empty_table(), unfinished)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def distinct(table: ibis.Table, shards: Shards, engine: Engine) -> ibis.Table:
    """Each event once, with what only all files together tell: where else it lies, and whether its id stands for another too."""
    import ibis

    same = ["event_id", "record_sha256"]
    if shards.duplicates is None:
        table = table.mutate(also_in=ibis.null("string"))
    else:
        repeats = engine.table([shards.duplicates])
        table = table.anti_join(repeats, ["log_file", "record_index"])
        place = repeats.log_file + "#" + repeats.record_index.cast("string")
        others = repeats.group_by(same).agg(places=place.collect())
        others = others.mutate(also_in=others.places.sort().join("\n")).drop("places")
        table = table.left_join(others, same).drop("event_id_right", "record_sha256_right")
    if shards.conflicts is None:
        return table.mutate(is_conflicting=ibis.literal(value=False))
    table = table.left_join(engine.table([shards.conflicts]), "event_id")
    return table.mutate(is_conflicting=table.event_id_right.notnull()).drop("event_id_right")
