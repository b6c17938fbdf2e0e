"""How an answer lies in a file: ``configuration/<account>/<region>/<service>.<Operation>[.<hash of parameters>].json``.

The file says again what was asked, so that one that was put in another's place is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cttoolkit.configuration.answers import Absent, Answered, Denied, Failed, Parameters, Reply
from cttoolkit.errors import WindowError
from cttoolkit.window import instant, written

__all__ = ["PLACE", "REGION", "decode", "encode"]

PLACE = "configuration"
REGION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){1,6}")
"""What a folder may be named after: an answer may say anything where it names a region."""


def encode(account: str, region: str, service: str, operation: str, parameters: Parameters, reply: Reply) -> bytes:
    """The bytes of a file, the same for the same answer."""
    asked = {"account": account, "region": region, "service": service, "operation": operation}
    document = {**asked, "parameters": dict(parameters), **_told(reply)}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode(errors="surrogatepass")


def _told(reply: Reply) -> dict[str, Any]:
    match reply:
        case Answered(value, at):
            return {"outcome": "answered", "value": value, "at": None if at is None else written(at)}
        case Denied(permission):
            return {"outcome": "denied", "permission": permission}
        case Absent(code):
            return {"outcome": "absent", "code": code}
        case Failed(reason):
            return {"outcome": "failed", "reason": reason}


def decode(body: bytes, asked: Mapping[str, Any]) -> Reply:
    """The answer in a file; Failed where it cannot be read, or answers another question."""
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Failed("its file is not JSON")
    if not isinstance(document, dict) or any(document.get(name) != value for name, value in asked.items()):
        return Failed("its file holds an answer to another question")
    outcome = document.get("outcome")
    if outcome == "answered" and isinstance(document.get("value"), dict):
        try:
            at = instant(document["at"]) if document.get("at") is not None else None
        except WindowError:
            return Failed("its file has a time that is none")
        return Answered(document["value"], at)
    if outcome == "denied":
        return Denied(str(document.get("permission")))
    if outcome == "absent":
        return Absent(str(document.get("code")))
    if outcome == "failed":
        return Failed(str(document.get("reason")))
    return Failed("its file says no outcome")
