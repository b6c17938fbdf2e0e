"""A stolen credential is in two places, and an honest one has its reasons to look so."""

import pytest

from cttoolkit.detections.credential_places import away_from_instance, new_key_elsewhere, two_machines, two_networks
from tests.conftest import ACCOUNT, admitted, event
from tests.detections.samples.records import by_role, call

HOME, AWAY = "198.51.100.10", "203.0.113.20"
NUMBERS = iter(range(10_000))


def at(minute, second=0, address=HOME, **parts):
    number = next(NUMBERS)
    return event(number, f"2026-03-01T01:{minute:02d}:{second:02d}Z", sourceIPAddress=address) | parts


def by_key(key, record):
    return record | {"userIdentity": record["userIdentity"] | {"accessKeyId": key}}


def by_instance(instance, key, minute, address=HOME, **parts):
    return by_role(at(minute, 0, address, **parts), "web", instance, key)


def made(minute, key, **parts):
    answer = {"accessKey": {"accessKeyId": key, "userName": "bob", "status": "Active"}}
    return at(minute, **call("iam", "CreateAccessKey", {"userName": "bob"}, answer, **parts))


STOLEN, STOPPED, ROTATED, INSIDE, BOTH = (f"i-0abcdef12345678{n:02d}" for n in range(5))
TURNS = [(n, HOME if n % 2 else AWAY) for n in range(6)]
RECORDS = [
    # One key in turns from two networks; one that moves once; one on a machine with addresses of both protocols.
    *(by_key("AKIAEXAMPLETURNS0001", at(n, 0, address)) for n, address in TURNS),
    *(by_key("AKIAEXAMPLEMOVES0001", at(n, 1, HOME if n < 3 else AWAY)) for n in range(6)),
    *(by_key("AKIAEXAMPLEDUALS0001", at(n, 2, HOME if n % 2 else "2001:db8:1::1")) for n in range(6)),
    *(
        by_key("AKIAEXAMPLEENDPOINT1", at(n, 3, HOME if n % 2 else "10.0.0.9", vpcEndpointId="vpce-1"))
        for n in range(6)
    ),
    # In another ten minutes the first key stays where it is.
    by_key("AKIAEXAMPLETURNS0001", at(14, 0, AWAY)),
    # An instance whose new key is used elsewhere while it goes on; one that was stopped and started; one whose key wanders; one that
    # calls through an endpoint; one with addresses of both protocols.
    by_instance(STOLEN, "ASIAEXAMPLESTOLEN001", 20),
    by_instance(STOLEN, "ASIAEXAMPLESTOLEN002", 21, AWAY),
    by_instance(STOLEN, "ASIAEXAMPLESTOLEN001", 22),
    by_instance(STOPPED, "ASIAEXAMPLESTOPPED01", 20),
    by_instance(STOPPED, "ASIAEXAMPLESTOPPED02", 25, AWAY),
    by_instance(ROTATED, "ASIAEXAMPLEROTATED01", 20),
    by_instance(ROTATED, "ASIAEXAMPLEROTATED01", 26, AWAY),
    by_instance(INSIDE, "ASIAEXAMPLEINSIDE001", 20),
    by_instance(INSIDE, "ASIAEXAMPLEINSIDE001", 21, "10.0.0.9"),
    by_instance(INSIDE, "ASIAEXAMPLEINSIDE001", 22, AWAY, vpcEndpointId="vpce-1"),
    by_instance(BOTH, "ASIAEXAMPLEBOTHWAYS1", 20),
    by_instance(BOTH, "ASIAEXAMPLEBOTHWAYS1", 21, "2001:db8:1::1"),
    by_instance(BOTH, "ASIAEXAMPLEBOTHWAYS1", 22),
    # A role of people is no instance.
    by_role(at(20), "ops", "bob", "ASIAEXAMPLEPEOPLE001"),
    by_role(at(21, 0, AWAY), "ops", "bob", "ASIAEXAMPLEPEOPLE001"),
    by_role(at(22), "ops", "bob", "ASIAEXAMPLEPEOPLE001"),
    # Keys that were made: used elsewhere at once, at home, an hour later, and before the clock says they were there.
    made(30, "AKIAEXAMPLENEW000001"),
    by_key("AKIAEXAMPLENEW000001", at(31, 0, AWAY)),
    by_key("AKIAEXAMPLENEW000001", at(32)),
    by_key("AKIAEXAMPLENEW000001", at(59, 59, AWAY)),
    made(0, "AKIAEXAMPLENEW000002"),
    by_key("AKIAEXAMPLENEW000002", at(30, 1, AWAY)),
    made(30, "AKIAEXAMPLENEW000003"),
    by_key("AKIAEXAMPLENEW000003", at(31, 0, "198.51.100.99")),
    made(30, "AKIAEXAMPLENEW000004", errorCode="LimitExceeded"),
    by_key("AKIAEXAMPLENEW000004", at(31, 0, AWAY)),
    # One key on two systems; one of the console.
    by_role(at(40, userAgent="aws-cli/2.15 os/windows#10 md/arch#amd64"), "ops", "eve", "ASIAEXAMPLESYSTEMS01"),
    by_role(at(41, userAgent="aws-cli/2.15 os/linux#6 md/arch#x86_64"), "ops", "eve", "ASIAEXAMPLESYSTEMS01"),
    by_role(at(40, userAgent="Mozilla/5.0 (Windows NT 10.0)"), "ops", "dan", "ASIAEXAMPLECONSOLE01")
    | {"sessionCredentialFromConsole": "true"},
    by_role(at(41, userAgent="aws-internal/3 Linux/5.4 x86_64"), "ops", "dan", "ASIAEXAMPLECONSOLE02")
    | {"sessionCredentialFromConsole": "true"},
]


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("places"), *RECORDS)


def seen(rows, by):
    """By a column, the times and addresses of the events that each row leads to."""
    found = {}
    for row in rows:
        behind = rows.drill(row).frame("event_time", "source_ip_address")
        assert len(behind) == row["events"]
        found[row[by]] = [f"{time:%M:%S} {address}" for time, address in behind.itertuples(index=False)]
    return found


def test_a_key_that_goes_back_and_forth_is_in_two_networks(events):
    turns = [f"{n:02d}:00 {address}" for n, address in TURNS]
    assert seen(two_networks(events), "credential") == {"key:AKIAEXAMPLETURNS0001": turns}


def test_an_instance_is_not_in_two_networks(events):
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/"
    assert seen(away_from_instance(events), "actor") == {
        session + STOLEN: [f"21:00 {AWAY}"],
        session + ROTATED: [f"26:00 {AWAY}"],
    }


def test_a_new_key_that_is_used_elsewhere_was_made_for_somebody_there(events):
    used = [f"31:00 {AWAY}", f"59:59 {AWAY}"]
    assert seen(new_key_elsewhere(events), "access_key_id") == {"AKIAEXAMPLENEW000001": used}


def test_a_key_with_two_operating_systems_is_on_two_machines(events):
    assert [*seen(two_machines(events), "credential")] == ["tmp:ASIAEXAMPLESYSTEMS01"]
