"""What rules need of an engine and SQL has no words for: values in JSON whatever lists lie on the way, and networks.

Written in Python once, for every engine. A batch has few different values, and each is computed once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

import msgspec

__all__ = ["bytes_long", "is_within", "matches", "related", "told", "told_at", "values", "values_at"]

_whole = msgspec.json.Decoder(msgspec.Raw).decode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
_BROKEN = (msgspec.MsgspecError, RecursionError, UnicodeError)


def values(column: Any, parts: Sequence[str]) -> Any:
    """The values at a path in a column of JSON text, an expression: a list of texts, as ``values_at`` has it."""
    return _function(column, values_at)(column, json.dumps(list(parts)))


def is_within(column: Any, network: str) -> Any:
    """Whether a column of text holds an address of a network. Other text is in none."""
    return _function(column, _is_within)(column, network)


def matches(column: Any, pattern: str) -> Any:
    """Whether a regular expression in RE2's syntax is found in the text, in time linear in its length."""
    if _backend(column) != "pyspark":
        return column.re_search(pattern)
    # Java's own expressions have another syntax, and can take for ever.
    return _function(column, _matches)(column, pattern)


def told(column: Any, parts: Sequence[str], kind: str, wanted: str) -> Any:
    """Of each value at a path whether it is within a network or matches an expression, by ``kind``: t, f, or m for cannot tell.

    For engines that call no Python on the elements of a list.
    """
    return _function(column, told_at)(column, json.dumps([list(parts), kind, wanted]))


def related(ones: Any, others: Any, how: str) -> Any:
    """Whether any of a list of texts equals, contains, startswith or endswith any of another: t, f, or m as in ``told``."""
    return _of_lists(by_row=_backend(ones) == "pyspark")(ones, others, how)


def bytes_long(column: Any) -> Any:
    """The length of a text in bytes of UTF-8."""
    return _length("octet_length" if _backend(column) == "pyspark" else "strlen")(column)


def values_at(text: str | None, path: str) -> list[str | None]:
    """The values at a path of keys, a JSON array of them: each a string without its quotes, anything else as it stands.

    A list on the way or at the end stands for each of its elements, and keys may hold dots, so that there may be several. Null
    is no value. ``[None]`` where the text is no JSON, so that nobody can tell.
    """
    if text is None:
        return []
    try:
        return list(_found(bytes(_whole(text.encode())).strip(), _parts(path)))
    except _BROKEN:
        return [None]


def told_at(text: str | None, argument: str) -> list[str | None]:
    """The same of one text."""
    parts, kind, wanted = json.loads(argument)
    row = {"within": _is_within, "matches": _matches}[kind]
    found = values_at(text, json.dumps(parts))
    return ["m" if value is None else "t" if row(value, wanted) else "f" for value in found]


def _related(ones: Sequence[str | None] | None, others: Sequence[str | None] | None, how: str) -> str:
    is_so = _RELATIONS[how]
    untold = False
    for one in ones if ones is not None else ():
        for other in others if others is not None else ():
            if one is None or other is None:
                untold = True
            elif is_so(one.lower(), other.lower()):
                return "t"
    return "m" if untold else "f"


_RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


@cache
def _of_lists(*, by_row: bool) -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    signature = ((dt.Array(dt.string), dt.Array(dt.string), dt.string), dt.string)
    if by_row:
        return ibis.udf.scalar.pyarrow(_related, signature=signature)

    def batch(ones: Any, others: Any, how: Any) -> Any:
        import pyarrow as pa

        rows = zip(ones.to_pylist(), others.to_pylist(), how.to_pylist(), strict=True)
        return pa.array([_related(*row) for row in rows], pa.string())

    return ibis.udf.scalar.pyarrow(batch, name="sigma_related", signature=signature)


def _found(value: bytes, parts: tuple[str, ...]) -> Iterator[str]:
    if value.startswith(b"["):
        for element in _list(value):
            yield from _found(bytes(element).strip(), parts)
    elif not parts:
        if value != b"null":
            yield _text(value) if value.startswith(b'"') else value.decode()
    elif value.startswith(b"{"):
        members = _object(value)
        for many in range(1, len(parts) + 1):
            member = members.get(parts[0] if many == 1 else ".".join(parts[:many]))
            if member is not None:
                yield from _found(bytes(member).strip(), parts[many:])


_LISTS = (values_at, told_at)


@cache
def _parts(path: str) -> tuple[str, ...]:
    return tuple(json.loads(path))


@cache
def _network(network: str) -> Any:
    return ip_network(network)


def _is_within(text: str | None, network: str) -> bool:
    if text is None:
        return False
    try:
        address = ip_address(text.strip())
    except ValueError:
        return False
    return address in _network(network)


@cache
def _expression(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


def _matches(text: str | None, pattern: str) -> bool:
    return text is not None and _expression(pattern).search(text) is not None


def _backend(column: Any) -> str:
    return str(column.get_backend().name)


@cache
def _length(name: str) -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    def length(text: str) -> int:  # type: ignore[empty-body]
        """The engine's own."""

    return ibis.udf.scalar.builtin(length, name=name, signature=((dt.string,), dt.int64))


def _function(column: Any, row: Callable[[str | None, str], Any]) -> Any:
    return _registered(row, by_row=_backend(column) == "pyspark")


@cache
def _registered(row: Callable[[str | None, str], Any], *, by_row: bool) -> Any:
    import ibis
    import ibis.expr.datatypes as dt

    returns = dt.Array(dt.string) if row in _LISTS else dt.boolean
    signature = ((dt.string, dt.string), returns)
    if by_row:
        return ibis.udf.scalar.pyarrow(row, signature=signature)
    return ibis.udf.scalar.pyarrow(_by_batch(row), name=f"sigma_{row.__name__.strip('_')}", signature=signature)


def _by_batch(row: Callable[[str | None, str], Any]) -> Callable[[Any, Any], Any]:
    """The same for a batch of rows, whose second argument is one for all."""

    def batch(texts: Any, arguments: Any) -> Any:
        import pyarrow as pa

        kind = pa.list_(pa.string()) if row in _LISTS else pa.bool_()
        if not len(texts):
            return pa.array([], kind)
        argument = arguments[0].as_py()
        known: dict[str | None, Any] = {}
        made = []
        for text in texts.to_pylist():
            if text not in known:
                known[text] = row(text, argument)
            made.append(known[text])
        return pa.array(made, kind)

    return batch
