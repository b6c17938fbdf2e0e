"""Calls that make or change something, where the record names it, and what would look at it or take it back.

Paths are CloudTrail's. Sources: the API References of the services for parameters and answers, the AWS CLI Command Reference for
commands. A word in braces is filled in from the record; where it is not there, no command is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["REMEDIES", "Remedy"]

_REQUEST, _ANSWER = "requestParameters", "responseElements"
_USER, _ROLE = f"{_REQUEST}.userName", f"{_REQUEST}.roleName"
_GROUP, _BUCKET = f"{_REQUEST}.groupName", f"{_REQUEST}.bucketName"


@dataclass(frozen=True)
class Remedy:
    """What a call touches: its kind, where its name stands, the command, what fills the command, and what to know first.

    ``name`` has the places to look in, the first that holds something counts; ``[]`` names many. ``fills`` are places for words of
    the command besides ``{name}``, ``{names}`` and ``{region}``.
    """

    kind: str
    name: tuple[str, ...]
    command: str = ""
    note: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


def _deny(noun: str) -> str:
    return f"aws iam attach-{noun}-policy --{noun}-name {{name}} --policy-arn {{deny}}"


def _detached(noun: str, name: str) -> Remedy:
    taken = f"aws iam detach-{noun}-policy --{noun}-name {{name}} --policy-arn {{policy}}"
    return Remedy(noun, (name,), taken, "rights were given", {"policy": f"{_REQUEST}.policyArn"})


def _unwritten(noun: str, name: str) -> Remedy:
    taken = f"aws iam delete-{noun}-policy --{noun}-name {{name}} --policy-name {{policy}}"
    return Remedy(
        noun, (name,), taken, "rights were given; keep a copy of the policy", {"policy": f"{_REQUEST}.policyName"}
    )


def _bucket(look: str, note: str) -> Remedy:
    return Remedy("bucket", (_BUCKET,), f"aws s3api {look} --bucket {{name}}", note)


_TRAIL = (f"{_REQUEST}.name", f"{_REQUEST}.trailName")
_SELECTORS = Remedy(
    "trail",
    _TRAIL,
    "aws cloudtrail get-event-selectors --region {region} --trail-name {name}",
    "compare with what it should record",
)
_INGRESS = Remedy(
    "security group",
    (f"{_REQUEST}.groupId", f"{_REQUEST}.groupName"),
    "aws ec2 describe-security-group-rules --region {region} --filters {filter}",
    "opened; revoke the rule that is not yours",
)
_FUNCTION = Remedy(
    "function",
    (f"{_ANSWER}.functionName", f"{_REQUEST}.functionName"),
    "aws lambda put-function-concurrency --region {region} --function-name {name} --reserved-concurrent-executions 0",
    "keep its code and settings; with no concurrency nothing runs it",
)
_ADDRESS = Remedy(
    "function",
    (f"{_REQUEST}.functionName",),
    "aws lambda delete-function-url-config --region {region} --function-name {name}",
    "has an address; who calls it is no management event",
)

_KNOWN = {
    "iam:CreateUser": Remedy("user", (_USER,), _deny("user"), "kept for the investigation, and denied everything"),
    "iam:CreateLoginProfile": Remedy(
        "user",
        (_USER,),
        "aws iam delete-login-profile --user-name {name}",
        "got a password; sessions in the console go on",
    ),
    "iam:UpdateLoginProfile": Remedy(
        "user", (_USER,), "aws iam delete-login-profile --user-name {name}", "its password was changed; ask the owner"
    ),
    "iam:AttachUserPolicy": _detached("user", _USER),
    "iam:AttachRolePolicy": _detached("role", _ROLE),
    "iam:AttachGroupPolicy": _detached("group", _GROUP),
    "iam:PutUserPolicy": _unwritten("user", _USER),
    "iam:PutRolePolicy": _unwritten("role", _ROLE),
    "iam:PutGroupPolicy": _unwritten("group", _GROUP),
    "iam:AddUserToGroup": Remedy(
        "user",
        (_USER,),
        "aws iam remove-user-from-group --user-name {name} --group-name {group}",
        "joined a group",
        {"group": f"{_REQUEST}.groupName"},
    ),
    "iam:DeactivateMFADevice": Remedy(
        "user", (_USER,), "aws iam list-mfa-devices --user-name {name}", "lost a second factor"
    ),
    "iam:EnableMFADevice": Remedy(
        "user", (_USER,), "aws iam list-mfa-devices --user-name {name}", "has another second factor; ask whose"
    ),
    "iam:CreateRole": Remedy("role", (_ROLE,), _deny("role"), "kept for the investigation, and denied everything"),
    "iam:UpdateAssumeRolePolicy": Remedy(
        "role",
        (_ROLE,),
        "aws iam get-role --role-name {name}",
        "who may assume it was changed; put the earlier trust back",
    ),
    "iam:CreatePolicy": Remedy(
        "policy", (f"{_ANSWER}.policy.arn",), "aws iam list-entities-for-policy --policy-arn {name}", "made; who has it"
    ),
    "iam:CreatePolicyVersion": Remedy(
        "policy",
        (f"{_REQUEST}.policyArn",),
        "aws iam list-policy-versions --policy-arn {name}",
        "changed; set the earlier version",
    ),
    "iam:SetDefaultPolicyVersion": Remedy(
        "policy",
        (f"{_REQUEST}.policyArn",),
        "aws iam list-policy-versions --policy-arn {name}",
        "changed; set the earlier version",
    ),
    "ec2:RunInstances": Remedy(
        "instance",
        (f"{_ANSWER}.instancesSet.items[].instanceId",),
        "aws ec2 stop-instances --region {region} --instance-ids {names}",
        "what is in memory is lost; take that and snapshots first",
    ),
    "ec2:ModifyInstanceAttribute": Remedy(
        "instance",
        (f"{_REQUEST}.instanceId",),
        "aws ec2 describe-instance-attribute --region {region} --instance-id {name} --attribute disableApiTermination",
        "changed; may be protected from termination",
    ),
    "ec2:CreateKeyPair": Remedy(
        "key pair",
        (f"{_REQUEST}.keyName",),
        "aws ec2 delete-key-pair --region {region} --key-name {name}",
        "instances that have it keep it",
    ),
    "ec2:ImportKeyPair": Remedy(
        "key pair",
        (f"{_REQUEST}.keyName",),
        "aws ec2 delete-key-pair --region {region} --key-name {name}",
        "instances that have it keep it",
    ),
    "ec2:CreateSecurityGroup": Remedy(
        "security group",
        (f"{_ANSWER}.groupId",),
        "aws ec2 describe-security-group-rules --region {region} --filters {filter}",
        "made; what uses it is open as it says",
    ),
    "ec2:AuthorizeSecurityGroupIngress": _INGRESS,
    "ec2:AuthorizeSecurityGroupEgress": _INGRESS,
    "ec2:CreateSnapshot": Remedy(
        "snapshot",
        (f"{_ANSWER}.snapshotId",),
        "aws ec2 describe-snapshot-attribute --region {region} --snapshot-id {name} --attribute createVolumePermission",
        "a copy of a volume; who may use it",
    ),
    "ec2:ModifySnapshotAttribute": Remedy(
        "snapshot",
        (f"{_REQUEST}.snapshotId",),
        "aws ec2 reset-snapshot-attribute --region {region} --snapshot-id {name} --attribute createVolumePermission",
        "shared; this takes it back from everybody, and copies stay where they are",
    ),
    "ec2:ModifyImageAttribute": Remedy(
        "image",
        (f"{_REQUEST}.imageId",),
        "aws ec2 reset-image-attribute --region {region} --image-id {name} --attribute launchPermission",
        "shared; this takes it back from everybody, and copies stay where they are",
    ),
    "s3:PutBucketPolicy": _bucket("get-bucket-policy", "its policy was changed; put the earlier one back"),
    "s3:DeleteBucketPolicy": _bucket("get-bucket-policy", "its policy was deleted; put the earlier one back"),
    "s3:PutBucketAcl": _bucket("get-bucket-acl", "its grants were changed; put the earlier ones back"),
    "s3:PutBucketVersioning": _bucket("get-bucket-versioning", "versions were switched; switch them on"),
    "s3:PutBucketReplication": _bucket("get-bucket-replication", "copies go elsewhere; look where to"),
    "s3:PutBucketEncryption": _bucket("get-bucket-encryption", "another key encrypts; look whose"),
    "s3:PutBucketLifecycle": _bucket(
        "get-bucket-lifecycle-configuration",
        "objects may expire: if that is not yours, delete it before it does its work",
    ),
    "s3:PutBucketPublicAccessBlock": _bucket("get-public-access-block", "the block of public access was changed"),
    "cloudtrail:StopLogging": Remedy(
        "trail",
        _TRAIL,
        "aws cloudtrail start-logging --region {region} --name {name}",
        "stopped; nothing is recorded until it is started",
    ),
    "cloudtrail:DeleteTrail": Remedy("trail", _TRAIL, "", "deleted; make it anew with validation of log files"),
    "cloudtrail:UpdateTrail": _SELECTORS,
    "cloudtrail:PutEventSelectors": _SELECTORS,
    "cloudtrail:PutInsightSelectors": _SELECTORS,
    "kms:DisableKey": Remedy(
        "KMS key", (f"{_REQUEST}.keyId",), "aws kms enable-key --region {region} --key-id {name}", "disabled"
    ),
    "kms:ScheduleKeyDeletion": Remedy(
        "KMS key",
        (f"{_REQUEST}.keyId",),
        "aws kms cancel-key-deletion --region {region} --key-id {name}",
        "waits for deletion; then enable it",
    ),
    "kms:PutKeyPolicy": Remedy(
        "KMS key",
        (f"{_REQUEST}.keyId",),
        "aws kms get-key-policy --region {region} --key-id {name} --policy-name default",
        "its policy was changed",
    ),
    "secretsmanager:GetSecretValue": Remedy(
        "secret",
        (f"{_REQUEST}.secretId",),
        "aws secretsmanager rotate-secret --region {region} --secret-id {name}",
        "was read: what it opens needs another one",
    ),
    "lambda:CreateFunction": _FUNCTION,
    "lambda:UpdateFunctionCode": _FUNCTION,
    "lambda:UpdateFunctionConfiguration": _FUNCTION,
    "lambda:AddPermission": Remedy(
        "function",
        (f"{_REQUEST}.functionName",),
        "aws lambda get-policy --region {region} --function-name {name}",
        "others may call it",
    ),
    "lambda:CreateFunctionUrlConfig": _ADDRESS,
    "lambda:UpdateFunctionUrlConfig": _ADDRESS,
    "events:PutRule": Remedy(
        "rule", (f"{_REQUEST}.name",), "aws events disable-rule --region {region} --name {name}", "runs what it targets"
    ),
    "cloudformation:CreateStack": Remedy(
        "stack",
        (f"{_ANSWER}.stackId",),
        "aws cloudformation describe-stack-resources --region {region} --stack-name {name}",
        "made more than this call shows",
    ),
    "bedrock:CreateFoundationModelAgreement": Remedy(
        "model",
        (f"{_REQUEST}.modelId",),
        "aws bedrock delete-foundation-model-agreement --region {region} --model-id {name}",
        "its terms were agreed to; ending that stops those who use it with good reason too",
    ),
    "bedrock:PutFoundationModelEntitlement": Remedy(
        "model",
        (f"{_REQUEST}.modelId",),
        "aws bedrock get-foundation-model-availability --region {region} --model-id {name}",
        "access to it was given",
    ),
    "iam:CreateServiceSpecificCredential": Remedy(
        "user",
        (_USER, f"{_ANSWER}.serviceSpecificCredential.userName"),
        "aws iam update-service-specific-credential --user-name {name} --service-specific-credential-id {credential} --status Inactive",
        "got a key for a single service, which works without an access key",
        {"credential": f"{_ANSWER}.serviceSpecificCredential.serviceSpecificCredentialId"},
    ),
    "account:PutAlternateContact": Remedy(
        "contact",
        (f"{_REQUEST}.alternateContactType",),
        "aws account get-alternate-contact --alternate-contact-type {name}",
        "AWS writes there; put the earlier one back",
    ),
}

REMEDIES = {
    (f"{service}.amazonaws.com", call): remedy
    for (service, _, call), remedy in ((name.partition(":"), remedy) for name, remedy in _KNOWN.items())
}
"""By the source and the name of the call, without the version that Lambda's names carry: other services have a CreateUser too."""
