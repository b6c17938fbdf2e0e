"""What a rule asks of one text: a pattern, a number, a regular expression, a network.

Each answers of a text that is there, and of one that may have been cut: then only what no ending can change is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from operator import or_
from typing import Any, Protocol, TypeGuard

from cttoolkit.sigma.functions import is_within, matches

__all__ = [
    "Asked",
    "Compared",
    "Network",
    "Number",
    "Pattern",
    "Regex",
    "Truth",
    "Wild",
    "any_holds",
    "any_of",
    "balanced",
]


class Asked(Protocol):
    """``holds`` is true or false of a text that is there. ``holds_cut`` is null where what was cut away may decide.

    ``needle`` is a text that stands in JSON where a value in it meets what is asked, whatever the case and but for escapes; empty
    where there is none. ``in_python`` is what ``functions.told`` takes, where SQL has no words for it on every engine.
    """

    @property
    def needle(self) -> str: ...
    @property
    def in_python(self) -> tuple[str, str] | None: ...
    def holds(self, value: Any) -> Any: ...
    def holds_cut(self, value: Any) -> Any: ...


_OF_NUMBERS = frozenset("0123456789.eE+-")


class Wild(Enum):
    """What may stand between the literal parts of a pattern."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Pattern:
    """Text with wildcards. Its case does not count unless it is ``cased``."""

    parts: tuple[str | Wild, ...]
    cased: bool = False

    @property
    def needle(self) -> str:
        if not any(isinstance(part, str) for part in self.parts):
            return ""
        at, text = max(((at, part) for at, part in enumerate(self.parts) if isinstance(part, str)), key=_length)
        # What begins or ends a value and can be no part of a number, a truth, an object or a list stands beside a quotation mark.
        is_text = not set(text) <= _OF_NUMBERS and not any(text.lower() in word for word in ("true", "false"))
        before = '"' if at == 0 and is_text and text[0] not in "{[" else ""
        after = '"' if at == len(self.parts) - 1 and is_text and text[-1] not in "}]" else ""
        return f"{before}{text}{after}"

    @property
    def in_python(self) -> tuple[str, str] | None:
        inner = self.parts[1:] if self.parts[:1] == (Wild.ANY,) else self.parts
        inner = inner[:-1] if inner[-1:] == (Wild.ANY,) else inner
        is_plain = len(inner) <= 1 and Wild.ONE not in inner
        return None if is_plain else ("matches", self._regex())

    def holds(self, value: Any) -> Any:
        text = self._folded(value)
        match self.parts:
            case ():
                return text == ""
            case (str() as whole,):
                return text == self._literal(whole)
            case (Wild.ANY,):
                return value.notnull()
            case (str() as start, Wild.ANY):
                return text.startswith(self._literal(start))
            case (Wild.ANY, str() as end):
                return text.endswith(self._literal(end))
            case (Wild.ANY, str() as inner, Wild.ANY):
                return text.contains(self._literal(inner))
        return matches(value, self._regex())

    def holds_cut(self, value: Any) -> Any:
        import ibis

        start = self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""
        text, beginning = self._folded(value), self._literal(start)
        agrees = beginning.startswith(text)
        if len(self.parts) != 1 or not isinstance(self.parts[0], str):
            agrees |= text.startswith(beginning)
        is_open = bool(self.parts) and self.parts[-1] is Wild.ANY
        sure = self.holds(value) if is_open else ibis.literal(False)
        if not self.parts:
            agrees = ibis.literal(False)
        return ibis.cases((sure, True), (agrees, ibis.null("boolean")), else_=False)

    def _folded(self, value: Any) -> Any:
        return value if self.cased else value.lower()

    def _literal(self, text: str) -> Any:
        import ibis

        # The engine folds both sides, so that it does so in one way; of these letters there is but one.
        return ibis.literal(text.lower()) if text.isascii() and not self.cased else self._folded(ibis.literal(text))

    def _regex(self) -> str:
        written = {Wild.ANY: ".*", Wild.ONE: "."}
        body = "".join(_quoted(part) if isinstance(part, str) else written[part] for part in self.parts)
        return f"(?{'s' if self.cased else 'is'})\\A(?:{body})\\z"


