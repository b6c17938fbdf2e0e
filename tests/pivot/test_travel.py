"""One person in two places: by network within ten minutes, or by distance where the analyst brings places."""

import pytest

from cttoolkit.errors import ColumnError
from cttoolkit.pivot.travel import travel
from cttoolkit.places import Places, load_places
from tests.conftest import admitted, event
from tests.mmdb import place, system, write_mmdb
from tests.pivot.rows import same_as_its_events

BERLIN, PARIS, SYDNEY = "192.0.2.10", "198.51.100.7", "203.0.113.9"
BOB = {
    "type": "IAMUser",
    "principalId": "AIDABOB",
    "arn": "arn:aws:iam::111122223333:user/bob",
    "accessKeyId": "AKIABOB",
}
HOST = {
    "type": "AssumedRole",
    "principalId": "AROAWEB:i-0123456789abcdef0",
    "arn": "arn:aws:sts::111122223333:assumed-role/web/i-0123456789abcdef0",
    "accessKeyId": "ASIAWEB",
}


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    networks = {
        "192.0.2.0/24": place("DE", "Berlin", 52.52, 13.405, 20),
        "198.51.100.0/24": place("FR", "Paris", 48.8566, 2.3522, 20),
        "203.0.113.0/24": place("AU", "Sydney", -33.8688, 151.2093, 50),
        "2001:db8::/48": {"country": {"iso_code": "FR"}, "location": {"latitude": 48.0, "longitude": 2.0}},
    }
    return load_places(write_mmdb(tmp_path_factory.mktemp("places") / "city.mmdb", networks))


def at(minute, address, number=0, second=0, **parts):
    hour, minute = divmod(minute, 60)
    time = f"2026-03-01T0{1 + hour}:{minute:02d}:{second:02d}Z"
    return event(minute * 1000 + hour * 100_000 + second * 10 + number, time, sourceIPAddress=address, **parts)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    records = [at(0, BERLIN), at(0, BERLIN, 1), at(5, SYDNEY), at(15, BERLIN), at(120, PARIS)]
    # Bob flies from Berlin to Paris within the hour and a half that it takes.
    records += [at(0, BERLIN, 2, userIdentity=BOB), at(90, PARIS, 2, userIdentity=BOB)]
    records += [at(n, one, 3, userIdentity=HOST) for n, one in enumerate((BERLIN, SYDNEY))]
    records += [at(n, one, 4, userIdentity=BOB, userAgent="Boto3/1.34") for n, one in enumerate((BERLIN, SYDNEY), 30)]
    return admitted(tmp_path_factory.mktemp("travel"), *records)


def test_who_flew_round_the_world_in_minutes_comes_first(events, places):
    rows = travel(events, places=places)
    same_as_its_events(rows)
    frame = rows.frame()
    assert frame.before.tolist() == [BERLIN, SYDNEY]
    assert frame.after.tolist() == [SYDNEY, BERLIN]
    # 16,094.5 km by the law of cosines on a sphere of 6,371.0088 km, less the two radii, in five minutes and in ten.
    assert frame.km.tolist() == pytest.approx([16_024.5] * 2, abs=0.1)
    assert frame.kmh.tolist() == pytest.approx([frame.km[0] * 12, frame.km[0] * 6], abs=1)
    assert frame.seconds.tolist() == [300, 600]
    assert frame.events.tolist() == [3, 2]
    assert "900 km/h" in rows.caption


def test_distance_is_the_great_circles(tmp_path):
    """A quarter of the equator, from pole to equator, and round the date line: π/2 · 6371.0088 = 10,007.557 km."""
    spots = {"192.0.2.0/24": (0.0, 0.0), "198.51.100.0/24": (0.0, 90.0), "203.0.113.0/24": (90.0, 0.0)}
    spots |= {"192.88.99.0/24": (0.0, 180.0), "100.0.0.0/24": (0.0, -179.0)}
    networks = {cidr: place("XX", "X", *spot, 0) for cidr, spot in spots.items()}
    places = load_places(write_mmdb(tmp_path / "c.mmdb", networks))
    walk = [BERLIN, PARIS, SYDNEY, "192.88.99.1", "100.0.0.1"]
    rows = travel(admitted(tmp_path, *(at(n, one) for n, one in enumerate(walk))), places=places)
    by_pair = dict(zip(zip(rows.frame().before, rows.frame().after, strict=True), rows.frame().km, strict=True))
    assert by_pair[BERLIN, PARIS] == by_pair[PARIS, SYDNEY] == by_pair[SYDNEY, "192.88.99.1"] == 10007.6
    # One degree is 111.2 km, and no travel.
    assert ("192.88.99.1", "100.0.0.1") not in by_pair


