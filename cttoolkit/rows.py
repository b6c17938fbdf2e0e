"""Records on their way into the columns of a shard: nothing lost silently.

What cannot be read as an event comes back as a Skip; what has unexpected types is kept as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from cttoolkit.arrays import hex_array, json_array, spread, time_array
from cttoolkit.identity import resolve
from cttoolkit.reader import Split
from cttoolkit.schema import arrow_schema

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Batch", "Skip"]

_Raw = msgspec.Raw
_NULL = b"null"


class _Record(msgspec.Struct, gc=False):
    eventTime: str | None = None
    eventName: str | None = None
    eventSource: str | None = None
    awsRegion: str | None = None
    sourceIPAddress: str | None = None
    userAgent: str | None = None
    errorCode: str | None = None
    errorMessage: str | None = None
    readOnly: bool | str | None = None
    eventID: str | None = None
    eventCategory: str | None = None
    eventType: str | None = None
    eventVersion: str | None = None
    managementEvent: bool | str | None = None
    recipientAccountId: str | None = None
    sharedEventID: str | None = None
    requestID: str | None = None
    vpcEndpointId: str | None = None
    sessionCredentialFromConsole: bool | str | None = None
    userIdentity: _Raw = _Raw(_NULL)
    requestParameters: _Raw = _Raw(_NULL)
    responseElements: _Raw = _Raw(_NULL)
    additionalEventData: _Raw = _Raw(_NULL)
    resources: _Raw = _Raw(_NULL)
    serviceEventDetails: _Raw = _Raw(_NULL)


_TEXTS = tuple(
    (name, column)
    for name, column in (
        ("eventName", "event_name"),
        ("eventSource", "event_source"),
        ("awsRegion", "aws_region"),
        ("sourceIPAddress", "source_ip_address"),
        ("userAgent", "user_agent"),
        ("errorCode", "error_code"),
        ("errorMessage", "error_message"),
        ("eventID", "event_id"),
        ("eventCategory", "event_category"),
        ("eventType", "event_type"),
        ("eventVersion", "event_version"),
        ("recipientAccountId", "recipient_account_id"),
        ("sharedEventID", "shared_event_id"),
        ("requestID", "request_id"),
        ("vpcEndpointId", "vpc_endpoint_id"),
    )
)
_JSONS = (
    ("userIdentity", "user_identity"),
    ("requestParameters", "request_parameters"),
    ("responseElements", "response_elements"),
    ("additionalEventData", "additional_event_data"),
    ("resources", "resources"),
    ("serviceEventDetails", "service_event_details"),
)
_RAW_FIELDS = frozenset(name for name, _ in _JSONS)
_FLAG_FIELDS = frozenset({"readOnly", "managementEvent", "sessionCredentialFromConsole"})
_IDENTITY = (
    "user_identity_type",
    "user_identity_arn",
    "user_identity_principal_id",
    "user_identity_account_id",
    "user_identity_user_name",
    "invoked_by",
    "access_key_id",
    "session_issuer_arn",
    "session_created_at",
    "mfa_authenticated",
    "source_identity",
    "actor",
    "role",
    "session_name",
    "actor_rung",
    "principal",
    "credential",
)

_NAMED = tuple(f'{{"type":"{kind}"'.encode() for kind in ("AssumedRole", "IAMUser", "Root", "AWSService"))
_FILE = ("log_file", "log_sha256", "status")

_record_decoder = msgspec.json.Decoder(_Record)


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that could not be read as an event: where it stands, and why. ``index`` is None for a whole file."""

    log_file: str
    index: int | None
    reason: str


@dataclass
class Batch:
    """Rows of several log files on their way into one shard."""

    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _collected()})
    # What many rows have in common is held once, with a number a row: the callers, and the files with their lengths.
    _callers: dict[bytes, int] = field(default_factory=dict)
    _identities: list[tuple[Any, ...]] = field(default_factory=list)
    _called_by: list[int] = field(default_factory=list)
    _files: list[tuple[str, str, str]] = field(default_factory=list)
    _lengths: list[int] = field(default_factory=list)
    _hashes: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, log_file: str, log_sha256: str, status: str, found: Split) -> list[Skip]:
        """Append a file's records; what cannot be read as an event comes back, with its reason."""
        decoded, kept, skipped = _decoded(log_file, found)
        indexes = [found.indexes[position] for position in kept]
        columns = self.columns
        # Column by column through C: a loop over records and fields would take most of the time of loading.
        for field_name, column in (*_TEXTS, *_JSONS, ("eventTime", "event_time")):
            columns[column].extend(map(attrgetter(field_name), decoded))
        columns["read_only"].extend(map(_flag, map(attrgetter("readOnly"), decoded)))
        columns["management_event"].extend(map(_flag, map(attrgetter("managementEvent"), decoded)))
        columns["is_console"].extend(
            bool(_flag(record.sessionCredentialFromConsole)) or record.eventType in _CONSOLE_TYPES for record in decoded
        )
        columns["record_index"].extend(indexes)
        self._called_by.extend(map(self._caller, decoded))
        self._hashes.extend([sha256(found.records[position]).digest() for position in kept])
        self._files.append((log_file, log_sha256, status))
        self._lengths.append(len(decoded))
        return skipped

    def _caller(self, record: _Record) -> int:
        raw = bytes(record.userIdentity)
        is_console = bool(_flag(record.sessionCredentialFromConsole))
        # Callers that AWS does not name are told apart by the service, so there the service belongs to what is remembered.
        known = raw if raw.startswith(_NAMED) else raw + (record.eventSource or "").encode()
        if is_console:
            known += b" console"
        number = self._callers.get(known)
        if number is None:
            number = self._callers[known] = len(self._identities)
            self._identities.append(_identity_columns(raw, record.eventSource, is_console=is_console))
        return number

    def table(self) -> pyarrow.Table:
        """The rows as Arrow, in the order of the schema."""
        import numpy as np
        import pyarrow as pa

        schema = arrow_schema()
        made: dict[str, Any] = {"record_sha256": hex_array(self._hashes)}
        made.update(spread(_IDENTITY, self._identities, self._called_by))
        made.update(spread(_FILE, self._files, np.repeat(np.arange(len(self._files)), self._lengths)))
        made["event_time"] = time_array(self.columns["event_time"])
        made.update((column, json_array(self.columns[column])) for _, column in _JSONS)
        arrays = [
            made[wanted.name] if wanted.name in made else pa.array(self.columns[wanted.name], wanted.type)
            for wanted in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)


