"""One object fetched whole: every byte that S3 listed and no other, or the reason why not."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cttoolkit.collection.listing import Version
from cttoolkit.errors import EvidenceError
from cttoolkit.sources.answer import Answer, hold_against
from cttoolkit.sources.clients import refusal, stops
from cttoolkit.sources.getter import SMALL, Getter
from cttoolkit.window import written

__all__ = ["Downloaded", "Downloader", "Refused"]

_TRIES = 8
_LONGEST_PAUSE = 20.0
_RESUMED_FROM = SMALL
"""Below this many bytes, what was cut off is asked for again whole: then S3's checksum can be checked as well."""
_LARGEST = 2 << 30
_CHUNK = 1 << 20
_CHANGED = frozenset({"NoSuchKey", "NoSuchVersion", "404", "PreconditionFailed", "412"})
_LASTING = frozenset({"AccessDenied", "403", "InvalidObjectState", "MethodNotAllowed", "405", "InvalidRange"})


class Downloaded(NamedTuple):
    """The bytes of one object and what S3 said of them."""

    body: bytes
    sha256: str
    etag: str
    collected_at: str
    checked_by: str
    version_id: str | None
    metadata: dict[str, str]
    checksums: dict[str, str]


class Refused(NamedTuple):
    """An object that could not be had; the rest goes on."""

    reason: str
    is_denied: bool = False


@dataclass
class Downloader:
    """Reads objects of one bucket; used by many threads at once. ``session`` is a boto3 session, ``pause`` waits between tries."""

    client: Any
    bucket: str
    pause: Callable[[float], None] = time.sleep
    session: Any = field(default=None, repr=False)
    _getter: Getter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._getter = Getter(self.client, self.bucket, self.session)

    def fetch(self, listed: Version) -> Downloaded | Refused:
        """One object. EvidenceError where every further request would fail as well (credentials, clock, no such bucket)."""
        from botocore.exceptions import BotoCoreError, ClientError

        if listed.size > _LARGEST:
            return Refused(f"{listed.size} bytes are more than any log file")
        held = b""
        wrong = ""
        for attempt in range(_TRIES):
            if attempt:
                self.pause(min(_LONGEST_PAUSE, 0.1 * 2 ** (attempt - 1)))
            try:
                answer = self._getter.ask(
                    listed.key, listed.size, listed.etag, version_id=listed.version_id, start=len(held)
                )
                body, wrong = self._read(answer.body, held)
            except ClientError as error:
                code, wrong, remedy = refusal(error)
                if stops(code):
                    raise EvidenceError(f"s3://{self.bucket}/{listed.key}", wrong, remedy) from error
                if code in _CHANGED:
                    return Refused("changed or went between listing and reading; collect again")
                if code in _LASTING:
                    return Refused(f"{wrong}; {remedy}", is_denied=code in ("AccessDenied", "403"))
                continue
            except BotoCoreError as error:
                _, wrong, remedy = refusal(error)
                if "redential" in type(error).__name__:
                    raise EvidenceError(f"s3://{self.bucket}/{listed.key}", wrong, remedy) from error
                continue
            if not wrong:
                checked, wrong = _held_against(listed, body, answer)
                if not wrong:
                    return self._whole(listed, body, answer, checked)
            held = body if _RESUMED_FROM <= len(body) < listed.size else b""
        return Refused(f"{wrong}, {_TRIES} times; collect again")

    def _read(self, stream: Any, held: bytes) -> tuple[bytes, str]:
        """All that came, after what was held already, and what broke it off."""
        from botocore.exceptions import BotoCoreError

        parts = [held]
        try:
            while chunk := stream.read(_CHUNK):
                parts.append(chunk)
        except BotoCoreError as error:
            return b"".join(parts), f"the answer broke off: {error}"
        finally:
            stream.close()
        return b"".join(parts), ""

    def _whole(self, listed: Version, body: bytes, answer: Answer, checked: str) -> Downloaded:
        return Downloaded(
            body,
            hashlib.sha256(body).hexdigest(),
            listed.etag.strip('"'),
            _moment(answer.headers.get("date")),
            checked,
            answer.headers.get("x-amz-version-id", listed.version_id),
            answer.metadata,
            answer.checksums,
        )


@lru_cache(maxsize=64)
def _moment(date: str | None) -> str:
    """A header's date as it is written down. Many objects come in one second."""
    return written(parsedate_to_datetime(date)) if date else ""


def _held_against(listed: Version, body: bytes, answer: Answer) -> tuple[str, str]:
    """What S3 said of the bytes that they agree with, and what they disagree with, or nothing."""
    if len(body) != listed.size:
        return "", f"{len(body)} bytes came of the {listed.size} that were listed"
    checked, wrong = hold_against(answer, body, listed.etag)
    return ("" if wrong else checked or "length"), wrong
