"""Records in the shapes that the services write, short."""

ACCOUNT = "111122223333"
OTHER = "444455556666"


def call(service, name, parameters=None, response=None, **parts):
    """A call of alice's to a service, with its parameters and what came back; other fields by CloudTrail's names."""
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "readOnly": name.startswith(("Get", "List", "Describe")),
        "requestParameters": parameters,
        "responseElements": response,
    } | parts


def refused(record, code="AccessDenied"):
    """The same, refused."""
    return record | {"errorCode": code, "errorMessage": "User is not authorized", "responseElements": None}


def by_root(record):
    return record | {
        "userIdentity": {
            "type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT, "accessKeyId": "",
        }
    }  # fmt: skip


def by_role(record, role="deploy", session="ci", key="ASIAEXAMPLEROLE00001"):
    return record | {
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROAEXAMPLE{role.upper()}:{session}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}", "accountId": ACCOUNT, "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role", "principalId": f"AROAEXAMPLE{role.upper()}", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                    "accountId": ACCOUNT, "userName": role,
                },
                "attributes": {"creationDate": "2026-03-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        }
    }  # fmt: skip


def by_service(record, service="autoscaling.amazonaws.com"):
    return record | {
        "userIdentity": {"type": "AWSService", "invokedBy": service},
        "sourceIPAddress": service,
        "userAgent": service,
    }


def by_way_of(record, service="cloudformation.amazonaws.com"):
    """The same, made by a service on behalf of alice."""
    return record | {
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLEALICE00001", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
            "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLEONWARD001", "userName": "alice", "invokedBy": service,
            "sessionContext": {"attributes": {"creationDate": "2026-03-01T00:00:00Z", "mfaAuthenticated": "false"}},
        },
        "sourceIPAddress": service,
        "userAgent": service,
    }  # fmt: skip
