"""A role is assumed over HTTP, its credentials are those that objects are asked for with, and they are renewed half-way."""

import json
import re
from datetime import timedelta

import boto3
import pytest

from cttoolkit.errors import EvidenceError
from tests.collection.worlds import is_object

ROLE = "arn:aws:iam::123456789012:role/incident-response"


def key_of(handler):
    return re.search(r"Credential=(\w+)/", handler.headers.get("Authorization", ""))[1]


@pytest.fixture
def role(moto, credentials):
    iam = boto3.client("iam", endpoint_url=f"http://127.0.0.1:{moto}")
    iam.create_role(RoleName="incident-response", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"}))
    yield ROLE
    iam.delete_role(RoleName="incident-response")
    iam.close()


def test_objects_are_asked_for_as_the_role_and_the_manifest_names_it(gather, proxy, filled, role):
    used = set()
    proxy.fault = lambda handler, path, times: used.add(key_of(handler)) if is_object(path) else None
    done = gather(role_arn=role)
    assert (done.collected, done.is_whole) == (len(filled), True)
    assert len(used) == 1
    assert "testing" not in used
    run = json.loads((done.folder / "manifest.json").read_text())["runs"][0]
    assert run["role_arn"] == role
    assert run["by"]["arn"] == "arn:aws:sts::123456789012:assumed-role/incident-response/cttoolkit-collect"


def test_credentials_that_run_out_half_way_are_renewed_and_nothing_is_lost(gather, proxy, filled, role, monkeypatch):
    from botocore import credentials

    now, left, late = credentials._local_now, credentials.RefreshableCredentials._seconds_remaining, [timedelta()]
    monkeypatch.setattr(credentials, "_local_now", lambda: now() + late[0])
    monkeypatch.setattr(
        credentials.RefreshableCredentials, "_seconds_remaining", lambda self: left(self) - late[0].total_seconds()
    )
    served = []

    def run_out(handler, path, times):
        if not is_object(path):
            return None
        if len(served) >= len(filled) // 2:
            # The hour of the first credentials is nearly over, and S3 takes them no more.
            late[0] = timedelta(minutes=55)
            if key_of(handler) == served[0]:
                return "ExpiredToken"
        served.append(key_of(handler))
        return None

    proxy.fault = run_out
    done = gather(role_arn=role, workers=1, configuration=False)
    assert (done.collected, done.is_whole) == (len(filled), True)
    assert len(dict.fromkeys(served)) >= 2


def test_a_role_that_may_not_be_assumed_is_an_error_with_its_reason(gather, proxy, filled, role):
    proxy.refuses = lambda name: "AccessDenied" if name == "/?" else None
    with pytest.raises(EvidenceError, match="because of AccessDenied"):
        gather(role_arn=role)
