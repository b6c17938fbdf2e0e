"""Who was refused, and after a change to IAM was not, gained a right."""

import pytest

from cttoolkit.detections.rights_gained import gained
from tests.conftest import admitted, event
from tests.detections.samples.records import by_service, call, refused

CHANGE = call("iam", "AttachUserPolicy", {"userName": "alice"})


def calls_of(name, *outcomes):
    """Calls one minute after the other, refused or not; ``+`` is a change to IAM, by itself."""
    return [
        refused(call("ec2", name)) if one == "-" else CHANGE if one == "+" else call("ec2", name) for one in outcomes
    ]


def world(folder, *parts):
    told = [
        event(n, f"2026-03-01T01:{n:02d}:00Z") | record
        for n, record in enumerate(record for part in parts for record in part)
    ]
    return admitted(folder, *told)


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return world(
        tmp_path_factory.mktemp("rights"),
        calls_of("Gained", *"--"),
        calls_of("Flapping", *"-o-"),
        calls_of("Never", "-"),
        calls_of("Broken", "-"),
        [CHANGE],
        calls_of("Gained", *"oo"),
        calls_of("Flapping", "o"),
        calls_of("Never", "-"),
        [call("ec2", "Broken", errorCode="InvalidParameterValue")],
        # After the last change.
        calls_of("Late", *"-o"),
        calls_of("Always", *"oo"),
        [by_service(refused(CHANGE))],
    )


def test_a_call_that_was_refused_until_iam_was_changed_is_a_right_gained(events):
    rows = gained(events)
    (row,) = rows
    assert row["event_name"] == "Gained"
    assert (row["events"], row["failed"], row["refused"]) == (4, 2, 2)
    assert row["actor"].endswith("user/alice")
    assert row["recipient_account_id"] == "111122223333"
    behind = rows.drill(row)
    assert len(behind) == 4
    assert set(behind.frame().event_name) == {"Gained"}


def test_a_change_that_was_refused_gives_no_right(tmp_path):
    assert len(gained(world(tmp_path, calls_of("Gained", "-"), [refused(CHANGE)], calls_of("Gained", "o")))) == 0
