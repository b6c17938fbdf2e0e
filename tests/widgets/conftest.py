"""One world for all tests of the widgets: several pages of events, some of them hostile, doubtful or without a time."""

import random

import pytest

from cttoolkit.events import admit
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.training import tamper
from tests.conftest import ACCOUNT, event, small_world

SCRIPT = "<script>window.struck=1</script>"
IMAGE = '"><img src=x onerror=window.struck=1>'
BIDI = "abc\u202egnp.exe"
QUOTES = 'it\'s "quoted" \\ {x} \n and a line'
NUL = "before\x00after"


def caller(name, session=None):
    if session is None:
        return {
            "type": "IAMUser",
            "principalId": f"AIDAEXAMPLE{name.upper()}",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "accountId": ACCOUNT,
            "accessKeyId": f"AKIA{name.upper()}EXAMPLE",
            "userName": name,
        }
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE{name.upper()}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": f"ASIA{name.upper()}EXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": f"AROAEXAMPLE{name.upper()}",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "accountId": ACCOUNT,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-03-01T00:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def records():
    draws = random.Random(11)
    callers = [caller("alice"), caller("bob"), caller("deploy", "run-1"), caller("deploy", SCRIPT), caller("ops", NUL)]
    calls = [("DescribeInstances", "ec2"), ("CreateAccessKey", "iam"), ("GetObject", "s3"), ("AssumeRole", "sts")]
    for number in range(170):
        name, service = draws.choice(calls)
        minute = draws.randrange(4 * 60 + 30)
        time = f"2026-03-01T{minute // 60:02d}:{minute % 60:02d}:{draws.randrange(60):02d}Z"
        odd = {}
        if number % 9 == 0:
            odd["errorCode"] = draws.choice(["AccessDenied", IMAGE])
        if number % 23 == 0:
            odd["eventSource"] = draws.choice(["nodots", QUOTES])
        yield event(
            number,
            time,
            name,
            userIdentity=draws.choice(callers),
            eventSource=odd.pop("eventSource", f"{service}.amazonaws.com"),
            awsRegion=draws.choice(["us-east-1", "eu-west-1", "us-east-1"]),
            sourceIPAddress=draws.choice(["192.0.2.1", "198.51.100.7", "2001:db8::1", BIDI, "ec2.amazonaws.com"]),
            readOnly=name.startswith(("Describe", "Get")),
            userAgent=SCRIPT,
            requestParameters={"note": SCRIPT, "number": number},
            **odd,
        )
    # An id that stands for two contents.
    yield event(500, "2026-03-01T01:00:00Z", "DeleteTrail")
    yield event(500, "2026-03-01T01:00:30Z", "StopLogging")


def made(folder):
    case = small_world(folder, *records())
    planted = [event(900 + number, f"2026-03-01T02:0{number}:00Z", "PlantedCall") for number in range(5)]
    planted += [event(950 + number, "not a time", "PlantedCall") for number in range(4)]
    tamper.plant_log(case.bucket, case.logs[0], planted)
    return case


@pytest.fixture(scope="session")
def case(tmp_path_factory):
    made_case = made(tmp_path_factory.mktemp("explored"))
    made_case.write()
    return made_case


@pytest.fixture(scope="session")
def verification(case):
    return case.verify()


@pytest.fixture(scope="session")
def events(verification):
    return admit(verification, AcceptUnverified(reason="to look at what was planted"))
