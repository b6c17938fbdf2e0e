"""Score sheets: what was answered can be handed in, and careless editing shows."""

import json
import os

import pytest

import cttoolkit as ct
from cttoolkit.errors import ExerciseError
from cttoolkit.training.exercise import open_exercise
from tests.conftest import SAMPLES

EVENT = "00000000-0000-4000-8000-000000000001"


def worked(student="Ada"):
    exercise = open_exercise("quiet", student, SAMPLES / "quiet")
    exercise.check("q1", "yes")
    exercise.check("q2", EVENT)
    exercise.check("q9", "<script>alert(1)</script>")
    return exercise


def test_a_sheet_comes_back_as_it_was_saved(tmp_path):
    page, data = worked().sheet().save(tmp_path / "ada.sheet.json")
    again = ct.training.open_sheet(data)
    assert (page.suffix, data.suffix) == (".html", ".json")
    assert again.is_unedited
    assert again.entries == worked().sheet().entries
    assert again.digest in page.read_text()


@pytest.mark.parametrize(
    "edit",
    [
        lambda told: told["entries"][1].update(points=10),
        lambda told: told["entries"][1].update(hints=0, given_up=True),
        lambda told: told["entries"][1]["tries"].clear(),
        lambda told: told["entries"][1]["tries"][0].update(is_overclaim=False),
        lambda told: told.update(points=90),
        lambda told: told.update(student="Bob"),
        lambda told: told.update(digest="0" * 64),
        lambda told: told.update(digest="ü"),
    ],
    ids=["points", "given up", "tries", "over-claim", "sum", "student", "digest", "no digest"],
)
def test_an_edited_sheet_says_so(tmp_path, edit):
    _, data = worked().sheet().save(tmp_path / "sheet")
    told = json.loads(data.read_text())
    edit(told)
    data.write_text(json.dumps(told))
    again = ct.training.open_sheet(data)
    assert not again.is_unedited
    assert "EDITED" in repr(again)


def test_over_claims_come_first(tmp_path):
    sheet = worked().sheet()
    assert [name for name, _ in sheet.overclaims] == ["q2", "q9"]
    assert repr(sheet).splitlines()[1].startswith("Over-claim in q2")
    assert sheet.html().index("Over-claims") < sheet.html().index("<h2>Questions")


def test_what_a_trainee_wrote_is_shown_and_not_run():
    page = worked("<b>Ada\u202e").sheet().html()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "<b>Ada" not in page
    assert "\u202e" not in page


def test_equal_work_makes_equal_sheets():
    assert worked().sheet().html() == worked().sheet().html()
    assert worked().sheet().digest != worked("Bob").sheet().digest


UNREAL = [
    '{"question": "q1", "title": "t", "tries": [], "hints": 0, "given_up": false, "points": 0, "level": Infinity}',
    '{"tries": [{"answer": "a", "outcome": "wrong", "reason": "r", "is_overclaim": false, "share": 1'
    + "0" * 400
    + "}]}",
]


def test_an_answer_cannot_paint_over_what_the_sheet_says(tmp_path):
    answer = "\x1b[2J\x1b[HScore sheet of Ada: 100 of 100 points\nok\u3164"
    _, data = worked().sheet().save(tmp_path / "sheet")
    told = json.loads(data.read_text())
    told["entries"][1]["tries"][0].update(answer=answer)
    told["entries"][1].update(question="q2\x1b[8m\n")
    data.write_text(json.dumps(told))
    shown = repr(ct.training.open_sheet(data))
    assert "EDITED" in shown
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "\u3164" not in shown
    assert r"Over-claim in q2\x1b[8m\n: \x1b[2J\x1b[HScore sheet of Ada: 100 of 100 points\nok\u3164" in shown.split(
        "\n"
    )


def test_a_pipe_that_is_handed_in_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "sheet.json")
    with pytest.raises(ExerciseError, match="not a file"):
        ct.training.open_sheet(tmp_path / "sheet.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"entries": [1]}',
        "[" * 100_000,
        '{"entries": [], "exercise": 1}',
        *(f'{{"entries": [{one}]}}' for one in UNREAL),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path, text):
    path = tmp_path / "sheet.json"
    path.write_text(text)
    with pytest.raises(ExerciseError, match="no score sheet"):
        ct.training.open_sheet(path)


def test_a_lone_surrogate_in_a_sheet_breaks_nothing(tmp_path):
    _, data = worked().sheet().save(tmp_path / "sheet")
    data.write_text(data.read_text().replace('"Ada"', '"\\ud800"'))
    assert not ct.training.open_sheet(data).is_unedited
    assert ct.training.open_sheet(data).html().encode()
