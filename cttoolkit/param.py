"""Conditions on what lies inside of the JSON columns, by path: ``param("requestParameters.bucketName") == "x"``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from cttoolkit.errors import ColumnError
from cttoolkit.json_path import text_at, texts_at
from cttoolkit.schema import COLUMNS

if TYPE_CHECKING:
    import ibis

__all__ = ["Match", "Param", "holds_at", "param"]

_PART = re.compile(r'\.?(?:"(?P<quoted>(?:[^"\\]|\\.)+)"|(?P<plain>[^.\["\]]+)|(?P<any>\[\])|\[(?P<index>\d+)\])')
_ROOTS = {column.path: column.name for column in COLUMNS if column.type == "json"}
_SIMPLE = re.compile(r"\w+")
_ANY = object()
_OPENING = ("{", "[", '"')


@dataclass(frozen=True, eq=False)
class Match:
    """A condition for Events.where(). Combine with ``&``, ``|`` and ``~``.

    ``may_hold``, where there is one, is quicker and true wherever ``holds`` is: what it rules out need not be parsed as JSON.
    """

    told: str
    holds: Callable[[ibis.Table], Any]
    may_hold: Callable[[ibis.Table], Any] | None = None

    def __call__(self, table: ibis.Table) -> Any:
        return self.holds(table)

    def narrowed(self, table: ibis.Table) -> Any:
        """The same, with what is quicker put first."""
        return self(table) if self.may_hold is None else self.may_hold(table) & self(table)

    def __str__(self) -> str:
        return self.told

    def __and__(self, other: Match) -> Match:
        mine, others = self.may_hold, other.may_hold
        both = (lambda table: mine(table) & others(table)) if mine and others else mine or others
        return Match(f"({self} and {other})", lambda table: self(table) & other(table), both)

    def __or__(self, other: Match) -> Match:
        mine, others = self.may_hold, other.may_hold
        either = (lambda table: mine(table) | others(table)) if mine and others else None
        return Match(f"({self} or {other})", lambda table: self(table) | other(table), either)

    def __invert__(self) -> Match:
        return Match(f"not {self}", lambda table: ~self(table))

    def __bool__(self) -> bool:
        # `a == 1 and b == 2` would silently drop the first.
        raise ColumnError(self.told, "a condition has no truth of its own", "combine conditions with &, | and ~")


@dataclass(frozen=True, eq=False)
class Param:
    """A place inside of a JSON column. Built by param(); compare it to get a condition.

    Values are compared as text, numbers and booleans as JSON writes them. Where a path runs through lists (``[]``), a condition
    holds if it holds for any element. What is not there meets no condition but ``absent()``; objects and lists are compared by
    their JSON text as it stands.
    """

    path: str
    column: str
    parts: tuple[Any, ...]

    def __eq__(self, other: object) -> Match:  # type: ignore[override]
        wanted = _text(other)
        return self._any(f"= {other!r}", lambda value: value == wanted, [wanted])

    def __ne__(self, other: object) -> Match:  # type: ignore[override]
        wanted = _text(other)
        return self._any(f"is not {other!r}", lambda value: value != wanted)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: float) -> Match:
        return self._any(f"< {other}", lambda value: value.try_cast("float64") < other)

    def __le__(self, other: float) -> Match:
        return self._any(f"<= {other}", lambda value: value.try_cast("float64") <= other)

    def __gt__(self, other: float) -> Match:
        return self._any(f"> {other}", lambda value: value.try_cast("float64") > other)

    def __ge__(self, other: float) -> Match:
        return self._any(f">= {other}", lambda value: value.try_cast("float64") >= other)

    def isin(self, values: Iterable[object]) -> Match:
        wanted = [_text(value) for value in values]
        return self._any(f"in {wanted}", lambda value: value.isin(wanted), wanted)

    def contains(self, text: str) -> Match:
        return self._any(f"contains {text!r}", lambda value: value.contains(text), [text])

    def startswith(self, text: str) -> Match:
        return self._any(f"starts with {text!r}", lambda value: value.startswith(text), [text])

    def endswith(self, text: str) -> Match:
        return self._any(f"ends with {text!r}", lambda value: value.endswith(text), [text])

    def exists(self) -> Match:
        """Whether there is a value other than null."""
        return self._any("exists", lambda value: value.notnull())

    def absent(self) -> Match:
        """Whether there is none, or null."""
        there = self.exists()
        return Match(f"{self.path} is absent", lambda table: ~there(table).fill_null(False))  # noqa: FBT003

    def value(self, table: ibis.Table) -> Any:
        """The value as an expression of text, for a path without lists; NULL where it is not there, or null."""
        if _ANY in self.parts:
            raise ColumnError(self.path, "has many values", "ask for one place: [0]")
        return holds_at(table[self.column], self.parts, lambda value: value)

    def meets(self, told: str, test: Callable[[Any], Any]) -> Match:
        """Whether a test of your own holds: it gets the value as text, an object or a list as JSON, and gives a truth."""
        return self._any(told, test)

    def _any(self, told: str, test: Callable[[Any], Any], texts: Sequence[str] = ()) -> Match:
        plain = [text for text in texts if text and not text.startswith(_OPENING)]

        def may_hold(table: ibis.Table) -> Any:
            # A scalar stands in the JSON text as it is, or with an escape, which takes a backslash.
            column = table[self.column]
            return reduce(or_, (column.contains(text) for text in (*plain, "\\")))

        is_quick = bool(plain) and len(plain) == len(texts)
        return Match(
            f"{self.path} {told}",
            lambda table: holds_at(table[self.column], self.parts, test),
            may_hold if is_quick else None,
        )


def param(path: str, *more: str) -> Param:
    """A place inside of a record, spelt as CloudTrail spells it: ``requestParameters.instancesSet.items[].instanceId``.

    ``[]`` is any element of a list, ``[0]`` the first. A key that holds dots or brackets is quoted,
    ``responseElements."x-amz-id-2"``, or given apart: ``param("requestParameters", "aws:SourceIp")``. The first part is one of
    the JSON columns of docs/columns.md; ColumnError where it is not, or where the path cannot be read.
    """
    root = re.split(r"\W", path, maxsplit=1)[0]
    rest = path[len(root) :]
    column = _ROOTS.get(root, root if root in _ROOTS.values() else None)
    if column is None:
        raise ColumnError(path, f"{root} is no JSON column", f"begin with one of {', '.join(_ROOTS)}")
    parts: list[Any] = []
    at = 0
    while at < len(rest):
        found = _PART.match(rest, at)
        if found is None:
            raise ColumnError(
                path, f"cannot be read from {rest[at:]!r} on", 'write a.b[].c, and "a.b" for a key with dots'
            )
        at = found.end()
        parts.append(_part(found))
    keys = (*parts, *more)
    # The engine's own paths have no way to write these.
    odd = next((key for key in keys if isinstance(key, str) and ('"' in key or "\\" in key or key == "*")), None)
    if odd is not None:
        raise ColumnError(path, f"a key like {odd!r} cannot be asked for", "look at it in events.frame()")
    return Param(path + "".join(f'."{key}"' for key in more), column, keys)


def _part(found: re.Match[str]) -> Any:
    if found["any"]:
        return _ANY
    if found["index"]:
        return int(found["index"])
    return re.sub(r"\\(.)", r"\1", found["quoted"]) if found["quoted"] else found["plain"]


def holds_at(text: Any, parts: tuple[Any, ...], test: Callable[[Any], Any]) -> Any:
    """What a test says of the value at a place of JSON text, an expression; the place is the ``parts`` of a Param."""
    if text.get_backend().name != "pyspark":
        return _held(text.try_cast("json"), parts, test)
    path = json.dumps([None if part is _ANY else part for part in parts])
    if _ANY not in parts:
        return test(_in_python()[0](text, path))
    return _in_python()[1](text, path).filter(test).length() > 0


@cache
def _in_python() -> tuple[Any, Any]:
    """Spark's own functions re-write numbers and cannot name every key."""
    import ibis
    import ibis.expr.datatypes as dt

    given = (dt.string, dt.string)
    return (
        ibis.udf.scalar.pyarrow(text_at, signature=(given, dt.string)),
        ibis.udf.scalar.pyarrow(texts_at, signature=(given, dt.Array(dt.string))),
    )


def _held(value: Any, parts: tuple[Any, ...], test: Callable[[Any], Any]) -> Any:
    for number, part in enumerate(parts):
        if part is _ANY:
            rest = parts[number + 1 :]
            return value.array.filter(partial(_held, parts=rest, test=test)).length() > 0
        value = value[part if isinstance(part, int) or _SIMPLE.fullmatch(part) else f'"{part}"']
    return test(_plain(value))


def _plain(value: Any) -> Any:
    """A JSON value as text: a string without its quotes, anything else as JSON writes it, null as NULL."""
    return value.str.coalesce(value.cast("string").nullif("null"))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
