"""OCSF: every line keeps to the schema as others publish it, and says no more than CloudTrail does."""

from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from cttoolkit.events import admit
from cttoolkit.evidence import open_evidence
from cttoolkit.export import ocsf
from cttoolkit.export.ocsf import VERSION
from cttoolkit.integrity.policy import AcceptUnverified
from cttoolkit.integrity.verify import verify
from tests.export.conftest import LARGE, NASTY, RECORDS, TIMELESS, objects
from tests.test_real_logs import DATASET

SCHEMA = get_ocsf_schema(VERSION)


@pytest.fixture(scope="module")
def valid():
    schema = OcsfJsonSchemaEmbedded(SCHEMA).get_class_schema("api_activity", profiles=["cloud"])
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def path(events, tmp_path_factory):
    return ocsf(events, tmp_path_factory.mktemp("ocsf") / "events.jsonl").path


@pytest.fixture(scope="module")
def told(path):
    """Each event by its number in the world."""
    return {int((one["metadata"].get("uid") or "12").rpartition("-")[2]): one for one in objects(path)}


def test_every_line_keeps_to_the_schema(path, valid):
    lines = objects(path)
    assert len(lines) == len(RECORDS) - TIMELESS
    for one in lines:
        assert [error.message for error in valid.iter_errors(one)] == []


def test_the_schema_would_not_take_another_line(told, valid):
    one = told[1]
    for change in ({"activity_id": 7}, {"time": "now"}, {"more": 1}, {"actor": {}}, {"src_endpoint": {"ip": "here"}}):
        assert not valid.is_valid(one | change), change
    assert not valid.is_valid({name: value for name, value in one.items() if name != "cloud"})


def test_findings_keep_to_the_schema_and_bring_their_claims(conclusions, valid, tmp_path):
    lines = objects(ocsf(conclusions, tmp_path / "findings.jsonl").path)
    assert all(valid.is_valid(one) for one in lines)
    assert [(one["value"], one["data"]["standing"]) for one in lines[0]["enrichments"]] == [
        (conclusion.claim, "proved present") for conclusion in conclusions[:2]
    ]


@pytest.mark.skipif(not DATASET.is_dir(), reason="the Invictus AWS dataset is not beside this checkout")
def test_real_logs_keep_to_the_schema(valid, tmp_path):
    events = admit(verify(open_evidence(DATASET)), AcceptUnverified(reason="public training data without digests"))
    made = ocsf(events, tmp_path / "events.jsonl")
    assert made.rows == len(events)
    for one in objects(made.path)[::15]:
        assert [error.message for error in valid.iter_errors(one)] == []


@pytest.mark.parametrize(("number", "activity"), [(1, 1), (2, 4), (3, 99), (4, 2), (8, 0), (9, 0), (10, 3), (11, 2)])
def test_an_activity_is_what_cloudtrail_says_of_it(told, number, activity):
    one = told[number]
    assert one["activity_id"] == activity
    assert one["type_uid"] == 600300 + activity
    caption = SCHEMA["classes"]["api_activity"]["attributes"]["activity_id"]["enum"][str(activity)]["caption"]
    assert one["activity_name"] == (one["api"]["operation"] if activity == 99 else caption)
    assert one["type_name"] == f"API Activity: {caption}"


@pytest.mark.parametrize(("number", "status"), [(1, 1), (2, 2), (4, 2), (7, 2), (8, 0), (9, 1)])
def test_a_call_succeeded_only_where_its_silence_says_so(told, number, status):
    assert told[number]["status_id"] == status
    assert told[number]["status"] == ("Unknown", "Success", "Failure")[status]


def test_no_severity_is_made_up(told):
    assert {(one["severity_id"], one["severity"]) for one in told.values()} == {(0, "Unknown")}


def test_who_called_is_who_cloudtrail_names(told):
    assert told[1]["actor"]["user"] == {
        "uid": "arn:aws:iam::111122223333:user/alice",
        "uid_alt": "AIDAEXAMPLEALICE00001",
        "name": "alice",
        "account": {"uid": "111122223333"},
        "type": "IAMUser",
        "type_id": 1,
        "credential_uid": "AKIAIOSFODNN7EXAMPLE",
    }
    assert told[3]["actor"]["user"]["type_id"] == 99
    assert told[3]["actor"]["session"] == {
        "issuer": "arn:aws:iam::111122223333:role/deploy",
        "created_time": int(datetime(2026, 3, 1, 0, 30, tzinfo=UTC).timestamp()) * 1000,
        "is_mfa": True,
    }
    assert told[8]["actor"] == {"invoked_by": "kms.amazonaws.com"}
    assert told[8]["unmapped"]["user_identity_type"] == "AWSService"
    assert told[9]["actor"] == {"user": {"name": "Unknown", "type": "Unknown", "type_id": 0}}


def test_a_source_is_an_address_a_service_or_aws_s_own_words(told):
    assert told[1]["src_endpoint"] == {"ip": "192.0.2.10"}
    assert told[8]["src_endpoint"] == {"svc_name": "kms.amazonaws.com"}
    assert told[9]["src_endpoint"] == {"name": "AWS Internal"}
    assert told[10]["src_endpoint"] == {"ip": "2001:db8::1", "uid": "vpce-1"}
    assert told[11]["src_endpoint"] == {"name": "Unknown"}


def test_what_a_call_asked_for_keeps_its_digits(path, told):
    assert told[3]["api"]["request"] == {"uid": "request-3", "data": LARGE}
    assert "12345678901234567890" in path.read_text()
    assert told[8]["unmapped"]["request_parameters"] == {"number": 8}
    assert told[4]["http_request"]["user_agent"] == NASTY


def test_a_resource_without_an_arn_is_kept_beside(told):
    bucket = {"uid": "arn:aws:s3:::secret", "type": "AWS::S3::Bucket", "owner": {"account": {"uid": "111122223333"}}}
    assert told[1]["resources"] == told[11]["resources"] == told[12]["resources"] == [bucket]
    assert told[11]["unmapped"]["resources"][1] == {"ARNPrefix": "arn:aws:s3:::secret/*"}
    assert told[1]["unmapped"]["resources"][1:] == [{"accountId": "111122223333"}, {"ARN": 7}]
    assert "resources" not in told[12]["unmapped"]


def test_every_value_of_an_event_is_somewhere(told, truth):
    for one in told.values():
        row = truth[one["raw_data_hash"]["value"]]
        everything = str(one)
        for name, value in row.items():
            if (
                isinstance(value, str)
                and name not in ("session_created_at", "mfa_authenticated")
                and value[:1] not in "{["
            ):
                assert value in everything or repr(value)[1:-1] in everything, name
        assert one["unmapped"]["log_file"] == row["log_file"]
        assert one["unmapped"]["record_index"] == row["record_index"]
        assert one["unmapped"]["status"] == "intact"
        assert one["time"] == int(row["event_time"].timestamp()) * 1000


def test_a_line_is_plain_ascii(path):
    assert set(path.read_bytes()) <= {0x0A, *range(0x20, 0x7F)}
