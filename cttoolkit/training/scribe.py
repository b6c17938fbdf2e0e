"""Records as CloudTrail writes them.

Fields follow the AWS CloudTrail User Guide, "CloudTrail record contents".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cttoolkit.training.callers import Caller
from cttoolkit.training.draws import Draws
from cttoolkit.training.trail import Trail
from cttoolkit.window import Window, written

__all__ = ["Scribe"]

_VERY_LATE = timedelta(hours=1)
_VERSIONS = ("1.08", "1.09", "1.10", "1.11")
_GLOBAL = ("iam", "organizations", "sts")
_REFUSALS = {"ec2": "Client.UnauthorizedOperation"}
_ORDER = {
    name: place
    for place, name in enumerate(
        """eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage
        requestParameters responseElements additionalEventData requestID eventID readOnly resources eventType managementEvent
        recipientAccountId sharedEventID serviceEventDetails eventCategory addendum tlsDetails sessionCredentialFromConsole""".split()
    )
}


class Scribe:
    """Writes one account's records into a trail, and remembers the ids of those that a story wants to name.

    Two scribes of one trail take names of their own: what one writes leaves the other's ids as they are. While the trail is stopped,
    in the window ``unrecorded``, things happen and no record of them is written. ``lateness`` is how many of a thousand records
    are delivered more than half an hour late; the later half of them says so in its addendum.
    """

    def __init__(self, trail: Trail, *names: object, unrecorded: Window | None = None) -> None:
        self._trail = trail
        self._unrecorded = unrecorded
        self._draws = Draws("scribe", *names)
        self.named: dict[str, list[str]] = {}
        self.lateness = 0

    def write(
        self,
        caller: Caller,
        region: str,
        at: datetime,
        source: str,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        response: Mapping[str, Any] | None = None,
        changes: bool = False,
        refused: bool = False,
        error: str | None = None,
        message: str | None = None,
        data: bool = False,
        story: str | None = None,
        **more: Any,
    ) -> str:
        """Write one API call and return its id. ``story`` files the id under a name for truth.json."""
        record: dict[str, Any] = {}
        if refused or error:
            record["errorCode"] = error or _REFUSALS.get(source, "AccessDenied")
            record["errorMessage"] = message or _refusal(caller, source, name)
        record |= {
            "requestParameters": dict(parameters) if parameters else None,
            "responseElements": dict(response) if response and not record else None,
            "requestID": self._draws.uuid(),
            "readOnly": not changes,
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "eventCategory": "Data" if data else "Management",
        }
        if caller.over_tls:
            host = f"{source}.amazonaws.com" if source in _GLOBAL else f"{source}.{region}.amazonaws.com"
            record["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": host,
            }
        return self._record(caller, region, at, source, name, story, record | more)

    def note(
        self, caller: Caller, at: datetime, source: str, name: str, *, kind: str, story: str | None = None, **more: Any
    ) -> str:
        """Write what is no API call, a sign-in or a service's own event, in the region where these are recorded."""
        record = {
            "requestParameters": None,
            "responseElements": None,
            "readOnly": False,
            "eventType": kind,
            "managementEvent": True,
            "eventCategory": "Management",
        }
        return self._record(caller, "us-east-1", at, source, name, story, record | more)

    def assume(
        self,
        caller: Caller,
        region: str,
        at: datetime,
        into: Caller,
        *,
        how: str = "AssumeRole",
        hours: int = 1,
        story: str | None = None,
        asked: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Record that a session was issued. Its key stands in the answer, so that later use can be joined to it."""
        role = into.identity["sessionContext"]["sessionIssuer"]["arn"]
        issued = {
            "credentials": {
                "accessKeyId": into.identity["accessKeyId"],
                "sessionToken": "redacted-session-token",
                "expiration": _spoken(at + timedelta(hours=hours)),
            },
            "assumedRoleUser": {"assumedRoleId": into.identity["principalId"], "arn": into.identity["arn"]},
        }
        parameters = {"roleArn": role, "roleSessionName": into.identity["arn"].rpartition("/")[2], **(asked or {})}
        resources = [{"accountId": role.split(":")[4], "type": "AWS::IAM::Role", "ARN": role}]
        return self.write(
            caller, region, at, "sts", how, parameters, response=issued, story=story, resources=resources, **more
        )

    def make_key(self, caller: Caller, at: datetime, owner: str, key: str, *, story: str | None = None) -> str:
        """Record that an access key was made."""
        made = {"accessKey": {"userName": owner, "accessKeyId": key, "status": "Active", "createDate": _spoken(at)}}
        return self.write(
            caller, "us-east-1", at, "iam", "CreateAccessKey", {"userName": owner}, response=made, changes=True, story=story
        )  # fmt: skip

    def touch(
        self, caller: Caller, region: str, at: datetime, name: str, place: tuple[str, str], *, size: int, story: str | None = None
    ) -> str:  # fmt: skip
        """Record one data event: an object, by bucket and key, was read or written."""
        bucket, key = place
        writes = name == "PutObject"
        told = {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": size if writes else 0,
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": self._draws.hexadecimal(40),
            "bytesTransferredOut": 0 if writes else size,
        }
        resources = [
            {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": self._trail.account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ]
        asked = {"bucketName": bucket, "Host": f"{bucket}.s3.{region}.amazonaws.com", "key": key}
        return self.write(
            caller, region, at, "s3", name, asked, changes=writes, data=True, story=story,
            additionalEventData=told, resources=resources,
        )  # fmt: skip

    def _record(
        self, caller: Caller, region: str, at: datetime, source: str, name: str, story: str | None, parts: Mapping[str, Any]
    ) -> str:  # fmt: skip
        record = {
            "eventVersion": _version(source),
            "userIdentity": dict(caller.identity),
            "eventTime": written(at.replace(microsecond=0)),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": caller.address,
            "userAgent": caller.agent,
            "eventID": self._draws.uuid(),
            "recipientAccountId": self._trail.account,
            **parts,
        }
        if self._unrecorded is not None and at in self._unrecorded:
            return str(record["eventID"])
        delivered_at = self._delay(at, record["eventID"]) if self.lateness else None
        if delivered_at is not None and delivered_at - at > _VERY_LATE:
            record["addendum"] = {"reason": "DELIVERY_DELAY"}
        self._trail.record(
            region, {field: record[field] for field in sorted(record, key=_ORDER.__getitem__)}, delivered_at
        )
        if story:
            self.named.setdefault(story, []).append(record["eventID"])
        return str(record["eventID"])

    def _delay(self, at: datetime, event_id: str) -> datetime | None:
        """When a late record is delivered; None for the others, and where the trail would have ended by then."""
        drawn = int(event_id[:8], 16)
        delivered_at = at + timedelta(minutes=31 + drawn // 1000 % 60)
        return delivered_at if drawn % 1000 < self.lateness and delivered_at < self._trail.span.end else None


@cache
def _version(source: str) -> str:
    """Every service keeps to the version that it was built with."""
    return Draws("version", source).one(_VERSIONS)


def _spoken(at: datetime) -> str:
    """A time as IAM and STS write it into their answers."""
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S %p}"


def _refusal(caller: Caller, source: str, name: str) -> str:
    who = caller.identity.get("arn", caller.address)
    return f"User: {who} is not authorized to perform: {source}:{name} because no identity-based policy allows the {source}:{name} action"
