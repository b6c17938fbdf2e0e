"""Credentials that were made for others, or bought."""

from tests.detections.samples.records import by_role, by_root, call, refused

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
KEY = {"accessKeyId": "AKIAEXAMPLEBOB000001"}

SEEN = {
    "root-key-made": [by_root(call("iam", "CreateAccessKey"))],
    "quarantine-policy-attached": [call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": QUARANTINE})],
    "key-for-another-user": [
        call("iam", "CreateAccessKey", {"userName": "bob"}),
        by_role(refused(call("iam", "CreateAccessKey", {"userName": "bob"}))),
        by_root(call("iam", "CreateAccessKey", {"userName": "alice"})),
    ],
    "key-for-oneself": [call("iam", "CreateAccessKey"), call("iam", "CreateAccessKey", {"userName": "alice"})],
    "key-woken-for-another": [call("iam", "UpdateAccessKey", KEY | {"userName": "bob", "status": "Active"})],
    "federation-token-made": [call("sts", "GetFederationToken", {"name": "bob", "durationSeconds": 129600})],
    "session-token-without-mfa": [call("sts", "GetSessionToken", {"durationSeconds": 3600}), call("sts", "GetSessionToken")],
    "service-credential-made": [
        call("iam", "CreateServiceSpecificCredential", {"userName": "bob", "serviceName": "bedrock.amazonaws.com"})
    ],
    "user-key-material-added": [call("iam", "UploadSSHPublicKey", {"userName": "bob"})],
    "ssh-key-sent-to-instance": [
        call("ec2-instance-connect", "SendSerialConsoleSSHPublicKey", {"instanceId": "i-0abcdef1234567890"})
    ],
}  # fmt: skip
UNSEEN = {
    "root-key-made": [
        call("iam", "CreateAccessKey"),
        by_root(call("iam", "CreateAccessKey", {"userName": "bob"})),
        by_root(call("iam", "DeleteAccessKey")),
    ],
    "quarantine-policy-attached": [
        call("iam", "DetachUserPolicy", {"userName": "bob", "policyArn": QUARANTINE}),
        call("iam", "AttachUserPolicy", {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ],
    "key-for-another-user": [
        call("iam", "CreateAccessKey", {"userName": "Alice"}),
        call("iam", "CreateAccessKey"),
        call("example", "CreateAccessKey", {"userName": "bob"}),
    ],
    "key-for-oneself": [call("iam", "CreateAccessKey", {"userName": "bob"}), by_root(call("iam", "CreateAccessKey"))],
    "key-woken-for-another": [
        call("iam", "UpdateAccessKey", KEY | {"userName": "bob", "status": "Inactive"}),
        call("iam", "UpdateAccessKey", KEY | {"userName": "alice", "status": "Active"}),
    ],
    "federation-token-made": [call("sts", "GetSessionToken", {"serialNumber": "arn:aws:iam::111122223333:mfa/alice"})],
    "session-token-without-mfa": [
        call("sts", "GetSessionToken", {"serialNumber": "arn:aws:iam::111122223333:mfa/alice"})
    ],
    "service-credential-made": [call("iam", "DeleteServiceSpecificCredential", {"userName": "bob"})],
    "user-key-material-added": [call("iam", "DeleteSSHPublicKey", {"userName": "bob"})],
    "ssh-key-sent-to-instance": [call("example", "SendSSHPublicKey", {"instanceId": "i-0abcdef1234567890"})],
}
