"""Where addresses are is told by databases that the analyst brings; a damaged one is an error, and no place."""

import contextlib
import sys

import pytest

from cttoolkit.errors import EvidenceError
from cttoolkit.places import Places, load_places
from tests.mmdb import MARKER, Number, place, system, write_mmdb

BERLIN = place("DE", "Berlin", 52.52, 13.405)
SYDNEY = place("AU", "Sydney", -33.87, 151.21, 50)


@pytest.fixture
def city(tmp_path):
    networks = {"192.0.2.0/24": BERLIN, "2001:db8::/32": SYDNEY, "198.51.100.7/32": SYDNEY}
    return write_mmdb(tmp_path / "city.mmdb", networks)


@pytest.fixture
def asn(tmp_path):
    return write_mmdb(tmp_path / "asn.mmdb", {"192.0.2.0/25": system(64500, "Example Net")}, "GeoLite2-ASN")


def test_an_address_has_what_the_databases_say(city, asn):
    places = load_places(city, asn)
    rows = places.located(["192.0.2.7", "192.0.2.200", "2001:db8::1", "203.0.113.1", "192.0.2.7"]).to_pylist()
    assert [row["address"] for row in rows] == ["192.0.2.200", "192.0.2.7", "2001:db8::1"]
    assert rows[1] == {
        "address": "192.0.2.7", "asn": 64500, "organization": "Example Net", "country": "DE", "city": "Berlin",
        "latitude": 52.52, "longitude": 13.405, "radius": 20.0,
    }  # fmt: skip
    assert (rows[0]["asn"], rows[2]["city"]) == (None, "Sydney")


def test_what_no_database_tells_is_no_column(asn):
    places = load_places(asn)
    assert places.columns == ("asn", "organization")
    assert places.located(["192.0.2.7"]).column_names == ["address", "asn", "organization"]
    assert repr(places) == "Places from asn.mmdb: asn, organization"


def test_without_a_database_nothing_is_known_and_nothing_breaks():
    assert load_places() == Places()
    assert Places().located(["192.0.2.7"]).num_rows == 0
    assert "no database" in repr(Places())


@pytest.mark.parametrize(
    "address",
    [None, "", "ec2.amazonaws.com", "AWS Internal", "1.2.3", "x" * 5000, "192.0.2.7\0", "fe80::1%eth0", "é", "1/8"],
)
def test_what_is_no_address_is_not_located(city, address):
    assert load_places(city).located([address]).num_rows == 0


def test_a_database_of_ipv4_knows_no_ipv6(tmp_path):
    places = load_places(write_mmdb(tmp_path / "four.mmdb", {"192.0.2.0/24": BERLIN}, version=4))
    assert places.located(["192.0.2.7", "2001:db8::1"]).num_rows == 1


def test_of_two_databases_the_first_is_believed_where_it_knows(tmp_path, city):
    other = write_mmdb(tmp_path / "b.mmdb", {"192.0.2.0/24": SYDNEY, "203.0.113.0/24": SYDNEY})
    rows = load_places(city, other).located(["192.0.2.7", "203.0.113.1"]).to_pylist()
    assert [row["city"] for row in rows] == ["Berlin", "Sydney"]


@pytest.mark.parametrize(
    "record",
    [
        {"country": "DE", "city": {"names": "Berlin"}, "location": {"latitude": "north", "longitude": 1.0}},
        {"country": {"iso_code": 7}, "city": ["Berlin"], "location": {"latitude": 91.0, "longitude": 1.0}},
        {"location": {"latitude": 1.0}},
        {"location": {"latitude": float("nan"), "longitude": 0.0}},
        {"autonomous_system_number": Number(10, 1 << 100)},
        {},
        "DE",
    ],
)
def test_a_record_of_another_shape_tells_nothing(tmp_path, record):
    places = load_places(write_mmdb(tmp_path / "odd.mmdb", {"192.0.2.0/24": record}, "Enterprise"))
    assert places.located(["192.0.2.7"]).num_rows == 0


def test_a_radius_that_is_none_is_null(tmp_path):
    record = {"location": {"latitude": 1.5, "longitude": 2.5, "accuracy_radius": -3}}
    (row,) = load_places(write_mmdb(tmp_path / "odd.mmdb", {"192.0.2.0/24": record})).located(["192.0.2.7"]).to_pylist()
    assert (row["latitude"], row["longitude"], row["radius"]) == (1.5, 2.5, None)


@pytest.mark.parametrize("content", [b"", b"no database", MARKER, bytes(500) + MARKER + b"\xff\xff"])
def test_what_is_no_database_is_an_error_with_its_name(tmp_path, content):
    (tmp_path / "bad.mmdb").write_bytes(content)
    with pytest.raises(EvidenceError, match=r"^bad\.mmdb: "):
        load_places(tmp_path / "bad.mmdb")


def test_a_damaged_database_is_an_error_with_its_name(city):
    content = bytearray(city.read_bytes())
    begin = content.index(b"country") - 2
    content[begin : begin + 40] = b"\xff" * 40
    city.write_bytes(content)
    with pytest.raises(EvidenceError, match=r"city\.mmdb: damaged where it tells of 192\.0\.2\.7; download it again"):
        load_places(city).located(["192.0.2.7"])


def test_a_byte_changed_anywhere_is_a_place_or_an_error(city):
    sound = city.read_bytes()
    for at in range(len(sound)):
        city.write_bytes(sound[:at] + bytes([sound[at] ^ 0x5A]) + sound[at + 1 :])
        with contextlib.suppress(EvidenceError):
            load_places(city).located(["192.0.2.7", "2001:db8::1"])


def test_a_database_of_something_else_is_an_error(tmp_path):
    with pytest.raises(EvidenceError, match=r"GeoLite2-Anonymous.*; give one of ASNs, cities or countries"):
        load_places(write_mmdb(tmp_path / "a.mmdb", {"192.0.2.0/24": {}}, "GeoLite2-Anonymous-IP"))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(EvidenceError, match=r"none\.mmdb: cannot be read: No such file"):
        load_places(tmp_path / "none.mmdb")
    with pytest.raises(EvidenceError, match="no MaxMind database"):
        load_places(tmp_path)


def test_a_file_that_went_away_is_an_error(city):
    places = load_places(city)
    city.unlink()
    with pytest.raises(EvidenceError, match=r"city\.mmdb: cannot be read"):
        places.located(["192.0.2.7"])


def test_without_the_library_the_error_says_what_to_install(city, monkeypatch):
    monkeypatch.setitem(sys.modules, "maxminddb", None)
    with pytest.raises(EvidenceError, match=r"maxminddb: not installed; install cttoolkit\[geo\]"):
        load_places(city)
