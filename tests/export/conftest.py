"""One world for all exports, in which strangers wrote what they liked, and a few ways to look at what came of it."""

import json

import pytest

from cttoolkit.finding import absence, finding
from tests.conftest import ACCOUNT, admitted, event

TIME = "2026-03-01T01:00:00Z"
NASTY = "\x1b]0;pwned\x07\x00\x7f\u202e\u2028\x85\r\nnext\t\U0001f600"
FORMULAS = (
    '=HYPERLINK("http://evil.example")', "+1+1", "-1+1", "@SUM(1)", "＝1＋1", "＠SUM(1)", "  =1", '"=1"', "\t=1", "\r=1",
    "a;=1+1", 'a; "+1', "'=1", "a;'=1", "=cmd|' /C calc'!A0",
)  # fmt: skip
LARGE = {"size": 12345678901234567890, "rate": 0.10000000000000001, "é": NASTY}
LONG = "x" * 32_766 + "=1+1" + "y" * 40_000


def role(**more):
    return {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:build",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy"},
            "attributes": {"creationDate": "2026-03-01T00:30:00Z", "mfaAuthenticated": "true"},
        },
    } | more


BUCKET = {"ARN": "arn:aws:s3:::secret", "type": "AWS::S3::Bucket", "accountId": ACCOUNT}
RECORDS = (
    event(1, "2026-03-01T00:10:00Z", "CreateAccessKey", readOnly=False, resources=[BUCKET, {"accountId": ACCOUNT}, {"ARN": 7}]),
    event(2, "2026-03-01T00:20:00Z", "DeleteTrail", readOnly=False, errorCode="AccessDenied", errorMessage="not you"),
    event(3, "2026-03-01T00:30:00Z", "StartInstances", readOnly=False, requestParameters=LARGE, userIdentity=role()),
    event(4, "2026-03-01T00:40:00Z", NASTY, userAgent=NASTY, errorCode=NASTY, requestParameters={NASTY: NASTY}),
    event(5, "no time at all", "GetObject"),
    {name: value for name, value in event(6, TIME, "GetObject").items() if name != "eventTime"},
    event(7, TIME, "ConsoleLogin", eventType="AwsConsoleSignIn", responseElements={"ConsoleLogin": "Failure"}, readOnly=False),
    event(8, TIME, "RotateKey", eventType="AwsServiceEvent", userIdentity={"type": "AWSService", "invokedBy": "kms.amazonaws.com"},
          sourceIPAddress="kms.amazonaws.com", readOnly=None, requestID=None),
    event(9, TIME, "Createsomething", userIdentity=None, sourceIPAddress="AWS Internal", readOnly=None),
    event(10, "9999-12-31T23:59:59Z", "UpdateTrail", readOnly=False, sourceIPAddress="2001:db8::1", vpcEndpointId="vpce-1"),
    event(11, "0001-01-01T00:00:00Z", sourceIPAddress=None, resources=[BUCKET, {"ARNPrefix": "arn:aws:s3:::secret/*"}]),
    event(12, TIME, userAgent="", requestParameters={"long": LONG}, resources=[BUCKET], eventID=None),
    *(event(20 + n, "2026-03-01T02:00:00Z", userAgent=text, requestID=text) for n, text in enumerate(FORMULAS)),
)  # fmt: skip
TIMELESS = 2


@pytest.fixture(scope="session")
def events(tmp_path_factory):
    return admitted(tmp_path_factory.mktemp("strangers"), *RECORDS, delivered_at="2026-03-01T01:05:00Z")


@pytest.fixture(scope="session")
def conclusions(events):
    """Two findings with one event in common, and an absence."""
    made = finding("A key was made.", events.named("CreateAccessKey"))
    seen = finding(
        "=1+1 \u202e changes", events.where(read_only=False).named("CreateAccessKey", "DeleteTrail", "StartInstances")
    )
    return [made, seen, absence("The trail was never stopped.", events.named("StopLogging"), events.window)]


@pytest.fixture(scope="session")
def truth(events):
    """The rows as the table has them, by event id."""
    frame = events.frame().astype(object)
    frame = frame.where(frame.notna(), None)
    return {row["record_sha256"]: row for row in frame.to_dict(orient="records")}


def objects(path):
    """What a reader of JSON lines makes of a file."""
    return [json.loads(one) for one in path.read_text().split("\n")[:-1]]