def _length(part: tuple[int, str]) -> int:
    return len(part[1])


def _quoted(text: str) -> str:
    """A literal text in RE2's and Java's syntax."""
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\x{ord(c):02x}" for c in text)


@dataclass(frozen=True)
class Number:
    """A number, however it is written; JSON has 5, 5.0 and "5"."""

    number: float
    needle = ""
    in_python = None

    def holds(self, value: Any) -> Any:
        text = value == str(self.number)
        # Beyond this, floating point takes neighbours for the same.
        if abs(self.number) > 2**53:
            return text
        return text | (value.try_cast("float64") == self.number).fill_null(False)

    def holds_cut(self, value: Any) -> Any:
        return _cannot_tell(value)


@dataclass(frozen=True)
class Compared:
    """Less or more than a number; what is no number is neither."""

    operator: str
    number: float
    needle = ""
    in_python = None

    def holds(self, value: Any) -> Any:
        read = value.try_cast("float64")
        found = {
            "lt": read < self.number,
            "lte": read <= self.number,
            "gt": read > self.number,
            "gte": read >= self.number,
        }[self.operator]
        # NaN is no number, and engines put it above all others.
        return (found & ~read.isnan()).fill_null(False)

    def holds_cut(self, value: Any) -> Any:
        return _cannot_tell(value)


@dataclass(frozen=True)
class Truth:
    """True or false, as JSON writes it or as text."""

    value: bool
    in_python = None

    @property
    def needle(self) -> str:
        return str(self.value).lower()

    def holds(self, value: Any) -> Any:
        return value.lower() == self.needle

    def holds_cut(self, value: Any) -> Any:
        import ibis

        del value
        return ibis.literal(False)


@dataclass(frozen=True)
class Regex:
    """A regular expression in RE2's syntax, with its flags written into it."""

    pattern: str
    needle = ""

    @property
    def in_python(self) -> tuple[str, str]:
        return "matches", self.pattern

    _AT_THE_END = ("$", "\\z", "\\b", "\\B")

    def holds(self, value: Any) -> Any:
        return matches(value, self.pattern)

    def holds_cut(self, value: Any) -> Any:
        import ibis

        unknown = ibis.null("boolean")
        if any(sign in self.pattern for sign in self._AT_THE_END):
            return unknown
        return ibis.cases((self.holds(value), True), else_=unknown)


@dataclass(frozen=True)
class Network:
    """An address of a network, of either version of IP."""

    network: IPv4Network | IPv6Network
    needle = ""

    @property
    def in_python(self) -> tuple[str, str]:
        return "within", str(self.network)

    def holds(self, value: Any) -> Any:
        return is_within(value, str(self.network))

    def holds_cut(self, value: Any) -> Any:
        import ibis

        del value
        return ibis.literal(False)


def _cannot_tell(value: Any) -> Any:
    import ibis

    del value
    return ibis.null("boolean")


def any_holds(asked: Sequence[Asked], value: Any) -> Any:
    """Whether any of it holds of a text. Plain texts are looked up together, however many there are."""
    found = []
    for cased in (False, True):
        plain = [one for one in asked if _is_plain(one) and one.cased is cased]
        if plain:
            found.append(plain[0]._folded(value).isin([one._literal(str(one.parts[0])) for one in plain]))
    others = [one.holds(value) for one in asked if not _is_plain(one)]
    return any_of([*found, *others])


def _is_plain(one: Asked) -> TypeGuard[Pattern]:
    return isinstance(one, Pattern) and len(one.parts) == 1 and isinstance(one.parts[0], str)


def any_of(conditions: Sequence[Any]) -> Any:
    """Whether any holds, by the logic of three values that SQL has."""
    return balanced(or_, conditions)


def balanced(both: Callable[[Any, Any], Any], conditions: Sequence[Any]) -> Any:
    """Many conditions as one that is nested as little as can be: what writes and reads SQL goes down it step by step."""
    while len(conditions) > 1:
        pairs = [both(*conditions[at : at + 2]) for at in range(0, len(conditions) - 1, 2)]
        conditions = [*pairs, *conditions[len(pairs) * 2 :]]
    return conditions[0]
