"""Which secrets were read, when two services tell of it and name them in different ways."""

import pytest

from cttoolkit.pivot import secrets
from tests.conftest import ACCOUNT, HOME, admitted, event
from tests.pivot.rows import same_as_its_events

ARN = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:app/database-AbC123"
STORED = f"arn:aws:ssm:{HOME}:{ACCOUNT}:parameter/prod/key"


def asked(number, service, name, request, **parts):
    place = {"eventSource": f"{service}.amazonaws.com", "requestParameters": request}
    return event(number, f"2026-03-01T01:{number:02d}:00Z", name, **(place | parts))


def decrypted(number, context):
    return asked(
        number, "kms", "Decrypt", {"encryptionContext": context}, sourceIPAddress="secretsmanager.amazonaws.com"
    )


RECORDS = [
    asked(0, "secretsmanager", "GetSecretValue", {"secretId": "app/database"}),
    decrypted(1, {"SecretARN": ARN, "SecretVersionId": "1"}),
    asked(2, "secretsmanager", "GetSecretValue", {"secretId": ARN}, errorCode="AccessDenied"),
    asked(3, "secretsmanager", "BatchGetSecretValue", {"secretIdList": ["app/mail", "app/database", "app/mail"]}),
    asked(4, "secretsmanager", "BatchGetSecretValue", {"filters": [{"key": "name", "values": ["app"]}]}),
    decrypted(5, {"SecretARN": ARN.replace("database", "signing")}),
    asked(6, "ssm", "GetParameter", {"name": "/prod/key", "withDecryption": True}),
    decrypted(7, {"PARAMETER_ARN": STORED}),
    asked(8, "ssm", "GetParametersByPath", {"path": "/prod/", "recursive": True, "withDecryption": True}),
    asked(9, "ssm", "GetParameters", {"names": [STORED, "plain"], "withDecryption": True}),
    asked(10, "ssm", "GetParameter", {"name": "/prod/size", "withDecryption": False}),
    decrypted(11, {"aws:s3:arn": "arn:aws:s3:::claims/1"}),
    asked(12, "secretsmanager", "DescribeSecret", {"secretId": "app/other"}),
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return secrets(admitted(tmp_path_factory.mktemp("secrets"), *RECORDS))


def told(rows):
    return {(row["store"], row["secret"]): (row["reads"], row["decrypts"], row["failed"]) for row in rows}


def test_a_secret_has_one_row_by_whatever_name_it_was_asked_for(rows):
    assert told(rows)["Secrets Manager", "app/database"] == (2, 1, 1)
    assert told(rows)["Parameter Store", "/prod/key"] == (2, 1, 0)


def test_a_list_of_names_counts_in_the_row_of_each_and_once(rows):
    assert told(rows)["Secrets Manager", "app/mail"] == (1, 0, 0)
    assert told(rows)["Parameter Store", "plain"] == (1, 0, 0)


def test_what_the_reader_did_not_name_the_key_service_does(rows):
    assert told(rows)["Secrets Manager", "not named"] == (1, 0, 0)
    assert told(rows)["Secrets Manager", "app/signing"] == (0, 1, 0)
    assert told(rows)["Parameter Store", "/prod/*"] == (1, 0, 0)


def test_what_is_no_secret_or_was_not_read_has_no_row(rows):
    assert len(rows) == 7
    assert "3 events left out" in rows.caption


def test_rows_are_in_order_of_time(rows):
    assert [row["secret"] for row in rows][:2] == ["app/database", "app/mail"]


def test_rows_lead_back_to_their_events(rows):
    same_as_its_events(rows)
