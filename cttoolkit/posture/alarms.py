"""What somebody should be woken for: the conditions of CIS AWS Foundations, section 4, each as events that an alarm has to see.

A metric filter watches a condition where its pattern fits every one of these events. The events are made up here, with the fields
that the conditions are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CONDITIONS"]

Sample = Mapping[str, Any]


def _calls(service: str, *names: str, **more: Any) -> tuple[Sample, ...]:
    return tuple(
        {
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "eventType": "AwsApiCall",
            "userIdentity": {"type": "IAMUser"},
            **more,
        }
        for name in names
    )


def _sign_in(**more: Any) -> tuple[Sample, ...]:
    sample = {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventType": "AwsConsoleSignIn",
        "userIdentity": {"type": "IAMUser"},
        "additionalEventData": {"MFAUsed": "No"},
        "responseElements": {"ConsoleLogin": "Success"},
    }
    return ({**sample, **more},)


CONDITIONS: Mapping[str, tuple[Sample, ...]] = {
    "refused calls": _calls("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation", sourceIPAddress="192.0.2.1")
    + _calls("s3", "GetBucketAcl", errorCode="AccessDenied", sourceIPAddress="192.0.2.1"),
    "sign-in without a second factor": _sign_in(),
    "use of root": _calls("iam", "CreateAccessKey", userIdentity={"type": "Root"}),
    "changes of IAM policies": _calls(
        "iam", "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
        "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy",
        "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy",
    ),
    "changes of trails": _calls("cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    "failed sign-in": _sign_in(errorMessage="Failed authentication", responseElements={"ConsoleLogin": "Failure"}),
    "keys disabled or to be deleted": _calls("kms", "DisableKey", "ScheduleKeyDeletion"),
    "changes of bucket policies": _calls(
        "s3", "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication",
        "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication",
    ),
    "changes of AWS Config": _calls(
        "config", "StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"
    ),
    "changes of security groups": _calls(
        "ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
        "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup",
    ),
    "changes of network ACLs": _calls(
        "ec2", "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
        "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation",
    ),
    "changes of gateways": _calls(
        "ec2", "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
        "DeleteInternetGateway", "DetachInternetGateway",
    ),
    "changes of route tables": _calls(
        "ec2", "CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable",
        "DeleteRoute", "DisassociateRouteTable",
    ),
    "changes of networks": _calls(
        "ec2", "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
        "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc",
        "DisableVpcClassicLink", "EnableVpcClassicLink",
    ),
    "changes of the organization": _calls(
        "organizations", "AcceptHandshake", "AttachPolicy", "CreateAccount", "CreatePolicy", "DeleteOrganization",
        "DetachPolicy", "DisablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount",
        "RemoveAccountFromOrganization", "UpdatePolicy",
    ),
}  # fmt: skip
