"""The policy in the documentation is what is called, no more and no less."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

import cttoolkit as ct
from cttoolkit.configuration import OPERATIONS
from cttoolkit.sources import clients

PAGE = Path(__file__).parent.parent.parent / "docs" / "collect.md"
# Service Authorization Reference: these actions are not named after their operations.
OTHERWISE = {
    "s3:ListObjectVersions": "s3:ListBucketVersions",
}


@pytest.fixture
def called(monkeypatch):
    """Permissions of every call that is made, by the operations that botocore sends."""
    found = set()

    def note(model, params, **_):
        name = f"{model.service_model.service_name}:{model.name}"
        if name == "s3:GetObject" and "versionId" in params["query_string"]:
            name = "s3:GetObjectVersion"
        known = OPERATIONS.get(name.replace(":", "."))
        found.add(known.permission if known else OTHERWISE.get(name, name))

    def open_session(profile=None):
        session = boto3.Session(profile_name=profile)
        session.events.register("before-call.*", note)
        return session

    monkeypatch.setattr(clients, "open_session", open_session)
    return found


@pytest.fixture
def trail(moto, s3, credentials):
    """A trail with Insights and a key of KMS, whose settings are asked for."""
    url = f"http://127.0.0.1:{moto}"
    key = boto3.client("kms", endpoint_url=url).create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="other-logs")
    cloudtrail = boto3.client("cloudtrail", endpoint_url=url)
    cloudtrail.create_trail(Name="audited", S3BucketName="other-logs", KmsKeyId=key)
    cloudtrail.put_insight_selectors(TrailName="audited", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    yield "audited"
    cloudtrail.delete_trail(Name="audited")


def allowed():
    policy = json.loads(re.search(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)[1])
    return {action for statement in policy["Statement"] for action in statement["Action"]}


@pytest.fixture
def ask_apis(moto, tmp_path):
    """Event history and a log group, asked for a day."""
    client = boto3.client("logs", endpoint_url=f"http://127.0.0.1:{moto}")
    client.create_log_group(logGroupName="trail")

    def call():
        end = datetime.now(UTC).replace(microsecond=0)
        window = ct.Window(end - timedelta(hours=1), end)
        told = [ct.collect_event_history(tmp_path / "told", window=window)]
        told.append(ct.collect_log_group("trail", tmp_path / "told", window=window))
        assert all(one.is_whole and one.collected for one in told)
        assert len(ct.check_custody(tmp_path / "told").runs) == 2

    yield call
    client.delete_log_group(logGroupName="trail")
    client.close()


def test_the_documented_policy_is_what_is_called(gather, called, trail, ask_apis):
    plain = gather(name="plain", configuration=True)
    gather(name="versions", versions=True)
    ask_apis()
    asked = called - {"sts:GetCallerIdentity"}
    assert asked <= allowed()
    # What was not called here is asked only of what is not here: a detector, a topic, an event data store.
    assert allowed() == asked | {operation.permission for operation in OPERATIONS.values()}
    assert len(asked) > 30
    held = json.loads((plain.folder / "trail-configuration.json").read_text())
    # One server stands for AWS in all tests of a process, and others leave trails there.
    assert trail in [one["trail"]["Name"] for one in held["trails"]]
    assert ct.open_evidence(plain.folder).source.document("trail-configuration.json")


def test_nothing_but_reading_is_called(gather, called, trail, ask_apis):
    gather(configuration=True, versions=True)
    ask_apis()
    assert {"cloudtrail:LookupEvents", "logs:FilterLogEvents"} <= called
    assert all(re.match(r"[a-z0-9]+:(Get|List|Describe|Lookup|Filter)", name) for name in called)


def test_without_configuration_only_objects_are_asked_for(gather, called):
    gather()
    assert called == {"s3:ListBucket", "s3:GetObject", "sts:GetCallerIdentity"}
