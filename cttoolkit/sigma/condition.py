"""Conditions of three values on the table of events: true, false, and null where it cannot be told.

SQL's own AND, OR and NOT are such a logic, so a condition is one expression. What is absent from a record is a known absence, and
makes a condition false; what CloudTrail left out or cut makes it null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import and_
from typing import TYPE_CHECKING, Any

from cttoolkit.omission import is_omitted
from cttoolkit.sigma.asked import Asked, Network, Pattern, Regex, Wild, any_holds, any_of, balanced
from cttoolkit.sigma.fields import CUT, JSON_COLUMNS, TEXT_COLUMNS, Field
from cttoolkit.sigma.functions import bytes_long, related, told, values

if TYPE_CHECKING:
    import ibis

__all__ = ["Condition", "all_of", "asks", "exists", "is_related", "is_time_part", "none_of", "one_of", "says"]

Made = Callable[["ibis.Table"], Any]

_CUT_FROM = 1021
"""Bytes from which a text may have been cut at 1,024: a last character of up to four bytes may have gone as a whole."""
_SHORT = 3
"""Letters below which a text stands in nearly any JSON."""


@dataclass(frozen=True)
class Condition:
    """``exact`` is true, false or null. ``quick`` is true wherever that is not false, and costs little; there may be none.

    ``is_certain`` where it is never null, whatever the record.
    """

    exact: Made
    quick: Made | None = None
    is_cheap: bool = False
    is_certain: bool = False

    def __call__(self, table: ibis.Table) -> Any:
        """The exact condition, asked only of rows for which the quick one holds."""
        import ibis

        if self.quick is None or self.is_cheap:
            return self.exact(table)
        # Engines may put the terms of an AND in any order; the branch of a CASE is taken or not.
        return ibis.cases((self.quick(table), self.exact(table)), else_=False)


def _cheap(exact: Made, *, is_certain: bool = False) -> Condition:
    return Condition(exact, lambda table: exact(table).fill_null(True), is_cheap=True, is_certain=is_certain)


def all_of(parts: Sequence[Condition]) -> Condition:
    quick = [part.quick for part in parts if part.quick is not None]
    return Condition(
        lambda table: balanced(and_, [part.exact(table) for part in parts]),
        (lambda table: balanced(and_, [made(table) for made in quick])) if quick else None,
        all(part.is_cheap for part in parts),
        all(part.is_certain for part in parts),
    )


def one_of(parts: Sequence[Condition]) -> Condition:
    quick = [part.quick for part in parts if part.quick is not None]
    return Condition(
        lambda table: any_of([part.exact(table) for part in parts]),
        (lambda table: any_of([made(table) for made in quick])) if len(quick) == len(parts) else None,
        all(part.is_cheap for part in parts),
        all(part.is_certain for part in parts),
    )


def none_of(part: Condition) -> Condition:
    import ibis

    # After Ibis' own NOT, a test for null would be one of what is negated: it writes no brackets there.
    made = Condition(lambda table: part.exact(table) == ibis.literal(False), is_certain=part.is_certain)
    return _cheap(made.exact, is_certain=part.is_certain) if part.is_cheap else made


def asks(field: Field, asked: Sequence[Asked]) -> Condition:
    """Whether a value of the field meets any of what is asked."""
    is_slow = any(isinstance(one, Regex | Network) for one in asked)

    def exact(table: ibis.Table) -> Any:
        return _of_field(table, field, asked)

    if field.parts:
        needles = [one.needle for one in asked]
        if all(len(needle) >= _SHORT and needle.isascii() for needle in needles):
            return Condition(exact, lambda table: _may_stand(table[field.column], needles))
        return Condition(exact)
    is_certain = field.kind in {"text", "flag", "absent"} and field.column not in CUT
    return Condition(exact, is_certain=is_certain) if is_slow else _cheap(exact, is_certain=is_certain)


def exists(field: Field) -> Condition:
    """Whether the field has a value other than null."""
    if field.kind == "absent":
        return _cheap(_never, is_certain=True)
    if not field.parts:
        # A field that was left out was there.
        return _cheap(lambda table: _is_there(table[field.column], field), is_certain=field.kind != "time")
    return Condition(
        lambda table: _of_values(table[field.column], lambda column: _any_value(values(column, field.parts), _always))
    )


def says(asked: Sequence[Asked]) -> Condition:
    """Whether any of it stands anywhere in the record's columns; a pattern may stand within other text."""
    within = [_within(one) for one in asked]

    def exact(table: ibis.Table) -> Any:
        found = [_of_text(table[name], name, within) for name in TEXT_COLUMNS]
        found.extend(_of_json_text(table[name], within) for name in JSON_COLUMNS)
        return any_of(found)

    return Condition(exact)


def is_related(field: Field, other: Field, *, starts: bool, ends: bool) -> Condition:
    """Whether a value of one field is, begins with, ends with or (both) contains a value of another, whatever the case."""
    how = "contains" if starts and ends else "startswith" if starts else "endswith" if ends else "equals"

    def exact(table: ibis.Table) -> Any:
        mine, theirs = _listed(table, field), _listed(table, other)
        if mine is None or theirs is None:
            return _never(table)
        return _truth(related(mine, theirs, how))

    return Condition(exact)


