"""Ways back in, for people and for machines."""

import json

from tests.detections.samples.privilege import document
from tests.detections.samples.records import ACCOUNT, OTHER, by_service, call

GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
LAYER = "arn:aws:lambda:us-east-1:{}:layer:agent:1"
TARGET = "arn:aws:events:us-east-1:{}:event-bus/default"


def trust(principal, **more):
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal} | more


def made(*statements):
    return call("iam", "CreateRole", {"roleName": "ops", "assumeRolePolicyDocument": document(*statements)})


def changed(text):
    return call("iam", "UpdateAssumeRolePolicy", {"roleName": "ops", "policyDocument": text})


OWN = trust({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT]})
SERVICE = trust({"Service": "ec2.amazonaws.com"})
FOREIGN = trust({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/ops", f"arn:aws:iam::{OTHER}:root"]})
EXTERNAL = trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "12"}})
KEPT_OUT = trust({"AWS": f"arn:aws:iam::{OTHER}:root"}) | {"Effect": "Deny"}
PIPELINE = {
    "Effect": "Allow",
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Principal": {"Federated": GITHUB},
    "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
}
NAMED = PIPELINE | {"Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/one:*"}}}
PUBLIC = document({"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"})
SHARED = document({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:Decrypt", "Resource": "*"})
PRIVATE = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"})

SEEN = {
    "role-trusts-anybody": [
        made(SERVICE, trust({"AWS": "*"})),
        made(trust("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),
        made(PIPELINE),
        changed(document(trust({"AWS": [ACCOUNT, "*"]}))),
    ],
    "role-trusts-another-account": [
        made(SERVICE, FOREIGN),
        made(EXTERNAL),
        changed(json.dumps(json.loads(document(FOREIGN)), indent=4)),
        changed(document(KEPT_OUT, EXTERNAL)),
    ],
    "user-made": [call("iam", "CreateUser", {"userName": "bob"})],
    "login-profile-for-another": [call("iam", "CreateLoginProfile", {"userName": "bob", "passwordResetRequired": False})],
    "identity-provider-changed": [
        call("iam", "CreateSAMLProvider", {"name": "idp"}),
        call("iam", "CreateOpenIDConnectProvider", {"url": "https://token.example.com"}),
    ],
    "certificate-authority-trusted": [call("rolesanywhere", "CreateTrustAnchor", {"name": "ca", "enabled": True})],
    "identity-center-user-made": [call("identitystore", "CreateUser", {"identityStoreId": "d-1"})],
    "identity-pool-opened": [
        call("cognito-identity", "UpdateIdentityPool", {"allowUnauthenticatedIdentities": True}),
        call("cognito-identity", "SetIdentityPoolRoles", {"identityPoolId": "us-east-1:1"}),
    ],
    "function-opened": [
        call("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": "*"}),
        call("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": OTHER}),
        call("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": f"arn:aws:iam::{OTHER}:root"}),
        call("lambda", "CreateFunctionUrlConfig", {"functionName": "f", "authType": "NONE"}),
    ],
    "foreign-layer-added": [
        call(
            "lambda", "UpdateFunctionConfiguration20150331v2",
            {"functionName": "f", "layers": [LAYER.format(ACCOUNT), LAYER.format(OTHER)]},
        )
    ],
    "events-sent-abroad": [
        call("events", "PutTargets", {"rule": "r", "targets": [{"id": "1", "arn": TARGET.format(OTHER)}]}),
        call("events", "PutPermission", {"action": "events:PutEvents", "principal": OTHER}),
    ],
    "schedule-made": [
        call("scheduler", "CreateSchedule", {"name": "s", "scheduleExpression": "rate(1 hour)"}),
        call("events", "PutRule", {"name": "r", "scheduleExpression": "rate(1 hour)"}),
    ],
    "document-planted": [
        call("ssm", "CreateAssociation", {"name": "AWS-RunShellScript"}),
        call("ssm", "ModifyDocumentPermission", {"name": "d", "accountIdsToAdd": [OTHER]}),
    ],
    "repository-opened": [
        call("ecr", "SetRepositoryPolicy", {"repositoryName": "r", "policyText": PUBLIC}),
        call("ecr", "SetRepositoryPolicy", {"repositoryName": "r", "policyText": SHARED}),
    ],
    "key-opened": [
        call("kms", "PutKeyPolicy", {"keyId": "k", "policy": SHARED}),
        call("kms", "CreateGrant", {"keyId": "k", "granteePrincipal": f"arn:aws:iam::{OTHER}:role/ops"}),
    ],
    "cluster-access-given": [call("eks", "AssociateAccessPolicy", {"name": "blue", "principalArn": "arn%3Aaws%3Aiam"})],
    "user-data-changed": [call("ec2", "ModifyInstanceAttribute", {"instanceId": "i-1", "userData": "<sensitiveDataRemoved>"})],
    "serial-console-enabled": [call("ec2", "EnableSerialConsoleAccess", {"EnableSerialConsoleAccessRequest": ""})],
}  # fmt: skip
UNSEEN = {
    "role-trusts-anybody": [
        made(OWN, SERVICE),
        made(FOREIGN),
        made(NAMED),
        changed(document(KEPT_OUT | {"Principal": "*"}, OWN)),
    ],
    "role-trusts-another-account": [
        made(OWN, SERVICE),
        made(KEPT_OUT, OWN),
        made(trust({"AWS": ACCOUNT}, Condition={"StringEquals": {"aws:PrincipalAccount": [OTHER]}})),
        changed(document(NAMED)),
    ],
    "user-made": [call("iam", "DeleteUser", {"userName": "bob"}), call("cognito-idp", "CreateUser")],
    "login-profile-for-another": [call("iam", "CreateLoginProfile", {"userName": "alice"})],
    "identity-provider-changed": [call("iam", "DeleteSAMLProvider", {"name": "idp"})],
    "certificate-authority-trusted": [call("iot", "CreateProfile", {"name": "ca"}), call("rolesanywhere", "CreateSession")],
    "identity-center-user-made": [call("iam", "UpdatePassword"), call("identitystore", "DeleteUser")],
    "identity-pool-opened": [
        call("cognito-identity", "UpdateIdentityPool", {"allowUnauthenticatedIdentities": False})
    ],
    "function-opened": [
        call("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": "s3.amazonaws.com"}),
        call("lambda", "AddPermission20150331v2", {"functionName": "f", "principal": ACCOUNT}),
        call("lambda", "CreateFunctionUrlConfig", {"functionName": "f", "authType": "AWS_IAM"}),
    ],
    "foreign-layer-added": [
        call("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": "f", "layers": [LAYER.format(ACCOUNT)]})
    ],
    "events-sent-abroad": [
        call(
            "events", "PutTargets",
            {"rule": "r", "targets": [{"id": "1", "arn": TARGET.format(ACCOUNT), "roleArn": f"arn:aws:iam::{OTHER}:role/events"}]},
        ),
        call("events", "PutPermission", {"action": "events:PutEvents", "principal": ACCOUNT}),
    ],
    "schedule-made": [
        call("events", "PutRule", {"name": "r", "eventPattern": "{}"}),
        by_service(call("scheduler", "CreateSchedule", {"name": "s", "scheduleExpression": "rate(1 hour)"})),
    ],
    "document-planted": [
        by_service(call("ssm", "CreateAssociation", {"name": "AWS-GatherSoftwareInventory"}), "ssm-quicksetup.amazonaws.com"),
        call("ssm", "ModifyDocumentPermission", {"name": "d", "accountIdsToRemove": [OTHER]}),
    ],
    "repository-opened": [call("ecr", "SetRepositoryPolicy", {"repositoryName": "r", "policyText": PRIVATE})],
    "key-opened": [
        call("kms", "PutKeyPolicy", {"keyId": "k", "policy": PRIVATE}),
        call("kms", "CreateGrant", {"keyId": "k", "granteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/ops"}),
        by_service(call("kms", "CreateGrant", {"keyId": "k", "granteePrincipal": f"arn:aws:iam::{OTHER}:role/a"})),
    ],
    "cluster-access-given": [call("eks", "DeleteAccessEntry", {"name": "blue"})],
    "user-data-changed": [
        call("ec2", "ModifyInstanceAttribute", {"instanceId": "i-1", "disableApiTermination": {"value": False}}),
        call("ec2", "DescribeInstanceAttribute", {"instanceId": "i-1", "attribute": "userData"}),
    ],
    "serial-console-enabled": [call("ec2", "DisableSerialConsoleAccess")],
}  # fmt: skip
