"""Passwords that were guessed, sprayed and found leave a run of sign-ins, and somebody who mistypes does not."""

import pytest

import cttoolkit as ct
from cttoolkit.detections.sign_in_runs import guessed, guessed_and_entered, hidden_names, sprayed, unanswered
from tests.conftest import ACCOUNT, admitted, event

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"


def sign_in(minute, second, name, address="198.51.100.7", outcome="Failure", event_name="ConsoleLogin"):
    """One attempt; the record's number tells its time."""
    who = {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": "", "userName": name}
    if name != HIDDEN:
        who |= {"principalId": f"AIDAEXAMPLE{name.upper()}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"}
    return event(
        minute * 60 + second, f"2026-03-01T01:{minute:02d}:{second:02d}Z", event_name,
        eventSource="signin.amazonaws.com", eventType="AwsConsoleSignIn", userIdentity=who, sourceIPAddress=address,
        requestParameters=None, responseElements={event_name: outcome}, readOnly=False,
    )  # fmt: skip


RECORDS = [
    # bob's password is guessed over the edge of ten minutes; carol mistypes four times, and once more much later.
    *(sign_in(9, second, "bob", "203.0.113.5") for second in (0, 50)),
    *(sign_in(10 + n, 0, "bob", "203.0.113.5") for n in range(3)),
    *(sign_in(20 + n, 1, "carol", "203.0.113.6") for n in range(4)),
    sign_in(40, 1, "carol", "203.0.113.6"),
    # Names that are not there, from one address; and too few of them from another.
    *(sign_in(30, n, HIDDEN, "203.0.113.9") for n in range(5)),
    *(sign_in(30, 10 + n, HIDDEN, "203.0.113.10") for n in range(4)),
    # Five names from one address within ten minutes that begin at no full ten; four names five times from another.
    *(sign_in(26 + n * 2, 30, f"user{n}", "203.0.113.20") for n in range(4)),
    sign_in(33, 30, "user4", "203.0.113.20"),
    *(sign_in(35, 20 + n, f"user{n % 4}", "203.0.113.21") for n in range(5)),
    # dave is found after three failures, erin comes in after two, frank's failures are of the hour before.
    *(sign_in(45, 40 + n, "dave", "203.0.113.30") for n in range(3)),
    sign_in(46, 40, "dave", "203.0.113.31", "Success"),
    *(sign_in(47, 40 + n, "erin", "203.0.113.40") for n in range(2)),
    sign_in(48, 40, "erin", "203.0.113.40", "Success"),
    # A factor that was asked for: answered, not answered, answered too late.
    sign_in(50, 1, "grace", "203.0.113.50", "Success", "CheckMfa"),
    sign_in(51, 1, "grace", "203.0.113.50", "Success"),
    sign_in(50, 2, "heidi", "203.0.113.51", "Success", "CheckMfa"),
    sign_in(50, 3, "ivan", "203.0.113.52", "Success", "CheckMfa"),
    sign_in(1, 3, "judy", "203.0.113.53", "Success", "CheckMfa"),
    sign_in(12, 3, "judy", "203.0.113.53", "Success"),
]  # fmt: skip


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("sign-ins"), *RECORDS)


def seen(rows):
    """By what tells rows apart, the minutes and seconds of the events that each leads to."""
    found = {}
    for row in rows:
        behind = rows.drill(row)
        assert len(behind) == row["events"]
        found[row[rows.key_columns[0]].rpartition("/")[2]] = [
            (time.minute, time.second) for time in behind.frame("event_time").event_time
        ]
    return found


def test_five_failures_of_one_name_in_ten_minutes_are_guessing(events):
    assert seen(guessed(events)) == {"bob": [(9, 0), (9, 50), (10, 0), (11, 0), (12, 0)]}


def test_names_that_are_not_there_are_counted_by_address(events):
    assert seen(hidden_names(events)) == {"203.0.113.9": [(30, n) for n in range(5)]}


def test_five_names_from_one_address_are_a_spray(events):
    assert seen(sprayed(events)) == {
        "203.0.113.20": [(26, 30), (28, 30), (30, 30), (32, 30), (33, 30)],
    }


def test_a_success_after_three_failures_was_found(events):
    assert seen(guessed_and_entered(events)) == {"dave": [(46, 40)]}


def test_a_success_from_an_address_that_failed_for_others_was_found(tmp_path):
    tried = [sign_in(n, 0, f"user{n}", "203.0.113.60") for n in range(3)]
    entered = admitted(tmp_path, *tried, sign_in(5, 0, "mallory", "203.0.113.60", "Success"))
    assert seen(guessed_and_entered(entered)) == {"mallory": [(5, 0)]}


def test_a_second_factor_that_was_not_given_is_a_password_that_was_known(events):
    assert seen(unanswered(events)) == {"heidi": [(50, 2)], "ivan": [(50, 3)], "judy": [(1, 3)]}


def test_passwords_of_identity_center_are_guessed_too(tmp_path):
    who = {"type": "Unknown", "principalId": "9067-example", "accountId": ACCOUNT, "userName": "nina"}
    tried = [
        sign_in(n, 0, "nina", event_name="CredentialVerification")
        | {"userIdentity": who, "responseElements": None, "serviceEventDetails": {"CredentialVerification": outcome}}
        for n, outcome in enumerate(["Failure"] * 5 + ["Success"])
    ]
    (row,) = guessed(admitted(tmp_path, *tried))
    assert row["events"] == 5


def test_a_run_of_addresses_has_no_actor_and_is_somebody(events):
    sighting = next(iter(ct.detect(events, only="password-spraying")))
    assert sighting.claim.startswith("Somebody was seen to")
    assert sighting.count == len(sighting.events) == 5
