"""Attacks that nobody here made, in public logs where they are at hand."""

import pytest

import cttoolkit as ct
from tests.test_real_logs import DATASET

pytestmark = pytest.mark.skipif(not DATASET.is_dir(), reason="the Invictus AWS dataset is not beside this checkout")

EXPECTED = {
    "tool-agent": 1146,
    "secrets-read-in-bulk": 147,
    "secret-destroyed": 17,
    "snapshot-shared": 3,
    "shared-snapshot-used": 2,
    "lifecycle-expires-soon": 1,
    "port-opened-to-world": 1,
    "large-instance-run": 2,
    "launch-limit-met": 2,
    "windows-password-read": 29,
    "user-data-read-in-bulk": 15,
    "bucket-policy-shared": 1,
    "organization-left": 1,
    "authorization-details": 1,
    "database-deleted-outright": 1,
}
"""By detection, events: of Stratus Red Team's techniques, as its records in the dataset show them."""
QUIET = (
    "snapshot-public",
    "bucket-policy-public",
    "encrypted-with-sent-key",
    "root-used",
    "key-destroyed",
    "ransom-note",
)


@pytest.fixture(scope="module")
def detected():
    verification = ct.verify(ct.open_evidence(DATASET))
    events = ct.admit(verification, ct.AcceptUnverified(reason="public training data without digests"))
    return ct.detect(events, only=[*EXPECTED, *QUIET])


def test_what_the_attackers_did_is_seen(detected):
    assert {name: sum(one.count for one in detected.of(name)) for name in EXPECTED} == EXPECTED


def test_what_they_did_not_do_is_not_seen(detected):
    assert {name: len(detected.of(name)) for name in QUIET} == dict.fromkeys(QUIET, 0)


def test_a_role_that_may_not_is_said_to_have_tried(detected):
    (one,) = detected.of("windows-password-read")
    assert one.claim.startswith("arn:aws:iam::123837392027:role/stratus-red-team-ec2-get-password-data-role tried to")
    assert len(one.events) == one.count == one.failed == 29
    assert one.finding().standing.word.value == "reported present"
