"""The notebooks of an exercise, made from its definition: one with blanks, one solved."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HOW = (
    'Set `answer` in each cell and run it. A hint: `exercise.hint("q1")`, up to three a question, each for 2 of its 10 points. '
    'Afterwards: `exercise.explain("q1")`; to leave a question, `exercise.give_up("q1")`. '
    "Where the answer is that there is nothing, say so: `answer = []`. How answers may be written: docs/exercises.md."
)
SOUND = """## Is the evidence sound?

Nothing is asked of events before the evidence was verified."""
OPENED = 'exercise = ct.training.open("{name}")'
VERIFIED = "verification = ct.verify(ct.open_evidence(exercise.case), ct.load_keys(exercise.keys))\nverification"
ADMITTED = "events = ct.admit(verification, ct.IntactOnly())\nevents"
HANDED_IN = """## Hand it in

`exercise.sheet().save("my-sheet")` writes a page to read and a JSON file for the trainer. Open the exercise with your name,
`ct.training.open("{name}", student="…")`, to have it on the sheet."""


def _heading(number: int, one: Any, form: str, levels: tuple[str, ...]) -> str:
    told = f"## q{number}: {one.title}\n\n*Level {one.level}: {levels[one.level - 1]}.* {one.asks}"
    return f"{told}\n\nAsked for: {form}."


def _opening(definition: Any, title: str, words: str) -> list[Any]:
    return [
        new_markdown_cell(f"# {title}: {definition.title}\n\n{definition.story}\n\n{words}"),
        new_code_cell("import cttoolkit as ct"),
        new_code_cell(OPENED.format(name=definition.name)),
        new_markdown_cell(SOUND),
        new_code_cell(VERIFIED),
        new_code_cell(ADMITTED),
        new_markdown_cell("Everything below rests on these events."),
    ]


def _numbered(cells: list[Any]) -> nbformat.NotebookNode:
    # Ids of cells are drawn at random otherwise, and each run would change the file.
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return new_notebook(cells=cells)


def trainee_notebook(definition: Any, forms: list[str], levels: tuple[str, ...]) -> nbformat.NotebookNode:
    """The notebook with blanks: every check says that nothing was answered yet."""
    cells = _opening(definition, "Exercise", HOW)
    for number, (one, form) in enumerate(zip(definition.questions, forms, strict=True), 1):
        cells.append(new_markdown_cell(_heading(number, one, form, levels)))
        cells.append(new_code_cell(f'answer = None\nexercise.check("q{number}", answer)'))
        cells.append(new_markdown_cell(f'Stuck? `exercise.hint("q{number}")`.'))
    cells.append(new_markdown_cell(HANDED_IN.format(name=definition.name)))
    cells.append(new_code_cell("exercise.sheet()"))
    return _numbered(cells)


def solution_notebook(definition: Any, forms: list[str], levels: tuple[str, ...]) -> nbformat.NotebookNode:
    """The solved notebook: the toolkit finds each answer, and the explanation follows."""
    cells = _opening(definition, "Solution", "*For trainers, and for trainees who have handed in.*")
    for number, (one, form) in enumerate(zip(definition.questions, forms, strict=True), 1):
        cells.append(new_markdown_cell(_heading(number, one, form, levels)))
        cells.append(new_code_cell(f'{one.solution.strip()}\nexercise.check("q{number}", answer)'))
        cells.append(new_markdown_cell(one.explanation))
    cells.append(new_markdown_cell("## The sheet"))
    cells.append(new_code_cell("exercise.sheet()"))
    cells.append(new_markdown_cell("Full marks, no hint taken, and nothing claimed beyond the evidence."))
    return _numbered(cells)
