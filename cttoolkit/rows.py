"""Records on their way into the columns of a shard: nothing lost silently.

What cannot be read as an event comes back as a Skip; what has unexpected types is kept as text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cttoolkit.errors import WindowError
from cttoolkit.identity import resolve
from cttoolkit.schema import arrow_schema
from cttoolkit.window import instant

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Batch", "Skip"]

_Raw = msgspec.Raw
_NULL = b"null"
_LARGEST_CACHE = 20_000


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
)

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
    _identities: dict[bytes, tuple[Any, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["log_file"])

    def add(self, log_file: str, log_sha256: str, status: str, records: Iterable[_Raw]) -> list[Skip]:
        """Append a file's records; what cannot be read as an event comes back, with its reason."""
        skipped: list[Skip] = []
        columns = self.columns
        texts = [(name, columns[column].append) for name, column in _TEXTS]
        jsons = [(name, columns[column].append) for name, column in _JSONS]
        identity = [columns[column].append for column in _IDENTITY]
        times, read_only, management, console = (
            columns[name].append for name in ("event_time", "read_only", "management_event", "is_console")
        )
        hashes, indexes = columns["record_sha256"].append, columns["record_index"].append
        before = len(self)
        for index, raw in enumerate(records):
            try:
                record = _record_decoder.decode(raw)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                lenient = _leniently(bytes(raw))
                if isinstance(lenient, str):
                    skipped.append(Skip(log_file, index, lenient))
                    continue
                record = lenient
            for name, append in texts:
                append(getattr(record, name))
            for name, append in jsons:
                append(getattr(record, name))
            for value, append in zip(self._identity(record), identity, strict=True):
                append(value)
            times(record.eventTime)
            read_only(_flag(record.readOnly))
            management(_flag(record.managementEvent))
            console(bool(_flag(record.sessionCredentialFromConsole)) or record.eventType in _CONSOLE_TYPES)
            hashes(hashlib.sha256(raw).hexdigest())
            indexes(index)
        added = len(columns["record_index"]) - before
        columns["log_file"].extend([log_file] * added)
        columns["log_sha256"].extend([log_sha256] * added)
        columns["status"].extend([status] * added)
        return skipped

    def _identity(self, record: _Record) -> tuple[Any, ...]:
        raw = bytes(record.userIdentity)
        # An element without a caller is named after the service, so the service belongs to what is remembered.
        known = raw if len(raw) > len(_NULL) + 2 else raw + (record.eventSource or "").encode()
        found = self._identities.get(known)
        if found is None:
            if len(self._identities) >= _LARGEST_CACHE:
                self._identities.clear()
            found = self._identities[known] = _identity_columns(raw, record.eventSource)
        return found

    def table(self) -> pyarrow.Table:
        """The rows as Arrow, in the order of the schema."""
        import pyarrow as pa

        schema = arrow_schema()
        jsons = {column for _, column in _JSONS}
        arrays = []
        for wanted in schema:
            values = self.columns[wanted.name]
            if wanted.name in jsons:
                arrays.append(_json_array(values))
            elif wanted.name == "event_time":
                arrays.append(_times(values))
            else:
                arrays.append(pa.array(values, wanted.type))
        return pa.Table.from_arrays(arrays, schema=schema)


_CONSOLE_TYPES = frozenset({"AwsConsoleSignIn", "AwsConsoleAction"})


def _collected() -> tuple[str, ...]:
    return tuple(wanted.name for wanted in arrow_schema())


def _flag(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


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
    for name in _Record.__struct_fields__:
        value = found.get(name)
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


def _identity_columns(raw: bytes, event_source: str | None) -> tuple[Any, ...]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    element: Mapping[str, Any] = found if isinstance(found, dict) else {}
    identity = resolve(element, event_source)
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


def _json_array(raws: list[_Raw]) -> pyarrow.Array[Any]:
    """One column of JSON text, gathered into one buffer without a Python object a cell; JSON null becomes null."""
    import numpy as np
    import pyarrow as pa

    lengths = np.fromiter((len(raw) for raw in raws), np.int64, len(raws))
    nulls = np.fromiter((raw == _RAW_NULL for raw in raws), bool, len(raws)) if len(raws) else np.zeros(0, bool)
    offsets = np.zeros(len(raws) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    valid = np.packbits(~nulls, bitorder="little")
    data = b"".join(raws)
    large = pa.LargeStringArray.from_buffers(
        len(raws), pa.py_buffer(offsets.data), pa.py_buffer(data), pa.py_buffer(valid.data)
    )
    return large.cast(pa.string())


_RAW_NULL = _Raw(_NULL)


def _times(texts: list[str | None]) -> pyarrow.Array[Any]:
    """Times as UTC; null where a text is no time with an offset."""
    import pyarrow as pa

    utc = pa.timestamp("us", tz="UTC")
    try:
        return pa.array(texts, pa.string()).cast(utc)
    except pa.ArrowInvalid:
        return pa.array([_time(text) for text in texts], utc)


def _time(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return instant(text)
    except WindowError:
        return None
