"""Keys asked of AWS, answered by botocore's stubber with the documented shape. Never run against AWS itself."""

import base64
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from cttoolkit.cli import main
from cttoolkit.errors import EvidenceError, KeyringError
from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.finding import finding
from cttoolkit.integrity.keyring import fetch_keys, load_keys
from cttoolkit.integrity.policy import IntactOnly
from cttoolkit.integrity.verify import verify
from cttoolkit.sources import public_keys
from cttoolkit.standing import Word
from cttoolkit.window import Window

MARCH = Window.of("2026-03-01T00:00Z", "2026-03-02T00:00Z")


class Session:
    """A boto3 session whose clients are stubbed, region by region."""

    def __init__(self, answers):
        self.answers, self.asked = answers, []

    def client(self, service, region_name):
        client = boto3.client(service, region_name=region_name, aws_access_key_id="x", aws_secret_access_key="x")
        stub = Stubber(client)
        answer = self.answers[region_name]
        if isinstance(answer, str):
            stub.add_client_error("list_public_keys", answer)
        else:
            stub.add_response(
                "list_public_keys", answer, {"StartTime": MARCH.start, "EndTime": datetime(2026, 3, 2, 2, tzinfo=UTC)}
            )
        stub.activate()
        self.asked.append((service, region_name))
        return client


def answer(case):
    """The keys of a case as boto3 gives them: bytes, and times with a zone."""
    keys = []
    for key in case.bucket.public_keys()["PublicKeyList"]:
        start, end = (datetime.fromisoformat(key[name]) for name in ("ValidityStartTime", "ValidityEndTime"))
        value = base64.b64decode(key["Value"])
        keys.append(key | {"Value": value, "ValidityStartTime": start, "ValidityEndTime": end})
    return {"PublicKeyList": keys}


def test_keys_from_aws_prove(case):
    session = Session({"us-east-1": answer(case)})
    ring = fetch_keys(["us-east-1"], MARCH, session=session)
    assert session.asked == [("cloudtrail", "us-east-1")]
    events = admit(verify(open_evidence(case.write()), ring), IntactOnly())
    assert finding("Alice looked.", events).standing.word is Word.PROVED_PRESENT
    assert "ListPublicKeys in us-east-1" in repr(ring)


def test_a_refusal_is_one_line_that_names_the_permission():
    with pytest.raises(EvidenceError, match="cloudtrail:ListPublicKeys"):
        fetch_keys(["eu-west-1"], MARCH, session=Session({"eu-west-1": "AccessDeniedException"}))


def test_no_key_at_all_is_an_error():
    with pytest.raises(KeyringError, match="no key for"):
        fetch_keys(["eu-west-1"], MARCH, session=Session({"eu-west-1": {"PublicKeyList": []}}))


def test_the_command_saves_what_load_keys_reads(case, tmp_path, monkeypatch, capsys):
    session = Session({"us-east-1": answer(case)})
    monkeypatch.setattr(public_keys, "open_session", lambda profile=None: session)
    path = tmp_path / "keys.json"
    arguments = [
        "keys",
        "--region",
        "us-east-1",
        "--from",
        "2026-03-01T00:00Z",
        "--to",
        "2026-03-02T00:00Z",
        "-o",
        str(path),
    ]
    assert main(arguments) == 0
    assert len(load_keys(path)) == 1
    assert main(arguments) == 2
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize("data_path", [None, "/nowhere"])
def test_an_unknown_profile_is_one_line(monkeypatch, data_path):
    """Where this variable is set, as the AWS CLI does, boto3 makes a session of any profile."""
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    if data_path:
        monkeypatch.setenv("AWS_DATA_PATH", data_path)
    with pytest.raises(EvidenceError, match="profile no-such"):
        public_keys.open_session("no-such")
