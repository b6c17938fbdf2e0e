"""The pages of the API: one for each module with public names, filled from docstrings by mkdocstrings."""

from __future__ import annotations

import inspect
import re
import sys
from enum import Enum
from types import ModuleType

import cttoolkit

_HEAD = """# API

```python
import cttoolkit as ct
```

Everything public, by the names under which it is imported. What is not here is private, and may change without a word. Heavy libraries are
imported where they are first used, and importing cttoolkit fetches nothing.

"""


def pages() -> dict[str, str]:
    """Name of the file under ``api/`` → Markdown."""
    modules = {name: one for name in cttoolkit.__all__ if isinstance(one := getattr(cttoolkit, name), ModuleType)}
    every = [name for name in cttoolkit.__all__ if name not in modules]
    classes = [name for name in every if inspect.isclass(getattr(cttoolkit, name))]
    functions = [name for name in every if name not in classes]
    made = {
        "functions.md": _page(
            "Functions", "What is asked and done, in the order of the alphabet.", "cttoolkit", functions
        ),
        "nouns.md": _page("Nouns", "What the functions take and return.", "cttoolkit", classes),
    }
    made |= {f"{name}.md": _module(name, module) for name, module in modules.items()}
    made["index.md"] = _index(functions, classes, modules)
    return made


def _index(functions: list[str], classes: list[str], modules: dict[str, ModuleType]) -> str:
    text = _HEAD
    for title, names, file in (("Functions", functions, "functions.md"), ("Nouns", classes, "nouns.md")):
        rows = "".join(
            f"| [`ct.{name}`]({file}#{defined_at('cttoolkit', name, thing)}) | {first_sentence(thing)} |\n"
            for name in names
            if (thing := getattr(cttoolkit, name)) is not None
        )
        text += f"## {title}\n\n| name | |\n|---|---|\n{rows}\n"
    rows = "".join(
        f"| [`ct.{name}`]({name}.md) | {first_sentence(module)} | {len(module.__all__)} |\n"
        for name, module in modules.items()
    )
    return f"{text}## Modules\n\n| module | | names |\n|---|---|---|\n{rows}"


def first_sentence(thing: object) -> str:
    """Of its docstring, fit for a cell of a table. Dataclasses without a docstring show their signature otherwise."""
    told = inspect.getdoc(thing) or ""
    if told.startswith(f"{getattr(thing, '__name__', '')}("):
        return ""
    line = re.sub(r"\s+", " ", told.partition("\n\n")[0])
    line = re.split(r"(?<=[.?!]) (?=[A-Z])", line)[0]
    return line.replace("|", "\\|").replace("``", "`")


def _module(name: str, module: ModuleType) -> str:
    told = inspect.getdoc(module) or ""
    first, _, rest = told.partition("\n\n")
    if "├" in rest:
        rest = f"```text\n{rest}\n```"
    return _page(
        f"ct.{name}", f"{first}\n\n{rest}".strip().replace("``", "`"), f"cttoolkit.{name}", list(module.__all__)
    )


def defined_at(place: str, name: str, thing: object) -> str:
    """The path of a name where it is defined, since a module of the same name would stand for it elsewhere."""
    if inspect.isclass(thing) or inspect.isfunction(thing):
        return f"{thing.__module__}.{thing.__qualname__}"
    return f"{place}.{name}"


def _page(title: str, told: str, place: str, names: list[str]) -> str:
    """``place`` is where the names are public: ``cttoolkit`` or a module of it."""
    spoken = place.replace("cttoolkit", "ct", 1)
    module = sys.modules[place]
    return f"# {title}\n\n{told}\n\n" + "".join(
        f"::: {defined_at(place, name, thing)}\n"
        f'    options: {{heading: "{spoken}.{name}", toc_label: "{name}"{_signed(thing)}}}\n\n'
        for name in names
        for thing in [getattr(module, name)]
    )


def _signed(thing: object) -> str:
    """What is made behind a door, by functions alone, shows no way to make it."""
    if not inspect.isclass(thing) or issubclass(thing, BaseException | Enum):
        return ""
    return ", merge_init_into_class: false" if "door" in inspect.signature(thing).parameters else ""
