"""Forms of an answer: what is asked for, and the one way in which each answer of that form is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import UUID

from cttoolkit.standing import Word

__all__ = ["FORMS", "Form", "Misfit"]


class Misfit(ValueError):  # noqa: N818  (never leaves the check, which tells it as a reason)
    """An answer of another kind than is asked for, with a sentence that says so."""


@dataclass(frozen=True)
class Form:
    """``one`` and ``several`` name what is asked for; ``column`` is where Events hold it; ``few`` are so few that hashing is slow."""

    one: str
    several: str
    written: Callable[[str], str]
    column: str | None = None
    few: bool = False


_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-\d")
_ACCESS_KEY = re.compile(r"(AKIA|ASIA)[A-Z0-9]{12,20}")
_NAME = re.compile(r"[a-z][a-z0-9]*")
_VERSION = re.compile(r"\d{8}(v\d)?$")
_TRUE, _FALSE = ("yes", "true"), ("no", "false")


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        if text.endswith(".amazonaws.com"):
            return text
        raise Misfit(f"{text!r} is no address") from error


def _event(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Misfit(f"{text!r} is no event id: give Events, or what stands in their column event_id") from error


def _fitting(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def written(text: str) -> str:
        if not pattern.fullmatch(text):
            raise Misfit(f"{text!r} is no {what}")
        return text

    return written


_as_account, _as_region = _fitting(_ACCOUNT, "account: twelve digits"), _fitting(_REGION, "region")
_as_access_key, _as_name = _fitting(_ACCESS_KEY, "access key id"), _fitting(_NAME, "event name")


def _account(text: str) -> str:
    return _as_account(text.replace("-", ""))


def _event_name(text: str) -> str:
    # A service may add its API's version to the name: CreateDistribution2020_05_31.
    return _as_name(_VERSION.sub("", text.partition(":")[2].lower().replace("_", "") or text.lower().replace("_", "")))


def _yes_or_no(text: str) -> str:
    low = text.lower()
    if low not in _TRUE + _FALSE:
        raise Misfit(f"yes or no is asked for, and not {text!r}")
    return "yes" if low in _TRUE else "no"


def _word(text: str) -> str:
    try:
        return Word(text.lower()).value
    except ValueError as error:
        raise Misfit(f"{text!r} is no word of a standing: one of {', '.join(Word)} is asked for") from error


def _text(text: str) -> str:
    return " ".join(text.split()).casefold()


FORMS: dict[str, Form] = {
    "address": Form("address", "addresses", _address, "source_ip_address"),
    "event name": Form("event name", "event names", _event_name, "event_name"),
    "actor": Form("actor", "actors", lambda text: text, "actor"),
    "access key": Form("access key id", "access key ids", lambda text: _as_access_key(text.upper()), "access_key_id"),
    "event": Form("event", "events", _event, "event_id"),
    "region": Form("region", "regions", lambda text: _as_region(text.lower()), "aws_region", few=True),
    "account": Form("account", "accounts", _account, "recipient_account_id", few=True),
    "error code": Form("error code", "error codes", _text, "error_code"),
    "yes or no": Form("yes or no", "yes or no", _yes_or_no, few=True),
    "word": Form("word of a standing", "words of standings", _word, few=True),
    "text": Form("name or id", "names or ids", _text),
    "object key": Form("object key", "object keys", lambda text: text),
}
"""The forms of which an answer is one, or a set. Numbers, times and claims are marked in ways of their own."""
