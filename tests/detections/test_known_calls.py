"""Every call that a detection looks for is one that the service has, and so is what it looks for inside."""

import re

import botocore.session
import pytest

from cttoolkit.detection import Calls
from cttoolkit.detections import GROUPS

MODELS = {
    "account": "account", "agreement-marketplace": "marketplace-agreement", "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2", "monitoring": "cloudwatch", "s3": "s3 s3control", "servicequotas": "service-quotas",
    "ses": "ses sesv2", "sms-voice": "pinpoint-sms-voice-v2", "sso": "sso-admin", "wafv2": "wafv2", "waf": "waf",
}  # fmt: skip
"""Models of botocore whose name is not the service's in CloudTrail."""
NOT_IN_MODELS = {
    # Events of a service, and calls of a console.
    "ec2": {"SharedSnapshotVolumeCreated", "SharedSnapshotCopyInitiated"},
    "bedrock": {"PutFoundationModelEntitlement"},
    # CloudTrail's own names.
    "s3": {
        *("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
        *("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"),
    },
}
HERE = ("discovery", "secrets", "exfiltration", "destruction", "compute", "cost", "network", "accounts", "cis")
CALLS = sorted(
    {
        (part.source.removesuffix(".amazonaws.com"), name)
        for family in HERE
        for one in GROUPS[family]
        if isinstance(one.find, Calls)
        for part in one.find.parts
        for name in part.names
    }
)
OWN_SHAPES = {"s3", "ec2"}
"""Services whose requestParameters are not their parameters in small letters: what is looked for there stands in published records."""


@pytest.fixture(scope="module")
def operations():
    session = botocore.session.get_session()
    found = {}
    for service in {service for service, _ in CALLS} - {"signin"}:
        models = [session.get_service_model(name) for name in MODELS.get(service, service).split()]
        found[service] = {name: model for model in models for name in model.operation_names}
    return found


def test_every_call_is_one_that_its_service_has(operations):
    unknown = []
    for service, name in CALLS:
        plain = re.sub(r"20\d{6}(v\d)?$", "", name)
        if service != "signin" and plain not in operations[service] and name not in NOT_IN_MODELS.get(service, ()):
            unknown.append((service, name))
    assert not unknown


def test_what_is_looked_for_inside_is_a_parameter_of_the_call(operations):
    unknown = []
    for one in (one for family in HERE for one in GROUPS[family] if isinstance(one.find, Calls)):
        for part in one.find.parts:
            service = part.source.removesuffix(".amazonaws.com")
            keys = set(re.findall(r"requestParameters\.(\w+)", str(part.when)))
            if service in OWN_SHAPES or not keys:
                continue
            models = [operations[service][name] for name in part.names]
            shapes = [model.operation_model(name).input_shape for model, name in zip(models, part.names, strict=True)]
            known = {name[0].lower() + name[1:] for shape in shapes for name in shape.members}
            unknown.extend((one.name, key) for key in keys - known)
    assert not unknown
