"""The conditions of CIS, and what they exclude."""

from tests.detections.samples.records import by_role, by_root, by_service, call, refused


def sign_in(used="No", outcome="Success", **parts):
    return call(
        "signin", "ConsoleLogin", None, {"ConsoleLogin": outcome}, additionalEventData={"MFAUsed": used}, **parts
    )


NAMED = {
    4: ("iam", ("PutUserPolicy", "CreatePolicyVersion"), ("CreateAccessKey",)),
    5: ("cloudtrail", ("StopLogging", "UpdateTrail"), ("PutEventSelectors",)),
    7: ("kms", ("DisableKey", "ScheduleKeyDeletion"), ("EnableKey",)),
    8: ("s3", ("PutBucketAcl", "DeleteBucketPolicy"), ("PutBucketVersioning",)),
    9: ("config", ("StopConfigurationRecorder", "DeleteDeliveryChannel"), ("DeleteConfigRule",)),
    10: ("ec2", ("CreateSecurityGroup", "RevokeSecurityGroupEgress"), ("DescribeSecurityGroups",)),
    11: ("ec2", ("CreateNetworkAcl", "ReplaceNetworkAclAssociation"), ("DescribeNetworkAcls",)),
    12: ("ec2", ("AttachInternetGateway", "DeleteCustomerGateway"), ("CreateNatGateway",)),
    13: ("ec2", ("CreateRoute", "DisassociateRouteTable"), ("AssociateRouteTable",)),
    14: ("ec2", ("CreateVpc", "EnableVpcClassicLink"), ("CreateSubnet",)),
    15: ("organizations", ("AttachPolicy", "LeaveOrganization"), ("ListAccounts",)),
}

SEEN = {
    f"cis-4.{number}": [call(service, name, {}) for name in names] for number, (service, names, _) in NAMED.items()
} | {
    "cis-4.1": [
        refused(call("s3", "GetObject")),
        refused(call("ec2", "RunInstances"), "Client.UnauthorizedOperation"),
        refused(call("ssm", "GetParameter"), "AccessDeniedException"),
    ],
    "cis-4.2": [sign_in()],
    "cis-4.3": [by_root(call("s3", "ListBuckets"))],
    "cis-4.6": [sign_in("No", "Failure", errorMessage="Failed authentication")],
}
UNSEEN = {
    f"cis-4.{number}": [call(service, beside[0], {}), call("example", names[0], {})]
    for number, (service, names, beside) in NAMED.items()
} | {
    "cis-4.1": [
        refused(by_service(call("s3", "PutObject"), "delivery.logs.amazonaws.com")),
        refused(call("s3", "HeadBucket")),
        refused(call("ec2", "RunInstances"), "Client.VcpuLimitExceeded"),
        call("s3", "GetObject"),
    ],
    "cis-4.2": [sign_in("Yes"), sign_in("No", "Failure"), by_role(sign_in())],
    "cis-4.3": [call("s3", "ListBuckets"), by_root(call("kms", "RotateKey", eventType="AwsServiceEvent"))],
    "cis-4.6": [sign_in(), sign_in("No", "Failure", errorMessage="No username found in supplied account")],
}
