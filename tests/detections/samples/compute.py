"""Compute, call by call; what takes many calls, or a time before, is in test_in_bulk.py and test_arrivals.py."""

from tests.detections.samples.records import by_service, call, refused


def run(kind, most=1, **parts):
    items = {"items": [{"imageId": "ami-1", "minCount": 1, "maxCount": most}]}
    return call("ec2", "RunInstances", {"instancesSet": items, "instanceType": kind}, **parts)


def template(kind):
    data = {
        "LaunchTemplateName": "t",
        "LaunchTemplateData": {"InstanceType": kind, "UserData": "<sensitiveDataRemoved>"},
    }
    return call("ec2", "CreateLaunchTemplate", {"CreateLaunchTemplateRequest": data})


def changed(**attribute):
    return call("ec2", "ModifyInstanceAttribute", {"instanceId": "i-0123456789abcdef0", **attribute})


SEEN = {
    "large-instance-run": [
        run("p3.16xlarge"),
        run("g4dn.xlarge"),
        run("c5.24xlarge"),
        run("m5.metal"),
        refused(run("p4d.24xlarge"), "Client.VcpuLimitExceeded"),
        template("g5.xlarge"),
        changed(instanceType={"value": "c6i.32xlarge"}),
        call("ec2", "RequestSpotInstances", {"spotPrice": "1", "launchSpecification": {"instanceType": "p2.xlarge"}}),
    ],
    "many-instances-run": [run("t3.micro", 20)],
    "spot-requested": [call("ec2", "RequestSpotFleet", {}), call("ec2", "RequestSpotInstances", {})],
    "launch-limit-met": [
        refused(run("t3.micro"), "Client.VcpuLimitExceeded"),
        refused(call("ec2", "RequestSpotInstances", {}), "Client.MaxSpotInstanceCountExceeded"),
    ],
    "quota-raised": [
        call("servicequotas", "RequestServiceQuotaIncrease", {"quotaCode": "L-1216C47A", "desiredValue": 640.0})
    ],
    "key-pair-made": [call("ec2", "ImportKeyPair", {"keyName": "k"}), call("ec2", "CreateKeyPair", {"keyName": "k"})],
    "termination-protected": [changed(disableApiTermination={"value": True}), changed(disableApiStop={"value": True})],
    "managed-compute-large": [
        call("sagemaker", "CreateNotebookInstance", {"instanceType": "ml.p3.2xlarge"}),
        call(
            "sagemaker", "CreateTrainingJob", {"resourceConfig": {"instanceType": "ml.g5.xlarge", "instanceCount": 4}}
        ),
        call("batch", "CreateComputeEnvironment", {"computeResources": {"instanceTypes": ["optimal", "p3.2xlarge"]}}),
        call("ecs", "RegisterTaskDefinition", {"family": "f", "cpu": "16384", "memory": "32768"}),
        call("lightsail", "CreateInstances", {"bundleId": "4xlarge_3_0"}),
    ],
}
UNSEEN = {
    "large-instance-run": [
        run("t3.micro"),
        run("m5.4xlarge"),
        by_service(run("p3.16xlarge")),
        run("p3.16xlarge", userIdentity={"type": "AssumedRole", "invokedBy": "autoscaling.amazonaws.com"}),
        template("t3.large"),
    ],
    "many-instances-run": [run("t3.micro", 19), by_service(run("t3.micro", 100))],
    "spot-requested": [call("ec2", "CancelSpotFleetRequests", {}), by_service(call("ec2", "RequestSpotInstances", {}))],
    "launch-limit-met": [run("t3.micro"), refused(run("t3.micro"), "Client.UnauthorizedOperation")],
    "quota-raised": [call("servicequotas", "GetServiceQuota", {}), call("example", "RequestServiceQuotaIncrease", {})],
    "key-pair-made": [call("ec2", "DeleteKeyPair", {"keyName": "k"})],
    "termination-protected": [changed(disableApiTermination={"value": False}), changed(ebsOptimized={"value": True})],
    "managed-compute-large": [
        call("sagemaker", "CreateNotebookInstance", {"instanceType": "ml.t3.medium"}),
        call("batch", "CreateComputeEnvironment", {"computeResources": {"instanceTypes": ["optimal"]}}),
        call("ecs", "RegisterTaskDefinition", {"family": "f", "cpu": "256", "memory": "8192"}),
        call("lightsail", "CreateInstances", {"bundleId": "nano_3_0"}),
    ],
}
