"""Rights that were widened, and roles that were borrowed."""

import json
from urllib.parse import quote

from tests.detections.samples.records import ACCOUNT, by_role, by_service, call, refused

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/team"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


EVERYTHING = allow("*")
DENIED = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
}
CONDITIONED = allow(["ec2:*", "iam:*"], Condition={"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
VARIABLE = allow("s3:*", "arn:aws:s3:::home/${aws:username}/*")


def policy(name, text, **more):
    return call("iam", name, {"policyName": "p", "policyDocument": text} | more)


SEEN = {
    "administrator-policy-attached": [
        call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": ADMINISTRATOR}),
        call("iam", "AttachRolePolicy", {"roleName": "ops", "policyArn": "arn:aws-cn:iam::aws:policy/IAMFullAccess"}),
        call("sso", "AttachManagedPolicyToPermissionSet", {"managedPolicyArn": ADMINISTRATOR}),
    ],
    "wide-policy-written": [
        policy("PutUserPolicy", document(EVERYTHING), userName="bob"),
        policy("CreatePolicy", document(EVERYTHING).replace(" ", "").replace(":", " :\n\t")),
        policy("CreatePolicy", document(DENIED, VARIABLE, CONDITIONED)),
        policy("PutRolePolicy", json.dumps({"Statement": {"Resource": "*", "Action": ["IAM:Pass*"], "Effect": "Allow"}})),
        policy("CreatePolicyVersion", document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        policy("PutGroupPolicy", quote(document(EVERYTHING))),
        policy("PutGroupPolicy", document(EVERYTHING).replace('"*"', '"\\u002a"')),
        policy("CreatePolicy", document(DENIED, allow(["s3:Get}", "*"], ["arn:aws:s3:::}]{(", "*"]))),
        call("sso", "PutInlinePolicyToPermissionSet", {"inlinePolicy": document(allow("*:*"))}),
        *(policy("CreatePolicy", document(allow(wide))) for wide in ("?*", "iam:?*", "ia*:*", "i*", "i?m:*", "*?", "IAM:Attach?*")),
    ],
    "own-rights-widened": [
        call("iam", "AttachUserPolicy", {"userName": "Alice", "policyArn": OWN_POLICY}),
        call("iam", "AddUserToGroup", {"userName": "alice", "groupName": "team"}),
        by_role(call("iam", "PutRolePolicy", {"roleName": "deploy", "policyName": "p", "policyDocument": document(VARIABLE)})),
    ],
    "policy-version-made": [policy("CreatePolicyVersion", document(VARIABLE), policyArn=OWN_POLICY, setAsDefault=True)],
    "policy-version-switched": [call("iam", "SetDefaultPolicyVersion", {"policyArn": OWN_POLICY, "versionId": "v1"})],
    "user-added-to-group": [call("iam", "AddUserToGroup", {"userName": "bob", "groupName": "administrators"})],
    "password-set-for-another": [call("iam", "UpdateLoginProfile", {"userName": "bob"})],
    "trust-policy-changed": [call("iam", "UpdateAssumeRolePolicy", {"roleName": "ops"})],
    "boundary-removed": [
        call("iam", "DeleteRolePermissionsBoundary", {"roleName": "ops"}),
        call("iam", "PutUserPermissionsBoundary", {"userName": "bob", "permissionsBoundary": ADMINISTRATOR}),
    ],
    "root-assumed": [call("sts", "AssumeRoot", {"targetPrincipal": "444455556666"})],
    "identity-center-rights-given": [
        call("sso", "CreateAccountAssignment", {"targetId": ACCOUNT, "principalType": "USER"}),
        call("identitystore", "CreateGroupMembership", {"groupId": "g-1"}),
    ],
    "service-control-loosened": [call("organizations", "DetachPolicy", {"policyId": "p-1", "targetId": ACCOUNT})],
    "instance-profile-swapped": [
        call("ec2", "AssociateIamInstanceProfile", {"AssociateIamInstanceProfileRequest": {"InstanceId": "i-1"}}),
        call("iam", "AddRoleToInstanceProfile", {"roleName": "ops", "instanceProfileName": "web"}),
    ],
    "instance-run-with-role": [call("ec2", "RunInstances", {"iamInstanceProfile": {"name": "ops"}})],
    "function-made-with-role": [
        call("lambda", "CreateFunction20150331", {"functionName": "f", "role": "arn:aws:iam::1:role/ops"}),
        call("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": "f", "role": "arn:aws:iam::1:role/ops"}),
    ],
    "function-code-changed": [call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "f", "dryRun": False})],
    "stack-run-with-role": [call("cloudformation", "CreateStack", {"stackName": "s", "roleARN": "arn:aws:iam::1:role/ops"})],
    "development-endpoint-made": [refused(call("glue", "CreateDevEndpoint"))],
    "notebook-opened": [call("sagemaker", "CreatePresignedNotebookInstanceUrl", {"notebookInstanceName": "n"})],
    "task-role-overridden": [
        call("ecs", "RunTask", {"taskDefinition": "t", "overrides": {"taskRoleArn": "arn:aws:iam::1:role/ops"}}),
        call("ecs", "ExecuteCommand", {"cluster": "c", "task": "t"}),
    ],
    "build-overridden": [
        call("codebuild", "StartBuild", {"projectName": "p", "buildspecOverride": "version: 0.2"}),
        call("codebuild", "StartBuild", {"projectName": "p", "privilegedModeOverride": True}),
    ],
    "retired-service-used": [call("datapipeline", "PutPipelineDefinition", {"pipelineId": "df-1"})],
}  # fmt: skip
UNSEEN = {
    "administrator-policy-attached": [
        call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": OWN_POLICY + "NotAdministratorAccess"}),
        call("iam", "DetachUserPolicy", {"userName": "bob", "policyArn": ADMINISTRATOR}),
    ],
    "wide-policy-written": [
        policy("PutUserPolicy", document(DENIED, VARIABLE), userName="bob"),
        policy("CreatePolicy", document(allow("s3:*"), allow(["iam:Get*", "iam:List*"]), allow("sts:AssumeRole"))),
        policy("CreatePolicy", document(allow("s3:GetObject", "*", Sid="Everything"))),
        *(policy("CreatePolicy", document(allow(narrow))) for narrow in ("imagebuilder:*", "iam:Get?*", "iot:*", "?", "s3:?*")),
        policy("CreatePolicy", document(allow("logs:*", Condition={"StringLike": {"aws:userid": ["*"]}}))),
        policy("UpdateAssumeRolePolicy", document(EVERYTHING)),
    ],
    "own-rights-widened": [
        call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": OWN_POLICY}),
        by_role(call("iam", "PutRolePolicy", {"roleName": "deployer", "policyName": "p"})),
        by_role(call("iam", "AddUserToGroup", {"userName": "deploy", "groupName": "team"})),
    ],
    "policy-version-made": [policy("CreatePolicyVersion", document(VARIABLE), setAsDefault=False)],
    "policy-version-switched": [call("iam", "DeletePolicyVersion", {"policyArn": OWN_POLICY, "versionId": "v1"})],
    "user-added-to-group": [call("iam", "RemoveUserFromGroup", {"userName": "bob", "groupName": "administrators"})],
    "password-set-for-another": [
        call("iam", "UpdateLoginProfile", {"userName": "alice"}),
        call("iam", "ChangePassword"),
    ],
    "trust-policy-changed": [by_service(call("iam", "UpdateAssumeRolePolicy", {"roleName": "ops"}))],
    "boundary-removed": [call("iam", "DeleteRolePolicy", {"roleName": "ops", "policyName": "p"})],
    "root-assumed": [call("sts", "AssumeRole", {"roleArn": "arn:aws:iam::444455556666:role/ops"})],
    "identity-center-rights-given": [call("sso", "DeleteAccountAssignment", {"targetId": ACCOUNT})],
    "service-control-loosened": [
        call("organizations", "AttachPolicy", {"policyId": "p-1", "targetId": ACCOUNT}),
        call("iam", "DeletePolicy", {"policyArn": OWN_POLICY}),
    ],
    "instance-profile-swapped": [call("ec2", "DisassociateIamInstanceProfile", {"associationId": "iip-1"})],
    "instance-run-with-role": [
        call("ec2", "RunInstances", {"instanceType": "t3.micro"}),
        by_service(call("ec2", "RunInstances", {"iamInstanceProfile": {"name": "ops"}})),
    ],
    "function-made-with-role": [
        call("lambda", "UpdateFunctionConfiguration20150331v2", {"functionName": "f", "timeout": 3}),
        call("cloudfront", "CreateFunction20150331", {"name": "f"}),
    ],
    "function-code-changed": [
        call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "f", "dryRun": True}),
        by_service(call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "f"}), "cloudformation.amazonaws.com"),
    ],
    "stack-run-with-role": [call("cloudformation", "CreateStack", {"stackName": "s"})],
    "development-endpoint-made": [call("glue", "DeleteDevEndpoint"), call("example", "CreateDevEndpoint")],
    "notebook-opened": [call("sagemaker", "StopNotebookInstance", {"notebookInstanceName": "n"})],
    "task-role-overridden": [call("ecs", "RunTask", {"taskDefinition": "t", "overrides": {"containerOverrides": []}})],
    "build-overridden": [
        call("codebuild", "StartBuild", {"projectName": "p"}),
        call("codebuild", "StartBuild", {"projectName": "p", "privilegedModeOverride": False}),
    ],
    "retired-service-used": [call("codepipeline", "CreatePipeline", {"pipelineId": "df-1"})],
}  # fmt: skip
