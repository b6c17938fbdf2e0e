"""Containers: one member, several, damaged ones, and bombs."""

import gzip

import pytest

from cttoolkit.integrity.inflate import Bounds, inflate, inflate_all

TINY = gzip.compress(b"x", mtime=0)


def test_of_several_members_a_listed_object_is_the_first_only():
    found = inflate(TINY + TINY)
    assert found.content == b"x"
    assert found.has_more
    assert found.flaw == f"{len(TINY)} bytes follow the gzip member"


def test_elsewhere_several_members_are_one_content():
    assert inflate_all(TINY * 3) == inflate_all(gzip.compress(b"xxx", mtime=0))


def test_very_many_tiny_members_are_read_once_through():
    """To cut one off after the other would copy the rest each time, and not end within the day."""
    assert inflate_all(TINY * 300_000).content == b"x" * 300_000


@pytest.mark.parametrize("rest", [b"junk", TINY[:-9], TINY[:12] + b"\xff" * 9], ids=["junk", "cut", "damaged"])
def test_what_follows_and_is_no_member_leaves_what_came_before(rest):
    found = inflate_all(TINY + TINY + rest)
    assert found.content[:2] == b"xx"
    assert found.flaw


def test_many_members_together_are_bounded():
    bounds = Bounds(1 << 20, 10_000)
    bomb = gzip.compress(bytes(600 << 10), mtime=0) * 3
    found = inflate_all(bomb, bounds)
    assert found.content == b""
    assert "inflates to more than 1048576 bytes" in found.flaw
