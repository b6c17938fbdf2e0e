"""Who from where: two columns against each other."""

from __future__ import annotations

from cttoolkit.events import Events
from cttoolkit.plot.empty import nothing
from cttoolkit.plot.grid import Grid, paint
from cttoolkit.plot.lettering import labels
from cttoolkit.plot.tally import TOP, Busiest, about, busiest, coded, many, noun
from cttoolkit.plot.theme import Chart, drawn

__all__ = ["matrix"]


@drawn
def matrix(events: Events, rows: str = "actor", columns: str = "source_ip_address") -> Chart:
    """Counts of two columns' values against each other, the fifteen busiest of each, all others in a last row and column."""
    downs, acrosses = busiest(events.table, rows, TOP), busiest(events.table, columns, TOP)
    what = f"Events by {noun(rows)} and {noun(columns)}"
    if not downs.values:
        return nothing(events, what)
    table = events.table
    # Pairs first: there are fewer of them than events, and each is compared with thirty values.
    pairs = table.group_by(down=table[rows], across=table[columns]).aggregate(events=table.count())
    counted = pairs.group_by(
        row=coded(pairs, "down", downs.values), column=coded(pairs, "across", acrosses.values)
    ).aggregate(events=pairs.events.sum())
    found = counted.to_pyarrow().to_pylist()
    counts = [[0] * _width(acrosses) for _ in range(_width(downs))]
    for cell in found:
        counts[cell["row"]][cell["column"]] = int(cell["events"])
    sums = [sum(row) for row in counts]
    left = [f"{name}  ({count:,})" for name, count in zip(_names(downs, 40), sums, strict=True)]
    made = paint(
        Grid(counts, left, _names(acrosses, 28), written=True, slanted=True, x_label=noun(columns), row_height=0.29)
    )
    axis = made.axes[0]
    for at, busy, rule in ((downs, downs.others, axis.axhline), (acrosses, acrosses.others, axis.axvline)):
        if busy:
            rule(len(at.values), color="black", linewidth=0.8)
    import pandas as pd

    frame = pd.DataFrame(
        counts,
        index=[*map(_told, downs.values), *(["(others)"] if downs.others else [])],
        columns=[*map(_told, acrosses.values), *(["(others)"] if acrosses.others else [])],
    )
    more = f"{downs.distinct:,} × {acrosses.distinct:,} values"
    return made.chart(
        frame,
        what,
        about(events, downs.events, more),
        notes=["Darker is more, on a logarithmic scale. In brackets: the sum of a row."],
    )


def _width(one: Busiest) -> int:
    return len(one.values) + (one.others > 0)


def _names(one: Busiest, widest: int) -> list[str]:
    names = labels(one.values, widest)
    return [*names, many(one.others, "other")] if one.others else names


def _told(value: object) -> object:
    return "(none)" if value is None else value
