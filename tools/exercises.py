"""Write the exercises anew: their keys into the package, their notebooks for trainees, and the solutions.

    python tools/exercises.py [name …]          writes keys and notebooks, and runs the notebooks that changed
    python tools/exercises.py --check           only says whether the keys and the notebooks' cells are what the definitions say

A definition is a file in tools/questions; docs/exercises.md says how to write one. Same definitions and samples, same bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from exercise_notebooks import solution_notebook, trainee_notebook
from sample_truth import Sample

from cttoolkit.training.question import asked_form
from cttoolkit.training.sealing import seal
from cttoolkit.training.secret import salt_of, veiled
from notebooks import clean, execute

HERE = Path(__file__).resolve().parent
KEYS = HERE.parent / "cttoolkit" / "training" / "exercises"
NOTEBOOKS = HERE.parent / "notebooks" / "training"
LEVELS = ("read a record", "filter and count", "sessions and chains", "claims", "broken evidence")


@dataclass(frozen=True)
class Asked:
    """One question. ``answer`` takes the sample's truth; ``solution`` is the code that finds the same with the toolkit."""

    level: int
    title: str
    asks: str
    kind: str
    answer: Callable[[Sample], Any]
    solution: str
    hints: tuple[str, str, str]
    explanation: str
    many: bool = True


@dataclass(frozen=True)
class Definition:
    """One exercise: a story of at most six lines, and six to nine questions."""

    name: str
    title: str
    story: str
    questions: tuple[Asked, ...]
    sample: str = ""


def names() -> list[str]:
    return sorted(path.stem.replace("_", "-") for path in (HERE / "questions").glob("*.py"))


def load(name: str) -> Definition:
    """The definition of one exercise, from tools/questions."""
    return import_module(f"questions.{name.replace('-', '_')}").EXERCISE


def key_file(definition: Definition) -> str:
    """The text of an exercise's key file."""
    sample = Sample(definition.sample or definition.name)
    questions = []
    for number, one in enumerate(definition.questions, 1):
        name = f"q{number}"
        salt = salt_of(definition.name, name)
        questions.append(
            {
                "name": name,
                "level": one.level,
                "title": one.title,
                "asks": one.asks,
                "kind": one.kind,
                "many": one.many,
                "salt": salt,
                "hints": list(one.hints),
                "explanation": veiled(salt, one.explanation),
                "key": seal(one.kind, one.answer(sample), salt),
            }
        )
    told = {
        "name": definition.name,
        "title": definition.title,
        "story": definition.story,
        "sample": definition.sample or definition.name,
        "keys_sha256": hashlib.sha256((sample.folder / "public-keys.json").read_bytes()).hexdigest(),
        "questions": questions,
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def notebooks(definition: Definition) -> dict[Path, nbformat.NotebookNode]:
    """The two notebooks of an exercise, by where they belong."""
    forms = [asked_form(one.kind, many=one.many) for one in definition.questions]
    return {
        NOTEBOOKS / f"{definition.name}.ipynb": trainee_notebook(definition, forms, LEVELS),
        NOTEBOOKS / "solutions" / f"{definition.name}.ipynb": solution_notebook(definition, forms, LEVELS),
    }


def sources(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def is_kept(path: Path, notebook: nbformat.NotebookNode) -> bool:
    """Whether a notebook that is there has these very cells."""
    return path.exists() and sources(nbformat.read(path, as_version=4)) == sources(notebook)


def main(arguments: list[str]) -> int:
    wanted = [one for one in arguments if not one.startswith("-")] or names()
    different = []
    for name in wanted:
        definition = load(name)
        path, text = KEYS / f"{name}.json", key_file(definition)
        changed = not path.exists() or path.read_text(encoding="utf-8") != text
        fresh = {at: one for at, one in notebooks(definition).items() if changed or not is_kept(at, one)}
        different += [path] * changed + list(fresh)
        if "--check" in arguments:
            continue
        path.write_text(text, encoding="utf-8")
        for at, notebook in fresh.items():
            at.parent.mkdir(parents=True, exist_ok=True)
            execute(notebook, at.parent)
            clean(notebook)
            nbformat.write(notebook, at)
    for path in different:
        print(path.relative_to(HERE.parent))
    return bool(different) if "--check" in arguments else 0


if __name__ == "__main__":
    # Definitions import this file by its name; run as a script it would be there twice.
    sys.exit(import_module("exercises").main(sys.argv[1:]))
