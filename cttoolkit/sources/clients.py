"""Clients of AWS for a collection: whose credentials, which role, which endpoint, and what a refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cttoolkit.errors import EvidenceError
from cttoolkit.sources.public_keys import open_session

__all__ = ["RENEW", "Access", "is_expired", "refusal", "stops", "telling"]

_STOPPING = frozenset(
    "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired InvalidAccessKeyId InvalidClientTokenId "
    "UnrecognizedClientException SignatureDoesNotMatch RequestTimeTooSkewed NoSuchBucket InvalidToken".split()
)
RENEW = "renew the credentials and run the same command again: it goes on where it stopped"
_ASK = "ask for the permissions in docs/collect.md"
_REMEDIES = {
    "AccessDenied": _ASK,
    "AccessDeniedException": _ASK,
    "403": _ASK,
    "InvalidObjectState": "restore the object from its archive class, and collect again",
    "NoSuchBucket": "give the bucket that the trail delivers to",
    "RequestTimeTooSkewed": "set this machine's clock, and run the same command again",
}
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})


@dataclass
class Access:
    """How AWS is reached: a profile's credentials or the environment's, changed for a role's where one is named.

    ``endpoint_url`` is that of one service alone, ``endpoint_of``. A role's credentials are renewed before they run out.
    """

    profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    connections: int = 32
    endpoint_of: str = "s3"
    _session: Any = field(default=None, repr=False)
    _clients: dict[tuple[str, str | None], Any] = field(default_factory=dict, repr=False)

    def session(self) -> Any:
        if self._session is None:
            own = open_session(self.profile)
            self._session = own if self.role_arn is None else _assumed(own, self.role_arn)
        return self._session

    def client(self, service: str, region: str | None = None) -> Any:
        """A client that asks again what was throttled or cut off, with growing pauses."""
        found = self._clients.get((service, region))
        if found is None:
            session = self.session()
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError

            config = Config(
                retries={"mode": "standard", "max_attempts": 8},
                max_pool_connections=self.connections,
                connect_timeout=20,
                read_timeout=60,
            )
            endpoint = self.endpoint_url if service == self.endpoint_of else None
            try:
                found = session.client(service, region_name=region, endpoint_url=endpoint, config=config)
            except (BotoCoreError, ValueError) as error:
                raise EvidenceError(service, f"no way to it: {error}", "check region, profile and endpoint") from error
            self._clients[service, region] = found
        return found


def _assumed(own: Any, role_arn: str) -> Any:
    import boto3
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    base = own._session
    fetcher = AssumeRoleCredentialFetcher(
        base.create_client, base.get_credentials(), role_arn, extra_args={"RoleSessionName": "cttoolkit-collect"}
    )
    assumed = botocore.session.Session(profile=base.get_config_variable("profile"))
    assumed._credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
    return boto3.Session(botocore_session=assumed, region_name=own.region_name)


def refusal(error: Exception) -> tuple[str, str, str]:
    """Code, what was said, and what to do, of a ClientError or BotoCoreError."""
    answer = getattr(error, "response", None)
    if not isinstance(answer, dict):
        return (
            type(error).__name__,
            f"no answer from AWS: {error}",
            "check the credentials and the way to AWS, and run it again",
        )
    told = answer.get("Error", {})
    code = str(told.get("Code", ""))
    remedy = RENEW if code in _EXPIRED else _REMEDIES.get(code, "see what AWS says of it, and run it again")
    return code, f"AWS refuses: {told.get('Message') or code}", remedy


def stops(code: str) -> bool:
    """Whether every further request would be refused as well."""
    return code in _STOPPING


def is_expired(code: str) -> bool:
    """Whether the credentials were good once: with new ones the same is answered."""
    return code in _EXPIRED


@contextmanager
def telling(what: str) -> Iterator[None]:
    """What AWS or the way to it refuses, as our own error."""
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise EvidenceError("boto3", "not installed", "install cttoolkit[aws]") from error
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        _, wrong, remedy = refusal(error)
        raise EvidenceError(what, wrong, remedy) from error
