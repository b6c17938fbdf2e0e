"""From pySigma's tree of a rule's condition to a Condition on the table of events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from cttoolkit.errors import SigmaError
from cttoolkit.sigma.asked import Asked, Compared, Network, Number, Pattern, Regex, Truth, Wild
from cttoolkit.sigma.condition import (
    Condition,
    all_of,
    asks,
    exists,
    is_related,
    is_time_part,
    none_of,
    one_of,
    says,
)
from cttoolkit.sigma.fields import Field, field

__all__ = ["Compiler", "Placeholders"]

Placeholders = Mapping[str, Sequence[object]]

_LONGEST_REGEX = 1_000
_MOST_REGEXES = 100
_MOST_VALUES = 10_000
"""In one rule, placeholders put in."""


@dataclass
class Compiler:
    """One rule's condition on its way. ``notes`` are what who reads its matches should know."""

    placeholders: Placeholders
    notes: list[str] = dataclasses.field(default_factory=list)
    _regexes: int = 0
    _values: int = 0

    def compiled(self, trees: Iterable[Any]) -> Condition:
        """The condition of a rule; several are one or another. SigmaError names what cannot be honoured."""
        return one_of([self._of(tree) for tree in trees])

    def _of(self, tree: Any) -> Condition:
        from sigma.conditions import (
            ConditionAND,
            ConditionFieldEqualsValueExpression,
            ConditionNOT,
            ConditionOR,
            ConditionValueExpression,
        )

        match tree:
            case ConditionNOT():
                return none_of(self._of(tree.args[0]))
            case ConditionAND():
                return all_of([self._of(one) for one in tree.args])
            case ConditionOR():
                return self._one_of(tree.args)
            case ConditionFieldEqualsValueExpression():
                return self._of_field(tree.field, [tree.value])
            case ConditionValueExpression():
                return self._of_keywords([tree.value])
        raise SigmaError("condition", "it asks for nothing", "name a selection in it")

    def _one_of(self, parts: Sequence[Any]) -> Condition:
        """Values of one field are asked together: the field is read once."""
        from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionValueExpression

        if all(isinstance(part, ConditionFieldEqualsValueExpression) for part in parts):
            by_field: dict[str, list[Any]] = {}
            for part in parts:
                by_field.setdefault(part.field, []).append(part.value)
            return one_of([self._of_field(name, found) for name, found in by_field.items()])
        if all(isinstance(part, ConditionValueExpression) for part in parts):
            return self._of_keywords([part.value for part in parts])
        return one_of([self._of(part) for part in parts])

    def _of_field(self, name: str, found: Sequence[Any]) -> Condition:
        from sigma.types import SigmaExists, SigmaFieldReference, SigmaNull, SigmaTimestampPart

        place = field(name)
        self._note(place)
        asked: list[Asked] = []
        others: list[Condition] = []
        for value in found:
            match value:
                case SigmaNull():
                    others.append(none_of(exists(place)))
                case SigmaExists():
                    there = exists(place)
                    others.append(there if value.exists else none_of(there))
                case SigmaFieldReference():
                    others.append(self._of_reference(place, value))
                case SigmaTimestampPart():
                    others.append(_of_time(place, value))
                case _:
                    asked.extend(self._asked(value, f"field {name}"))
        if asked:
            others.append(asks(place, asked))
        if not others:
            raise SigmaError(f"field {name}", "it is asked for no value", "give one, or null")
        return one_of(others)

    def _of_reference(self, place: Field, value: Any) -> Condition:
        other = field(value.field)
        self._note(other)
        return is_related(place, other, starts=value.starts_with, ends=value.ends_with)

    def _of_keywords(self, found: Sequence[Any]) -> Condition:
        asked = [one for value in found for one in self._asked(value, "keywords")]
        if any(isinstance(one, Compared | Network) for one in asked):
            raise SigmaError("keywords", "only text can be looked for in a whole record", "name the field")
        texts = [Pattern((str(one.number),)) if isinstance(one, Number) else one for one in asked]
        return says([Pattern((one.needle,)) if isinstance(one, Truth) else one for one in texts])

    def _asked(self, value: Any, where: str) -> Iterator[Asked]:
        """What a value asks, one or another. Subclasses come before what they are made from."""
        from sigma.types import (
            SigmaBool,
            SigmaCasedString,
            SigmaCIDRExpression,
            SigmaCompareExpression,
            SigmaExpansion,
            SigmaNumber,
            SigmaRegularExpression,
            SigmaString,
            SigmaTimestampPart,
        )

        self._values += 1
        if self._values > _MOST_VALUES:
            raise SigmaError(where, f"the rule asks for more than {_MOST_VALUES:,} values", "split it")
        match value:
            case SigmaExpansion():
                for one in value.values:
                    yield from self._asked(one, where)
            case SigmaString():
                for parts in self._put_in(value.s, where):
                    yield Pattern(_joined(parts), isinstance(value, SigmaCasedString))
            case SigmaBool():
                yield Truth(value.boolean)
            case SigmaTimestampPart():
                raise SigmaError(where, "a part of a time can be asked of eventTime only", "name eventTime")
            case SigmaNumber():
                yield Number(value.number)
            case SigmaRegularExpression():
                yield self._regex(value, where)
            case SigmaCIDRExpression():
                yield Network(value.network)
            case SigmaCompareExpression():
                yield Compared(value.op.name.lower(), value.number.number)
            case _:
                raise SigmaError(where, f"a value of the kind {type(value).__name__}", "write it in another way")

    def _regex(self, value: Any, where: str) -> Regex:
        if value.contains_placeholder():
            raise SigmaError(where, "a placeholder in a regular expression", "write the values out")
        written = str(value.regexp)
        self._regexes += 1
        if len(written) > _LONGEST_REGEX:
            raise SigmaError(where, f"a regular expression of more than {_LONGEST_REGEX:,} characters", "split it")
        if self._regexes > _MOST_REGEXES:
            raise SigmaError(where, f"more than {_MOST_REGEXES} regular expressions", "split the rule")
        given = {flag.name[0].lower() for flag in value.flags}
        letters = {"i": "i", "m": "m", "d": "s"}
        on = "".join(letters[one] for one in "imd" if one in given)
        off = "".join(letters[one] for one in "imd" if one not in given)
        return Regex(f"(?{on}{'-' if off else ''}{off})(?:{written})")

    def _put_in(self, parts: Sequence[Any], where: str) -> Iterator[list[Any]]:
        """The parts of a text with values in the place of placeholders, once for each choice of them."""
        from sigma.types import Placeholder

        choices = [self._values_of(part.name, where) if isinstance(part, Placeholder) else [[part]] for part in parts]
        for count, chosen in enumerate(product(*choices)):
            if count >= _MOST_VALUES:
                raise SigmaError(where, f"placeholders make more than {_MOST_VALUES:,} values", "give fewer")
            yield [part for one in chosen for part in one]

    def _values_of(self, name: str, where: str) -> list[list[Any]]:
        from sigma.types import SigmaString

        given = self.placeholders.get(name)
        if not given:
            raise SigmaError(
                where,
                f"no value is given for the placeholder %{name}%",
                f'load the rules with placeholders={{"{name}": […]}}',
            )
        return [list(SigmaString(str(one)).s) for one in given]

    def _note(self, place: Field) -> None:
        if place.note is not None and place.note not in self.notes:
            self.notes.append(place.note)


def _of_time(place: Field, value: Any) -> Condition:
    if place.kind != "time":
        raise SigmaError(f"field {place.name}", "it is no time of which a part could be asked", "name eventTime")
    return is_time_part(place, value.timestamp_part.name.lower(), int(value.number))


def _joined(parts: Iterable[Any]) -> tuple[str | Wild, ...]:
    """A pattern's parts, with neighbouring texts as one and neighbouring ``*`` as one."""
    from sigma.types import SpecialChars

    made: list[str | Wild] = []
    for part in parts:
        one = {SpecialChars.WILDCARD_MULTI: Wild.ANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}.get(part, part)
        if isinstance(one, str) and made and isinstance(made[-1], str):
            made[-1] += one
        elif one is Wild.ANY and made and made[-1] is Wild.ANY:
            continue
        elif one != "":
            made.append(one)
    return tuple(made)