def test_radii_are_taken_off_the_distance(tmp_path):
    networks = {
        "192.0.2.0/24": place("DE", "B", 52.52, 13.405, 200),
        "198.51.100.0/24": place("FR", "P", 48.8566, 2.3522, 200),
    }
    vague = load_places(write_mmdb(tmp_path / "c.mmdb", networks))
    events = admitted(tmp_path, at(0, BERLIN), at(1, PARIS))
    assert len(travel(events, places=vague)) == 0
    networks = {
        "192.0.2.0/24": place("DE", "B", 52.52, 13.405, 1),
        "198.51.100.0/24": place("FR", "P", 48.8566, 2.3522, 1),
    }
    (row,) = travel(events, places=load_places(write_mmdb(tmp_path / "d.mmdb", networks))).frame().itertuples()
    assert row.km == pytest.approx(877.5 - 2, abs=1)


def test_within_a_second_a_minute_is_taken(tmp_path, places):
    (row,) = travel(admitted(tmp_path, at(0, BERLIN), at(0, SYDNEY, 1)), places=places).frame().itertuples()
    assert (row.seconds, row.kmh) == (0, pytest.approx(row.km * 60, abs=1))
    assert row.events == 2


def test_without_places_two_networks_in_ten_minutes_are_told(events):
    rows = travel(events)
    same_as_its_events(rows)
    frame = rows.frame()
    assert list(zip(frame.before, frame.after, frame.seconds, strict=True)) == [
        (BERLIN, SYDNEY, 300),
        (SYDNEY, BERLIN, 600),
    ]
    assert "no places" in rows.caption
    assert travel(events, places=Places()).frame().equals(frame)


def test_a_database_without_positions_is_as_none(events, tmp_path):
    asn = load_places(write_mmdb(tmp_path / "a.mmdb", {"192.0.2.0/24": system(64500, "X")}, "GeoLite2-ASN"))
    assert travel(events, places=asn).frame().equals(travel(events).frame())


@pytest.mark.parametrize(
    "other",
    [
        {"sourceIPAddress": "192.0.2.99"},
        {"sourceIPAddress": "10.0.0.7"},
        {"sourceIPAddress": "172.31.0.7"},
        {"sourceIPAddress": "100.64.0.7"},
        {"sourceIPAddress": "fd00::7"},
        {"sourceIPAddress": "2001:db8::7"},
        {"sourceIPAddress": "ec2.amazonaws.com"},
        {"sourceIPAddress": None},
        {"sourceIPAddress": "9" * 5000},
        {"sourceIPAddress": "999.999.999.999", "vpcEndpointId": "vpce-1"},
        {"sourceIPAddress": SYDNEY, "vpcEndpointId": "vpce-1"},
        {"sourceIPAddress": SYDNEY, "userAgent": "Boto3/1.34"},
        {"sourceIPAddress": SYDNEY, "userAgent": None},
        {"sourceIPAddress": SYDNEY, "userIdentity": None},
        {"sourceIPAddress": SYDNEY, "eventTime": "never"},
    ],
)
def test_nobody_travelled(tmp_path, places, other):
    second = at(1, BERLIN) | other
    events = admitted(tmp_path, at(0, BERLIN), second, delivered_at="2026-03-01T01:50:00Z")
    assert len(travel(events)) == len(travel(events, places=places)) == 0


def test_both_ends_of_the_calendar(tmp_path, places):
    records = [event(1, "0001-01-01T00:00:00Z"), event(2, "9999-12-31T23:59:59Z", sourceIPAddress=SYDNEY)]
    events = admitted(tmp_path, *records, event(3, "9999-12-31T23:59:59Z"), delivered_at="2026-03-01T01:50:00Z")
    for rows in (travel(events), travel(events, places=places)):
        assert len(rows) == 1
        same_as_its_events(rows)


@pytest.mark.parametrize(
    "known", ["203.0.113.9", "203.0.113.9/32", "203.0.113.0/24", "203.0.112.0/20", "203.0.0.0/9", "0.0.0.0/1"]
)
def test_a_known_way_out_is_left_out(events, known):
    found = travel(events, known=[known])
    assert len(found) == (0 if known != "0.0.0.0/1" else 2)


def test_a_known_network_of_ipv6_is_left_out(tmp_path):
    events = admitted(tmp_path, at(0, "2001:db8:1::7"), at(1, "2001:db8:2::7"))
    assert len(travel(events)) == 1
    assert len(travel(events, known=["2001:db8:2::/48"])) == 0


@pytest.mark.parametrize(("known", "wrong"), [("office", "no network"), ("2001:db8::/32", "by /48")])
def test_what_is_no_network_is_an_error(events, known, wrong):
    with pytest.raises(ColumnError, match=wrong):
        travel(events, known=[known])
