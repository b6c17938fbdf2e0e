"""Families of user agents: what a caller says it is, without version, system and build.

A user agent is the caller's own word. It tells callers apart that do not hide, and excuses nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis

__all__ = ["NO_AGENT", "family", "platform"]

NO_AGENT = "(none)"

_KNOWN = (
    (r"^\[?aws-cli/1", "aws-cli v1"),
    (r"^\[?aws-cli/", "aws-cli v2"),
    (r"(?i)terraform|hashicorp", "terraform"),
    (r"(?i)pulumi", "pulumi"),
    (r"(?i)ansible", "ansible"),
    (r"(?i)^\[?(?:boto3|botocore)/", "boto3"),
    (r"(?i)^\[?boto/", "boto"),
    (r"(?i)powershell", "powershell"),
    (r"(?i)s3console", "S3 console"),
    (r"(?i)^\[?aws internal", "AWS Internal"),
    (r"(?i)console\.amazonaws\.com", "console"),
    (r"(?i)^\[?mozilla/", "browser"),
)
_SDK = r"(?i)^\[?(aws-sdk-[a-z+]+|aws-sdk-[a-z]+-v\d)"
_SERVICE = r"^\[?([a-z0-9.-]+\.amazonaws\.com)\]?$"
_PRODUCT = r"^\[?([^\s/\]]{1,40})"
_PLATFORM = r"(?i)\b(?:os/)?(windows|linux|macos|darwin|android|ios|freebsd)[/# ;_-]*([0-9][0-9A-Za-z._+-]*)?"


def family(table: ibis.Table) -> Any:
    """The family of the user agent: ``aws-cli v2``, ``boto3``, ``browser``, a service by its name, else the first word."""
    import ibis

    agent = table.user_agent
    known = [(agent.re_search(pattern), name) for pattern, name in _KNOWN]
    return ibis.cases(
        (agent.isnull() | (agent == ""), NO_AGENT),
        (agent.re_search(_SERVICE), agent.re_extract(_SERVICE, 1)),
        *known,
        (agent.re_search(_SDK), agent.re_extract(_SDK, 1).lower()),
        else_=agent.re_extract(_PRODUCT, 1),
    )


def platform(table: ibis.Table) -> Any:
    """The operating system and its version that the agent names, in small letters; null where it names none."""
    agent = table.user_agent
    found = (agent.re_extract(_PLATFORM, 1) + " " + agent.re_extract(_PLATFORM, 2)).lower().strip()
    return found.nullif("")
