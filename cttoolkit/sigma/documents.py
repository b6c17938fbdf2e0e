"""YAML text as plain documents: bounded in depth, number of nodes and aliases, before anything is built of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from cttoolkit.errors import SigmaError

__all__ = ["MOST_ALIASES", "MOST_DEPTH", "MOST_NODES", "documents"]

MOST_DEPTH = 30
MOST_NODES = 100_000
MOST_ALIASES = 50
_LONGEST_NUMBER = 40


def documents(text: str) -> list[Any]:
    """The documents of a YAML text, empty ones left out. SigmaError where it is no YAML, or passes a bound.

    Keys that stand twice in one mapping, merge keys (``<<``) and an alias within what it names are refused: each would let a rule
    say something else than a reader sees.
    """
    import yaml

    try:
        _measure(text)
        return [one for one in yaml.load_all(text, Loader=_loader()) if one is not None]
    except yaml.YAMLError as error:
        raise SigmaError("YAML", _told(error), "correct the file") from error
    # An impossible date, a number of thousands of digits: the loader lets Python's own errors through.
    except (ValueError, OverflowError, RecursionError, TypeError) as error:
        raise SigmaError("YAML", f"a value cannot be read ({error})", "correct the file") from error


def _measure(text: str) -> None:
    """Go once over the events of the text, which builds nothing."""
    import yaml

    depth = nodes = aliases = 0
    open_anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=_base()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            nodes += 1
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            open_anchors.pop()
        elif isinstance(event, yaml.ScalarEvent):
            nodes += 1
            if event.value == "<<" and event.implicit[0]:
                raise SigmaError("merge key <<", "mappings are not merged", "write the keys out")
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if event.anchor in open_anchors:
                raise SigmaError(f"alias *{event.anchor}", "it stands within what it names", "write the value out")
        for what, count, most in (("levels", depth, MOST_DEPTH), ("values", nodes, MOST_NODES)):
            if count > most:
                raise SigmaError("YAML", f"more than {most:,} {what}", "split the file")
        if aliases > MOST_ALIASES:
            raise SigmaError("YAML", f"more than {MOST_ALIASES} aliases", "write the values out")


@cache
def _base() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def _loader() -> Any:
    import yaml

    class Loader(_base()):  # type: ignore[misc]
        """Safe, without aliases that multiply and without keys that stand twice."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  (as its base has it)
            seen = set()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands twice", key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep=deep)

        def construct_number(self, node: Any) -> Any:
            if len(node.value) > _LONGEST_NUMBER:
                return node.value
            made = super().construct_yaml_int if node.tag.endswith(":int") else super().construct_yaml_float
            return made(node)

    Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_number)
    Loader.add_constructor("tag:yaml.org,2002:float", Loader.construct_number)
    return Loader


def _told(error: Any) -> str:
    """The first line of what the parser says, with its place."""
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark is not None else ""
    told = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return f"{told}{where}"
