"""What section 4 of the CIS AWS Foundations Benchmark would have alarms on, asked of the log instead.

Numbers are those of versions 1.4 to 3. 4.16, that Security Hub is enabled, is a matter of configuration and no log answers it. These
conditions name what to notice, and are no coverage of attacks: no condition has PutEventSelectors, CreateAccessKey,
CreateLoginProfile, UpdateAssumeRolePolicy or anything of GuardDuty and Identity Center.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.detection import GROUPED, Calls, Detection, Severity, calls
from cttoolkit.detections.invocation import BY_ROOT_ITSELF
from cttoolkit.events import Events
from cttoolkit.param import Match, param
from cttoolkit.pivot.axes import on
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis

__all__ = ["CIS"]

_BY_USER = Match("by a user", lambda table: table.user_identity_type == "IAMUser")
_REFUSED_SIGN_IN = Match("not authenticated", lambda table: table.error_message == "Failed authentication")


def _unauthorized(table: ibis.Table) -> Any:
    code = table.error_code
    is_refused = (code.endswith("UnauthorizedOperation") | code.startswith("AccessDenied")).fill_null(False)
    is_delivery = (table.source_ip_address == "delivery.logs.amazonaws.com").fill_null(False)
    return is_refused & ~is_delivery & (table.event_name != "HeadBucket").fill_null(False)


def _refusals(events: Events) -> Pivot:
    """Calls whose error code ends in UnauthorizedOperation or begins with AccessDenied, without log delivery and HeadBucket."""
    return on(events.where(Match("unauthorized", _unauthorized)), *GROUPED)


def _root(events: Events) -> Pivot:
    """Calls by root with no invokedBy, that are no events of a service."""
    return on(events.where(BY_ROOT_ITSELF), *GROUPED)


def _condition(
    number: int,
    question: str,
    said: str,
    find: Calls | Callable[[Events], Pivot],
    *,
    low: bool = True,
    is_of_failures: bool = False,
) -> Detection:
    return Detection(
        name=f"cis-4.{number}",
        family="cis",
        question=question,
        said=said,
        severity=Severity.LOW if low else Severity.MEDIUM,
        techniques=(),
        false_positives="Administration as it is meant to be: the benchmark asks that it be noticed, and not that it be wrong.",
        bypass="Other calls with the same effect, which the condition does not name.",
        find=find,
        is_of_failures=is_of_failures,
    )


_IAM_POLICIES = (
    *("DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
    *(
        "CreatePolicy",
        "DeletePolicy",
        "CreatePolicyVersion",
        "DeletePolicyVersion",
        "AttachRolePolicy",
        "DetachRolePolicy",
    ),
    *("AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy"),
)
_BUCKETS = (
    *("PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication"),
    *("DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
)
_RECORDERS = ("StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder")
_GROUPS = (
    *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress"),
    *("RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"),
)
_NETWORK_ACLS = (
    *("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry"),
    *("ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
)
_GATEWAYS = (
    *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway"),
    *("DeleteInternetGateway", "DetachInternetGateway"),
)
_ROUTES = (
    *(
        "CreateRoute",
        "CreateRouteTable",
        "ReplaceRoute",
        "ReplaceRouteTableAssociation",
        "DeleteRouteTable",
        "DeleteRoute",
    ),
    "DisassociateRouteTable",
)
_VPCS = (
    *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection"),
    *("DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc"),
    *("DisableVpcClassicLink", "EnableVpcClassicLink"),
)
_ORGANIZATIONS = (
    *("AcceptHandshake", "AttachPolicy", "CancelHandshake", "CreateAccount", "CreateOrganization"),
    *("CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit"),
    *("DeletePolicy", "EnableAllFeatures", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization"),
    *("DetachPolicy", "DisablePolicyType", "MoveAccount", "RemoveAccountFromOrganization", "UpdateOrganizationalUnit"),
    "UpdatePolicy",
)
_WITHOUT_MFA = calls(
    "signin",
    "ConsoleLogin",
    when=(param("additionalEventData.MFAUsed") != "Yes")
    & (param("responseElements.ConsoleLogin") == "Success")
    & _BY_USER,
)
_TRAILS = calls("cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")

CIS = (
    _condition(1, "Were calls made without authorization?", "make calls without authorization", _refusals),
    _condition(
        2,
        "Did a user sign in to the console without MFA?",
        "sign in to the console without MFA",
        _WITHOUT_MFA,
        low=False,
    ),
    _condition(3, "Was root used?", "act as root", _root, low=False),
    _condition(4, "Were policies of IAM changed?", "change policies of IAM", calls("iam", *_IAM_POLICIES)),
    _condition(
        5, "Was the configuration of CloudTrail changed?", "change CloudTrail's configuration", _TRAILS, low=False
    ),
    _condition(
        6,
        "Did somebody fail to sign in to the console?",
        "sign in to the console and fail",
        calls("signin", "ConsoleLogin", when=_REFUSED_SIGN_IN),
        is_of_failures=True,
    ),
    _condition(
        7,
        "Was a KMS key disabled or scheduled for deletion?",
        "disable a KMS key or schedule its deletion",
        calls("kms", "DisableKey", "ScheduleKeyDeletion"),
        low=False,
    ),
    _condition(8, "Were policies of buckets changed?", "change policies of buckets", calls("s3", *_BUCKETS)),
    _condition(9, "Was the configuration of AWS Config changed?", "change AWS Config", calls("config", *_RECORDERS)),
    _condition(10, "Were security groups changed?", "change security groups", calls("ec2", *_GROUPS)),
    _condition(11, "Were network ACLs changed?", "change network ACLs", calls("ec2", *_NETWORK_ACLS)),
    _condition(12, "Were network gateways changed?", "change network gateways", calls("ec2", *_GATEWAYS)),
    _condition(13, "Were route tables changed?", "change route tables", calls("ec2", *_ROUTES)),
    _condition(14, "Were VPCs changed?", "change VPCs", calls("ec2", *_VPCS)),
    _condition(15, "Was the organization changed?", "change the organization", calls("organizations", *_ORGANIZATIONS)),
)