def _decoded(log_file: str, found: Split) -> tuple[list[_Record], Sequence[int], list[Skip]]:
    """The records that can be read, their positions, and what cannot be read."""
    skipped = [Skip(log_file, index, reason) for index, reason in found.unread]
    decode = _record_decoder.decode
    try:
        decoded = list(map(decode, found.records))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    else:
        if all(map(_is_plain, decoded)):
            return decoded, range(len(decoded)), skipped
    decoded = []
    kept: list[int] = []
    for position, raw in enumerate(found.records):
        record: _Record | str
        try:
            record = decode(raw)
            if not _is_plain(record):
                record = _leniently(bytes(raw))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            record = _leniently(bytes(raw))
        if isinstance(record, str):
            skipped.append(Skip(log_file, found.indexes[position], record))
        else:
            decoded.append(record)
            kept.append(position)
    return decoded, kept, skipped


_is_plain = attrgetter("eventName")
"""Whether a record's members are spelt as CloudTrail spells them: each event has a name."""


_CONSOLE_TYPES = frozenset({"AwsConsoleSignIn", "AwsConsoleAction"})


def _collected() -> tuple[str, ...]:
    shared = {*_IDENTITY, *_FILE, "record_sha256"}
    return tuple(wanted.name for wanted in arrow_schema() if wanted.name not in shared)


def _flag(value: object) -> bool | None:
    if value is True or value is False or value is None:
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return None


def _leniently(raw: bytes) -> _Record | str:
    """A record whose fields have unexpected types, with them as JSON text; or why it is no record at all."""
    try:
        found = json.loads(raw, parse_constant=lambda _: None)
    except ValueError as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "nested too deeply to be read"
    if not isinstance(found, dict):
        return f"not an event but a JSON {_json_kind(found)}"
    record = _Record()
    # Some exports spell eventId and sourceIpAddress; the exact spelling goes before any other.
    folded = {name.lower(): value for name, value in found.items()} | {
        name.lower(): found[name] for name in _Record.__struct_fields__ if name in found
    }
    for name in _Record.__struct_fields__:
        value = folded.get(name.lower())
        if name in _RAW_FIELDS:
            setattr(record, name, _Raw(json.dumps(value).encode()))
        elif value is None or (name in _FLAG_FIELDS and isinstance(value, bool | str)):
            setattr(record, name, value)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            setattr(record, name, text.encode(errors="backslashreplace").decode())
    return record


def _json_kind(value: object) -> str:
    return {str: "string", list: "array", bool: "boolean", type(None): "null"}.get(type(value), "number")


def _identity_columns(raw: bytes, event_source: str | None, *, is_console: bool) -> tuple[Any, ...]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    element: Mapping[str, Any] = found if isinstance(found, dict) else {}
    identity = resolve(element, event_source, is_console=is_console)
    context = _inner(element, "sessionContext")
    attributes = _inner(context, "attributes")
    texts = (
        element.get("type"),
        element.get("arn"),
        element.get("principalId"),
        element.get("accountId"),
        element.get("userName"),
        element.get("invokedBy"),
        element.get("accessKeyId") or None,
        _inner(context, "sessionIssuer").get("arn"),
        attributes.get("creationDate"),
        attributes.get("mfaAuthenticated"),
        context.get("sourceIdentity"),
        identity.actor,
        identity.role,
        identity.session_name,
        identity.rung.value,
        identity.principal,
        identity.credential,
    )
    return tuple(_plain(value) for value in texts)


def _inner(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = mapping.get(name)
    return value if isinstance(value, dict) else {}


def _plain(value: object) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="backslashreplace").decode()
