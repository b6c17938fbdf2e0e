"""Roles assumed into another account, told by both."""

import pytest

import cttoolkit as ct
from tests.conftest import ACCOUNT, admitted, event

OTHER, STRANGER = "777788889999", "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/support"
MINE = f"arn:aws:iam::{ACCOUNT}:role/vendor"


def assumed(number, role, *, by=ACCOUNT, seen_by=ACCOUNT, **parts):
    identity = {"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": by}
    asked = parts.pop("asked", {"roleArn": role, "roleSessionName": "s"})
    return event(
        number, f"2026-03-01T01:{number:02d}:00Z", parts.pop("name", "AssumeRole"), eventSource="sts.amazonaws.com",
        userIdentity=identity, requestParameters=asked, recipientAccountId=seen_by, **parts,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    events = admitted(
        tmp_path_factory.mktemp("crossings"),
        assumed(1, ROLE, sharedEventID="a"),
        assumed(2, ROLE, seen_by=OTHER, sharedEventID="a", sourceIPAddress="192.0.2.77"),
        assumed(3, ROLE, errorCode="AccessDenied"),
        assumed(4, MINE, by=STRANGER),
        assumed(5, MINE),
        assumed(6, "", asked={"targetPrincipal": OTHER}, name="AssumeRoot"),
        assumed(7, "planted\x00 arn:aws:iam::777788889999:role/no"),
        assumed(8, "", asked=None),
        event(9, "2026-03-01T01:09:00Z", "AssumeRole", requestParameters={"roleArn": MINE},
              userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
    )  # fmt: skip
    return ct.pivot.crossings(events)


def row(found, *key):
    (one,) = [row for row in found if tuple(row[name] for name in found.key_columns) == key]
    return one


def test_both_halves_of_one_crossing_are_one_row_that_counts_each(found):
    one = row(found, ACCOUNT, OTHER, ROLE)
    assert (one["told_by_caller"], one["told_by_role"], one["refused"], one["addresses"]) == (2, 1, 1, 2)


def test_a_half_that_is_not_in_the_evidence_is_missed(found):
    one = row(found, STRANGER, ACCOUNT, MINE)
    assert (one["told_by_caller"], one["told_by_role"]) == (0, 1)


def test_root_of_another_account_is_a_crossing_too(found):
    assert row(found, ACCOUNT, OTHER, OTHER)["events"] == 1


def test_roles_of_the_own_account_services_and_what_is_no_arn_are_none(found):
    assert found.values == [(ACCOUNT, OTHER, ROLE), (STRANGER, ACCOUNT, MINE), (ACCOUNT, OTHER, OTHER)]


def test_each_row_leads_to_its_events(found):
    for one in found:
        assert len(found.drill(one)) == one["events"]
    assert {one["standing"] for one in found} == {ct.Word.PROVED_PRESENT.value}


def test_where_nobody_crossed_there_is_no_row(found):
    assert len(ct.pivot.crossings(found.events.named("AssumeRole").where(error_code="Nothing"))) == 0