def is_time_part(field: Field, part: str, number: int) -> Condition:
    """Whether a part of the event's time, UTC, is that number."""

    def exact(table: ibis.Table) -> Any:
        time = table[field.column]
        parts = {"week": "week_of_year"}
        return getattr(time, parts.get(part, part))() == number

    return _cheap(exact)


def _listed(table: ibis.Table, field: Field) -> Any:
    """The values of a field as a list: ``[None]`` where it cannot be told, null or empty where there is none. None for no field."""
    import ibis

    unknown = ibis.literal([None], "array<string>")
    if field.kind == "absent":
        return None
    column = table[field.column]
    if field.kind == "json":
        return ibis.cases((is_omitted(column), unknown), else_=values(column, field.parts))
    text = _as_text(column, field)
    found = text.isnull().ifelse(ibis.null("array<string>"), ibis.array([text]))
    return ibis.cases((_may_be_cut(column), unknown), else_=found) if field.column in CUT else found


# What is asked of one field ----------------------------------------------------------------------------------------------


def _of_field(table: ibis.Table, field: Field, asked: Sequence[Asked]) -> Any:
    import ibis

    if field.kind == "absent":
        return _never(table)
    column = table[field.column]
    if field.parts:
        return _of_values(column, lambda column: _meets(column, field.parts, asked))
    if field.kind == "json":
        return _of_json_text(column, asked)
    answer = _of_text(_as_text(column, field), field.column, asked)
    return answer if field.kind != "time" else ibis.cases((column.isnull(), ibis.null("boolean")), else_=answer)


def _of_values(column: Any, made: Callable[[Any], Any]) -> Any:
    """What is made of a column of JSON text, null where its content was left out."""
    import ibis

    return ibis.cases((is_omitted(column), ibis.null("boolean")), else_=made(column))


def _meets(column: Any, parts: Sequence[str], asked: Sequence[Asked]) -> Any:
    """Whether any value at a path meets any of what is asked."""
    has_regexes = column.get_backend().name == "duckdb"
    apart = [(one, one.in_python) for one in asked]
    slow = [told_of for _, told_of in apart if told_of and not (has_regexes and told_of[0] == "matches")]
    quick = [one for one, told_of in apart if not told_of or (has_regexes and told_of[0] == "matches")]
    met = [_greatest(told(column, parts, *told_of)) for told_of in slow]
    if quick:
        met.append(_any_value(values(column, parts), lambda value: any_holds(quick, value)))
    return any_of(met)


def _of_text(text: Any, column: str, asked: Sequence[Asked]) -> Any:
    import ibis

    plain = any_holds(asked, text).fill_null(False)
    if column not in CUT:
        return plain
    cut = any_of([one.holds_cut(text) for one in asked])
    return ibis.cases((_may_be_cut(text), cut), else_=plain)


def _of_json_text(column: Any, asked: Sequence[Asked]) -> Any:
    import ibis

    plain = any_holds(asked, column).fill_null(False)
    return ibis.cases((is_omitted(column), ibis.null("boolean")), else_=plain)


def _any_value(found: Any, holds: Callable[[Any], Any]) -> Any:
    """Whether it holds for any element of a list of texts; null where an element or the answer is null and none is true."""
    return _greatest(found.map(lambda value: _told(value, holds(value))))


def _told(value: Any, answer: Any) -> Any:
    import ibis

    return ibis.cases((value.isnull(), "m"), (answer, "t"), else_="f")


def _greatest(answers: Any) -> Any:
    """The greatest of f < m < t is the answer to OR, and m is no boolean."""
    return _truth(answers.maxs())


def _truth(answer: Any) -> Any:
    """t, f or null as true or false; anything else as null."""
    return answer.coalesce("f").try_cast("boolean")


def _is_there(column: Any, field: Field) -> Any:
    """A time that is null may stand in the record, and be none."""
    return column.notnull().nullif(False) if field.kind == "time" else column.notnull()


def _as_text(column: Any, field: Field) -> Any:
    if field.kind == "time":
        # Engines differ in how letters stand in a format.
        return column.strftime("%Y-%m-%d") + "T" + column.strftime("%H:%M:%S") + "Z"
    return column.cast("string") if field.kind == "flag" else column


def _may_be_cut(text: Any) -> Any:
    return bytes_long(text).fill_null(0) >= _CUT_FROM


def _may_stand(column: Any, needles: Sequence[str]) -> Any:
    """Whether JSON text may hold one of the texts as a value, in plain letters or behind a backslash, or cannot be read."""
    text = column.lower()
    found = any_of([text.contains(needle.lower()) for needle in needles])
    is_whole = column.endswith("}") | column.endswith("]")
    return (found | column.contains("\\") | is_omitted(column) | ~is_whole).fill_null(False)


def _within(one: Asked) -> Asked:
    if not isinstance(one, Pattern):
        return one
    parts = one.parts
    before = () if parts[:1] == (Wild.ANY,) else (Wild.ANY,)
    after = () if parts[-1:] == (Wild.ANY,) else (Wild.ANY,)
    return Pattern((*before, *parts, *after), one.cased)


def _never(table: ibis.Table) -> Any:
    import ibis

    del table
    return ibis.literal(False)


def _always(value: Any) -> Any:
    return value.notnull()
