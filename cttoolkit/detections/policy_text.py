r"""What a policy document in a request's parameters lets in: administration, everybody, or another account.

A document stands there as a string of JSON, URL-encoded in a few calls, or as an object. It is read as text, with patterns that
every engine takes: statements are made flat first, those that deny are dropped, and so are conditions, which no pattern can weigh.
So a statement that a condition narrows counts as one that does not. Spaces, line breaks, the order of members and small or capital
letters make no difference. A document that spells plain letters as escapes (``\u002a``) counts as holding, whatever it says:
nobody writes one so.

Source of the elements: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.param import Match, param

if TYPE_CHECKING:
    import ibis

__all__ = ["allows_administration", "lets_anybody_in", "lets_foreigner_in", "names_foreigner", "own_account"]

_ENCODED = (
    ("%7B", "{"), ("%7D", "}"), ("%22", '"'), ("%3A", ":"), ("%2C", ","), ("%5B", "["), ("%5D", "]"), ("%2A", "*"),
    ("%2F", "/"), ("%20", " "), ("%0A", " "), ("%09", " "), ("%0D", " "), ("+", " "),
)  # fmt: skip
_STRINGS = r'("(?:[^"\\{}()]|\\.)*")|"(?:[^"\\]|\\.)*"'
"""A string, kept unless it holds what the patterns below take for structure, such as ``${aws:username}``."""
_CONDITIONS = r'(?i)"condition"\s*:\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}'
_PRINCIPALS = r'(?i)("(?:not)?principal"\s*:\s*)\{([^{}]*)\}'
_DENIALS = r'(?i)\{[^{}]*"effect"\s*:\s*"deny"[^{}]*\}'
_ESCAPED = r"\\u00[2-7][0-9A-Fa-f]"
_ALL = r"[?*]*\*[?*]*"
_ADMINISTRATION = (
    r'(?i)"notaction"\s*:|"action"\s*:\s*(?:\[[^\[\]]*)?"(?:'
    rf"{_ALL}(?::{_ALL})?|(?:[i?][a?][m?]|[i?]?[a?]?\*+[am?]?|sts):{_ALL}|[i?][a?]?[m?]?\*+"
    r'|iam:(?:pass|create|put|attach|add|set|update)[a-z]*[?*]*\*[?*]*)"'
)
"""Actions are patterns themselves, in which ``*`` stands for any letters and ``?`` for one."""
_ANYBODY = r'(?i)"principal"\s*:\s*(?:"\*"|\([^()]*"\*")|"notprincipal"\s*:'
_FOREIGNER = r'(?i)"principal"\s*:\s*\([^()]*"(?:arn:aws[a-z-]*:(?:iam|sts)::)?[0-9]{12}[":]'
_ACCOUNT = r"(?:^|[^0-9])[0-9]{12}(?:[^0-9]|$)"
_PUBLIC_PROVIDER = "token.actions.githubusercontent.com"


def allows_administration(path: str) -> Match:
    """Whether the document allows all actions, all of IAM or STS, or IAM's writing ones by wildcard.

    Not seen: single actions that add up to the same, and a ``?`` within an action's name.
    """
    return _of(path, "allows administration", lambda text, _: text.re_search(_ADMINISTRATION))


def lets_anybody_in(path: str) -> Match:
    """Whether the document allows to a principal ``*``, or to every repository at GitHub, since no subject is asked for.

    Not seen: whether a condition (on the organization, say) narrows it again.
    """
    subject = param(path)

    def holds(table: ibis.Table) -> Any:
        text = subject.value(table)
        anyone = _anybody(text, table)
        at_provider = text.contains(_PUBLIC_PROVIDER) & ~text.contains(_PUBLIC_PROVIDER + ":sub")
        return anyone | at_provider

    return Match(f"{path} lets anybody in", holds)


def lets_foreigner_in(path: str) -> Match:
    """Whether the document allows to a principal of another account than the one that recorded the call.

    Not seen: principals by canonical user id or by unique id (AIDA…, AROA…), which do not say whose they are. Accounts of one's own
    organization are others too.
    """
    return _of(path, "lets another account in", _foreigner)


def names_foreigner(path: str) -> Match:
    """Whether a value (an account, an ARN, or a list of them) names another account than the one that recorded the call."""
    place = param(path)

    def holds(table: ibis.Table) -> Any:
        text = place.value(table).replace(own_account(table), "")
        return text.re_search(_ACCOUNT)

    return Match(f"{path} names another account", holds)


def own_account(table: ibis.Table) -> Any:
    """The account that recorded the call, else the caller's; a text that no policy holds where neither is known."""
    return table.recipient_account_id.coalesce(table.user_identity_account_id).fill_null("(unknown)")


def _of(path: str, told: str, test: Any) -> Match:
    place = param(path)

    def holds(table: ibis.Table) -> Any:
        text = place.value(table)
        return test(_allowed(text), table) | text.re_search(_ESCAPED)

    return Match(f"{path} {told}", holds)


def _anybody(text: Any, _: ibis.Table) -> Any:
    return _allowed(text).re_search(_ANYBODY) | text.re_search(_ESCAPED)


def _foreigner(text: Any, table: ibis.Table) -> Any:
    return text.replace(own_account(table), "").re_search(_FOREIGNER)


def _allowed(text: Any) -> Any:
    """The document without what denies and without conditions, every statement flat; principals in parentheses."""
    decoded = text
    for written, meant in _ENCODED:
        decoded = decoded.replace(written, meant)
    plain = text.startswith("%7B").ifelse(decoded, text)
    plain = plain.re_replace(_STRINGS, r"\1").re_replace(_CONDITIONS, "")
    return plain.re_replace(_PRINCIPALS, r"\1(\2)").re_replace(_DENIALS, "")
