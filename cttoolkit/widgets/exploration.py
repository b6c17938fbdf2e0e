"""Where an analyst stands in the explorer: choices, order and page. It decides nothing, and needs no browser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, reduce
from operator import or_
from typing import Any

from cttoolkit.errors import ColumnError
from cttoolkit.events import Events
from cttoolkit.plot.ground import Ground, ground_of
from cttoolkit.plot.scale import Bins, bins_of, drawable, moment, shown, silence
from cttoolkit.widgets.axes import AXES, standing_of
from cttoolkit.widgets.choices import Choices
from cttoolkit.widgets.cube import Cell, Cube, Tally
from cttoolkit.window import Window, later

__all__ = ["PAGE", "SORTED_BY", "Exploration", "explored"]

LAST = moment(float("inf"))
PAGE = 50
"""Rows of a page."""
MOST_BINS = 170
MOST_VALUES = 200
"""Values that a chooser lists; the rest is found by a part of its text."""
SORTED_BY = ("time", *(axis.name for axis in AXES))
_COLUMNS = (
    *(
        "event_time event_name event_source aws_region actor role session_name source_ip_address error_code status"
    ).split(),
    *("is_conflicting credential event_id log_file record_index log_sha256 record_sha256").split(),
)


@dataclass(frozen=True, eq=False)
class Exploration:
    """Events, what was chosen of them, and the page that is looked at, from 0. Build it with explored().

    ``window`` is what the picture was enlarged to, None where it shows all time. ``holding`` are texts that the listed values of
    an axis hold, by axis: they shorten lists, and narrow no events.
    """

    base: Events
    cube: Cube = field(repr=False)
    window: Window | None = None
    choices: Choices = field(default_factory=Choices)
    sort: str = "time"
    is_descending: bool = False
    page: int = 0
    holding: tuple[tuple[str, str], ...] = ()

    @property
    def bins(self) -> Bins:
        return self.cube.bins

    def choosing(self, name: str, *values: str | None) -> Exploration:
        """The same with these values on one axis, from the first page; without values, with all."""
        return replace(self, choices=self.choices.choosing(name, values), page=0)

    def choosing_nothing(self) -> Exploration:
        """The same with everything chosen, in all the time that is shown."""
        return replace(self, choices=Choices(self.window), page=0)

    def during(self, window: Window | None) -> Exploration:
        """The same in a window, whose ends are widened to ends of bins, from the first page; None for all that is shown."""
        chosen = self.window if window is None else self._widened(window)
        return replace(self, choices=self.choices.during(chosen), page=0)

    def enlarged(self) -> Exploration:
        """The same with finer bins, of the window that was chosen. It counts these events anew."""
        window = self.choices.window
        if window is None:
            return self
        finer = explored(self.base, window)
        return replace(self, cube=finer.cube, window=window, page=0)

    def whole(self) -> Exploration:
        """The same over all time again."""
        return replace(
            explored(self.base), choices=self.choices.during(None), sort=self.sort, is_descending=self.is_descending
        )

    def _widened(self, window: Window) -> Window:
        places = self.bins.places(window)
        if places.start >= places.stop:
            raise ColumnError(str(window), "outside of what is shown", f"choose within {self.bins.window}")
        found = Window(self.bins.cell(places.start).start, self.bins.cell(places.stop - 1).end)
        return (self.window and found.intersection(self.window)) or found

    def sorted_by(self, name: str, *, is_descending: bool = False) -> Exploration:
        """The same in another order, from the first page: by time, or by one axis and then by time. No value comes last."""
        if name not in SORTED_BY:
            raise ColumnError(name, "nothing to sort by", f"take one of {', '.join(SORTED_BY)}")
        return replace(self, sort=name, is_descending=is_descending, page=0)

    def turned_to(self, page: int) -> Exploration:
        """The same on another page, the last where there are not so many."""
        return replace(self, page=max(0, min(page, self.pages - 1)))

    def looking_for(self, name: str, text: str) -> Exploration:
        """The same with a chooser that lists only values that hold a text, in whatever case."""
        others = tuple(pair for pair in self.holding if pair[0] != name)
        return replace(self, holding=(*others, (name, text)) if text else others)

    # What follows from it -----------------------------------------------------------------------------------------

    @cached_property
    def events(self) -> Events:
        """The events that meet every choice."""
        return self.choices.narrow(self.base)

    def code(self, name: str = "events") -> str:
        """The narrowing, as calls that give the same Events."""
        return self.choices.code(name)

    @cached_property
    def tally(self) -> Tally:
        """Every count, each following the choices on the other axes."""
        return self.cube.tally(self.choices, MOST_VALUES, dict(self.holding))

    @property
    def pages(self) -> int:
        """How many there are, at least one."""
        return max(1, -(-self.tally.events // PAGE))

    @cached_property
    def ground(self) -> Ground:
        """What verified digests do not cover of the time that is shown."""
        return ground_of(self.events, self.bins.window)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The events of the page, in order, as plain values by column."""
        offset = self.page * PAGE
        cells = self.cube.cells(
            self.choices,
            None if self.sort == "time" else self.sort,
            is_descending=self.is_descending,
            offset=offset,
            limit=PAGE,
        )
        if not cells:
            return []
        table = self.events.table
        near = table.filter(reduce(or_, (self._within(table, *part) for part in _parts(cells, by_value=self._column))))
        rows = near.select(_COLUMNS).order_by(self._order(near)).limit(PAGE, offset=offset - cells[0].before)
        found: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
        return found

    @property
    def _column(self) -> str | None:
        return next((axis.column for axis in AXES if axis.name == self.sort), None)

    def _order(self, table: Any) -> list[Any]:
        def directed(key: Any, *, is_descending: bool) -> Any:
            return key.desc(nulls_first=False) if is_descending else key.asc(nulls_first=False)

        by_time = self.sort == "time"
        time = directed(table.event_time, is_descending=self.is_descending and by_time)
        place = [table.log_file.asc(), table.record_index.asc()]
        if by_time or self._column is None:
            return [time, *place]
        key = standing_of(table) if self._column == "standing" else table[self._column]
        return [directed(key, is_descending=self.is_descending), time, *place]

    def _within(self, table: Any, value: str | None, bins: list[int | None]) -> Any:
        """Whether an event lies in one of these bins, and has the value where it is sorted by one."""
        numbers = [number for number in bins if number is not None]
        conditions = []
        if numbers:
            start, last = min(numbers) * self.bins.seconds, (max(numbers) + 1) * self.bins.seconds
            held = table.event_time >= moment(start)
            # Behind the last day that a calendar can name, there is nothing to hold an event against.
            conditions.append(held & (table.event_time < moment(last)) if moment(last) < LAST else held)
        if len(numbers) < len(bins):
            conditions.append(table.event_time.isnull())
        timed = reduce(or_, conditions)
        if self._column is None:
            return timed
        axis = next(axis for axis in AXES if axis.column == self._column)
        if self._column == "standing":
            return timed & (standing_of(table) == value)
        return timed & axis.holds(table, (value,))


def _parts(cells: list[Cell], *, by_value: str | None) -> list[tuple[str | None, list[int | None]]]:
    """Cells of one value taken together: their bins follow each other."""
    if by_value is None:
        return [(None, [cell.bin for cell in cells])]
    found: dict[str | None, list[int | None]] = {}
    for cell in cells:
        found.setdefault(cell.value, []).append(cell.bin)
    return list(found.items())


def explored(events: Events, window: Window | None = None) -> Exploration:
    """Count the events once, which later steps build on. ``window`` is what is shown of their time (default: all of it)."""
    within = events if window is None else events.during(window)
    # Records may claim any time at all: those beyond the calendar's reach are counted, and have no place in the picture.
    near = drawable(within)
    whole = shown(near) or silence(near)
    if whole is None:
        # Events none of which has a time, or no events at all, have a page and choosers all the same.
        whole = Window(moment(0), later(moment(0), timedelta(hours=1)))
    bins = bins_of(whole, MOST_BINS)
    return Exploration(events, Cube(within, bins), window, Choices(window))
