"""Who looks around; what takes many events is in test_discovery.py."""

from tests.detections.samples.records import call, refused

SEEN = {
    "policy-simulated": [
        call("iam", "SimulatePrincipalPolicy", {"policySourceArn": "arn:aws:iam::111122223333:user/alice"}),
        refused(call("iam", "SimulateCustomPolicy")),
    ],
    "authorization-details": [call("iam", "GetAccountAuthorizationDetails")],
    "tool-agent": [
        call("s3", "ListBuckets", userAgent="[S3 Browser/11.4.5 (https://s3browser.com)]"),
        call("sts", "GetCallerIdentity", userAgent="TruffleHog"),
        call("iam", "ListUsers", userAgent="Boto3/1.26 Python/3.11.2 Linux/6.1.0-kali9-amd64 Botocore/1.29"),
    ],
}
UNSEEN = {
    "policy-simulated": [call("iam", "GetContextKeysForCustomPolicy"), call("example", "SimulatePrincipalPolicy")],
    "authorization-details": [call("iam", "GetAccountSummary")],
    "tool-agent": [
        call("s3", "ListBuckets", userAgent="[S3Console/0.4]"),
        call("ec2", "DescribeInstances", userAgent="kalibrate/1.0"),
        call("ec2", "DescribeInstances", userAgent=None),
    ],
}
