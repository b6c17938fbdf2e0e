"""Files of public keys."""

import base64
import json

import pytest

from cttoolkit.errors import KeyringError
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.signature import fingerprint

# The public half of an RSA key made for this test, DER PKCS#1.
PRIMES = (2**607 - 1, 2**1279 - 1)


@pytest.fixture
def der():
    from cttoolkit.integrity.signature import SigningKey

    return SigningKey(*PRIMES).public_der


def entry(der, **changes):
    return {
        "Value": base64.b64encode(der).decode(),
        "Fingerprint": fingerprint(der),
        "ValidityStartTime": "2026-02-15T00:00:00+00:00",
        "ValidityEndTime": "2026-03-20T00:00:00+00:00",
    } | changes


def write(path, *entries, name="PublicKeyList"):
    path.write_text(json.dumps({name: list(entries)}))
    return path


@pytest.mark.parametrize("name", ["PublicKeyList", "publicKeyList"])
@pytest.mark.parametrize(
    "times",
    [
        {},
        {"ValidityStartTime": 1771113600.0, "ValidityEndTime": 1773964800},
        {"ValidityStartTime": "1771113600.0", "ValidityEndTime": "1773964800"},
    ],
)
def test_both_command_lines_answers_are_read(tmp_path, der, name, times):
    ring = load_keys(write(tmp_path / "keys.json", entry(der, **times), name=name))
    key = ring.find(fingerprint(der).upper())
    assert key.valid_from.isoformat() == "2026-02-15T00:00:00+00:00"
    assert key.valid_until.isoformat() == "2026-03-20T00:00:00+00:00"


def test_several_files_make_one_ring(tmp_path, der):
    one, two = (
        write(tmp_path / "one.json", entry(der)),
        write(tmp_path / "two.json", entry(der, ValidityEndTime="2026-05-01T00:00Z")),
    )
    ring = load_keys(one, two)
    assert len(ring) == 1
    assert [file.keys for file in ring.files] == [1, 1]
    assert ring.find(fingerprint(der)).valid_until.month == 5


def test_a_value_swapped_under_a_fingerprint_is_refused(tmp_path, der):
    with pytest.raises(KeyringError, match="has fingerprint"):
        load_keys(write(tmp_path / "keys.json", entry(der, Fingerprint="0" * 32)))


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("nonsense", "not JSON"),
        ("[]", "no PublicKeyList"),
        ('{"PublicKeyList": {}}', "no PublicKeyList"),
        ('{"PublicKeyList": []}', "holds no keys"),
        ('{"PublicKeyList": [1]}', "not an object"),
        ('{"PublicKeyList": [{"Value": "x"}]}', "no Fingerprint"),
        ('{"PublicKeyList": [{"Value": "!", "Fingerprint": "0"}]}', "not base64"),
        ('{"PublicKeyList": [{"Value": "AAAA", "Fingerprint": "0"}]}', "not an RSA"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_file_of_another_shape_is_one_line(tmp_path, document, fault):
    path = tmp_path / "keys.json"
    path.write_text(document)
    with pytest.raises(KeyringError, match=fault) as caught:
        load_keys(path)
    assert "\n" not in str(caught.value)
    assert "list-public-keys" in str(caught.value)


@pytest.mark.parametrize(
    "times", [{"ValidityStartTime": "soon"}, {"ValidityEndTime": None}, {"ValidityEndTime": "2020-01-01T00:00Z"}]
)
def test_validity_that_cannot_be_read_is_refused(tmp_path, der, times):
    with pytest.raises(KeyringError, match="validity"):
        load_keys(write(tmp_path / "keys.json", entry(der, **times)))


def test_no_such_file_and_a_folder(tmp_path):
    with pytest.raises(KeyringError, match="no such file"):
        load_keys(tmp_path / "none.json")
    with pytest.raises(KeyringError, match="a folder"):
        load_keys(tmp_path)


def test_no_file_is_an_empty_ring():
    assert len(load_keys()) == 0
