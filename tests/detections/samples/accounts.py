"""The account itself."""

from tests.detections.samples.records import ACCOUNT, OTHER, by_root, call, refused

SEEN = {
    "root-used": [by_root(call("s3", "ListBuckets")), refused(by_root(call("iam", "CreateAccessKey")))],
    "account-email-changed": [call("account", "StartPrimaryEmailUpdate", {"accountId": ACCOUNT})],
    "account-contacts-changed": [call("account", "PutAlternateContact", {"alternateContactType": "SECURITY"})],
    "region-enabled": [call("account", "EnableRegion", {"regionName": "af-south-1"})],
    "organization-left": [refused(call("organizations", "LeaveOrganization"))],
    "organization-joined": [
        call("organizations", "InviteAccountToOrganization", {}),
        call("organizations", "MoveAccount", {"accountId": ACCOUNT}),
    ],
    "administration-delegated": [call("organizations", "RegisterDelegatedAdministrator", {"accountId": OTHER})],
    "account-closed": [call("organizations", "CloseAccount", {"accountId": ACCOUNT})],
    "resources-shared-out": [
        call("ram", "CreateResourceShare", {"name": "s", "principals": [ACCOUNT, OTHER]}),
        call("ram", "AssociateResourceShare", {"principals": [f"arn:aws:iam::{OTHER}:role/r"]}),
        call("ram", "UpdateResourceShare", {"allowExternalPrincipals": True}),
    ],
    "stack-set-deployed": [call("cloudformation", "CreateStackInstances", {"stackSetName": "s"})],
}
UNSEEN = {
    "root-used": [
        call("s3", "ListBuckets"),
        by_root(call("autoscaling", "x"))
        | {"userIdentity": {"type": "Root", "invokedBy": "autoscaling.amazonaws.com"}},
        by_root(call("kms", "RotateKey", eventType="AwsServiceEvent")),
    ],
    "account-email-changed": [call("account", "GetPrimaryEmail", {"accountId": ACCOUNT})],
    "account-contacts-changed": [call("account", "GetAlternateContact", {"alternateContactType": "SECURITY"})],
    "region-enabled": [call("account", "GetRegionOptStatus", {"regionName": "af-south-1"})],
    "organization-left": [call("organizations", "DescribeOrganization")],
    "organization-joined": [call("organizations", "DeclineHandshake", {}), call("example", "CreateAccount", {})],
    "administration-delegated": [call("organizations", "ListDelegatedAdministrators")],
    "account-closed": [call("example", "CloseAccount", {})],
    "resources-shared-out": [
        call("ram", "CreateResourceShare", {"name": "s", "principals": [ACCOUNT]}),
        call(
            "ram",
            "CreateResourceShare",
            {"name": OTHER, "principals": [f"arn:aws:organizations::{ACCOUNT}:organization/o-1"]},
        ),
        call("ram", "UpdateResourceShare", {"allowExternalPrincipals": False}),
    ],
    "stack-set-deployed": [call("cloudformation", "CreateStack", {"stackName": "s"})],
}
