"""Events counted once by everything that may be chosen, so that no later count has to read them again.

The engine counts events per bin and combination of values, in one query. What is held of it are these cells, some 40 bytes each, in
order of time and every value a number: a window is a slice of them, and a choice a mask.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cttoolkit.events import Events
from cttoolkit.plot.scale import Bins
from cttoolkit.plot.tally import bin_of, kinds
from cttoolkit.widgets.axes import AXES, standing_of
from cttoolkit.widgets.choices import Choices

if TYPE_CHECKING:
    import ibis
    import pyarrow

__all__ = ["Cell", "Cube", "Tally"]

_MEASURES = ("events", "failed", "writes")
_UNTIMED = 2**62
"""The bin of events without a time: after all others, as they are sorted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts that follow the choices.

    ``events`` meet all of them. ``values`` are, for each axis, its busiest values with how many events meet all choices on the
    *other* axes; ``distinct`` how many values have any. ``bins`` are events, failed and writes by number of the bin, of events that
    meet all choices but the window; None is the bin of events without a time.
    """

    events: int
    values: Mapping[str, Sequence[tuple[str | None, int]]]
    distinct: Mapping[str, int]
    bins: Mapping[int | None, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a part of a page lies: events of one value and bin, before which ``before`` others are sorted."""

    value: str | None
    bin: int | None
    before: int


class Cube:
    """The cells of events, and what they come to under any choices."""

    def __init__(self, events: Events, bins: Bins) -> None:
        self.bins = bins
        table = events.table.mutate(standing=standing_of(events.table))
        with tempfile.TemporaryDirectory(prefix="cttoolkit-explorer-") as folder:
            written = Path(folder) / "counts.parquet"
            events.verification.engine.save(_counted(table, bins), written)
            columns, self._values = _read(written)
        self._bin = columns["bin"]
        self._codes = {axis.name: columns[axis.name] for axis in AXES}
        self._measures = {name: columns[name] for name in _MEASURES}

    def __len__(self) -> int:
        return len(self._bin)

    def tally(self, choices: Choices, most: int, holding: Mapping[str, str]) -> Tally:
        """All counts. ``most`` values an axis, of those that hold a text where one is given for the axis; chosen ones always."""
        masks = {name: self._mask(name, values) for name, values in choices.values.items()}
        within = self._slice(choices)
        every = _Part(masks.values(), within)
        events = self._measures["events"]
        listed, distinct = {}, {}
        for name, codes in self._codes.items():
            part = every
            if name in masks:
                part = _Part((mask for other, mask in masks.items() if other != name), within)
            counts = part.sums(codes, events, len(self._values[name]) + 1)
            listed[name] = self._listed(name, counts, most, holding.get(name, ""), choices.values.get(name, ()))
            distinct[name] = int(np.count_nonzero(counts))
        counted = self._per_bin(_Part(masks.values(), slice(0, len(self))))
        return Tally(int(every.of(events).sum()), listed, distinct, counted)

    def cells(self, choices: Choices, axis: str | None, *, is_descending: bool, offset: int, limit: int) -> list[Cell]:
        """Where rows from ``offset`` on lie when events are sorted by an axis and then by time, or by time alone; in order."""
        masks = [self._mask(name, values) for name, values in choices.values.items()]
        part = _Part(masks, self._slice(choices))
        bins, events = part.of(self._bin), part.of(self._measures["events"])
        if axis is None:
            return list(_along(bins, events, None, 0, (offset, limit), is_descending=is_descending))
        nothing = len(self._values[axis])
        order = np.r_[np.arange(nothing)[::-1] if is_descending else np.arange(nothing), nothing]
        sums = part.sums(self._codes[axis], self._measures["events"], nothing + 1)[order]
        until = np.cumsum(sums)
        codes = part.of(self._codes[axis])
        found: list[Cell] = []
        for place in np.flatnonzero((sums > 0) & (until > offset) & (until - sums < offset + limit)).tolist():
            held = codes == order[place]
            before = int(until[place] - sums[place])
            value = self._value(axis, int(order[place]))
            found += _along(bins[held], events[held], value, before, (offset, limit), is_descending=False)
        return found

    def _value(self, name: str, code: int) -> str | None:
        values = self._values[name]
        return values[code].as_py() if code < len(values) else None

    def _places(self, name: str, values: Iterable[str | None]) -> list[int]:
        """The codes of values, without those that no event has."""
        import pyarrow.compute as pc

        held = self._values[name]
        found = [len(held) if value is None else pc.index(held, value).as_py() for value in values]
        return [code for code in found if code >= 0]

    def _mask(self, name: str, values: Iterable[str | None]) -> Any:
        is_chosen = np.zeros(len(self._values[name]) + 1, bool)
        is_chosen[self._places(name, values)] = True
        return is_chosen[self._codes[name]]

    def _slice(self, choices: Choices) -> slice:
        if choices.window is None:
            return slice(0, len(self))
        places = self.bins.places(choices.window)
        edges = [self.bins.first + places.start, self.bins.first + places.stop]
        start, end = np.searchsorted(self._bin, edges).tolist()
        return slice(start, end)

    def _listed(
        self, name: str, counts: Any, most: int, text: str, chosen: Sequence[str | None]
    ) -> list[tuple[str | None, int]]:
        """Values with their counts: the busiest first, by name where two are alike, no value before all."""
        import pyarrow.compute as pc

        values = self._values[name]
        is_listed = counts > 0
        if text:
            contained = pc.match_substring(values, text, ignore_case=True)
            is_listed &= np.r_[contained.to_numpy(zero_copy_only=False).astype(bool), False]
        places = self._places(name, chosen)
        is_listed[places] = True
        codes = np.flatnonzero(is_listed)
        # No value has the highest code, and is to come first of those that are alike.
        names = np.where(codes == len(values), -1, codes)
        ordered = codes[np.lexsort((names, -counts[codes]))]
        kept = [*ordered[:most].tolist(), *(code for code in ordered[most:].tolist() if code in places)]
        known = [(self._value(name, code), int(counts[code])) for code in kept]
        held = {value for value, _ in known}
        return known + [(value, 0) for value in chosen if value not in held]

    def _per_bin(self, part: _Part) -> dict[int | None, tuple[int, int, int]]:
        bins = part.of(self._bin)
        if not len(bins):
            return {}
        starts = _starts(bins)
        sums = [np.add.reduceat(part.of(self._measures[name]).astype(np.int64), starts).tolist() for name in _MEASURES]
        numbers = (None if number == _UNTIMED else number for number in bins[starts].tolist())
        return dict(zip(numbers, zip(*sums, strict=True), strict=True))


