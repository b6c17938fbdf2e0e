"""docs/posture.md says what the checks say, and the permissions in it are enough and no more."""

import json
import re
import runpy
from pathlib import Path

import pytest

from cttoolkit.configuration import OPERATIONS, Failed
from cttoolkit.evidence import open_evidence
from cttoolkit.policies import Caller, Request, Truth, decide, read_policy
from cttoolkit.posture import CHECKS, audit, recorded
from cttoolkit.training.account import ACCOUNTS, sound_account

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "posture.md").read_text()
TOOL = runpy.run_path(str(ROOT / "tools" / "posture.py"))
POLICY = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
HARMFUL = (
    "cloudtrail:StopLogging cloudtrail:DeleteTrail cloudtrail:UpdateTrail cloudtrail:PutEventSelectors s3:PutObject s3:GetObject "
    "s3:DeleteObject s3:PutBucketPolicy kms:Decrypt kms:PutKeyPolicy iam:CreateUser sts:AssumeRole sns:Publish"
).split()


def answer(action):
    caller = Caller.arn("arn:aws:iam::111122223333:role/auditor")
    return decide(read_policy(POLICY), Request(caller, action, "arn:aws:s3:::anything")).answer


def test_the_page_is_the_one_that_the_checks_write():
    assert TOOL["page"]() == PAGE, "run tools/posture.py"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_is_explained(check):
    section = PAGE.split(f"### {check.name}: ")[1].split("###")[0]
    for told in (check.practice, check.why, check.remedy, *check.calls):
        assert told in section


def test_the_policy_allows_every_call_that_audits_made():
    asked = {
        f"{one.service}.{one.operation}"
        for made in (audit(sound_account()), audit(ACCOUNTS["ransom"]()))
        for one in made.asked
    }
    assert len(asked) > 30
    for call in asked | set(OPERATIONS):
        assert answer(OPERATIONS[call].permission) is Truth.YES, call


def test_the_policy_allows_nothing_else():
    assert set(POLICY["Statement"][0]["Action"]) == {operation.permission for operation in OPERATIONS.values()}
    assert {answer(action) for action in HARMFUL} == {Truth.NO}


def test_answers_that_lie_beside_the_evidence_are_found():
    samples = ROOT / "data" / "samples"
    (found,) = recorded(open_evidence(samples / "ransom"))
    assert found.account == "111122223333"
    assert recorded(open_evidence(samples / "quiet")) == ()


def test_the_account_of_the_ransom_case_has_just_the_faults_that_its_truth_names():
    place = ROOT / "data" / "samples" / "ransom"
    truth = json.loads((place / "truth.json").read_text())
    made = audit(place, sensitive=["arn:aws:s3:::acme-claims-archive"])
    assert {row.check.name for row in made.only("fail").rows} == set(truth["faults"])
    assert {row.check.name for row in made.only("unknown").rows} == {"CT-07", "CT-26"}
    assert not [one for one in made.asked if isinstance(one.reply, Failed)]
    kept = [path.stat().st_size for path in (place / "configuration").rglob("*.json")]
    assert len(kept) >= len(made.asked)
    assert sum(kept) < 200_000
