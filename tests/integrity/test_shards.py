"""Repeats among events are found alike whether they are few or many, and where few have none the engine is not asked."""

import pytest

import cttoolkit as ct
from cttoolkit.engines.local import Local
from cttoolkit.integrity import shards
from tests.conftest import ACCOUNT, event, small_world

ONE, TWO = event(1, "2026-03-01T01:00:00Z"), event(2, "2026-03-01T02:00:00Z")
BY_ID = {"type": "AWSAccount", "principalId": "AIDAEXAMPLEALICE00001", "accountId": ACCOUNT}
WORLDS = {
    "each once": (ONE, TWO),
    "one twice": (ONE, TWO, ONE),
    "one id of two": (ONE, {**ONE, "userAgent": "another"}),
    "no ids": ({**ONE, "eventID": None}, {**ONE, "eventID": None}, TWO),
    "by id": (ONE, event(3, "2026-03-01T03:00:00Z", userIdentity=BY_ID)),
}
COUNTED = {"each once": (0, 0), "one twice": (1, 0), "one id of two": (0, 1), "no ids": (0, 0), "by id": (0, 0)}


def told(verification):
    events = ct.admit(verification, ct.IntactOnly())
    return verification.completeness, events.frame().drop(columns="log_sha256").to_dict("records")


@pytest.mark.parametrize("name", WORLDS)
def test_few_are_judged_as_many_are(name, tmp_path, monkeypatch):
    case = small_world(tmp_path, *WORLDS[name])
    few = told(case.verify())
    monkeypatch.setattr(shards, "_FEW", 0)
    many = told(case.verify())
    assert few == many
    counts = few[0]
    assert (counts.duplicates, counts.conflicting) == COUNTED[name]
    assert len({row["actor"] for row in few[1]}) == 1


@pytest.mark.parametrize(("name", "saved"), [("each once", 0), ("no ids", 0), ("one twice", 2), ("one id of two", 2)])
def test_the_engine_is_asked_where_there_is_something_to_find(name, saved, tmp_path, monkeypatch):
    asked, real = [], Local.save
    monkeypatch.setattr(Local, "save", lambda self, *given: asked.append(1) or real(self, *given))
    small_world(tmp_path, *WORLDS[name]).verify()
    assert len(asked) == saved


def test_a_workspace_that_knows_of_no_repeats_says_so_again(tmp_path):
    case = small_world(tmp_path, *WORLDS["by id"])
    first, again = (told(case.verify(workspace=tmp_path / "workspace")) for _ in range(2))
    assert again == first
