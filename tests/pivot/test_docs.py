"""Every pivot is in the docs, and says what it computes."""

from pathlib import Path

import pytest

from cttoolkit import pivot

PAGE = (Path(__file__).parent.parent.parent / "docs" / "pivots.md").read_text()


@pytest.mark.parametrize("name", sorted(set(pivot.__all__) - {"Pivot"}))
def test_a_pivot_is_told_of(name):
    assert f"`{name}`" in PAGE
    assert len(getattr(pivot, name).__doc__.split()) >= 3
