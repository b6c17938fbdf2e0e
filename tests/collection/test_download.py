"""Bytes are held against all that S3 said of them."""

import base64
import hashlib
import zlib

import pytest

from cttoolkit.collection.download import _held_against
from cttoolkit.collection.listing import Version
from cttoolkit.sources.answer import Answer

BODY = b"the very bytes"
MD5 = hashlib.md5(BODY).hexdigest()
OTHER = b"the very bytez"


def answer(headers=None):
    return Answer(headers or {}, None)


def listed(etag=MD5, size=14):
    return Version("k", size, f'"{etag}"', "t")


def encoded(raw):
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sha256", encoded(hashlib.sha256(BODY).digest())),
        ("sha1", encoded(hashlib.sha1(BODY).digest())),
        ("crc32", encoded(zlib.crc32(BODY).to_bytes(4, "big"))),
    ],
)
def test_a_checksum_tells_other_bytes_of_the_same_length(name, value):
    said = answer({f"x-amz-checksum-{name}": value})
    assert _held_against(listed(), BODY, said) == (f"checksum {name}", "")
    assert name in _held_against(listed(), OTHER, said)[1]


def test_an_etag_that_is_an_md5_tells_other_bytes():
    assert _held_against(listed(), BODY, answer()) == ("etag", "")
    assert "MD5" in _held_against(listed(), OTHER, answer())[1]


@pytest.mark.parametrize(
    ("etag", "more"),
    [
        ("0" * 32 + "-2", {}),
        ("0" * 32, {"x-amz-server-side-encryption": "aws:kms"}),
        ("0" * 32, {"x-amz-server-side-encryption-customer-algorithm": "AES256"}),
    ],
)
def test_where_the_etag_is_no_md5_the_length_is_all_there_is_and_it_is_said(etag, more):
    assert _held_against(listed(etag), BODY, answer(more)) == ("length", "")
    assert "14 bytes came" in _held_against(listed(etag, 15), BODY, answer(more))[1]


def test_a_checksum_of_parts_is_not_taken_for_one_of_the_bytes():
    assert _held_against(listed(), BODY, answer({"x-amz-checksum-crc32": "AAAAAA==-3"})) == ("etag", "")
