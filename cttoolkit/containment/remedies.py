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

REMEDIES: dict[str, Remedy] = {
    "CreateUser": Remedy("user", (_USER,), _deny("user"), "kept for the investigation, and denied everything"),
    "CreateLoginProfile": Remedy(
        "user",
        (_USER,),
        "aws iam delete-login-profile --user-name {name}",
        "got a password; sessions in the console go on",
    ),
    "UpdateLoginProfile": Remedy(
        "user", (_USER,), "aws iam delete-login-profile --user-name {name}", "its password was changed; ask the owner"
    ),
    "AttachUserPolicy": _detached("user", _USER),
    "AttachRolePolicy": _detached("role", _ROLE),
    "AttachGroupPolicy": _detached("group", _GROUP),
    "PutUserPolicy": _unwritten("user", _USER),
    "PutRolePolicy": _unwritten("role", _ROLE),
    "PutGroupPolicy": _unwritten("group", _GROUP),
    "AddUserToGroup": Remedy(
        "user",
        (_USER,),
        "aws iam remove-user-from-group --user-name {name} --group-name {group}",
        "joined a group",
        {"group": f"{_REQUEST}.groupName"},
    ),
    "DeactivateMFADevice": Remedy(
        "user", (_USER,), "aws iam list-mfa-devices --user-name {name}", "lost a second factor"
    ),
    "EnableMFADevice": Remedy(
        "user", (_USER,), "aws iam list-mfa-devices --user-name {name}", "has another second factor; ask whose"
    ),
    "CreateRole": Remedy("role", (_ROLE,), _deny("role"), "kept for the investigation, and denied everything"),
    "UpdateAssumeRolePolicy": Remedy(
        "role",
        (_ROLE,),
        "aws iam get-role --role-name {name}",
        "who may assume it was changed; put the earlier trust back",
    ),
    "CreatePolicy": Remedy(
        "policy", (f"{_ANSWER}.policy.arn",), "aws iam list-entities-for-policy --policy-arn {name}", "made; who has it"
    ),
    "CreatePolicyVersion": Remedy(
        "policy",
        (f"{_REQUEST}.policyArn",),
        "aws iam list-policy-versions --policy-arn {name}",
        "changed; set the earlier version",
    ),
    "SetDefaultPolicyVersion": Remedy(
        "policy",
        (f"{_REQUEST}.policyArn",),
        "aws iam list-policy-versions --policy-arn {name}",
        "changed; set the earlier version",
    ),
    "RunInstances": Remedy(
        "instance",
        (f"{_ANSWER}.instancesSet.items[].instanceId",),
        "aws ec2 stop-instances --region {region} --instance-ids {names}",
        "what is in memory is lost; take that and snapshots first",
    ),
    "ModifyInstanceAttribute": Remedy(
        "instance",
        (f"{_REQUEST}.instanceId",),
        "aws ec2 describe-instance-attribute --region {region} --instance-id {name} --attribute disableApiTermination",
        "changed; may be protected from termination",
    ),
    "CreateKeyPair": Remedy(
        "key pair",
        (f"{_REQUEST}.keyName",),
        "aws ec2 delete-key-pair --region {region} --key-name {name}",
        "instances that have it keep it",
    ),
    "ImportKeyPair": Remedy(
        "key pair",
        (f"{_REQUEST}.keyName",),
        "aws ec2 delete-key-pair --region {region} --key-name {name}",
        "instances that have it keep it",
    ),
    "CreateSecurityGroup": Remedy(
        "security group",
        (f"{_ANSWER}.groupId",),
        "aws ec2 describe-security-group-rules --region {region} --filters {filter}",
        "made; what uses it is open as it says",
    ),
    "AuthorizeSecurityGroupIngress": _INGRESS,
    "AuthorizeSecurityGroupEgress": _INGRESS,
    "CreateSnapshot": Remedy(
        "snapshot",
        (f"{_ANSWER}.snapshotId",),
        "aws ec2 describe-snapshot-attribute --region {region} --snapshot-id {name} --attribute createVolumePermission",
        "a copy of a volume; who may use it",
    ),
    "ModifySnapshotAttribute": Remedy(
        "snapshot",
        (f"{_REQUEST}.snapshotId",),
        "aws ec2 reset-snapshot-attribute --region {region} --snapshot-id {name} --attribute createVolumePermission",
        "shared; this takes it back from everybody, and copies stay where they are",
    ),
    "ModifyImageAttribute": Remedy(
        "image",
        (f"{_REQUEST}.imageId",),
        "aws ec2 reset-image-attribute --region {region} --image-id {name} --attribute launchPermission",
        "shared; this takes it back from everybody, and copies stay where they are",
    ),
    "PutBucketPolicy": _bucket("get-bucket-policy", "its policy was changed; put the earlier one back"),
    "DeleteBucketPolicy": _bucket("get-bucket-policy", "its policy was deleted; put the earlier one back"),
    "PutBucketAcl": _bucket("get-bucket-acl", "its grants were changed; put the earlier ones back"),
    "PutBucketVersioning": _bucket("get-bucket-versioning", "versions were switched; switch them on"),
    "PutBucketReplication": _bucket("get-bucket-replication", "copies go elsewhere; look where to"),
    "PutBucketEncryption": _bucket("get-bucket-encryption", "another key encrypts; look whose"),
    "PutBucketLifecycle": _bucket(
        "get-bucket-lifecycle-configuration",
        "objects may expire: if that is not yours, delete it before it does its work",
    ),
    "PutBucketPublicAccessBlock": _bucket("get-public-access-block", "the block of public access was changed"),
    "StopLogging": Remedy(
        "trail",
        _TRAIL,
        "aws cloudtrail start-logging --region {region} --name {name}",
        "stopped; nothing is recorded until it is started",
    ),
    "DeleteTrail": Remedy("trail", _TRAIL, "", "deleted; make it anew with validation of log files"),
    "UpdateTrail": _SELECTORS,
    "PutEventSelectors": _SELECTORS,
    "PutInsightSelectors": _SELECTORS,
    "DisableKey": Remedy(
        "KMS key", (f"{_REQUEST}.keyId",), "aws kms enable-key --region {region} --key-id {name}", "disabled"
    ),
    "ScheduleKeyDeletion": Remedy(
        "KMS key",
        (f"{_REQUEST}.keyId",),
        "aws kms cancel-key-deletion --region {region} --key-id {name}",
        "waits for deletion; then enable it",
    ),
    "PutKeyPolicy": Remedy(
        "KMS key",
        (f"{_REQUEST}.keyId",),
        "aws kms get-key-policy --region {region} --key-id {name} --policy-name default",
        "its policy was changed",
    ),
    "GetSecretValue": Remedy(
        "secret",
        (f"{_REQUEST}.secretId",),
        "aws secretsmanager rotate-secret --region {region} --secret-id {name}",
        "was read: what it opens needs another one",
    ),
    "CreateFunction": _FUNCTION,
    "UpdateFunctionCode": _FUNCTION,
    "UpdateFunctionConfiguration": _FUNCTION,
    "AddPermission": Remedy(
        "function",
        (f"{_REQUEST}.functionName",),
        "aws lambda get-policy --region {region} --function-name {name}",
        "others may call it",
    ),
    "CreateFunctionUrlConfig": _ADDRESS,
    "UpdateFunctionUrlConfig": _ADDRESS,
    "PutRule": Remedy(
        "rule", (f"{_REQUEST}.name",), "aws events disable-rule --region {region} --name {name}", "runs what it targets"
    ),
    "CreateStack": Remedy(
        "stack",
        (f"{_ANSWER}.stackId",),
        "aws cloudformation describe-stack-resources --region {region} --stack-name {name}",
        "made more than this call shows",
    ),
    "CreateFoundationModelAgreement": Remedy(
        "model",
        (f"{_REQUEST}.modelId",),
        "aws bedrock delete-foundation-model-agreement --region {region} --model-id {name}",
        "its terms were agreed to; ending that stops those who use it with good reason too",
    ),
    "PutFoundationModelEntitlement": Remedy(
        "model",
        (f"{_REQUEST}.modelId",),
        "aws bedrock get-foundation-model-availability --region {region} --model-id {name}",
        "access to it was given",
    ),
    "CreateServiceSpecificCredential": Remedy(
        "user",
        (_USER, f"{_ANSWER}.serviceSpecificCredential.userName"),
        "aws iam update-service-specific-credential --user-name {name} --service-specific-credential-id {credential} --status Inactive",
        "got a key for a single service, which works without an access key",
        {"credential": f"{_ANSWER}.serviceSpecificCredential.serviceSpecificCredentialId"},
    ),
    "PutAlternateContact": Remedy(
        "contact",
        (f"{_REQUEST}.alternateContactType",),
        "aws account get-alternate-contact --alternate-contact-type {name}",
        "AWS writes there; put the earlier one back",
    ),
}
"""By the name of the call, without the version that Lambda's names carry."""
