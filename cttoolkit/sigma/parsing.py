"""From a document to pySigma's rule: the one place that hands it what strangers wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cttoolkit.errors import SigmaError

__all__ = ["apply_filter", "kind_of", "parsed", "title_of", "trees"]

_LONGEST_CONDITION = 10_000
_MOST_NESTED = 100
"""Brackets and negations in one condition."""


def kind_of(document: Any) -> str:
    """Whether a document is a rule, a correlation or a filter. SigmaError where it is neither, or of a form given up long ago."""
    if not isinstance(document, dict):
        raise SigmaError("document", "it is no mapping", "write a Sigma rule")
    if "action" in document:
        raise SigmaError(
            "action", "collections of rules that are merged are no more part of Sigma", "write each rule out"
        )
    for key in ("correlation", "filter", "detection"):
        if key in document:
            return "rule" if key == "detection" else key
    raise SigmaError("document", "it has no detection", "write a Sigma rule")


def title_of(document: Any) -> str:
    title = document.get("title") if isinstance(document, dict) else None
    return title if isinstance(title, str) else ""


def parsed(document: dict[str, Any]) -> Any:
    """pySigma's rule, correlation or filter. SigmaError where it refuses the document."""
    from sigma.correlations import SigmaCorrelationRule
    from sigma.filters import SigmaFilter
    from sigma.rule import SigmaRule
    from sigma.rule.base import check_alias_expansion

    kind = kind_of(document)
    made: Any = {"rule": SigmaRule, "correlation": SigmaCorrelationRule, "filter": SigmaFilter}[kind]
    with _refusals(kind):
        check_alias_expansion(document)
        _check_keys(document)
        return made.from_dict(document, policy=_policy())


def trees(rule: Any) -> list[Any]:
    """The trees of a rule's conditions. SigmaError where one cannot be read."""
    for condition in rule.detection.condition:
        if not isinstance(condition, str):
            raise SigmaError("condition", "it is no text", "write it as text")
        if len(condition) > _LONGEST_CONDITION or condition.count("(") + condition.count("not") > _MOST_NESTED:
            raise SigmaError("condition", "it is too long", f"keep to {_LONGEST_CONDITION:,} characters")
    with _refusals("condition"):
        return [one.parsed for one in rule.detection.parsed_condition]


def apply_filter(rule: Any, found: Any) -> bool:
    """Narrow a rule by a filter that is meant for it; whether it is."""
    with _refusals("filter"):
        before = list(rule.detection.condition)
        found.apply_on_rule(rule)
        return list(rule.detection.condition) != before


@contextmanager
def _refusals(construct: str) -> Iterator[None]:
    """What pySigma says against a document as our error."""
    from sigma.exceptions import SigmaError as Refused

    try:
        yield
    except Refused as error:
        raise SigmaError(construct, str(error.args[0] if error.args else error), "correct the rule") from error
    # Where a document has a list for a text, or the like, pySigma lets Python's own errors through.
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        told = (
            "it has another shape than Sigma's" if not isinstance(error, RecursionError) else "it is nested too deeply"
        )
        raise SigmaError(construct, f"{told} ({type(error).__name__})", "correct the rule") from error


def _check_keys(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise SigmaError(f"key {key!r}", "it is no text", "put it in quotation marks")
            _check_keys(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_keys(inner)


@cache
def _policy() -> Any:
    """How pySigma checks regular expressions: with RE2, whose language DuckDB's are in, and without its lines on the terminal."""
    import re2
    from sigma.policy import SigmaPolicy
    from sigma.policy.regex_engine import RE2RegexEngine

    class Quiet(RE2RegexEngine):
        def compile(self, pattern: str, flags: int = 0) -> Any:
            del flags
            options = re2.Options()
            options.log_errors = False
            try:
                return re2.compile(pattern, options)
            except re2.error as error:
                said = error.args[0] if error.args else ""
                raise re2.error(said.decode() if isinstance(said, bytes) else said) from error

        def __deepcopy__(self, memo: Any) -> Any:
            # Filters copy what they add to a rule, and a module cannot be copied.
            return self

    return SigmaPolicy(regex_engine=Quiet())
