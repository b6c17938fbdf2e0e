"""Every error raised on purpose reads `<subject>: <what is wrong>; <what to do>`, on one line."""

import pickle

import pytest

from cttoolkit import errors


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_has_a_subject_a_fault_and_a_remedy(name):
    error = getattr(errors, name)("subject", "what is wrong", "what to do")
    assert isinstance(error, errors.CttoolkitError)
    assert str(error) == "subject: what is wrong; what to do"


def test_a_hostile_name_cannot_break_the_line_or_the_terminal():
    error = errors.EvidenceError("a\nb\x1b[2J\u202e" + "x" * 5000, "bad", "look")
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(str(error)) < 400


def test_an_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(errors.WorkspaceError("disk", "full", "make room")))
    assert (error.subject, error.wrong, error.remedy) == ("disk", "full", "make room")
