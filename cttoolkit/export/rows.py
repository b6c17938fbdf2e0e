"""The events to be exported, in order of time and batch by batch: never all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from cttoolkit.errors import ClaimError
from cttoolkit.events import Events
from cttoolkit.export.slices import slices
from cttoolkit.finding import Absence, Finding
from cttoolkit.progress import progress
from cttoolkit.schema import COLUMNS, arrow_schema, column_names

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Batch", "Exportable", "Rows", "event_schema", "gathered"]

Exportable: TypeAlias = "Events | Finding | Absence | Iterable[Finding | Absence]"
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Batch:
    """Some events. ``claims`` are the findings that cite each, or None where Events themselves are exported."""

    table: pyarrow.RecordBatch
    claims: list[tuple[Finding, ...]] | None

    def rows(self) -> Iterator[tuple[dict[str, Any], tuple[Finding, ...]]]:
        """Each event by column, nulls left out, with its findings. ``event_time`` is in microseconds since the epoch."""
        import pyarrow as pa

        names = self.table.schema.names
        columns = [
            (column.cast(pa.int64()) if name == "event_time" else column).to_pylist()
            for name, column in zip(names, self.table.columns, strict=True)
        ]
        claims = self.claims if self.claims is not None else [()] * self.table.num_rows
        for values, findings in zip(zip(*columns, strict=True), claims, strict=True):
            yield {name: value for name, value in zip(names, values, strict=True) if value is not None}, findings


@dataclass(frozen=True)
class Rows:
    """What is to be exported: Events, or what findings cite. An event that several findings cite is one row, at the first of them."""

    sources: tuple[Events, ...]
    findings: tuple[Finding, ...] | None
    absences: tuple[Absence, ...]

    @property
    def cited(self) -> tuple[Events, ...]:
        """All Events behind it, those that absences searched too."""
        return (*self.sources, *(absence.cites for absence in self.absences))

    def batches(self) -> Iterator[Batch]:
        """In order of time, finding by finding."""
        citing = self._citing()
        total = len(citing) if citing is not None else len(self.sources[0])
        with progress(total=total, desc="events", unit="event", unit_scale=True) as bar:
            for number, events in enumerate(self.sources):
                for table in _ordered(events):
                    batch = Batch(table, None) if citing is None else _first_cited(table, events, citing, number)
                    yield batch
                    bar.update(batch.table.num_rows)

    def _citing(self) -> dict[tuple[int, str, int], list[tuple[int, Finding]]] | None:
        """The findings that cite each event, by where it lies."""
        if self.findings is None:
            return None
        citing: dict[tuple[int, str, int], list[tuple[int, Finding]]] = {}
        for number, finding in enumerate(self.findings):
            for key in _keys(finding.cites.table.select("log_file", "record_index").to_pyarrow(), finding.cites):
                citing.setdefault(key, []).append((number, finding))
        return citing


def gathered(what: Exportable) -> Rows:
    """Events, or conclusions, made ready. ClaimError for anything else, or for nothing."""
    if isinstance(what, Events):
        return Rows((what,), None, ())
    told = (what,) if isinstance(what, Finding | Absence) else tuple(what) if isinstance(what, Iterable) else (what,)
    for one in told:
        if not isinstance(one, Finding | Absence):
            raise ClaimError(
                "export", f"a {type(one).__name__} is no conclusion", "give it Events, findings or absences"
            )
    if not told:
        raise ClaimError("export", "it holds no conclusion", "give it Events, findings or absences")
    findings = tuple(one for one in told if isinstance(one, Finding))
    return Rows(
        tuple(finding.cites for finding in findings), findings, tuple(one for one in told if isinstance(one, Absence))
    )


def event_schema() -> pyarrow.Schema:
    """All columns of Events, each with its meaning as metadata. Times are UTC in microseconds."""
    import pyarrow as pa

    in_shard = arrow_schema()
    later: dict[str, Any] = {"text": pa.string(), "flag": pa.bool_()}
    return pa.schema(
        [
            pa.field(
                column.name,
                later[column.type] if not column.in_shard else in_shard.field(column.name).type,
                metadata={"meaning": column.meaning},
            )
            for column in COLUMNS
        ]
    )


def _ordered(events: Events) -> Iterator[pyarrow.RecordBatch]:
    schema = event_schema()
    for table in slices(events.table.select(column_names()), len(events)):
        yield from table.cast(schema).to_batches(max_chunksize=_AT_ONCE)


def _keys(table: Any, events: Events) -> Iterator[tuple[int, str, int]]:
    places = zip(table["log_file"].to_pylist(), table["record_index"].to_pylist(), strict=True)
    return ((id(events.verification), log_file, index) for log_file, index in places)


def _first_cited(
    table: pyarrow.RecordBatch,
    events: Events,
    citing: dict[tuple[int, str, int], list[tuple[int, Finding]]],
    number: int,
) -> Batch:
    """Those events of a batch that no finding before this one cites."""
    import pyarrow as pa

    found = [citing[key] for key in _keys(table, events)]
    is_first = [cites[0][0] == number for cites in found]
    claims = [tuple(finding for _, finding in cites) for cites, first in zip(found, is_first, strict=True) if first]
    return Batch(table.filter(pa.array(is_first)), claims)
