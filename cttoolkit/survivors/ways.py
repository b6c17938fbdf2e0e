"""Ways back in: calls that open one, calls that close it, and where a record names it.

Paths are CloudTrail's. Source: the API References of the services, for parameters and answers; which of them open a way is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

__all__ = ["DEFAULTS", "WAYS", "Act", "Use", "Way"]


class Use(StrEnum):
    """What in the evidence shows that a way was used; most show nowhere in it."""

    KEY = "calls with the key"
    USER = "calls of the user"
    PASSWORD = "sign-ins with the password"  # noqa: S105
    ROLE = "the role assumed"
    NEW_TO_ROLE = "the role assumed by who had not before"


@dataclass(frozen=True)
class Act:
    """A call, the places that name the thing together, and what its parameters have to say for it to count.

    A place that runs through a list, as ``targets[].id``, names as many things as there are elements. Where a place of ``DEFAULTS`` is
    not given, the service takes the default.
    """

    service: str
    name: str
    places: tuple[str, ...]
    when: Mapping[str, str] = field(default_factory=dict)
    of_whole: bool = False
    """Whether it counts only without a version or an alias of the function, which would be the smaller thing that it is about."""
    of_others: bool = False
    """Whether it closes only by others than the suspects, whom it may serve as well."""


@dataclass(frozen=True)
class Way:
    """A kind of way back. Another opening by somebody else changes it: what it opens then is for that call to tell.

    A call that closes may name less than those that open: what deletes a user closes all that the user's name begins.
    """

    kind: str
    opens: tuple[Act, ...]
    closes: tuple[Act, ...] = ()
    use: Use | None = None

    @property
    def is_global(self) -> bool:
        """Whether its name counts in every region of the account."""
        return all(act.service in ("iam", "sts", "s3") for act in self.opens)


_ASKED, _ANSWERED = "requestParameters", "responseElements"
DEFAULTS: Mapping[tuple[str, str], str] = {
    ("events", f"{_ASKED}.eventBusName"): "default",
    ("events", f"{_ASKED}.targets[].id"): "",
    ("scheduler", f"{_ASKED}.groupName"): "default",
    ("lambda", f"{_ASKED}.qualifier"): "",
}
"""By service and place, what it stands for where it is not given: the bus and the group that each account has, a function as a whole."""


def _iam(name: str, *parts: str, **when: str) -> Act:
    return _act("iam", name, *parts, **when)


def _act(service: str, name: str, *parts: str, **when: str) -> Act:
    """Places are parameters of the request where they do not begin with an answer."""
    places = tuple(part if part.startswith(_ANSWERED) else f"{_ASKED}.{part}" for part in parts)
    return Act(service, name, places, {f"{_ASKED}.{part}": value for part, value in when.items()})


def _rights(noun: str) -> tuple[Way, Way]:
    owner, whose = f"{noun}Name", "a user" if noun == "user" else f"a {noun}"
    title = noun.capitalize()
    return (
        Way(
            f"policy of {whose}",
            (_iam(f"Attach{title}Policy", owner, "policyArn"),),
            (_iam(f"Detach{title}Policy", owner, "policyArn"), _iam(f"Delete{title}", owner)),
        ),
        Way(
            f"inline policy of {whose}",
            (_iam(f"Put{title}Policy", owner, "policyName"),),
            (_iam(f"Delete{title}Policy", owner, "policyName"), _iam(f"Delete{title}", owner)),
        ),
    )


def _provider(noun: str, argument: str, answer: str) -> Way:
    return Way(
        "identity provider",
        (
            _iam(f"Create{noun}", f"{_ANSWERED}.{answer}"),
            _iam(f"Update{noun}" if noun == "SAMLProvider" else f"Update{noun}Thumbprint", argument),
        ),
        (_iam(f"Delete{noun}", argument),),
    )


def _boundary(noun: str) -> Way:
    title, owner = noun.capitalize(), f"{noun}Name"
    return Way(
        f"no boundary for a {noun}",
        (_iam(f"Delete{title}PermissionsBoundary", owner),),
        (_iam(f"Put{title}PermissionsBoundary", owner),),
    )


_FUNCTION = ("functionName", "qualifier")
_DELETED_FUNCTION = replace(_act("lambda", "DeleteFunction", "functionName"), of_whole=True)
_RULE = ("name", "eventBusName")
_SCHEDULE = ("name", "groupName")

WAYS: tuple[Way, ...] = (
    Way("user", (_iam("CreateUser", "userName"),), (_iam("DeleteUser", "userName"),), Use.USER),
    Way(
        "password",
        (
            _iam("CreateLoginProfile", "userName"),
            _iam("UpdateLoginProfile", "userName"),
            _iam("ChangePassword", "userName"),
        ),
        (_iam("DeleteLoginProfile", "userName"), _iam("DeleteUser", "userName")),
        Use.PASSWORD,
    ),
    Way(
        "access key",
        (
            _iam("CreateAccessKey", f"{_ANSWERED}.accessKey.accessKeyId"),
            _iam("UpdateAccessKey", "accessKeyId", status="Active"),
        ),
        (_iam("DeleteAccessKey", "accessKeyId"), _iam("UpdateAccessKey", "accessKeyId", status="Inactive")),
        Use.KEY,
    ),
    Way(
        "credential of one service",
        (
            _iam(
                "CreateServiceSpecificCredential", f"{_ANSWERED}.serviceSpecificCredential.serviceSpecificCredentialId"
            ),
        ),
        (_iam("DeleteServiceSpecificCredential", "serviceSpecificCredentialId"),),
    ),
    Way(
        "SSH key of a user",
        (_iam("UploadSSHPublicKey", f"{_ANSWERED}.sSHPublicKey.sSHPublicKeyId"),),
        (_iam("DeleteSSHPublicKey", "sSHPublicKeyId"),),
    ),
    Way("federated session", (_act("sts", "GetFederationToken", f"{_ANSWERED}.credentials.accessKeyId"),), (), Use.KEY),
    *(way for noun in ("user", "role", "group") for way in _rights(noun)),
    Way(
        "membership of a group",
        (_iam("AddUserToGroup", "userName", "groupName"),),
        (_iam("RemoveUserFromGroup", "userName", "groupName"), _iam("DeleteUser", "userName")),
    ),
    Way(
        "policy rewritten",
        (
            _iam("CreatePolicyVersion", "policyArn", setAsDefault="true"),
            _iam("SetDefaultPolicyVersion", "policyArn"),
        ),
        (_iam("DeletePolicy", "policyArn"),),
    ),
    *(_boundary(noun) for noun in ("user", "role")),
    Way("role", (_iam("CreateRole", "roleName"),), (_iam("DeleteRole", "roleName"),), Use.ROLE),
    Way(
        "trust of a role",
        (_iam("UpdateAssumeRolePolicy", "roleName"),),
        (_iam("DeleteRole", "roleName"),),
        Use.NEW_TO_ROLE,
    ),
    Way(
        "second factor taken away",
        (_iam("DeactivateMFADevice", "userName"),),
        (replace(_iam("EnableMFADevice", "userName"), of_others=True), _iam("DeleteUser", "userName")),
    ),
    Way(
        "second factor set up",
        (_iam("EnableMFADevice", "userName", "serialNumber"),),
        (_iam("DeactivateMFADevice", "userName", "serialNumber"),),
    ),
    _provider("SAMLProvider", "sAMLProviderArn", "sAMLProviderArn"),
    _provider("OpenIDConnectProvider", "openIDConnectProviderArn", "openIDConnectProviderArn"),
    Way(
        "trusted authority",
        (_act("rolesanywhere", "CreateTrustAnchor", f"{_ANSWERED}.trustAnchor.trustAnchorId"),),
        (
            _act("rolesanywhere", "DeleteTrustAnchor", "trustAnchorId"),
            _act("rolesanywhere", "DisableTrustAnchor", "trustAnchorId"),
        ),
    ),
    Way(
        "account assignment",
        (_act("sso", "CreateAccountAssignment", "principalId", "permissionSetArn", "targetId"),),
        (_act("sso", "DeleteAccountAssignment", "principalId", "permissionSetArn", "targetId"),),
    ),
    Way(
        "function",
        (_act("lambda", "CreateFunction", "functionName"), _act("lambda", "UpdateFunctionCode", "functionName")),
        (_DELETED_FUNCTION,),
    ),
    Way(
        "public address of a function",
        (
            _act("lambda", "CreateFunctionUrlConfig", *_FUNCTION, authType="NONE"),
            _act("lambda", "UpdateFunctionUrlConfig", *_FUNCTION, authType="NONE"),
        ),
        (
            _act("lambda", "DeleteFunctionUrlConfig", *_FUNCTION),
            _DELETED_FUNCTION,
            _act("lambda", "UpdateFunctionUrlConfig", *_FUNCTION, authType="AWS_IAM"),
        ),
    ),
    Way(
        "permission to call a function",
        (_act("lambda", "AddPermission", *_FUNCTION, "statementId"),),
        (_act("lambda", "RemovePermission", *_FUNCTION, "statementId"), _DELETED_FUNCTION),
    ),
    Way(
        "rule",
        (_act("events", "PutRule", *_RULE), _act("events", "EnableRule", *_RULE)),
        (_act("events", "DisableRule", *_RULE), _act("events", "DeleteRule", *_RULE)),
    ),
    Way(
        "target of a rule",
        (_act("events", "PutTargets", "rule", "eventBusName", "targets[].id"),),
        (_act("events", "RemoveTargets", "rule", "eventBusName", "ids[]"), _act("events", "DeleteRule", *_RULE)),
    ),
    Way(
        "schedule",
        (
            _act("scheduler", "CreateSchedule", *_SCHEDULE),
            _act("scheduler", "UpdateSchedule", *_SCHEDULE, state="ENABLED"),
        ),
        (
            _act("scheduler", "DeleteSchedule", *_SCHEDULE),
            _act("scheduler", "UpdateSchedule", *_SCHEDULE, state="DISABLED"),
        ),
    ),
    Way(
        "grant on a key",
        (_act("kms", "CreateGrant", f"{_ANSWERED}.grantId"),),
        (_act("kms", "RevokeGrant", "grantId"), _act("kms", "RetireGrant", "grantId")),
    ),
    Way(
        "policy of a bucket",
        (_act("s3", "PutBucketPolicy", "bucketName"),),
        (_act("s3", "DeleteBucketPolicy", "bucketName"), _act("s3", "DeleteBucket", "bucketName")),
    ),
    Way(
        "policy of a repository",
        (_act("ecr", "SetRepositoryPolicy", "repositoryName"),),
        (_act("ecr", "DeleteRepositoryPolicy", "repositoryName"),),
    ),
    Way(
        "key pair",
        (_act("ec2", "CreateKeyPair", "keyName"), _act("ec2", "ImportKeyPair", "keyName")),
        (_act("ec2", "DeleteKeyPair", "keyName"),),
    ),
    Way(
        "association with instances",
        (_act("ssm", "CreateAssociation", f"{_ANSWERED}.associationDescription.associationId"),),
        (_act("ssm", "DeleteAssociation", "associationId"),),
    ),
)
"""In the order in which they are told. Ports, images and snapshots are left to their own questions: they let data out, or anybody in."""
