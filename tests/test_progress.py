"""Where a bar of progress is drawn."""

import io
import sys

import pytest

from cttoolkit.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("output", "is_drawn"), [(Terminal, True), (io.StringIO, False)])
def test_a_bar_is_drawn_on_a_terminal_and_not_into_a_file(monkeypatch, output, is_drawn):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys, "stderr", output())
    assert list(progress([1, 2], delay=0, desc="counting", mininterval=0)) == [1, 2]
    assert ("counting" in sys.stderr.getvalue()) is is_drawn


def test_a_bar_is_drawn_in_a_notebook_whose_output_is_no_terminal(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    with progress(total=3) as made:
        assert not made.disable
