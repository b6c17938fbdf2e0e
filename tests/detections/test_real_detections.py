"""In logs that nobody here wrote, the attacks that were played are seen, and the rest of the day is not."""

from pathlib import Path

import pytest

import cttoolkit as ct

CORPUS = Path(__file__).parent.parent.parent.parent / "shared" / "corpus"
DATASET = CORPUS / "invictus-aws-dataset"
pytestmark = pytest.mark.skipif(not DATASET.is_dir(), reason="the Invictus AWS dataset is not beside this checkout")
FAMILIES = ("trail-tampering", "monitoring", "credentials", "sign-in", "privilege", "persistence")
EXPECTED = {
    "trail-stopped": 6,
    "selectors-narrowed": 1,
    "log-bucket-weakened": 9,
    "flow-logs-deleted": 1,
    "log-group-deleted": 1,
    "key-for-another-user": 2,
    "signed-in-without-mfa": 1,
    "administrator-policy-attached": 2,
    "trust-policy-changed": 2,
    "instance-profile-swapped": 3,
    "instance-run-with-role": 6,
    "function-made-with-role": 6,
    "function-code-changed": 2,
    "role-trusts-another-account": 1,
    "user-made": 4,
    "login-profile-for-another": 2,
    "certificate-authority-trusted": 2,
    "function-opened": 1,
}
"""By detection, how many of 2,900 events."""


def admitted(place):
    return ct.admit(ct.verify(ct.open_evidence(place)), ct.AcceptUnverified(reason="public data without digests"))


@pytest.fixture(scope="module")
def detected():
    return ct.detect(admitted(DATASET), only=FAMILIES)


def test_the_attacks_of_a_red_team_are_seen(detected):
    assert {row[0]: row[3] for row in detected.questions().rows if row[3]} == EXPECTED


def test_they_are_told_by_whom(detected):
    (opened,) = detected.of("function-opened")
    assert "user/bert-jan was seen to let anybody or another account call a function" in opened.claim
    (stopped,) = detected.of("trail-stopped")
    assert (stopped.count, stopped.failed) == (6, 4)


def test_where_nothing_was_attacked_nothing_is_seen():
    assert len(ct.detect(admitted(CORPUS / "plaso"), only=["privilege", "persistence", "credentials"])) == 0
