"""Records as CloudTrail writes them, for people and machines that a world makes up.

Shapes follow the AWS CloudTrail User Guide, "CloudTrail record contents" and "CloudTrail userIdentity element". Addresses, accounts,
names and keys are of the kinds set aside for documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cttoolkit.training.draws import Draws
from cttoolkit.training.simulator import Trail
from cttoolkit.window import written

__all__ = ["Caller", "Scribe", "access_key", "instance", "person", "service", "session", "user"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the userIdentity element, the address and the agent. A call over TLS leaves details of it."""

    identity: Mapping[str, Any]
    address: str
    agent: str
    over_tls: bool = True

    def at(self, address: str, agent: str | None = None) -> Caller:
        """The same credentials, used from elsewhere."""
        return replace(self, address=address, agent=agent or self.agent)


def access_key(kind: str, name: str) -> str:
    """AKIA or ASIA, twelve made-up characters, EXAMPLE at the end where no real key has it."""
    return f"{kind}{Draws('key', kind, name).token(9)}EXAMPLE"


def user(account: str, name: str, key: str, address: str, agent: str) -> Caller:
    """An IAM user with a long-lived key."""
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{Draws('user', account, name).token(17)}",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": key,
        "userName": name,
    }
    return Caller(identity, address, agent)


def session(
    account: str, role: str, name: str, since: datetime, address: str, agent: str, *, path: str = "/", mfa: bool = False
) -> Caller:
    """A session of an assumed role."""
    role_id = f"AROA{Draws('role', account, role).token(17)}"
    identity = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "accountId": account,
        "accessKeyId": access_key("ASIA", f"{account}/{role}/{name}/{written(since)}"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": f"arn:aws:iam::{account}:role{path}{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {"creationDate": written(since), "mfaAuthenticated": str(mfa).lower()},
        },
    }
    return Caller(identity, address, agent)


def person(account: str, name: str, permissions: str, since: datetime, address: str, agent: str) -> Caller:
    """Somebody who came through IAM Identity Center; the session bears their address."""
    role = f"AWSReservedSSO_{permissions}_{Draws('sso', account, permissions).hexadecimal(16)}"
    return session(account, role, f"{name}@example.com", since, address, agent, path="/aws-reserved/sso.amazonaws.com/")


def instance(account: str, role: str, number: int, since: datetime, address: str) -> Caller:
    """An EC2 instance with its role."""
    made = session(
        account, role, f"i-{Draws('instance', number).hexadecimal(17)}", since, address, "aws-sdk-go-v2/1.24.0 os/linux"
    )
    identity = dict(made.identity)
    identity["sessionContext"] = {**identity["sessionContext"], "ec2RoleDelivery": "2.0"}
    return replace(made, identity=identity)


def service(name: str) -> Caller:
    """An AWS service on its own behalf."""
    source = f"{name}.amazonaws.com"
    return Caller({"type": "AWSService", "invokedBy": source}, source, source, over_tls=False)


class Scribe:
    """Writes one account's records into a trail, and remembers the ids of those that a story wants to name."""

    def __init__(self, trail: Trail, seed: object) -> None:
        self._trail = trail
        self._draws = Draws("scribe", seed)
        self.named: dict[str, list[str]] = {}

    def write(
        self,
        caller: Caller,
        region: str,
        at: datetime,
        source: str,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        response: Mapping[str, Any] | None = None,
        *,
        changes: bool = False,
        error: str | None = None,
        message: str | None = None,
        data: bool = False,
        story: str | None = None,
        **more: Any,
    ) -> str:
        """Write one record and return its id. ``story`` files the id under a name for truth.json."""
        event_id = self._draws.uuid()
        record: dict[str, Any] = {
            "eventVersion": "1.11" if self._draws.chance(60) else "1.09",
            "userIdentity": dict(caller.identity),
            "eventTime": written(at),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
        }
        if error:
            record["errorCode"] = error
            record["errorMessage"] = message or _refusal(caller, source, name)
        record |= {
            "requestParameters": dict(parameters) if parameters else None,
            "responseElements": dict(response) if response and not error else None,
            **more,
            "requestID": self._draws.uuid(),
            "eventID": event_id,
            "readOnly": not changes,
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": self._trail.account,
            "eventCategory": "Data" if data else "Management",
        }
        if caller.over_tls:
            host = f"{source}.amazonaws.com" if region == "us-east-1" else f"{source}.{region}.amazonaws.com"
            record["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": host,
            }
        self._trail.record(region, record)
        if story:
            self.named.setdefault(story, []).append(event_id)
        return event_id

    def assume(
        self, caller: Caller, region: str, at: datetime, into: Caller, *, how: str = "AssumeRole", **more: Any
    ) -> str:
        """Record that a session was issued. Its key stands in the answer, so that later use can be joined to it."""
        context = into.identity["sessionContext"]
        name = into.identity["arn"].rpartition("/")[2]
        issued = {
            "credentials": {
                "accessKeyId": into.identity["accessKeyId"],
                "sessionToken": "redacted-session-token",
                "expiration": (at + timedelta(hours=1)).strftime("%b %d, %Y, %-I:%M:%S %p"),
            },
            "assumedRoleUser": {"assumedRoleId": into.identity["principalId"], "arn": into.identity["arn"]},
        }
        asked = {"roleArn": context["sessionIssuer"]["arn"], "roleSessionName": name, "durationSeconds": 3600}
        resources = [{"accountId": self._trail.account, "type": "AWS::IAM::Role", "ARN": asked["roleArn"]}]
        return self.write(caller, region, at, "sts", how, asked, issued, resources=resources, **more)


def _refusal(caller: Caller, source: str, name: str) -> str:
    who = caller.identity.get("arn", caller.address)
    return f"User: {who} is not authorized to perform: {source}:{name} because no identity-based policy allows the {source}:{name} action"
