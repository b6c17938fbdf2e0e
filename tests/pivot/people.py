"""Callers for made-up events."""

ACCOUNT = "111122223333"


def user(name, number=1):
    """userIdentity of an IAM user with a key and an id of its own."""
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{name.upper()}{number}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "userName": name,
        "accessKeyId": f"AKIA{name.upper()}{number}",
    }


def session(role, name, key="ASIAONE", created="2026-03-01T00:00:00Z"):
    """userIdentity of a role session."""
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{role.upper()}:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "principalId": f"AROA{role.upper()}",
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }


def service(name):
    """userIdentity of an AWS service."""
    return {"type": "AWSService", "invokedBy": name}
