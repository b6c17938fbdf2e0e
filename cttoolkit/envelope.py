"""What a JSON document is by its content: an event, something that carries events, or something that only looks like it.

Carriers: log files, LookupEvents, EventBridge, CloudWatch Logs (subscriptions, Lambda's ``awslogs``, FilterLogEvents), and lists
and strings of any of these. Sources: the API references of CloudTrail and CloudWatch Logs, the User Guides of EventBridge and
Lambda.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

__all__ = ["MOST_NESTED", "Unread", "alien", "is_crowded", "opened"]

MOST_NESTED = 8
_MOST_VALUES = 4_000_000
"""How many envelopes may lie in one another."""

_Raw = msgspec.Raw
_EMPTY = _Raw(b"")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in an event's place that is none, and why."""

    reason: str


class _Document(msgspec.Struct, gc=False):
    """The members that tell documents apart, none of them understood yet."""

    Records: _Raw = _EMPTY
    Events: _Raw = _EMPTY
    events: _Raw = _EMPTY
    logEvents: _Raw = _EMPTY
    messageType: _Raw = _EMPTY
    awslogs: _Raw = _EMPTY
    data: _Raw = _EMPTY
    detail: _Raw = _EMPTY
    CloudTrailEvent: _Raw = _EMPTY
    EventId: _Raw = _EMPTY
    message: _Raw = _EMPTY
    Message: _Raw = _EMPTY
    Type: _Raw = _EMPTY
    eventName: _Raw = _EMPTY
    eventSource: _Raw = _EMPTY
    eventVersion: _Raw = _EMPTY
    userIdentity: _Raw = _EMPTY
    digestS3Object: _Raw = _EMPTY
    configurationItems: _Raw = _EMPTY


class _Head(msgspec.Struct, gc=False):
    eventSource: _Raw = _EMPTY
    EventSource: _Raw = _EMPTY
    eventCategory: _Raw = _EMPTY
    eventType: _Raw = _EMPTY


_document = msgspec.json.Decoder(_Document)
_head = msgspec.json.Decoder(_Head)
_list = msgspec.json.Decoder(list[_Raw])
_text = msgspec.json.Decoder(str)
_BROKEN = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def alien(record: _Raw) -> str | None:
    """Why a member of ``Records`` is no event of an API call: notifications and Insights have the same shape."""
    try:
        head = _head.decode(record)
    except _BROKEN:
        return None
    source = bytes(head.eventSource or head.EventSource).strip(b'"')
    if source.startswith(b"aws:"):
        return f"a notification of {source.decode(errors='replace')[:40]}, not an event of CloudTrail"
    if bytes(head.eventCategory) == b'"Insight"' or bytes(head.eventType) == b'"AwsCloudTrailInsight"':
        return "an Insight event, which no API call made"
    return None


def is_crowded(text: bytes) -> bool:
    """Whether a text may hold more values than can be held one by one. Events have a comma every few dozen bytes."""
    return len(text) > _MOST_VALUES and text.count(b",") > _MOST_VALUES


def opened(raw: _Raw, unpack: Callable[[bytes], bytes], depth: int = 0) -> Iterator[_Raw | Unread]:
    """The records that a document is or carries, in order; ``unpack`` inflates what Lambda gets packed, within bounds."""
    if depth > MOST_NESTED:
        yield Unread("envelopes nested too deeply")
        return
    opening = bytes(raw).lstrip()[:1]
    if opening == b"[":
        for inner in _members(raw):
            yield from opened(inner, unpack, depth + 1) if isinstance(inner, _Raw) else (inner,)
    elif opening == b'"':
        yield from _in_text(raw, unpack, depth)
    elif opening == b"{":
        yield from _in_object(raw, unpack, depth)
    else:
        yield Unread(
            f"not an event but a JSON {'null' if opening == b'n' else 'boolean' if opening in b'tf' else 'number'}"
        )


def _members(raw: _Raw) -> Iterator[_Raw | Unread]:
    if is_crowded(bytes(raw)):
        yield Unread(f"a list of more than {_MOST_VALUES:,} values")
        return
    try:
        yield from _list.decode(raw)
    except _BROKEN as error:
        yield Unread(f"no list: {error}")


def _in_text(raw: _Raw, unpack: Callable[[bytes], bytes], depth: int) -> Iterator[_Raw | Unread]:
    """A JSON document that was kept as a string."""
    try:
        inner = _text.decode(raw).encode()
    except _BROKEN as error:
        yield Unread(f"not readable as text: {error}")
        return
    if not inner.lstrip().startswith((b"{", b"[")):
        yield Unread("a string, and no event in it")
        return
    try:
        msgspec.json.decode(inner, type=_Raw)
    except _BROKEN as error:
        yield Unread(f"a string that is not JSON: {error}")
        return
    yield from opened(_Raw(inner), unpack, depth + 1)


def _in_object(raw: _Raw, unpack: Callable[[bytes], bytes], depth: int) -> Iterator[_Raw | Unread]:
    try:
        found = _document.decode(raw)
    except _BROKEN:
        # Whatever it is, it is no envelope; the record's own reader says what is wrong with it.
        yield raw
        return
    if found.digestS3Object:
        yield Unread("a digest, in a log file's place")
    elif found.CloudTrailEvent:
        yield from opened(found.CloudTrailEvent, unpack, depth + 1)
    elif found.Records:
        for record in _members(found.Records):
            why = alien(record) if isinstance(record, _Raw) else None
            yield Unread(why) if why else record
    elif found.eventName or found.userIdentity or (found.eventSource and found.eventVersion):
        why = alien(raw)
        yield Unread(why) if why else raw
    elif found.Events:
        yield from opened(found.Events, unpack, depth + 1)
    elif found.logEvents or found.events:
        yield from opened(found.logEvents or found.events, unpack, depth + 1)
    elif found.awslogs:
        yield from _packed(found.awslogs, unpack, depth)
    elif found.detail:
        yield from opened(found.detail, unpack, depth + 1)
    elif found.message:
        yield from opened(found.message, unpack, depth + 1)
    else:
        yield Unread(_what(found))


def _packed(raw: _Raw, unpack: Callable[[bytes], bytes], depth: int) -> Iterator[_Raw | Unread]:
    """``{"data": base64 of gzip}``, as CloudWatch Logs hands it to Lambda."""
    try:
        inner = unpack(base64.b64decode(_text.decode(_document.decode(raw).data), validate=True))
        msgspec.json.decode(inner, type=_Raw)
    except (*_BROKEN, binascii.Error, ValueError) as error:
        yield Unread(f"packed data of CloudWatch Logs that cannot be read: {error}")
        return
    yield from opened(_Raw(inner), unpack, depth + 1)


def _what(found: _Document) -> str:
    if found.messageType:
        return "a control message of CloudWatch Logs"
    if found.Type and found.Message:
        return "a notification of SNS, not an event of CloudTrail"
    if found.configurationItems:
        return "a file of AWS Config"
    if found.EventId:
        return "an answer of LookupEvents without its CloudTrailEvent"
    return "no event in it"
