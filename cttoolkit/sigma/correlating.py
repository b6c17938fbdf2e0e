"""From pySigma's correlation to ours, with the rules that it refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cttoolkit.errors import SigmaError
from cttoolkit.sigma.correlation import Correlation, Step
from cttoolkit.sigma.fields import Field, field
from cttoolkit.sigma.rule import Described

__all__ = ["correlated"]

_MOST_STEPS = 30
_LONGEST_SPAN = 100 * 366 * 86_400


def correlated(made: Any, described: dict[str, Any], rule: Callable[[str], Described]) -> Correlation:
    """The correlation; ``rule`` gives those it refers to. SigmaError names what cannot be honoured."""
    from sigma.correlations import SigmaCorrelationCondition

    kind = made.type.name.lower()
    condition = made.condition
    is_plain = isinstance(condition, SigmaCorrelationCondition)
    references = [str(one.reference) for one in made.rules or ()] or (
        [] if is_plain else condition.get_referenced_rules()
    )
    if not references:
        raise SigmaError("correlation", "it refers to no rule", "name rules")
    if len(references) > _MOST_STEPS:
        raise SigmaError("correlation", f"more than {_MOST_STEPS} rules", "refer to fewer")
    if made.timespan.seconds > _LONGEST_SPAN:
        raise SigmaError("timespan", "it is longer than a hundred years", "give a shorter one")
    names = tuple(made.group_by or ())
    value = _counted(condition) if kind.startswith("value_") else None
    rules = {name: rule(name) for name in references}
    steps = tuple(_step(made, name, rules, names, value) for name in references)
    meets = None if is_plain else _meets(condition.parsed, references)
    operator, count = (condition.op.name.lower(), condition.count) if is_plain else ("eq", 1)
    _check(kind, condition, len(references), is_plain=is_plain)
    notes = dict.fromkeys(
        note for step in steps for note in (*step.rule.notes, *(one.note for one in step.keys)) if note is not None
    )
    described = described | {"notes": tuple(notes)}
    return Correlation(
        **described,
        type=kind,
        steps=steps,
        keys=names,
        span=made.timespan.seconds,
        operator=operator,
        count=count,
        percentile=condition.percentile if is_plain else None,
        meets=meets,
    )


def _counted(condition: Any) -> str:
    if not isinstance(condition.fieldref, str):
        raise SigmaError("condition field", "values of one field are counted", "name one field")
    return condition.fieldref


def _step(made: Any, name: str, rules: dict[str, Described], keys: tuple[str, ...], value: str | None) -> Step:
    places = tuple(_place(made, name, rules, key) for key in keys)
    return Step(rules[name], places, _place(made, name, rules, value) if value is not None else None)


def _place(made: Any, name: str, rules: dict[str, Described], wanted: str) -> Field:
    """The field that a name stands for in the events of one rule: by the alias, where there is one."""
    alias = made.aliases.aliases.get(wanted) if made.aliases is not None else None
    if alias is None:
        return field(wanted)
    for reference, spelt in alias.mapping.items():
        if reference.reference in {name, rules[name].name, rules[name].id}:
            return field(str(spelt))
    raise SigmaError(f"alias {wanted}", f"it names no field for the rule {name}", "name one")


def _check(kind: str, condition: Any, steps: int, *, is_plain: bool) -> None:
    if kind == "value_percentile" and (condition.percentile is None or not 0 < condition.percentile < 100):
        raise SigmaError("percentile", "it is no number between 0 and 100", "give one")
    if kind == "temporal_ordered" and not (
        is_plain and condition.op.name.lower() in {"gte", "eq"} and condition.count == steps
    ):
        raise SigmaError("condition", "an order is asked of all rules or of none", "leave the condition out")


def _meets(tree: Any, references: list[str]) -> Callable[[list[Any]], Any]:
    """Whether an expression of rules holds, given of which of them an event was seen."""
    from sigma.correlations import CorrelationConditionAND, CorrelationConditionNOT, CorrelationConditionOR

    def of(node: Any, seen: list[Any]) -> Any:
        match node:
            case CorrelationConditionNOT():
                return ~of(node.args[0], seen)
            case CorrelationConditionAND():
                parts = [of(one, seen) for one in node.args]
                made = parts[0]
                for one in parts[1:]:
                    made &= one
                return made
            case CorrelationConditionOR():
                parts = [of(one, seen) for one in node.args]
                made = parts[0]
                for one in parts[1:]:
                    made |= one
                return made
        return seen[references.index(node.reference)]

    return lambda seen: of(tree, seen)
