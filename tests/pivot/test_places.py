"""Addresses by system, country and city, and each row leads back to its events."""

import pytest

from cttoolkit.errors import ColumnError
from cttoolkit.pivot import places as places_module
from cttoolkit.pivot.places import asns, cities, countries, located
from cttoolkit.places import Places, load_places
from tests.conftest import admitted, event
from tests.mmdb import place, system, write_mmdb
from tests.pivot.rows import same_as_its_events

ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.1", "198.51.100.7", "203.0.113.9", "ec2.amazonaws.com", None]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = (event(n, f"2026-03-01T01:00:0{n}Z", sourceIPAddress=one) for n, one in enumerate(ADDRESSES))
    return admitted(tmp_path_factory.mktemp("placed"), *records)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    nowhere = {"country": {"iso_code": "DE"}}
    networks = {
        "192.0.2.1/32": place("DE", "Berlin", 52.5, 13.4),
        "192.0.2.2/32": nowhere,
        "198.51.100.0/24": place("AU", "Sydney", -33.9, 151.2),
    }
    asn = {"192.0.2.0/24": system(64500, "Example Net"), "198.51.100.0/24": system(64501, "Hostile Hosting")}
    return load_places(write_mmdb(folder / "city.mmdb", networks), write_mmdb(folder / "asn.mmdb", asn, "GeoLite2-ASN"))


def told(rows, *names):
    frame = rows.frame()[list(names)].astype(object)
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def test_systems_countries_and_cities_are_counted(events, places):
    assert told(asns(events, places), "asn", "organization", "events") == [
        (64500, "Example Net", 3), (64501, "Hostile Hosting", 1), (None, None, 1),
    ]  # fmt: skip
    assert told(countries(events, places), "country", "events") == [("DE", 3), ("AU", 1), (None, 1)]
    assert told(cities(events, places), "country", "city", "events") == [
        ("DE", "Berlin", 2), ("AU", "Sydney", 1), ("DE", None, 1), (None, None, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("pivot", [asns, countries, cities, located])
def test_each_row_leads_back_and_services_are_left_out(events, places, pivot):
    rows = pivot(events, places)
    same_as_its_events(rows)
    assert rows.frame().events.sum() == 5
    assert "2 events left out" in rows.caption


def test_an_address_says_all_that_is_known(events, places):
    row = located(events, places).frame().iloc[0]
    named = ["source_ip_address", "asn", "organization", "country", "city", "latitude", "longitude", "radius"]
    assert row[named].tolist() == ["192.0.2.1", 64500, "Example Net", "DE", "Berlin", 52.5, 13.4, 20]


def test_without_a_database_its_columns_are_absent(events):
    rows = located(events, Places())
    same_as_its_events(rows)
    assert "asn" not in rows.frame().columns
    assert len(rows) == 4
    with pytest.raises(ColumnError, match=r"asn: not told by Places from no database"):
        asns(events, Places())


def test_many_addresses_go_by_a_table(events, places, monkeypatch):
    monkeypatch.setattr(places_module, "_MOST_SPELT", 0)
    same_as_its_events(countries(events, places))