class _Part:
    """Cells of a slice that meet every one of some masks."""

    def __init__(self, masks: Iterable[Any], within: slice) -> None:
        self._within = within
        cut = [mask[within] for mask in masks]
        self._kept = np.flatnonzero(reduce(np.logical_and, cut)) if cut else None

    def of(self, column: Any) -> Any:
        cut = column[self._within]
        return cut if self._kept is None else cut[self._kept]

    def sums(self, codes: Any, events: Any, length: int) -> Any:
        """How many events have each code. Exact: doubles hold whole numbers far beyond any count of events."""
        return np.bincount(self.of(codes), self.of(events), length).astype(np.int64)


def _starts(ordered: Any) -> Any:
    """Where a new number begins in an array in order that has any."""
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])


def _along(
    bins: Any, events: Any, value: str | None, before: int, page: tuple[int, int], *, is_descending: bool
) -> Iterator[Cell]:
    """The cells of a page among bins in order of time, before which some events are sorted."""
    if not len(bins):
        return
    starts = _starts(bins)
    numbers, sums = bins[starts], np.add.reduceat(events.astype(np.int64), starts)
    if is_descending:
        timed = numbers != _UNTIMED
        order = np.r_[np.flatnonzero(timed)[::-1], np.flatnonzero(~timed)]
        numbers, sums = numbers[order], sums[order]
    until = before + np.cumsum(sums)
    offset, limit = page
    for at in np.flatnonzero((until > offset) & (until - sums < offset + limit)).tolist():
        number = int(numbers[at])
        yield Cell(value, None if number == _UNTIMED else number, int(until[at] - sums[at]))


def _counted(table: ibis.Table, bins: Bins) -> ibis.Table:
    """A row for each combination of bin and values that has events."""
    number = bin_of(table, bins.seconds).fill_null(_UNTIMED)
    counted = table.group_by(bin=number, **{axis.name: table[axis.column] for axis in AXES}).aggregate(**kinds(table))
    return counted.mutate(**{name: counted[name].cast("uint32") for name in _MEASURES})


def _read(written: Path) -> tuple[dict[str, Any], dict[str, pyarrow.Array[Any]]]:
    """The columns as arrays in order of bins, and the values of each axis in order.

    A code is a value's place among these, and their number for no value. Rows are read piece by piece, so that no more texts are
    held than there are different ones.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    met: dict[str, dict[str, int]] = {axis.name: {} for axis in AXES}
    pieces: dict[str, list[Any]] = {name: [] for name in ("bin", *_MEASURES, *met)}
    for batch in ParquetFile(written, read_dictionary=list(met)).iter_batches():
        for name in ("bin", *_MEASURES):
            pieces[name].append(batch.column(name).to_numpy(zero_copy_only=False))
        for name, places in met.items():
            pieces[name].append(_encoded(batch.column(name), places))
    columns = {name: np.concatenate(held) if held else np.zeros(0, np.int64) for name, held in pieces.items()}
    order = np.argsort(columns["bin"], kind="stable")
    values: dict[str, pyarrow.Array[Any]] = {}
    for name, places in met.items():
        # Python orders text as engines do, by code points.
        ordered = sorted(places)
        ranks = np.empty(len(places) + 1, np.int16 if len(places) < 2**15 else np.int32)
        ranks[[places[value] for value in ordered]] = np.arange(len(ordered))
        ranks[-1] = len(ordered)
        columns[name] = ranks[columns[name]]
        values[name] = pa.array(ordered, pa.large_string())
    return {name: column[order] for name, column in columns.items()}, values


def _encoded(column: pyarrow.Array[Any], places: dict[str, int]) -> Any:
    """The place of each text among those that were met, which grow; -1 for none."""
    import pyarrow as pa

    encoded: Any = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
    own = [places.setdefault(value, len(places)) for value in encoded.dictionary.to_pylist()]
    return np.array([*own, -1], np.int32)[encoded.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)]
