"""Steps of Events, taken one after the other, together or again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import AdmissionError, ColumnError
from cttoolkit.window import Window

if TYPE_CHECKING:
    import ibis

__all__ = ["both", "filtered", "swapped", "taken_together", "told"]

_TABLE = re.compile(r"\br\d+\.")
_PLACE = ["log_file", "record_index"]


def both(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """What is left of two narrowings one after the other; an empty name stands for nothing at all."""
    kept = tuple(one for one in before if one in now) if before else now
    return kept or ("",)


def filtered(table: ibis.Table, made: Any) -> ibis.Table:
    """The rows that meet a condition made of the table, in one filter with those before where it speaks of nothing but its row.

    Ibis takes several times as long for a question to five filters one upon the other as for one of five conditions.
    """
    import ibis
    from ibis.expr.operations import Analytic, Field, Filter, Reduction, Subquery, Value, WindowFunction

    at = table.op()
    if isinstance(at, Filter) and isinstance(made, ibis.Value) and made.op().relations <= {at}:
        asked = made.op()
        if not asked.find((Analytic, Reduction, Subquery, WindowFunction)):
            same = {one: Field(at.parent, one.name) for one in asked.find(Field) if one.rel == at}
            return at.parent.to_expr().filter(
                [*(one.to_expr() for one in at.predicates), asked.replace(same, filter=Value).to_expr()]
            )
    return table.filter(made)


def told(condition: Any) -> str:
    """A condition on one line, cut where it is long."""
    # An expression tells the tables that it stands on first, by names that differ from run to run, and itself after the last gap.
    name = condition.get_name() if hasattr(condition, "get_name") else ""
    last = str(condition).rpartition("\n\n")[2].strip().removeprefix(f"{name}: ")
    text = _TABLE.sub("", " ".join(last.split()))
    return text if len(text) <= 120 else text[:119] + "…"


def taken_together(parts: Sequence[Any]) -> dict[str, Any]:
    """The events of any of the parts, each once, as what changes of their root.

    What was searched shrinks to the time that every part searched, so that no absence is stated of a time that one of them
    left out. AdmissionError where the parts come from several verifications or policies.
    """
    root = parts[0].root
    for part in parts:
        if part.verification is not root.verification or part.policy != root.policy:
            raise AdmissionError(
                "events", "admitted from another verification or by another policy", "admit once, and narrow that"
            )
    places = [part.table.select(_PLACE) for part in parts]
    table = root.table.semi_join(places[0].union(*places[1:]) if places[1:] else places[0], _PLACE)
    steps = " or ".join(" ▸ ".join(part.steps[1:]) or "all" for part in parts)
    return {
        "table": table,
        "steps": (*root.steps, steps),
        "parent": root,
        "bounds": reduce(_common, (part.bounds for part in parts)),
        "names": _any([part.names for part in parts]),
        "regions": _any([part.regions for part in parts]),
        "accounts": _any([part.accounts for part in parts]),
        "sources": _any([part.sources for part in parts]),
    }


def swapped(table: ibis.Table, old: ibis.Table, new: ibis.Table) -> ibis.Table:
    """The same expression over another table. ColumnError where it looks into a third one, which belongs to the old evidence."""
    from ibis.expr.operations import PhysicalTable

    made = table.op().replace({old.op(): new.op()})
    if set(made.find(PhysicalTable)) - set(new.op().find(PhysicalTable)):
        raise ColumnError(
            "events",
            "a step looks events up in a table of the earlier verification",
            "narrow the events of the newer one",
        )
    return made.to_expr()


def _common(one: Window | None, other: Window | None) -> Window | None:
    if one is None or other is None:
        return one or other
    return one.intersection(other) or Window(one.start, one.start)


def _any(named: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Names that any part was narrowed to; one that takes all names makes it all of them."""
    return tuple(sorted({name for names in named for name in names})) if all(named) else ()
