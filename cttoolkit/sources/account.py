"""An AWS account, asked live: only by operations that read, and only those of configuration.OPERATIONS."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from cttoolkit.configuration.answers import Absent, Answered, Denied, Failed, Parameters, Reply
from cttoolkit.configuration.operations import DENIALS, Operation, find_operation
from cttoolkit.errors import ConfigurationError, WindowError
from cttoolkit.sources.public_keys import open_session
from cttoolkit.window import instant, written

__all__ = ["Account", "open_accounts"]

_SESSION_NAME = "cttoolkit-posture"
_FALLBACK = "us-east-1"


@dataclass(frozen=True)
class Account:
    """One account, with a session that may read it."""

    session: Any = field(repr=False)
    account: str
    region: str
    source: str
    endpoint_url: str | None = None
    """That of S3 alone; AWS' own if not given."""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _dates: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def client(self, service: str, region: str) -> Any:
        """The client of one service in one region, made once."""
        from botocore.config import Config

        if (service, region) not in self._clients:
            # Throttled requests are asked again, with growing pauses.
            config = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=10, read_timeout=60)
            endpoint = self.endpoint_url if service == "s3" else None
            made = self.session.client(service, region_name=region, endpoint_url=endpoint, config=config)
            made.meta.events.register("after-call", self._remember_date)
            self._clients[service, region] = made
        return self._clients[service, region]

    def ask(self, service: str, operation: str, region: str, parameters: Parameters = {}) -> Reply:  # noqa: B006
        """Ask AWS. ConfigurationError where the operation is not among those that may be asked."""
        from botocore.exceptions import BotoCoreError, ClientError

        known = find_operation(service, operation)
        self._dates.clear()
        try:
            value = self._call(known, region, parameters)
        except ClientError as error:
            return _refusal(known, error.response)
        except (BotoCoreError, ValueError) as error:
            # ValueError: an endpoint that is none.
            return Failed(f"{type(error).__name__}: {error}"[:500])
        return Answered(value, _moment(self._dates.get("date")))

    def _call(self, operation: Operation, region: str, parameters: Parameters) -> dict[str, Any]:
        from botocore import xform_name

        client = self.client(operation.service, region)
        name = xform_name(operation.name)
        if operation.whole and client.can_paginate(name):
            answer = client.get_paginator(name).paginate(**parameters).build_full_result()
        else:
            answer = getattr(client, name)(**parameters)
        made = plain({part: value for part, value in answer.items() if part != "ResponseMetadata"})
        assert isinstance(made, dict)
        return made

    def _remember_date(self, *, http_response: Any, **_: Any) -> None:
        self._dates["date"] = http_response.headers.get("date", "")


def plain(value: Any) -> Any:
    """What boto3 answers, as JSON holds it."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return written(instant(value))
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _refusal(operation: Operation, response: Mapping[str, Any]) -> Reply:
    error = response.get("Error", {})
    code, status = str(error.get("Code", "")), response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in operation.absent:
        return Absent(code)
    if code in DENIALS or (status == 403 and code.startswith("AccessDenied")):
        return Denied(operation.permission)
    return Failed(f"{code}: {error.get('Message', '')}"[:500])


def _moment(header: str | None) -> datetime | None:
    try:
        return instant(parsedate_to_datetime(header)) if header else None
    except (ValueError, WindowError):
        return None


def open_accounts(
    profile: str | None = None, role_arns: Iterable[str] = (), region: str | None = None
) -> tuple[Account, ...]:
    """The account of a profile, or those that roles open from there, one a role.

    ConfigurationError where credentials are missing, or a role cannot be assumed; it takes the permission sts:AssumeRole then.
    """
    session = open_session(profile)
    arns = tuple(role_arns)
    if not arns:
        return (
            _opened(session, region, f"live, profile {profile}" if profile else "live, the environment's credentials"),
        )
    return tuple(_opened(_assumed(session, arn, region), region, f"live, {arn}") for arn in arns)


def _opened(session: Any, region: str | None, told: str) -> Account:
    from botocore.exceptions import BotoCoreError, ClientError

    home = region or session.region_name or _FALLBACK
    try:
        identity = session.client("sts", region_name=home).get_caller_identity()
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ConfigurationError(told, f"who is asking cannot be told: {error}", "check the credentials") from error
    return Account(session, str(identity["Account"]), home, told)


def _assumed(session: Any, arn: str, region: str | None) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    home = region or session.region_name or _FALLBACK
    try:
        issued = session.client("sts", region_name=home).assume_role(RoleArn=arn, RoleSessionName=_SESSION_NAME)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ConfigurationError(arn, f"cannot be assumed: {error}", "let its trust policy name who asks") from error
    keys = issued["Credentials"]
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=home,
    )
