"""Secrets, one at a time; those in bulk are in test_in_bulk.py."""

import json

from tests.detections.samples.records import OTHER, call


def policy(principal, effect="Allow", **more):
    statement = {"Effect": effect, "Principal": principal, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    return {"secretId": "db", "resourcePolicy": json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})}


BY_ORGANIZATION = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}}

SEEN = {
    "secrets-read-in-batch": [
        call("secretsmanager", "BatchGetSecretValue", {"filters": [{"key": "name", "values": ["prod"]}]})
    ],
    "parameters-read-from-root": [
        call("ssm", "GetParametersByPath", {"path": "/", "recursive": True, "withDecryption": True})
    ],
    "secret-opened": [
        call("secretsmanager", "PutResourcePolicy", policy("*")),
        call("secretsmanager", "PutResourcePolicy", policy({"AWS": f"arn:aws:iam::{OTHER}:root"}, **BY_ORGANIZATION)),
        call("secretsmanager", "PutResourcePolicy", policy({"AWS": ["111122223333", OTHER]})),
    ],
    "secret-destroyed": [
        call("secretsmanager", "DeleteSecret", {"secretId": "db", "forceDeleteWithoutRecovery": True})
    ],
    "windows-password-read": [call("ec2", "GetPasswordData", {"instanceId": "i-0123456789abcdef0"})],
    "console-output-read": [call("ec2", "GetConsoleScreenshot", {"instanceId": "i-0123456789abcdef0"})],
}
UNSEEN = {
    "secrets-read-in-batch": [
        call("secretsmanager", "BatchGetSecretValue", {"secretIdList": ["db"]}),
        call("secretsmanager", "GetSecretValue", {"secretId": "db"}),
    ],
    "parameters-read-from-root": [
        call("ssm", "GetParametersByPath", {"path": "/app", "recursive": True, "withDecryption": True}),
        call("ssm", "GetParametersByPath", {"path": "/", "recursive": False}),
    ],
    "secret-opened": [
        call("secretsmanager", "PutResourcePolicy", policy("*", **BY_ORGANIZATION)),
        call("secretsmanager", "PutResourcePolicy", policy("*", "Deny")),
        call("secretsmanager", "PutResourcePolicy", policy({"AWS": "arn:aws:iam::111122223333:role/app"})),
        call("dynamodb", "PutResourcePolicy", policy("*")),
    ],
    "secret-destroyed": [
        call("secretsmanager", "DeleteSecret", {"secretId": "db", "recoveryWindowInDays": 30}),
        call("secretsmanager", "DeleteSecret", {"secretId": "db", "forceDeleteWithoutRecovery": False}),
    ],
    "windows-password-read": [call("ec2", "GetConsoleOutput", {"instanceId": "i-0123456789abcdef0"})],
    "console-output-read": [call("ec2", "GetPasswordData", {"instanceId": "i-0123456789abcdef0"})],
}
