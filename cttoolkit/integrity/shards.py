"""Where parsed log files lie, with the repeats among them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import WorkspaceError
from cttoolkit.integrity.verdict import Status
from cttoolkit.integrity.work import Outcome

if TYPE_CHECKING:
    from cttoolkit.engine import Engine
    from cttoolkit.evidence import Evidence

__all__ = ["Shards", "collect_shards", "open_folder"]


@dataclass(frozen=True, slots=True)
class Shards:
    """Parquet files of one verification. ``keeper`` owns the folder: a temporary one goes when nobody holds it any more.

    ``repeated`` counts the rows that ``duplicates`` names, ``conflicting`` the event ids with more than one content.
    """

    events: tuple[Path, ...] = ()
    quarantine: tuple[Path, ...] = ()
    duplicates: Path | None = None
    repeated: int = 0
    conflicting: int = 0
    keeper: Any = field(default=None, repr=False)


class _Keeper:
    """Whoever holds this holds the temporary folder."""


def open_folder(evidence: Evidence, workspace: str | os.PathLike[str] | None) -> tuple[object, Path]:
    """A folder for shards, and what keeps it. Raises WorkspaceError where it cannot be written or would be in the evidence."""
    if workspace is None:
        folder = Path(tempfile.mkdtemp(prefix="cttoolkit-"))
        keeper = _Keeper()
        weakref.finalize(keeper, shutil.rmtree, folder, ignore_errors=True)
        return keeper, folder
    if evidence.holds(workspace):
        raise WorkspaceError(
            workspace, "it lies inside the evidence, which is never written to", "choose another folder"
        )
    folder = Path(workspace) / "shards"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise WorkspaceError(workspace, wrong, "choose a folder that can be written") from error
    return None, folder


def collect_shards(folder: Path, outcomes: Iterable[Outcome], engine: Engine, keeper: object) -> Shards:
    """The shards of all batches, with their repeats found."""
    outcomes = list(outcomes)
    events = tuple(folder / outcome.shard for outcome in outcomes if outcome.shard)
    quarantine = tuple(folder / outcome.quarantine for outcome in outcomes if outcome.quarantine)
    if not events:
        return Shards((), quarantine, keeper=keeper)
    duplicates, repeated = _duplicates(folder, events, engine)
    return Shards(events, quarantine, duplicates, repeated, _conflicting(events, engine), keeper)


def _duplicates(folder: Path, events: tuple[Path, ...], engine: Engine) -> tuple[Path | None, int]:
    """Repeats of an event: same id, same content. The one in the file of best standing is kept, the others are named here."""
    import ibis

    # Without an id, equal content is no proof of one and the same event, and nothing is dropped on a guess.
    table = engine.table(events)
    table = table.filter(table.event_id.notnull())
    repeated = table.group_by(["event_id", "record_sha256"]).having(ibis._.count() > 1).agg()
    rank = ibis.cases(*((table.status == status.value, status.rank) for status in Status), else_=len(Status))
    rows = table.select("event_id", "record_sha256", "log_file", "record_index", rank=rank)
    rows = rows.semi_join(repeated, ["event_id", "record_sha256"])
    order = [rows.rank, rows.log_file, rows.record_index]
    numbered = rows.mutate(place=ibis.row_number().over(group_by=["event_id", "record_sha256"], order_by=order))
    redundant = numbered.filter(numbered.place > 0).select("log_file", "record_index", "event_id").to_pyarrow()
    if not redundant.num_rows:
        return None, 0
    import pyarrow.parquet as pq

    path = folder / "duplicates.parquet"
    pq.write_table(redundant, path)
    return path, redundant.num_rows


def _conflicting(events: tuple[Path, ...], engine: Engine) -> int:
    table = engine.table(events)
    ids = table.filter(table.event_id.notnull()).group_by("event_id").agg(contents=table.record_sha256.nunique())
    return int(ids.filter(ids.contents > 1).count().to_pyarrow().as_py())
